"""Whatever a community does, no door of a node hands out what the rule forbids.

Random agreements, signatures, handlings, suspensions, withdrawals and times, at real nodes. What
each door gives is held against a model that is written down here without the rule's own code, and
against the rule as of that moment.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accord.base.errors import NotFoundError
from accord.ledger.envelope import Envelope, decode_envelope
from accord.ledger.evidence import check_evidence
from accord.node import agreements
from accord.node.collections import Query, collections_for, read_page
from accord.node.evidence import evidence_for_peer
from accord.node.node import Node
from accord.node.serving import Cursor, openings_for
from accord.node.summary import decode_summary, entry_of
from accord.node.tokens import add_token, reader_of
from accord.node.witnessing import own_checkpoint, witnessed_checkpoint
from accord.rules.release import release
from accord.store.tables import OWN_LEDGER
from tests.faults.stories import (
    LEVELS,
    Model,
    Story,
    names,
    rank,
    restrictions,
    stories,
)
from tests.node.support import (
    NAMES,
    Community,
    Template,
    row_of,
)

EXAMPLES = settings(
    max_examples=max(4, settings().max_examples // 15),  # each runs three nodes
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return Template(tmp_path_factory.mktemp("doors"), NAMES)


@contextmanager
def told(template: Template, story: Story) -> Iterator[Model]:
    with tempfile.TemporaryDirectory() as folder:
        community = Community(template, Path(folder))
        try:
            yield Model(community, story)
        finally:
            community.close()


def _pairs(community: Community) -> Iterator[tuple[str, str]]:
    for giver in community.nodes:
        for taker in community.nodes:
            if giver != taker:
                yield giver, taker


def _served(giver: Node, taker: Node) -> list[tuple[Envelope, bytes | None]]:
    """Everything that `giver` would open to `taker`, from the very first grant on."""
    found: list[tuple[Envelope, bytes | None]] = []
    cursor = Cursor()
    while True:
        page = openings_for(giver, row_of(giver, taker), cursor, 50)
        for each in page.openings:
            cursor = cursor.moved(each)
            found.append((decode_envelope(each.opening.envelope), each.opening.object))
        if not page.openings:
            return found


def test_no_door_hands_out_what_the_rule_forbids(template: Template) -> None:
    handed: Counter[str] = Counter()

    @EXAMPLES
    @given(
        story=stories,
        level=st.sampled_from(["red", *LEVELS]),
        narrow=st.sampled_from([None, None, 0, 1]),
        name=st.sampled_from(["nina", "omar"]),
        restriction=restrictions,
    )
    def check(
        story: Story, level: str, narrow: int | None, name: str, restriction: dict[str, Any]
    ) -> None:
        with told(template, story) as model:
            handed["openings"] += _check_openings(model)
            model.community.settle(rounds=1)
            handed["openings"] += _check_openings(model)
            handed["evidence"] += _check_evidence(model)
            handed["rows"] += _check_pages(model, level, narrow, name)
            _check_tiles(model)
            _check_restriction(model, restriction)

    check()
    assert min(handed[door] for door in ("openings", "evidence", "rows")) >= 3, handed


def _check_openings(model: Model) -> int:
    """No opening is served that the rule forbids. How many objects were."""
    served = 0
    for giver, taker in _pairs(model.community):
        one, other = model.community[giver], model.community[taker]
        for envelope, _ in _served(one, other):
            assert _allowed(one, envelope, other.member)
            if envelope.kind == "object":
                assert model.may_give(giver, taker, envelope.object.id), envelope
                served += 1
            else:
                assert other.member in envelope.audience
                assert (giver, taker) not in model.suspended
    return served


def _allowed(node: Node, envelope: Envelope, recipient: str) -> bool:
    """The rule itself, on what the node knows now."""

    def job(tx: Any) -> bool:
        for held in tx.holdings.versions(envelope.object.id):
            for entry in tx.entries.of_holding(held.seq):
                if decode_envelope(entry.envelope) == envelope:
                    case = entry_of(envelope, decode_summary(entry.summary))
                    facts = node.facts(tx)
                    return release(case, recipient, facts, node.now()).allowed
        return False

    return node.read(job)


def _check_evidence(model: Model) -> int:
    """No evidence is handed to who may not have the entry. How many were, of objects."""
    handed = 0
    for giver, taker in _pairs(model.community):
        one, other = model.community[giver], model.community[taker]
        for ledger in one.read(lambda tx: tx.ledgers.all()):
            for index in range(ledger.size):
                try:
                    file = evidence_for_peer(one, row_of(one, other), ledger.origin, index)
                except NotFoundError:
                    continue
                now = int(one.now().timestamp())
                opening = check_evidence(file.data, one.limits, now=now).opening
                envelope = decode_envelope(opening.envelope)
                assert (giver, taker) not in model.suspended
                if envelope.kind != "object":
                    assert other.member in envelope.audience
                    continue
                said = model.said[envelope.object.id]
                assert taker in said["agreement"]["parties"]
                assert said["to"] in (None, taker)
                assert rank(said["level"]) <= rank(said["agreement"]["ceiling"])
                handed += 1
    return handed


def _check_pages(model: Model, level: str, narrow: int | None, name: str) -> int:
    """No page shows what its reader need not know. How many published objects were shown."""
    shown = 0
    for place, node in model.community.nodes.items():
        known = {view.id for view in agreements.list_agreements(node)}
        wanted = None if narrow is None else model.agreements[narrow % len(model.agreements)]
        if wanted is not None and wanted["id"] not in known:
            continue
        scope = None if wanted is None else (wanted["id"],)
        token = add_token(node, name, role="analyst", tlp=level, agreements=scope)
        reader = reader_of(node, token.token, name)
        assert reader is not None
        for collection in collections_for(node, reader):
            rows, _ = read_page(node, reader, collection, Query(limit=1000))
            for row in rows:
                assert row.body is not None
                _may_read(model, place, row.object_id, level, scope, name)
                shown += row.object_id in model.said
    return shown


def _may_read(
    model: Model, place: str, identifier: str, level: str, scope: tuple[str, ...] | None, name: str
) -> None:
    if identifier in model.private[place]:
        assert scope is None, "who reads for one agreement does not read what cites none"
        return
    said = model.said.get(identifier)
    if said is None:
        return  # a control entry, or the definition of our own types
    assert said["status"] == "actual", "exercise data is never shown among the real"
    assert rank(said["level"]) <= rank(level)
    assert said["level"] != "red" or name in said["named"]
    assert scope is None or said["agreement"]["id"] in scope
    assert place == said["who"] or said["to"] in (None, place)
    assert place in said["agreement"]["parties"]


def _check_tiles(model: Model) -> None:
    """Tiles and checkpoints, which every peer may see, carry no content."""
    for node in model.community:
        open_to_peers = [own_checkpoint(node)]
        for ledger in node.read(lambda tx: tx.ledgers.all()):
            for level in (-1, 0):
                tile = node.read(lambda tx: tx.ledgers.tile(ledger.id, level, 0))  # noqa: B023
                open_to_peers.append(tile or b"")
                assert len(tile or b"") == 32 * ledger.size
            if ledger.id != OWN_LEDGER and ledger.size:
                open_to_peers.append(witnessed_checkpoint(node, ledger.origin))
        everything = b"\n".join(open_to_peers)
        assert b"secret-name" not in everything
        for identifier in model.said:
            assert identifier.encode() not in everything


def _check_restriction(model: Model, restriction: dict[str, Any]) -> None:
    """A suspension, a withdrawal or the passing of time never releases more."""
    before = _given_out(model.community)
    getattr(model, f"_{restriction['do']}")(restriction, 0)
    model.community.settle(rounds=1)
    for pair, objects in _given_out(model.community).items():
        assert objects <= before[pair]


@EXAMPLES
@given(story=stories, missing=names)
def test_one_signature_less_never_releases_more(
    template: Template, story: Story, missing: str
) -> None:
    """The same story twice, once with a party that does not sign the first agreement."""
    first, *others = story[0]
    signed, fewer = first | {"missing": None}, first | {"missing": missing}
    with told(template, ([signed, *others], story[1])) as model:
        all_signed = _given_out(model.community)
    with told(template, ([fewer, *others], story[1])) as model:
        for pair, objects in _given_out(model.community).items():
            assert objects <= all_signed[pair]


def _given_out(community: Community) -> dict[tuple[str, str], set[str]]:
    """What everybody would open to everybody, by object."""
    return {
        (giver, taker): {
            envelope.object.id
            for envelope, body in _served(community[giver], community[taker])
            if envelope.kind == "object" and body is not None
        }
        for giver, taker in _pairs(community)
    }
