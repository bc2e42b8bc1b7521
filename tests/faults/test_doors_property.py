"""Whatever a community does, no door of a node hands out what the rule forbids.

Random agreements, signatures, handlings, suspensions, withdrawals and times, at real nodes. What
each door gives is held against a model that is written down here without the rule's own code, and
against the rule as of that moment.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accord.base.clock import format_time
from accord.base.errors import AccordError, NotFoundError
from accord.ledger.envelope import PARTIES, Envelope, decode_envelope
from accord.ledger.evidence import check_evidence
from accord.node import agreements, members
from accord.node.collections import Query, collections_for, read_page
from accord.node.evidence import evidence_for_peer
from accord.node.node import Node
from accord.node.prepare import Order
from accord.node.private import keep_private
from accord.node.publish import publish
from accord.node.serving import Cursor, openings_for
from accord.node.summary import decode_summary, entry_of
from accord.node.tokens import add_token, reader_of
from accord.node.witnessing import own_checkpoint, witnessed_checkpoint
from accord.rules.release import release
from accord.store.tables import OWN_LEDGER
from tests.node.support import (
    NAMES,
    START,
    Community,
    Template,
    indicator,
    row_of,
    terms_text,
)

LEVELS = ("clear", "green", "amber", "amber+strict", "red")
MARKINGS = {  # TLP 2.0, fixed identifiers
    "clear": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "green": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "amber": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "amber+strict": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    "red": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
EXAMPLES = settings(
    max_examples=max(4, settings.default.max_examples // 10),  # each runs three nodes
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)

names = st.sampled_from(NAMES)
levels = st.sampled_from(LEVELS)
circles = st.sampled_from([NAMES, NAMES, ("Alfa", "Bravo"), ("Bravo", "Charlie")])
# Most values are good ones: a rule that is only ever asked hopeless cases shows nothing.
agreed = st.fixed_dictionaries(
    {
        "parties": circles,
        "missing": st.sampled_from([None, None, None, None, *NAMES]),  # who does not sign
        "ceiling": st.sampled_from(["amber", "amber+strict", "red", "red", *LEVELS]),
        "days": st.sampled_from([None, None, 2, 5]),
        "exercise": st.booleans(),
    }
)
given_out = st.fixed_dictionaries(
    {
        "do": st.just("publish"),
        "who": st.integers(0, 6),  # of the parties; now and then somebody else
        "under": st.integers(0, 1),
        "tlp": st.sampled_from(["green", "amber", "red", *LEVELS, None]),
        "own": st.sampled_from([None, None, None, *LEVELS]),  # the object's own marking
        "to": st.sampled_from([None, None, *NAMES]),  # one member instead of all parties
        "named": st.sampled_from([("nina",), ("omar",), ()]),
        "status": st.sampled_from(["actual", "actual", "actual", "exercise"]),
        "days": st.sampled_from([None, None, None, 1, 4]),
        "urgent": st.booleans(),
    }
)
happening = st.one_of(
    st.fixed_dictionaries({"do": st.just("suspend"), "who": names, "whom": names}),
    st.fixed_dictionaries({"do": st.just("resume"), "who": names, "whom": names}),
    st.fixed_dictionaries({"do": st.just("withdraw"), "who": names, "under": st.integers(0, 1)}),
    st.fixed_dictionaries({"do": st.just("wait"), "days": st.integers(1, 3)}),
    st.fixed_dictionaries({"do": st.just("settle")}),
    st.fixed_dictionaries({"do": st.just("private"), "who": names, "own": levels}),
)
events = st.tuples(
    st.lists(given_out, min_size=4, max_size=6),
    st.lists(happening, max_size=3),
    st.lists(given_out, max_size=3),
    st.lists(happening, max_size=2),
).map(lambda parts: [event for part in parts for event in part])
restrictions = st.one_of(
    st.fixed_dictionaries({"do": st.just("suspend"), "who": names, "whom": names}),
    st.fixed_dictionaries({"do": st.just("withdraw"), "who": names, "under": st.integers(0, 1)}),
    st.fixed_dictionaries({"do": st.just("wait"), "days": st.integers(1, 9)}),
)
stories = st.tuples(st.lists(agreed, min_size=1, max_size=2), events)
Story = tuple[list[dict[str, Any]], list[dict[str, Any]]]


class Model:
    """What is true of a community, told by what was done in it; and a twin of the rule in words."""

    def __init__(self, community: Community, story: Story) -> None:
        self.community = community
        self.agreements: list[dict[str, Any]] = []
        self.left: dict[str, dict[str, datetime]] = {}
        self.suspended: set[tuple[str, str]] = set()
        self.said: dict[str, dict[str, Any]] = {}  # object id: how it was published
        self.private: dict[str, set[str]] = {name: set() for name in NAMES}
        for terms in story[0]:
            self._agree(terms)
        for number, what in enumerate(story[1]):
            getattr(self, f"_{what['do']}")(what, number)

    def member(self, name: str) -> str:
        return self.community[name].member

    def _agree(self, terms: dict[str, Any]) -> None:
        parties = [self.community[name] for name in terms["parties"]]
        until = START + timedelta(days=terms["days"]) if terms["days"] else None
        text = terms_text(
            [node.member for node in parties],
            tlp_ceiling=terms["ceiling"],
            valid_until=format_time(until) if until else None,
            exercise=terms["exercise"],
        )
        view = agreements.propose(parties[0], text)
        self.community.settle(rounds=1)
        for name in terms["parties"]:
            if name != terms["missing"]:
                agreements.sign(self.community[name], view.id, sha256=None, person="P", office="O")
        self.community.settle(rounds=1)
        signed = terms["missing"] not in terms["parties"]
        self.agreements.append(terms | {"id": view.id, "until": until, "signed": signed})
        self.left[view.id] = {}

    def _under(self, what: dict[str, Any]) -> dict[str, Any]:
        return self.agreements[what["under"] % len(self.agreements)]

    def _publish(self, what: dict[str, Any], number: int) -> None:
        agreement = self._under(what)
        circle = agreement["parties"]
        who = circle[what["who"] % len(circle)] if what["who"] < 6 else "Alfa"
        marked = {"object_marking_refs": [MARKINGS[what["own"]]]} if what["own"] else {}
        raw = indicator(number, name=_secret(number), **marked)
        expires = self.community.clock.moment + timedelta(days=what["days"] or 999)
        order = Order(
            agreement=agreement["id"],
            tlp=what["tlp"],
            audience=(self.member(what["to"]),) if what["to"] else (PARTIES,),
            named=what["named"],
            urgent=what["urgent"],
            status=what["status"],
            expires=expires if what["days"] else None,
        )
        identifier = json.loads(raw)["id"]
        try:
            publish(self.community[who], [raw], order)
        except AccordError:
            return
        strictest = max((what["tlp"], what["own"]), key=lambda level: _rank(level))
        self.said[identifier] = what | {
            "who": who,
            "agreement": agreement,
            "level": strictest,
            "expires": expires,
        }

    def _suspend(self, what: dict[str, Any], _: int) -> None:
        pair = (what["who"], what["whom"])
        if what["who"] != what["whom"] and pair not in self.suspended:
            members.suspend_peer(self.community[what["who"]], self.member(what["whom"]))
            self.suspended.add(pair)

    def _resume(self, what: dict[str, Any], _: int) -> None:
        pair = (what["who"], what["whom"])
        if pair in self.suspended:
            members.resume_peer(self.community[what["who"]], self.member(what["whom"]))
            self.suspended.discard(pair)

    def _withdraw(self, what: dict[str, Any], _: int) -> None:
        agreement = self._under(what)
        try:
            agreements.withdraw(self.community[what["who"]], agreement["id"], reason="x")
        except AccordError:
            return
        self.left[agreement["id"]][what["who"]] = self.community.clock.moment

    def _wait(self, what: dict[str, Any], _: int) -> None:
        self.community.clock.advance(days=what["days"])

    def _settle(self, what: dict[str, Any], _: int) -> None:
        self.community.settle(rounds=1)

    def _private(self, what: dict[str, Any], number: int) -> None:
        node = self.community[what["who"]]
        raw = indicator(number, name=_secret(number), object_marking_refs=[MARKINGS[what["own"]]])
        keep_private(node, [node.checker.check(raw).object], "nina")
        self.private[what["who"]].add(json.loads(raw)["id"])

    def may_give(self, giver: str, taker: str, identifier: str) -> bool:
        """Whether `giver` may hand the object it published to `taker`, now."""
        said = self.said[identifier]
        agreement, now = said["agreement"], self.community.clock.moment
        left = self.left[agreement["id"]]
        return (
            giver == said["who"]
            and giver in agreement["parties"]
            and taker in agreement["parties"]
            and said["to"] in (None, taker)
            and agreement["signed"]
            and (agreement["until"] is None or now < agreement["until"])
            and giver not in left
            # A withdrawal counts at the giver when the giver has heard of it.
            and (giver, taker) not in self.suspended
            and _rank(said["level"]) <= _rank(agreement["ceiling"])
            and said["level"] is not None
            and (said["level"] != "red" or (bool(said["named"]) and said["to"] is not None))
            and (said["status"] == "actual" or agreement["exercise"])
            and now < said["expires"]
        )


def _secret(number: int) -> str:
    return f"secret-name-{number}-of-an-indicator"


def _rank(level: str | None) -> int:
    return -1 if level is None else LEVELS.index(level)


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
        page = openings_for(giver, row_of(giver, taker), cursor, 3)
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
                assert _rank(said["level"]) <= _rank(said["agreement"]["ceiling"])
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
    assert _rank(said["level"]) <= _rank(level)
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
                tile = node.read(lambda tx, n=level, k=ledger.id: tx.ledgers.tile(k, n, 0))
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
