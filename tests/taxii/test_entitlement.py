"""No answer of the door ever holds an object that the token may not see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accord.base.errors import NotFoundError
from accord.ledger.envelope import Tlp
from accord.node.collections import collections_for
from accord.node.publish import NotReleasable
from accord.node.tokens import Reader, reader_of, revoke_token
from accord.rules.access import HoldingSummary, may_read
from accord.stix.markings import TLP_ORDER, tlp_marking_id
from tests.node.support import NAMES, Community, Template, give, indicator
from tests.taxii.support import Tool, tool_of

ROLES = ("duty", "analyst", "releaser", "delegate", "operator", "inspector")


class World(msgspec.Struct):
    """A community with two agreements, and of each object where it is shown and how marked."""

    community: Community
    first: str  # between all three, up to TLP:RED
    second: str  # between Alfa and Bravo, up to TLP:AMBER
    shown: list[tuple[bytes, str | None, str, tuple[str, ...]]]
    numbers: int = 0
    tokens: int = 0


class Act(msgspec.Struct, frozen=True):
    """An object that is handed in by somebody, somewhere."""

    by: str
    where: str  # private, first or second
    tlp: str
    named: tuple[str, ...]


acts = st.builds(
    Act,
    by=st.sampled_from(NAMES),
    where=st.sampled_from(["private", "first", "second"]),
    tlp=st.sampled_from(TLP_ORDER),
    named=st.lists(st.sampled_from(["ann", "ben"]), unique=True, max_size=2).map(tuple),
)
tokens = st.fixed_dictionaries(
    {
        "role": st.sampled_from(ROLES),
        "tlp": st.sampled_from(TLP_ORDER),
        "scope": st.sampled_from([None, (), ("first",), ("second",), ("first", "second")]),
    }
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("entitlement")
    community = Community(Template(folder / "template", NAMES), folder / "members")
    first = community.agree(name="First", tlp_ceiling="red").id
    second = community.agree(*NAMES[:2], name="Second").id
    yield World(community, first, second, [])
    community.close()


def do(world: World, act: Act) -> None:
    """Hand one object in, and note where it comes to be shown at Bravo."""
    raw = indicator(world.numbers, object_marking_refs=[tlp_marking_id(act.tlp)])
    world.numbers += 1
    node = world.community[act.by]
    if act.where == "private":
        with tool_of(node, f"writer-{world.numbers}", tlp="red") as writer:
            writer.put([raw])
        if act.by == "Bravo":
            author = f"writer-{world.numbers}"
            world.shown.append((raw, None, act.tlp, (author,) if act.tlp == "red" else ()))
        return
    agreement = world.first if act.where == "first" else world.second
    order: dict[str, Any] = {"tlp": act.tlp}
    if act.tlp == "red":
        others = [each.member for each in world.community if each is not node]
        order |= {"named": act.named, "audience": tuple(others)}
    try:
        give(node, [raw], agreement, **order)
    except (NotFoundError, NotReleasable):  # Charlie knows nothing of the second agreement
        return
    named = act.named if act.tlp == "red" else ()
    world.shown.append((raw, agreement, act.tlp, named))


def summary(agreement: str | None, tlp: str, named: tuple[str, ...]) -> HoldingSummary:
    level = msgspec.convert(tlp, Tlp)
    return HoldingSummary(tlp=level, agreement=agreement, named=named)


def every_answer(tool: Tool) -> Iterator[tuple[str | None, bytes]]:
    """All that the door says to a tool, with the collection it says it of."""
    names = [each["alias"] for each in tool.get("/api/collections/").json().get("collections", [])]
    for name in (*names, "private", "everything"):
        for what in ("objects/", "manifest/"):
            for selector in ("last", "first", "all"):
                path = f"/api/collections/{name}/{what}"
                query: dict[str, Any] = {"match_version": selector, "limit": 50}
                answer = tool.get(path, **query)
                while answer.status_code == 200:
                    yield name, answer.content
                    if not answer.json().get("more"):
                        break
                    answer = tool.get(path, next=answer.json()["next"], limit=50)


@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(acts, max_size=4), tokens)
def test_no_answer_holds_what_the_token_may_not_see(
    world: World, given_in: list[Act], token: dict[str, Any]
) -> None:
    for act in given_in:
        do(world, act)
    world.community.settle(rounds=1)
    world.tokens += 1
    scope = token["scope"]
    ids = {"first": world.first, "second": world.second}
    limited = None if scope is None else tuple(ids[each] for each in scope)
    bravo = world.community["Bravo"]
    name = "ann" if token["tlp"] == "red" and world.tokens % 2 else f"reader-{world.tokens}"
    name = name if name != "ann" or not _taken(bravo) else f"reader-{world.tokens}"
    with tool_of(bravo, name, token["role"], tlp=token["tlp"], agreements=limited) as tool:
        reader = reader_of(bravo, tool.token)
        assert reader is not None
        answers = list(every_answer(tool))
    _check(world, reader, answers)
    shows_all = _seen(answers, "everything")
    known = {each.alias for each in collections_for(bravo, reader) if each.can_read}
    for raw, agreement, tlp, named in world.shown:
        if "everything" in known and may_read(reader.scope, summary(agreement, tlp, named)):
            assert raw in shows_all, "what may be read is shown"
    revoke_token(bravo, name)


def _check(world: World, reader: Reader, answers: list[tuple[str | None, bytes]]) -> None:
    said = b"".join(body for _, body in answers)
    allowed = {
        raw
        for raw, agreement, tlp, named in world.shown
        if may_read(reader.scope, summary(agreement, tlp, named))
    }
    for number in range(world.numbers):
        name = indicator(number)
        marker = msgspec.json.decode(name)["id"].encode()
        if marker in said:
            assert any(marker in raw for raw in allowed), "shown to who may not see it"


def _seen(answers: list[tuple[str | None, bytes]], name: str) -> bytes:
    return b"".join(body for where, body in answers if where == name)


def _taken(node: Any) -> bool:
    return node.read(lambda tx: tx.tokens.get("ann")) is not None
