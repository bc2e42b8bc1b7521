"""What all requests share: the node, the rooms, the templates, the assets."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from accord.node.flows import Flows
from accord.node.node import Node

from .assets import Assets
from .cookies import Kept, cookie_name
from .room import Fragment, MenuItem, Room
from .templating import Templates

FetchCard = Callable[[str], bytes]  # of the member at an address; raises `PeerFault`


class Shell:
    """One for each process that serves pages."""

    def __init__(
        self, node: Node, rooms: Sequence[Room], *, encrypted: bool, fetch_card: FetchCard
    ) -> None:
        self.node = node
        self.fetch_card = fetch_card
        self.encrypted = encrypted  # whether people reach it over TLS, here or at a proxy
        self.rooms = rooms
        self.flows = Flows(node)
        self.assets = Assets()
        self.templates = Templates(self.assets, [room.name for room in rooms])
        self.menu: list[MenuItem] = [item for room in rooms for item in room.menu]
        self.fragments: dict[str, Fragment] = {
            name: fragment for room in rooms for name, fragment in room.fragments.items()
        }

    def cookie(self, what: Kept) -> str:
        """The name of a cookie of this node."""
        return cookie_name(self.node, what, encrypted=self.encrypted)

    def __deepcopy__(self, memo: object) -> Shell:
        """Litestar copies its handlers and what they depend on; this stays one."""
        return self
