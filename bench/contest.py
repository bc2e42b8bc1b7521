"""Who is measured beside whom: Accord and its peers, each served, on the same kind of store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from statistics import median

import msgspec

from . import corpora
from .client import Taxii
from .exchange import Community
from .figures import seconds
from .nodes import Served, one_node
from .peers.environments import Unavailable
from .peers.servers import MEDALLION, OPENTAXII, TITLE, Medallion, OpenTaxii, Peer
from .postgres import postgres, shown
from .processes import scratch
from .solo import PRIVATE

ACCORD = "Accord"
AGREEMENT = "Accord, under an agreement"


class Side(msgspec.Struct, frozen=True):
    """One program in the contest: its server and the path of its objects."""

    server: Served | Peer
    path: str

    def post(self, raws: list[bytes]) -> float:
        """Objects per second, until the last status is complete."""
        bodies = corpora.envelopes(raws)
        with Taxii(self.server.url, self.server.authorization) as taxii:
            return len(raws) / seconds(lambda: [taxii.post(self.path, body) for body in bodies])

    def page(self, limit: int, tries: int, *, basic: bool = False) -> float:
        """Milliseconds for the first page, the median of several tries on one connection."""
        authorization = self.server.basic if basic else self.server.authorization
        with Taxii(self.server.url, authorization) as taxii:
            return median(seconds(lambda: taxii.page(self.path, limit)) for _ in range(tries)) * 1e3

    def pages(self) -> list[str]:
        """The paths of all pages of 1000, found by following `next`."""
        with Taxii(self.server.url, self.server.authorization) as taxii:
            return taxii.drain(self.path)

    def rest(self) -> None:
        """Return when nothing is going on in the background."""
        if isinstance(self.server, Served):
            self.server.settle()


class Contest(msgspec.Struct, frozen=True):
    """Accord, its peers in the order they are shown, and why others are not there."""

    accord: Side
    peers: dict[str, Side]
    absent: dict[str, str]
    agreement: Side | None = None

    def sides(self) -> dict[str, Side]:
        """Everybody, Accord first."""
        more = {} if self.agreement is None else {AGREEMENT: self.agreement}
        return {ACCORD: self.accord, **more, **self.peers}


@contextmanager
def on_sqlite() -> Iterator[Contest]:
    """Accord alone and under an agreement, OpenTAXII, and medallion, which knows only memory."""
    with scratch() as folder, ExitStack() as closing:
        own = closing.enter_context(one_node())
        names = ("alfa", "bravo")
        two = [closing.enter_context(Served(folder / name, name)) for name in names]
        agreed = Community(two)
        agreed.followers[0].stop()  # its work is not what is measured
        database = f"sqlite:///{folder / 'opentaxii.db'}"
        peers: dict[str, Callable[[], Peer]] = {
            OPENTAXII: lambda: OpenTaxii(folder / "opentaxii", database),
            MEDALLION: lambda: Medallion(folder / "medallion"),
        }
        there, absent = _started(peers, closing)
        agreement = _side(agreed.publisher, title="Benchmark")
        yield Contest(_side(own, alias=PRIVATE), there, absent, agreement)


@contextmanager
def on_postgres() -> Iterator[Contest]:
    """Accord and OpenTAXII, each with a database of its own on one server."""
    with scratch() as folder, postgres() as server, ExitStack() as closing:
        first, second = (closing.enter_context(server.database()) for _ in range(2))
        own = closing.enter_context(one_node(db=shown(first)))
        theirs = shown(second.set(drivername="postgresql+psycopg2"))
        peers: dict[str, Callable[[], Peer]] = {
            OPENTAXII: lambda: OpenTaxii(folder / "opentaxii", theirs)
        }
        there, absent = _started(peers, closing)
        yield Contest(_side(own, alias=PRIVATE), there, absent)


def _started(
    peers: dict[str, Callable[[], Peer]], closing: ExitStack
) -> tuple[dict[str, Side], dict[str, str]]:
    there: dict[str, Side] = {}
    absent: dict[str, str] = {}
    for name, make in peers.items():
        try:
            peer = closing.enter_context(make())
            peer.start()
            there[name] = _side(peer, title=TITLE)
        except (Unavailable, RuntimeError) as error:
            print(f"{name}: {error}", flush=True)
            absent[name] = str(error)
    return there, absent


def _side(server: Served | Peer, alias: str | None = None, title: str | None = None) -> Side:
    with Taxii(server.url, server.authorization) as taxii:
        return Side(server, taxii.collection(alias=alias, title=title))
