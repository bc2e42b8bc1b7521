from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from accord.rules.access import (
    CONTENT,
    MATRIX,
    Action,
    HoldingSummary,
    Role,
    Scope,
    may,
    may_read,
    readable_levels,
)
from accord.stix.markings import TLP_ORDER
from tests.rules.world import AGREEMENT, OTHER_AGREEMENT

ANALYST = Scope(roles=frozenset({"analyst"}))
GREEN = HoldingSummary(tlp="green", agreement=AGREEMENT)


@pytest.mark.parametrize("role", ["operator", "inspector"])
@pytest.mark.parametrize("level", [None, *TLP_ORDER])
def test_operator_and_inspector_never_read_content(role: Role, level: object) -> None:
    scope = Scope(roles=frozenset({role}), tlp="red", named=frozenset({"me"}))
    holding = HoldingSummary(tlp=level, named=("me",))  # type: ignore[arg-type]
    assert not may_read(scope, holding)
    assert not any(may(scope, action) for action in CONTENT)


def test_each_role_may_do_something_and_no_role_everything() -> None:
    for role in get_args(Role):
        assert MATRIX[role]
        assert MATRIX[role] < set(get_args(Action))


def test_who_signs_for_the_member_does_not_release_and_who_releases_does_not_sign() -> None:
    assert may(Scope(roles=frozenset({"delegate"})), "sign")
    assert not may(Scope(roles=frozenset({"delegate"})), "approve")
    assert not may(Scope(roles=frozenset({"releaser"})), "sign")


def test_roles_add_up() -> None:
    both = Scope(roles=frozenset({"operator", "analyst"}))
    assert may(both, "peers")
    assert may_read(both, GREEN)


def test_a_scope_without_roles_may_nothing() -> None:
    assert not may_read(Scope(roles=frozenset()), HoldingSummary(tlp="clear"))


def test_nothing_above_the_ceiling_is_read() -> None:
    scope = replace(ANALYST, tlp="green")
    assert may_read(scope, GREEN)
    assert not may_read(scope, replace(GREEN, tlp="amber"))
    assert readable_levels(scope) == {"clear", "green"}


def test_an_unmarked_holding_is_read_like_amber() -> None:
    private = HoldingSummary(tlp=None)
    assert may_read(ANALYST, private)
    assert may_read(replace(ANALYST, tlp="amber"), private)
    assert not may_read(replace(ANALYST, tlp="green"), private)


def test_a_scope_of_some_agreements_reads_neither_others_nor_what_cites_none() -> None:
    scope = replace(ANALYST, agreements=frozenset({AGREEMENT}))
    assert may_read(scope, GREEN)
    assert not may_read(scope, replace(GREEN, agreement=OTHER_AGREEMENT))
    assert not may_read(scope, replace(GREEN, agreement=None))


def test_a_circle_is_read_from_inside() -> None:
    inside = replace(GREEN, circle="circle--1")
    assert not may_read(ANALYST, inside)
    assert may_read(replace(ANALYST, circles=frozenset({"circle--1"})), inside)


def test_red_is_for_named_individuals() -> None:
    red = replace(GREEN, tlp="red", named=("duty officer", "A. Person"))
    cleared = replace(ANALYST, tlp="red")
    assert not may_read(cleared, red)
    assert not may_read(replace(cleared, named=frozenset({"B. Person"})), red)
    assert may_read(replace(cleared, named=frozenset({"A. Person"})), red)
    assert not may_read(replace(cleared, named=frozenset({"A. Person"})), replace(red, named=()))
    assert not may_read(replace(ANALYST, named=frozenset({"A. Person"})), red)


scopes = st.builds(
    Scope,
    roles=st.frozensets(st.sampled_from(get_args(Role))),
    tlp=st.sampled_from(TLP_ORDER),
    agreements=st.none() | st.frozensets(st.sampled_from([AGREEMENT, OTHER_AGREEMENT])),
    circles=st.frozensets(st.sampled_from(["one", "two"])),
    named=st.frozensets(st.sampled_from(["me", "you"])),
)
holdings = st.builds(
    HoldingSummary,
    tlp=st.none() | st.sampled_from(TLP_ORDER),
    agreement=st.none() | st.sampled_from([AGREEMENT, OTHER_AGREEMENT]),
    circle=st.none() | st.sampled_from(["one", "two"]),
    named=st.lists(st.sampled_from(["me", "you"])).map(tuple),
)


@given(scopes, scopes, holdings)
def test_a_narrower_scope_never_reads_more(
    wide: Scope, other: Scope, holding: HoldingSummary
) -> None:
    agreements = wide.agreements
    if agreements is None:
        agreements = other.agreements
    elif other.agreements is not None:
        agreements &= other.agreements
    narrow = Scope(
        roles=wide.roles & other.roles,
        tlp=min(wide.tlp, other.tlp, key=TLP_ORDER.index),
        agreements=agreements,
        circles=wide.circles & other.circles,
        named=wide.named & other.named,
    )
    if may_read(narrow, holding):
        assert may_read(wide, holding)
