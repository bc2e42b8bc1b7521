"""Nodes with people, and the pages as these see them: what the tests of all rooms share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from accord.node.accounts import NewAccount, account_row, put_account
from accord.node.entering import NOWHERE, Visitor, begin_session
from accord.node.node import Node
from accord.node.tokens import Reader
from accord.rules.access import Scope
from accord.store.records import AccountRow
from accord.web.app import nobody_there
from accord.web.cookies import cookie_name
from accord.web.house import rooms
from accord.web.shell import Shell
from accord.web.visit import Manner, Visit
from tests.community import Community
from tests.community_fixtures import community, made_community
from tests.pages import pages_of

__all__ = ["client", "community", "made_community", "person"]

PASSWORD = "only for the tests of pages"
_CSRF = re.compile(r'name="_csrf_token" value="([^"]*)"')


class Person:
    """Somebody in front of a browser that runs no scripts. `text` is the page last seen."""

    def __init__(self, client: TestClient[Litestar], account: str) -> None:
        self.client = client
        self.account = account
        self.text = ""

    def get(self, path: str, status: int = 200, **headers: str) -> str:
        """Open a page and return it; asserts what came of it."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.client.get(path, headers=named, follow_redirects=False)
        assert answer.status_code == status, (path, answer.status_code, answer.text[-2000:])
        self.text = answer.text
        return self.text

    def post(self, path: str, status: int = 303, /, **fields: Any) -> httpx.Response:
        """Send a form with the mark of the page last seen; asserts what came of it."""
        found = _CSRF.search(self.text) or _CSRF.search(self.get("/style"))
        assert found is not None
        data = {"_csrf_token": found[1], **fields}
        answer = self.client.post(path, data=data, follow_redirects=False)
        assert answer.status_code == status, (path, answer.status_code, answer.text[-2000:])
        self.text = answer.text
        return answer

    def follow(self, answer: httpx.Response) -> str:
        """The page to which an action leads."""
        return self.get(answer.headers["location"])


def visit_of(shell: Shell, name: str, scope: Scope) -> Visit:
    """Somebody who looks at a page in English."""
    visitor = Visitor(
        reader=Reader(name, scope),
        display=name,
        language="en",
        zone="UTC",
        theme="auto",
        session=1,
        ends=datetime(2100, 1, 1, tzinfo=UTC),
        must_change=False,
        second_step=False,
        looked=None,
    )
    return Visit(shell, visitor, Manner(language="en"))


def live_part(node: Node, name: str, about: str, agreements: tuple[str, ...] | None) -> str:
    """What lives on a page under this name, as a delegate limited to these agreements is sent it.

    Raises what keeps it from being sent.
    """
    shell = Shell(node, rooms(), encrypted=False, fetch_card=nobody_there)
    known = None if agreements is None else frozenset(agreements)
    visit = visit_of(shell, "ann", Scope(roles=frozenset({"delegate"}), agreements=known))
    return shell.fragments[name].render(visit, about)


OpenFor = Callable[..., Person]


@pytest.fixture
def cards() -> dict[str, bytes]:
    """What is answered at an address where somebody asks for a member's card; else nobody is."""
    return {}


@pytest.fixture(scope="session")
def account_rows() -> list[AccountRow]:
    """One account once there was need of it, to be copied: a password costs its time once."""
    return []


@pytest.fixture
def person(account_rows: list[AccountRow], cards: dict[str, bytes]) -> Iterator[OpenFor]:
    """`person(node, "analyst", "zh")`: somebody with these roles, signed in at a node.

    Several roles are one word with blanks; more fields of the account by name (`tlp="green"`).
    """
    apps: dict[int, Litestar] = {}
    lent = ExitStack()

    def card_at(url: str) -> bytes:
        return cards[url] if url in cards else nobody_there(url)

    def open_for(node: Node, roles: str = "analyst", language: str = "en", **fields: Any) -> Person:
        name = fields.pop("name", f"{roles.replace(' ', '-')}-{language}")
        if not account_rows:
            wanted = NewAccount(name="any", roles=["analyst"], password=PASSWORD)
            account_rows.append(account_row(node, wanted)[0])
        plain = {"must_change": False, "roles": tuple(roles.split()), "language": language}
        row = msgspec.structs.replace(
            account_rows[0], **{"name": name, "display": name, **plain, **fields}
        )
        if node.read(lambda tx: tx.accounts.get(name)) is None:
            node.write(lambda tx: put_account(tx, row))
        session = node.write(lambda tx: begin_session(node, tx, name, NOWHERE))
        if id(node) not in apps:
            apps[id(node)] = lent.enter_context(pages_of(node, rooms(), fetch_card=card_at))
        client = TestClient(apps[id(node)], raise_server_exceptions=False)
        client.cookies.set(cookie_name(node, "session", encrypted=False), session.cookie)
        return Person(client, name)

    with lent:
        yield open_for


@pytest.fixture
def client(community: Community, person: OpenFor) -> Callable[..., Person]:
    """`client("analyst", "zh")`: somebody with this role at Alfa."""
    return lambda role="analyst", language="en", **fields: person(
        community["Alfa"], role, language, **fields
    )
