"""Where two people are needed: one person's account and tokens are one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from accord.base.errors import DeniedError
from accord.node.drafts import list_drafts, make_draft, release_draft
from accord.node.entering import sign_in, visitor_of
from accord.node.node import Node
from accord.node.prepare import Order
from accord.node.tokens import Reader, add_token, reader_of
from tests.node.support import Community, indicator
from tests.people.support import GOOD, LIMITS, person


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Community]:
    community = Community.new(tmp_path, "Alfa", "Bravo", **LIMITS)
    yield community
    community.close()


def as_account(node: Node, name: str) -> Reader:
    person(node, name, "releaser", "operator")
    visitor = visitor_of(node, sign_in(node, name, GOOD).cookie)
    assert visitor is not None
    return visitor.reader


def as_token(node: Node, name: str, owner: str | None) -> Reader:
    token = add_token(node, name, role="releaser", tlp="red", owner=owner).token
    reader = reader_of(node, token)
    assert reader is not None
    return reader


def test_nobody_releases_with_one_name_what_they_wrote_with_another(pair: Community) -> None:
    node, agreement = pair["Alfa"], pair.agree().id
    ann, bea = as_account(node, "ann"), as_account(node, "bea")
    script, other = as_token(node, "script", "ann"), as_token(node, "other", "ann")
    order = Order(agreement=agreement, tlp="amber")
    for number, (author, same) in enumerate(((ann, script), (script, ann), (script, other))):
        draft = make_draft(node, author, [indicator(number)], order)
        with pytest.raises(DeniedError):
            release_draft(node, draft.id, same)
        with pytest.raises(DeniedError):
            release_draft(node, draft.id, bea, second=same)
        assert release_draft(node, draft.id, bea).published == 1
    assert list_drafts(node) == []


def test_a_tool_without_an_owner_is_somebody_of_its_own(pair: Community) -> None:
    node, agreement = pair["Alfa"], pair.agree().id
    tool = as_token(node, "tool", None)
    draft = make_draft(node, tool, [indicator(1)], Order(agreement=agreement, tlp="amber"))
    assert release_draft(node, draft.id, as_account(node, "ann")).published == 1
