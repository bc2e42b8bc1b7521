"""A member that signs entries it should not, opens what it did not commit to, or withholds."""

from __future__ import annotations

import json
import time
from hashlib import sha256
from typing import Any

import httpx
import msgspec
import pytest

from accord.base.clock import format_time
from accord.ledger.commitment import commit
from accord.ledger.envelope import AgreementRef, decode_envelope
from accord.ledger.evidence import check_evidence
from accord.ledger.opening import GrantedOpening, Opening, read_openings, write_openings
from accord.node import agreements
from accord.node.append import _extend, own_ledger, seal
from accord.node.summary import marking_reader, summarise
from accord.node.transfers import list_transfers
from accord.peers.compression import decompress
from accord.stix.objects import StixObject
from accord.store.transaction import Transaction
from tests.attacks.dishonest import append_as, envelope_for, opens, reasons, slip_in
from tests.community import (
    Community,
    agreement_toml,
    answer_with,
    body_of,
    held,
    id_of,
    indicator,
    ledger_of,
)


def page_of(answer: httpx.Response, community: Community) -> list[GrantedOpening]:
    limits = community["Alfa"].limits
    encoding = answer.headers.get("content-encoding", "")
    return read_openings(decompress(body_of(answer), encoding, limits.openings_page_bytes), limits)


def test_an_altered_opening_is_not_what_was_committed_to(community: Community) -> None:
    alfa, bravo, _ = community
    raw = indicator("harmless.example")
    community.publish(alfa, community.agreement, raw)

    def alter(_request: httpx.Request, honest: httpx.Response) -> httpx.Response:
        altered = [
            msgspec.structs.replace(
                each,
                opening=msgspec.structs.replace(
                    each.opening,
                    object=(each.opening.object or b"").replace(b"harmless", b"harmfull"),
                ),
            )
            for each in page_of(honest, community)
        ]
        return answer_with(write_openings(altered))

    with community.network.tampered(alfa.settings.url, "/log/openings", alter):
        (report,) = community.sync_one(bravo, alfa)
    assert report.fault is not None
    assert report.fault.key == "ledger.opening-commitment"
    assert held(bravo, id_of(raw)) == []

    community.sync_one(bravo, alfa)  # the cursor stood still, so nothing is lost
    assert held(bravo, id_of(raw)) == [raw]


def test_an_opening_beyond_the_ledger_is_refused(community: Community) -> None:
    alfa, bravo, _ = community
    beyond = Opening(index=10**6, salt_e=b"s" * 32, envelope=b"{}", object_half=b"h" * 32)
    with opens(community, alfa, beyond):
        (report,) = community.sync_one(bravo, alfa)
    assert report.fault is not None
    assert report.fault.key == "node.opening-beyond"


def test_another_ledgers_opening_is_not_taken_as_ones_own(community: Community) -> None:
    alfa, bravo, charlie = community
    raw = indicator()
    (number,) = community.publish(bravo, community.agreement, raw).numbers
    community.sync_one(alfa, bravo)
    stolen = alfa.read(lambda tx: tx.entries.get(ledger_of(alfa, bravo).id, number))
    assert stolen is not None

    theft = append_as(alfa, alfa.checker.check(raw).object, decode_envelope(stolen.envelope))
    with opens(community, alfa, theft):
        community.sync_one(charlie, alfa)

    assert held(charlie, id_of(raw)) == []
    assert "ledger.envelope-origin" in reasons(charlie)


def test_another_ledgers_commitment_opens_nothing_in_ones_own(community: Community) -> None:
    alfa, bravo, charlie = community
    raw = indicator()
    (number,) = community.publish(bravo, community.agreement, raw).numbers
    community.sync_one(alfa, bravo)
    stolen = alfa.read(lambda tx: tx.entries.get(ledger_of(alfa, bravo).id, number))
    assert stolen is not None
    theirs = Opening(
        index=number, salt_e=stolen.salt_e, envelope=stolen.envelope,
        salt_o=stolen.salt_o, object=raw,
    )  # fmt: skip
    community.publish(alfa, community.agreement)

    with opens(community, alfa, theirs):
        (report,) = community.sync_one(charlie, alfa)

    assert report.fault is not None
    assert held(charlie, id_of(raw)) == []


def later(community: Community, raw: bytes) -> bytes:
    """A newer version of an object, as anybody can write one."""
    fields = json.loads(raw)
    fields["modified"] = format_time(community["Alfa"].now())
    fields["description"] = "taken over"
    return json.dumps(fields).encode()


def test_anothers_newer_version_never_replaces_an_object(community: Community) -> None:
    alfa, bravo, charlie = community
    raw = indicator()
    community.publish(alfa, community.agreement, raw)
    community.sync()

    newer = slip_in(bravo, later(community, raw), community.agreement)
    with opens(community, bravo, newer):
        community.sync_one(alfa, bravo)
        community.sync_one(charlie, bravo)

    for node in (alfa, charlie):
        assert raw in held(node, id_of(raw))
        own = node.read(lambda tx: tx.ledgers.of_member(alfa.member))
        assert own is not None
        ledger = own.id
        newest = node.read(lambda tx: tx.holdings.newest_body(id_of(raw), "indicator", [ledger]))  # noqa: B023
        assert newest == raw


@pytest.mark.parametrize(
    ("lie", "reason"),
    [
        ("no agreement", "rules.no-agreement"),
        ("another text", "rules.agreement-other-text"),
        ("unknown agreement", "rules.agreement-unknown"),
        ("without the reader", "rules.not-in-audience"),
        ("nobody", "rules.audience-empty"),
        ("above the ceiling", "rules.tlp-above"),
        ("no handling", "rules.tlp-missing"),
        ("another's name", "ledger.envelope-origin"),
    ],
)
def test_an_entry_that_breaks_the_rules_is_not_kept(
    community: Community, lie: str, reason: str
) -> None:
    alfa, bravo, charlie = community
    raw = indicator()
    item = alfa.checker.check(raw).object
    honest = envelope_for(alfa, item, community.agreement)
    lies: dict[str, dict[str, Any]] = {
        "no agreement": {"agreement": None},
        "another text": {"agreement": AgreementRef(id=community.agreement, sha256="ab" * 32)},
        "unknown agreement": {
            "agreement": AgreementRef(
                id="accord-agreement--0c6c1a0b-5a0e-4f39-9d2c-6f0f0a3c7f11", sha256="ab" * 32
            )
        },
        "without the reader": {"audience": (charlie.member,)},
        "nobody": {"audience": ()},
        "above the ceiling": {"handling": msgspec.structs.replace(honest.handling, tlp="red")},
        "no handling": {"handling": msgspec.structs.replace(honest.handling, tlp=None)},
        "another's name": {"author": charlie.member},
    }

    with opens(community, alfa, slip_in(alfa, raw, community.agreement, **lies[lie])):
        (report,) = community.sync_one(bravo, alfa)

    assert report.fault is None
    assert held(bravo, id_of(raw)) == []
    assert reason in reasons(bravo)


def test_an_entry_under_an_agreement_that_is_not_in_force_is_not_kept(
    community: Community,
) -> None:
    alfa, bravo, _ = community
    parties = [node.member for node in community]
    proposed = agreements.propose(alfa, agreement_toml(parties)).id
    community.sync()
    raw = indicator()

    with opens(community, alfa, slip_in(alfa, raw, proposed)):
        community.sync_one(bravo, alfa)

    assert held(bravo, id_of(raw)) == []
    assert any(reason.startswith("rules.") for reason in reasons(bravo))


def test_two_contents_of_one_version_do_not_both_stand(community: Community) -> None:
    alfa, bravo, _ = community
    raw = indicator()
    other = json.dumps({**json.loads(raw), "description": "another content"}).encode()
    community.publish(alfa, community.agreement, raw)
    community.sync()
    item = alfa.checker.check(other).object

    opening = _append_beside(community, item)
    with opens(community, alfa, opening):
        community.sync_one(bravo, alfa)

    assert held(bravo, id_of(raw)) == [raw]
    assert "node.version-contradicts" in reasons(bravo)


def _append_beside(community: Community, item: StixObject) -> Opening:
    """Commit to a second content of a version that our own store would refuse."""
    alfa = community["Alfa"]
    summary = alfa.read(lambda tx: summarise(item, marking_reader(tx, (), {}), ()))
    sealed = seal(envelope_for(alfa, item, community.agreement), item, summary)

    def job(tx: Transaction) -> int:
        ledger = own_ledger(tx)
        _extend(alfa, tx, ledger, [sealed.commitment], alfa.now())
        return ledger.size

    return Opening(
        index=alfa.write(job),
        salt_e=sealed.salt_e,
        envelope=sealed.envelope_bytes,
        salt_o=sealed.salt_o,
        object=item.raw,
    )


def test_two_contradicting_entries_to_two_members_are_void_for_both(community: Community) -> None:
    """A statement is addressed to its whole circle, inside the hash: told apart, it is void."""
    alfa, bravo, charlie = community
    parties = [node.member for node in community]
    proposed = agreements.propose(alfa, agreement_toml(parties))
    own = alfa.read(lambda tx: tx.entries.own(agreement=proposed.id, after=0, limit=9))
    body = alfa.read(lambda tx: tx.holdings.get(own[-1].holding))
    assert body is not None
    assert body.body is not None
    for target in (bravo, charlie):
        fields = json.loads(body.body)
        fields["id"] = f"accord-agreement--{target.member.removeprefix('identity--')}"
        fields["name"] = f"Only for {target.settings.name}"
        raw = json.dumps(fields, separators=(",", ":"), sort_keys=True).encode()
        item = alfa.checker.check(raw).object
        envelope = msgspec.structs.replace(
            decode_envelope(own[-1].envelope),
            audience=(target.member,),
            agreement=AgreementRef(id=item.id, sha256=sha256(raw).hexdigest()),
            object=msgspec.structs.replace(
                decode_envelope(own[-1].envelope).object, id=item.id, modified=item.version
            ),
        )
        with opens(community, alfa, append_as(alfa, item, envelope)):
            community.sync_one(target, alfa)
        assert "rules.control-audience-circle" in reasons(target)
        assert item.id not in target.facts_now().agreements


def test_an_entry_withheld_from_one_of_its_audience_can_be_had_from_another(
    community: Community,
) -> None:
    alfa, bravo, charlie = community
    raw = indicator()
    (number,) = community.publish(alfa, community.agreement, raw).numbers
    community.sync_one(bravo, alfa)
    with community.network.tampered(
        alfa.settings.url, "/log/openings", lambda *_: answer_with(b"")
    ):
        community.sync_one(charlie, alfa)
    assert held(charlie, id_of(raw)) == []

    path = f"/log/evidence/{alfa.origin.removeprefix('accord/')}/{number}"
    answer = community.ask(charlie, bravo, path)

    proof = check_evidence(answer.content, charlie.limits, now=int(time.time()))
    assert proof.opening.object == raw
    assert proof.author.member == alfa.member
    spine = charlie.read(lambda tx: tx.ledgers.of_member(alfa.member))
    assert spine is not None
    assert spine.size > number  # its place was in the tree all the time


def test_what_was_refused_is_on_record_and_its_sender_is_told(community: Community) -> None:
    alfa, bravo, charlie = community
    raw = indicator()
    lie = slip_in(alfa, raw, community.agreement, audience=(charlie.member,))
    with opens(community, alfa, lie):
        community.sync_one(bravo, alfa)
    community.sync_one(alfa, bravo)

    assert [row.direction for row in list_transfers(bravo)][-1:] != []
    kinds = [
        each.kind
        for each in alfa.read(lambda tx: list(tx.entries.every(ledger_of(alfa, bravo).id)))
    ]
    assert "notice" in kinds


def test_an_object_nested_two_thousand_deep_is_refused_and_nothing_breaks(
    community: Community,
) -> None:
    alfa, bravo, _ = community
    shallow = indicator()
    deep = b'{"x":' * 2000 + b"1" + b"}" * 2000
    raw = shallow[:-1] + b',"x_deep":' + deep + b"}"
    item = alfa.checker.check(shallow).object
    forged = msgspec.structs.replace(item, raw=raw)

    with opens(
        community, alfa, append_as(alfa, forged, envelope_for(alfa, item, community.agreement))
    ):
        (report,) = community.sync_one(bravo, alfa)

    assert report.fault is None
    assert held(bravo, id_of(shallow)) == []
    assert reasons(bravo)


def test_an_envelope_nested_two_thousand_deep_is_refused_and_nothing_breaks(
    community: Community,
) -> None:
    alfa, bravo, _ = community
    envelope = b'{"accord":' + b"[" * 2000 + b"]" * 2000 + b"}"
    raw = indicator()
    commitment = commit(envelope, raw, b"e" * 32, b"o" * 32)

    def job(tx: Transaction) -> int:
        ledger = own_ledger(tx)
        _extend(alfa, tx, ledger, [commitment], alfa.now())
        return ledger.size

    opening = Opening(
        index=alfa.write(job), salt_e=b"e" * 32, envelope=envelope, salt_o=b"o" * 32, object=raw
    )
    with opens(community, alfa, opening):
        community.sync_one(bravo, alfa)

    assert held(bravo, id_of(raw)) == []
    assert reasons(bravo)
