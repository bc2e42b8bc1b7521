"""Serving, following, receiving, waiting, notices: what is taken, refused, held, and told."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from accord.base.clock import format_time
from accord.base.errors import InputError
from accord.ledger.commitment import commit
from accord.ledger.envelope import (
    NO_HANDLING,
    AgreementRef,
    Envelope,
    ObjectRef,
    decode_envelope,
    encode_envelope,
)
from accord.ledger.faults import LedgerFault, WrongCommitment
from accord.ledger.opening import GrantedOpening, Opening
from accord.node import members, notices, serving, waiting
from accord.node.append import _extend, append, own_ledger, seal
from accord.node.node import Node
from accord.node.receiving import Outcome, receive
from accord.node.serving import Cursor
from accord.node.summary import summarise
from accord.stix.markings import MarkingReader
from tests.node.support import (
    Community,
    assert_sound,
    body_of,
    entries_of,
    follow,
    give,
    holds,
    indicator,
    indicators,
    object_id,
    page_of,
    reasons,
    row_of,
    sync,
    take,
)


def _hand_over(one: Node, other: Node, openings: list[Opening]) -> Outcome:
    """`one` receives openings as if `other` had granted them in this order."""
    row = row_of(one, other)
    granted = [
        GrantedOpening(row.routine_cursor + place, 1, opening)
        for place, opening in enumerate(openings, 1)
    ]
    outcome, _ = receive(one, row, granted, Cursor(row.urgent_cursor, row.routine_cursor))
    return outcome


def _marking_definition() -> bytes:
    fields = {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": "marking-definition--00000000-0000-4000-8000-000000000001",
        "created": "2026-03-01T00:00:00.000Z",
        "definition_type": "statement",
        "definition": {"statement": "Fiction."},
    }
    return json.dumps(fields).encode()


def _forced(node: Node, raw: bytes, cited: AgreementRef, /, **changes: object) -> Opening:
    """An entry that `node` appends without asking the rule, opened."""
    item = node.checker.check(raw).object
    envelope = Envelope(
        accord=1,
        origin=node.origin,
        author=node.member,
        kind="object",
        agreement=cited,
        audience=("parties",),
        handling=msgspec.structs.replace(NO_HANDLING, tlp="green", area="cyber", purpose="defence"),
        urgency="routine",
        status="actual",
        operation=None,
        object=ObjectRef(id=item.id, type=item.type, modified=item.version),
        source=None,
        supersedes=None,
        issued=format_time(node.now()),
        expires=None,
    )
    envelope = msgspec.structs.replace(envelope, **changes)
    sealed = seal(envelope, item, summarise(item, MarkingReader(lambda _: None)))
    (appended,) = node.write(lambda tx: append(node, tx, [sealed], node.now()))
    return Opening(
        index=appended.row.number,
        salt_e=sealed.salt_e,
        envelope=sealed.envelope_bytes,
        salt_o=sealed.salt_o,
        object=raw,
    )


def _cited(community: Community) -> AgreementRef:
    view = community.agree()
    return AgreementRef(id=view.id, sha256=view.sha256)


def test_a_page_is_as_long_as_asked_and_the_cursor_leads_through_all(pair: Community) -> None:
    alfa, bravo = pair["Alfa"], pair["Bravo"]
    give(alfa, indicators(7), pair.agree().id)
    follow(bravo, alfa)
    sizes = []
    while (outcome := take(bravo, alfa, limit=3)).kept:
        sizes.append(outcome.kept)
    assert sizes == [3, 3, 1]


def test_every_opening_that_left_is_on_record_with_its_verdict(pair: Community) -> None:
    alfa, bravo = pair["Alfa"], pair["Bravo"]
    given = give(alfa, indicators(3), pair.agree().id)
    sync(bravo, alfa)
    out = [line for _, line in alfa.read(lambda tx: tx.transfers.page(direction="out"))]
    assert set(given.numbers) <= {line.number for line in out}
    came = [line for _, line in bravo.read(lambda tx: tx.transfers.page(direction="in"))]
    assert {line.commitment for line in came} == {line.commitment for line in out}


def test_what_is_asked_for_twice_is_served_twice_and_kept_once(pair: Community) -> None:
    alfa, bravo = pair["Alfa"], pair["Bravo"]
    give(alfa, indicators(3), pair.agree().id)
    follow(bravo, alfa)
    page, cursor = page_of(bravo, alfa)
    receive(bravo, row_of(bravo, alfa), page.openings, cursor)
    again, _ = receive(bravo, row_of(bravo, alfa), page.openings, cursor)
    assert (again.kept, again.known) == (0, len(page.openings))
    assert_sound(bravo)


def test_an_opening_beyond_what_was_followed_is_not_taken(pair: Community) -> None:
    alfa, bravo = pair["Alfa"], pair["Bravo"]
    give(alfa, indicators(1), pair.agree().id)
    with pytest.raises(LedgerFault) as fault:
        take(bravo, alfa)
    assert fault.value.message.key == "node.opening-beyond"


def test_an_altered_opening_is_a_fault_and_nothing_of_the_page_is_kept(pair: Community) -> None:
    alfa, bravo = pair["Alfa"], pair["Bravo"]
    raws = indicators(3)
    give(alfa, raws, pair.agree().id)
    follow(bravo, alfa)
    page, cursor = page_of(bravo, alfa)
    last = page.openings[-1]
    altered = msgspec.structs.replace(last.opening, object=indicator(2, name="Altered"))
    openings = [*page.openings[:-1], GrantedOpening(last.grant, last.lane, altered)]
    with pytest.raises(WrongCommitment):
        receive(bravo, row_of(bravo, alfa), openings, cursor)
    assert not any(holds(bravo, raw) for raw in raws)
    take(bravo, alfa)
    assert all(holds(bravo, raw) for raw in raws)


def test_one_bad_object_among_many_waits_and_the_others_are_kept(pair: Community) -> None:
    alfa, bravo = pair["Alfa"], pair["Bravo"]
    cited = _cited(pair)
    good = [_forced(alfa, indicator(number), cited) for number in range(2)]
    bad = _forced(alfa, indicator(5), cited)
    follow(bravo, alfa)
    outcome = _hand_over(bravo, alfa, [*good, bad.basis()])
    assert (outcome.kept, outcome.held) == (2, 1)
    (row,) = waiting.list_waiting(bravo)
    assert reasons(row.reasons) == {"node.object-withheld"}


@pytest.mark.parametrize(
    ("changes", "reason", "fate"),
    [
        ({"agreement": None}, "rules.no-agreement", "refused"),
        ({"audience": ()}, "rules.audience-empty", "refused"),
        ({"handling": NO_HANDLING}, "rules.tlp-missing", "refused"),
        ({"expires": "2026-01-02T00:00:00.000000Z"}, "rules.expired", "refused"),
        ({"status": "exercise"}, "rules.status-not-allowed", "refused"),
    ],
)
def test_what_the_sender_should_not_have_sent_is_refused_and_told(
    pair: Community, changes: dict[str, object], reason: str, fate: str
) -> None:
    alfa, bravo = pair["Alfa"], pair["Bravo"]
    opening = _forced(alfa, indicator(1), _cited(pair), **changes)
    follow(bravo, alfa)
    outcome = _hand_over(bravo, alfa, [opening])
    assert getattr(outcome, fate) == 1
    assert not holds(bravo, indicator(1))
    (refusal,) = waiting.list_refused(bravo)
    assert reason in reasons(refusal.reasons)
    assert refusal.commitment == opening.commitment()
    assert notices.send_notices(bravo) == 1
    assert notices.send_notices(bravo) == 0, "nobody is told twice"
    sync(alfa, bravo)
    assert _told(alfa, bravo) == {reason}


def test_a_kind_of_a_later_version_is_kept_and_counts_for_nothing(pair: Community) -> None:
    alfa, bravo = pair["Alfa"], pair["Bravo"]
    opening = _forced(alfa, indicator(1), _cited(pair), kind="forecast")
    follow(bravo, alfa)
    outcome = _hand_over(bravo, alfa, [opening])
    assert (outcome.kept, outcome.held, outcome.refused) == (0, 1, 0)
    (row,) = waiting.list_waiting(bravo)
    assert reasons(row.reasons) == {"rules.kind-unknown"}
    assert not holds(bravo, indicator(1))


def _told(one: Node, other: Node) -> set[str]:
    """The first reasons in the notices that `one` holds from `other`."""
    rows = entries_of(one, other.member)
    bodies = [body_of(one, row) for row in rows if row.kind == "notice"]
    return {item["reason"]["key"] for body in bodies for item in msgspec.json.decode(body)["items"]}


def test_an_entry_under_another_text_is_refused(pair: Community) -> None:
    alfa, bravo = pair["Alfa"], pair["Bravo"]
    cited = AgreementRef(id=_cited(pair).id, sha256="ab" * 32)
    opening = _forced(alfa, indicator(1), cited)
    follow(bravo, alfa)
    assert _hand_over(bravo, alfa, [opening]).refused == 1


def test_another_ledgers_entry_appended_as_ones_own_is_refused(trio: Community) -> None:
    alfa, bravo, charlie = trio
    opening = _forced(
        alfa, indicator(1), _cited(trio), origin=charlie.origin, author=charlie.member
    )
    follow(bravo, alfa)
    assert _hand_over(bravo, alfa, [opening]).refused == 1
    assert not holds(bravo, indicator(1))


def test_two_contents_for_one_version_leave_the_first_and_refuse_the_second(
    pair: Community,
) -> None:
    alfa, bravo = pair["Alfa"], pair["Bravo"]
    cited = _cited(pair)
    give(alfa, [indicator(1)], cited.id)
    sync(bravo, alfa)
    other = indicator(1, name="Other")
    item = alfa.checker.check(other).object
    envelope_of_first = openings_granted_before(alfa, bravo)
    envelope = msgspec.structs.replace(
        envelope_of_first, object=ObjectRef(id=item.id, type=item.type, modified=item.version)
    )
    opening = _append_raw(alfa, encode_envelope(envelope), other)
    follow(bravo, alfa)
    assert _hand_over(bravo, alfa, [opening]).refused == 1
    assert holds(bravo, indicator(1))
    assert not holds(bravo, other)
    assert_sound(bravo)


def openings_granted_before(alfa: Node, bravo: Node) -> Envelope:
    page = serving.openings_for(alfa, row_of(alfa, bravo), Cursor(), 100)
    return decode_envelope(page.openings[-1].opening.envelope)


def _append_raw(author: Node, envelope: bytes, raw: bytes) -> Opening:
    """An entry in the tree of `author` alone, as a dishonest one would make it."""
    salts = bytes(32), bytes([1] * 32)
    commitment = commit(envelope, raw, *salts)
    row = author.read(own_ledger)
    author.write(lambda tx: _extend(author, tx, own_ledger(tx), [commitment], author.now()))
    return Opening(index=row.size, salt_e=salts[0], envelope=envelope, salt_o=salts[1], object=raw)


def test_an_object_that_is_not_stix_is_held_unread_and_never_shown(pair: Community) -> None:
    alfa, bravo = pair["Alfa"], pair["Bravo"]
    cited = _cited(pair)
    give(alfa, [indicator(1)], cited.id)
    sync(bravo, alfa)
    envelope = encode_envelope(openings_granted_before(alfa, bravo))
    for raw in (b"{", b'{"type": "indicator", "type": "indicator"}', b"[" * 3000):
        opening = _append_raw(alfa, envelope, raw)
        follow(bravo, alfa)
        assert _hand_over(bravo, alfa, [opening]).held == 1
    shown = waiting.list_waiting(bravo)
    assert len(shown) == 3
    assert all(row.reasons for row in shown)


def test_the_quarantine_is_capped_and_what_is_over_it_refused(tmp_path: Path) -> None:
    pair = Community.new(tmp_path, "Alfa", "Bravo", quarantine_entries=2)
    alfa, bravo = pair["Alfa"], pair["Bravo"]
    cited = _cited(pair)
    openings = [_forced(alfa, raw, cited).basis() for raw in indicators(4)]
    follow(bravo, alfa)
    outcome = _hand_over(bravo, alfa, openings)
    assert (outcome.held, outcome.refused) == (2, 2)
    pair.close()


def test_what_waited_too_long_is_purged_and_stays_on_record(pair: Community) -> None:
    alfa, bravo = pair["Alfa"], pair["Bravo"]
    opening = _forced(alfa, indicator(1), _cited(pair))
    follow(bravo, alfa)
    _hand_over(bravo, alfa, [opening.basis()])
    assert waiting.purge_waiting(bravo, bravo.now()) == 0
    pair.clock.advance(days=31)
    assert waiting.purge_waiting(bravo, bravo.now()) == 1
    (refusal,) = waiting.list_refused(bravo)
    assert refusal.commitment == opening.commitment()
    assert "node.quarantine-expired" in reasons(refusal.reasons)


def test_a_retry_while_nothing_changed_puts_everything_back_once(pair: Community) -> None:
    alfa, bravo = pair["Alfa"], pair["Bravo"]
    give(alfa, indicators(3), pair.agree().id)
    follow(bravo, alfa)
    members.suspend_peer(bravo, alfa.member)
    assert take(bravo, alfa).held == 3
    waiting.retry_waiting(bravo)
    assert len(waiting.list_waiting(bravo)) == 3
    members.resume_peer(bravo, alfa.member)
    (first, *_) = waiting.list_waiting(bravo)
    assert waiting.retry_waiting(bravo, seq=first.seq).kept == 1
    assert waiting.retry_after_new_facts(bravo).kept == 2
    assert waiting.list_waiting(bravo) == []
    assert all(holds(bravo, raw) for raw in indicators(3))


def test_what_came_before_the_definition_of_its_marking_is_kept_once_that_is_here(
    pair: Community,
) -> None:
    """An urgent object overtakes the definition, which was published long before."""
    alfa, bravo = pair["Alfa"], pair["Bravo"]
    statement = _marking_definition()
    late = indicator(1, object_marking_refs=[object_id(statement)])
    agreement = pair.agree().id
    give(alfa, [statement, indicator(2)], agreement)
    give(alfa, [late], agreement, urgent=True)
    follow(bravo, alfa)
    assert take(bravo, alfa, limit=1).held == 1
    assert waiting.retry_after_new_facts(bravo).kept == 0
    assert take(bravo, alfa, limit=1).defined == 1
    assert waiting.retry_after_new_facts(bravo).kept == 1
    assert holds(bravo, late)
    assert waiting.list_waiting(bravo) == []


def test_what_was_refused_once_and_is_in_order_now_is_kept_and_forgiven(pair: Community) -> None:
    """The receiver's clock was wrong; it is set right, and the sender grants anew."""
    alfa, bravo = pair["Alfa"], pair["Bravo"]
    give(alfa, [indicator(1)], pair.agree().id)
    follow(bravo, alfa)
    page, cursor = page_of(bravo, alfa)
    pair.clock.advance(days=-2)
    assert receive(bravo, row_of(bravo, alfa), page.openings, cursor)[0].refused == 1
    pair.clock.advance(days=2)
    members.suspend_peer(alfa, bravo.member)
    serving.openings_for(alfa, row_of(alfa, bravo), Cursor(), 100)
    members.resume_peer(alfa, bravo.member)
    assert sync(bravo, alfa).kept >= 1
    assert holds(bravo, indicator(1))
    assert waiting.list_refused(bravo) == []


def test_another_members_version_never_replaces_ours(pair: Community) -> None:
    alfa, bravo = pair["Alfa"], pair["Bravo"]
    agreement = pair.agree()
    give(alfa, [indicator(1)], agreement.id)
    # Bravo has the object from elsewhere, before it comes from Alfa, and in a newer version.
    give(bravo, [indicator(1, version=9)], agreement.id)
    pair.settle()
    for node in pair:
        assert holds(node, indicator(1))
        assert holds(node, indicator(1, version=9))


def test_an_unknown_quarantine_number_is_named(pair: Community) -> None:
    with pytest.raises(InputError):
        waiting.show_waiting(pair["Alfa"], 7)


def test_the_sender_reads_what_was_not_kept_of_its_own(pair: Community) -> None:
    alfa, bravo = pair["Alfa"], pair["Bravo"]
    opening = _forced(alfa, indicator(1), _cited(pair), audience=())
    follow(bravo, alfa)
    _hand_over(bravo, alfa, [opening])
    notices.send_notices(bravo)
    sync(alfa, bravo)
    (told,) = notices.told_to_us(alfa)
    assert (told.member, told.number) == (bravo.member, opening.index)
    assert told.object_id == msgspec.json.decode(indicator(1))["id"]
    assert told.reason.key == "rules.audience-empty"
    assert notices.told_to_us(bravo) == []
