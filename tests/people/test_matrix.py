"""Role by door by action, completely: the matrix of `rules.access` as it is met through HTTP.

The doors are taken from the rooms themselves, so a new page or action is tried by being there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import get_args

import httpx
import pytest

from accord.base.messages import say, translate
from accord.node.entering import NOWHERE, begin_session
from accord.node.node import Node
from accord.rules.access import MATRIX, Action, Role
from accord.web.house import Door, doors, rooms
from accord.web.room import Needs

from .browsing import Browser, words
from .support import newcomer, person

ROLES: tuple[Role, ...] = get_args(Role)
NOBODY, NEWCOMER = "nobody", "newcomer"  # not signed in; signed in with a password to be changed
_BRACES = re.compile(r"\{\w+(?::(\w+))?\}")
_NOT_THERE = {"int": "999999", "uuid": "00000000-0000-4000-8000-000000000000"}


class Walker:
    """Somebody who tries every door, each time with a fresh session."""

    def __init__(self, node: Node, who: str) -> None:
        self._node = node
        self._who = who
        self._browser = Browser(node, rooms())

    def tries(self, method: str, path: str) -> httpx.Response:
        self._browser.cookies.delete(self._browser.session)
        if self._who != NOBODY:
            session = self._node.write(lambda tx: begin_session(self._node, tx, self._who, NOWHERE))
            self._browser.cookies.set(self._browser.session, session.cookie)
        return self._browser.get(path) if method == "GET" else self._browser.post(path)

    def close(self) -> None:
        self._browser.close()


@pytest.fixture
def walker(node: Node, request: pytest.FixtureRequest) -> Iterator[Walker]:
    for role in ROLES:
        person(node, role, role)
    newcomer(node, NEWCOMER, *ROLES)
    walker = Walker(node, request.param)
    yield walker
    walker.close()


everybody = pytest.mark.parametrize("walker", [*ROLES, NEWCOMER, NOBODY], indirect=True)


def expected(who: str, needs: Needs) -> str:
    """What somebody meets at a door that needs this."""
    if needs == "anyone":
        return "open"
    if who == NOBODY:
        return "sign in"
    if needs == "signed-in":
        return "open"
    if who == NEWCOMER:
        return "password first"
    return "open" if needs in MATRIX[who] else "denied"  # type: ignore[index]


def met(answer: httpx.Response) -> str:
    """What somebody met."""
    location = answer.headers.get("location", "")
    if answer.status_code == 303 and location.partition("?")[0] == "/sign-in":
        return "sign in"
    if answer.status_code == 303 and location == "/account/password":
        return "password first"
    before, _, after = translate(say("web.not-allowed", roles="\n"), "en").partition("\n")
    text = words(answer)
    if answer.status_code == 403 and before in text and after in text:
        return "denied"
    return "open" if answer.status_code < 500 else f"broken: {text}"


def as_path(door: Door) -> str:
    """The address of something that is not there: who may enter is told so."""
    return _BRACES.sub(lambda found: _NOT_THERE.get(found[1], "nobody"), door.path)


def test_every_door_says_what_it_needs_and_what_it_needs_somebody_may() -> None:
    known = {"anyone", "signed-in", *get_args(Action)}
    assert [door for door in doors() if door.needs not in known] == []
    assert [door for door in doors() if door.method not in ("GET", "POST")] == []


@everybody
def test_each_door_opens_for_those_who_may_and_for_nobody_else(
    walker: Walker, request: pytest.FixtureRequest
) -> None:
    who = request.node.callspec.params["walker"]
    wrong, tried = [], 0
    for door in doors():
        assert door.needs is not None
        found = met(walker.tries(door.method, as_path(door)))
        wanted = expected(who, door.needs)
        tried += 1
        if found == "sign in" and door.needs == "anyone":
            continue  # it leads on to there by itself
        if found != wanted:
            wrong.append((door.method, door.path, door.needs, wanted, found))
    assert wrong == []
    assert tried >= 29


@everybody
def test_what_is_sent_anew_while_one_watches_is_for_those_who_may(
    node: Node, walker: Walker, request: pytest.FixtureRequest
) -> None:
    who = request.node.callspec.params["walker"]
    node.stopping = True  # so that a stream ends at once
    for room in rooms():
        for name, fragment in room.fragments.items():
            found = met(walker.tries("GET", f"/live/{name}"))
            wanted = expected(who, fragment.needs)
            if wanted == "password first":
                wanted = "denied"
            assert found == wanted, name


@everybody
def test_the_menu_leads_where_one_may_go_and_nowhere_else(
    walker: Walker, request: pytest.FixtureRequest
) -> None:
    who = request.node.callspec.params["walker"]
    if who == NOBODY:
        return
    page = walker.tries("GET", "/account/password").text
    menu = page.partition('<nav class="menu"')[2].partition("</nav>")[0]
    shown = set(re.findall(r'<a href="([^"]+)"', menu))
    items = [item for room in rooms() for item in room.menu]
    assert shown == {item.path for item in items if expected(who, item.needs) == "open"}
    for path in shown:
        assert walker.tries("GET", path).status_code == 200, path


def test_each_role_has_work_of_its_own() -> None:
    needed = {door.needs for door in doors()}
    for role in ROLES:
        assert needed & MATRIX[role], role
