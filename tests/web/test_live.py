"""What lives on pages: rendered once for all who see the same, told apart where names matter."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from accord.base.errors import NotFoundError
from accord.node.agreements import show
from accord.node.node import Node
from accord.node.recalling import Order, find_entries, recall_entries
from accord.rules.access import Scope
from accord.web.app import nobody_there
from accord.web.live import Live
from accord.web.room import Fragment, Room
from accord.web.shell import Shell
from accord.web.visit import Visit
from tests.community import Community, id_of, indicator
from tests.web.conftest import live_part, visit_of

_MANY = 30
_PATIENCE = 30.0  # seconds


class _Watched:
    """A fragment that says what is in the store, and what was rendered of it for all who look."""

    def __init__(self, node: Node, **fragment: object) -> None:
        self.node = node
        self.rendered: list[str] = []
        made = Fragment("read", self._render, **fragment)  # type: ignore[arg-type]
        room = Room(name="help", handlers=(), fragments={"probe": made})
        self.shell = Shell(node, [room], encrypted=False, fetch_card=nobody_there)
        self.live = Live(self.shell)

    def _render(self, visit: Visit) -> str:
        found = self.node.read(lambda tx: tx.settings.get("probe")) or "nothing yet"
        self.rendered.append(found)
        return found

    def say(self, text: str) -> None:
        self.node.write(lambda tx: tx.settings.set("probe", text))

    async def look_on(self, names: list[str], then: Callable[[], Awaitable[None]]) -> list[str]:
        """What each is shown after `then`, once all have been shown something."""
        streams = [self.live.follow("probe", self.visit(name), "") for name in names]
        first = await asyncio.gather(*(anext(stream) for stream in streams))
        assert {str(each.data) for each in first} == {"nothing yet"}
        await then()
        second = await asyncio.gather(*(anext(stream) for stream in streams))
        for stream in streams:
            await stream.aclose()  # type: ignore[attr-defined]
        return [str(each.data) for each in second]

    def visit(self, name: str) -> Visit:
        scope = Scope(roles=frozenset({"analyst"}), named=frozenset({name}))
        return visit_of(self.shell, name, scope)


def _shown(watched: _Watched, names: list[str]) -> list[str]:
    async def then() -> None:
        await asyncio.to_thread(watched.say, "news")

    return asyncio.run(asyncio.wait_for(watched.look_on(names, then), _PATIENCE))


@pytest.mark.parametrize(
    ("fragment", "times"),
    [
        ({}, 1),
        ({"personal": True}, _MANY),
        ({"personal": True, "apart": lambda visit: visit.reader.name == "reader-7"}, 2),
    ],
)
def test_a_change_is_rendered_once_for_all_who_see_the_same(
    community: Community, fragment: dict[str, object], times: int
) -> None:
    watched = _Watched(community["Alfa"], **fragment)
    assert _shown(watched, [f"reader-{number}" for number in range(_MANY)]) == ["news"] * _MANY
    assert times <= watched.rendered.count("nothing yet") <= 3 * times  # all came at once
    assert times <= watched.rendered.count("news") <= 2 * times  # told of twice, perhaps


def test_who_is_limited_to_other_agreements_is_sent_nothing_of_one(community: Community) -> None:
    alfa, known, raw = community["Alfa"], community.agreement, indicator()
    community.publish(alfa, known, raw)
    community.sync()
    due = alfa.now() + timedelta(days=1)
    order = Order(mode="retract", reason="It is ours alone.", due=due)
    done = recall_entries(alfa, find_entries(alfa, [id_of(raw)]), order)
    (view,) = show(alfa, known)
    parts = {
        "agreements-register": (f"{known} {view.sha256}", "A. Person"),
        "intelligence-given": (id_of(raw), community["Bravo"].member),
        "publishing-receipts": (str(done.numbers[0]), community["Bravo"].member),
    }
    for name, (about, says) in parts.items():
        for agreements in (None, (known,)):
            assert says in live_part(alfa, name, about, agreements)
        with pytest.raises(NotFoundError):
            live_part(alfa, name, about, ("accord-agreement--other",))


def test_a_stopping_node_ends_what_is_watched(community: Community) -> None:
    watched = _Watched(community["Alfa"])

    async def stop() -> None:
        watched.node.stopping = True

    try:
        with pytest.raises(StopAsyncIteration):
            asyncio.run(asyncio.wait_for(watched.look_on(["one"], stop), _PATIENCE))
    finally:
        watched.node.stopping = False


def test_one_account_holds_so_many_connections_and_no_more(community: Community) -> None:
    """A page that cannot be watched is read as any other."""
    watched = _Watched(community["Alfa"])
    most = watched.node.limits.watched_pages

    async def full() -> None:
        assert not watched.live.has_room(watched.visit("one"))
        assert watched.live.has_room(watched.visit("another"))
        await asyncio.to_thread(watched.say, "news")

    assert watched.live.has_room(watched.visit("one"))
    shown = asyncio.run(asyncio.wait_for(watched.look_on(["one"] * most, full), _PATIENCE))
    assert shown == ["news"] * most
    assert watched.live.has_room(watched.visit("one"))
