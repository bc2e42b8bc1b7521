"""The way of a person from set-up to the end, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from accord.base.errors import DeniedError
from accord.base.limits import Limits
from accord.node.accounts import NewAccount, add_account, disable_account, find_account
from accord.node.entering import end_sessions, list_sessions, sign_in, visitor_of
from accord.node.founding import found_node
from accord.node.home import HomeSettings
from accord.node.node import Node, open_node
from accord.node.setting_up import offer_set_up, set_up
from tests.node.support import HandClock
from tests.store.conftest import empty_database, postgres

from .support import GOOD, HERE, LIMITS, OTHER, with_app

__all__ = ["postgres"]


@pytest.fixture(params=["sqlite", "postgresql"])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path, clock: HandClock) -> Iterator[Node]:
    with empty_database(request, tmp_path) as url:
        settings = HomeSettings(name="Alfa", db=url, limits=Limits(**LIMITS))
        found_node(tmp_path / "Alfa", settings, clock)
        node = open_node(tmp_path / "Alfa", clock)
        yield node
        node.close()


def test_from_set_up_to_the_end(anywhere: Node, clock: HandClock) -> None:
    node = anywhere
    code = offer_set_up(node)
    assert code is not None
    set_up(node, code, NewAccount(name="ann", roles=(), password=GOOD), HERE)
    assert offer_set_up(node) is None
    bea = NewAccount(name="bea", roles=("duty",), display="贝雅", password=OTHER, must_change=False)
    add_account(node, bea)
    assert find_account(node, "bea").display == "贝雅"
    for _ in range(5):
        with pytest.raises(DeniedError, match="wrong"):
            sign_in(node, "bea", GOOD, place=HERE)
    with pytest.raises(DeniedError, match="Too many tries"):
        sign_in(node, "bea", OTHER, place=HERE)
    clock.advance(minutes=1)
    app, recovery = with_app(node, clock, "bea")
    clock.advance(minutes=1)
    for right in (app.code(), recovery[0]):
        session = sign_in(node, "bea", OTHER, right, HERE)
        assert visitor_of(node, session.cookie) is not None
        with pytest.raises(DeniedError):
            sign_in(node, "bea", OTHER, right, HERE)
    clock.advance(minutes=2)
    visitor = visitor_of(node, session.cookie)
    assert visitor is not None
    assert end_sessions(node, "bea", but=visitor.session) >= 1
    disable_account(node, "bea")
    assert visitor_of(node, session.cookie) is None
    assert {row.account for row in list_sessions(node)} == {"ann"}
