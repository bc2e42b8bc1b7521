"""The pages on our own STIX types and on the agreement file, held to the readers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, get_args

import msgspec
import pytest

from accord.base.clock import format_time
from accord.base.limits import Limits
from accord.ledger.card import verify_key_change
from accord.ledger.keys import RecoveryKey
from accord.rules import permissions, recall, statements, terms
from accord.rules.agreement_file import agreement_from_toml, agreement_to_toml
from accord.rules.community import accession, membership, sessions
from accord.rules.decisions import objects as decisions
from accord.rules.fields import Field, Refused, Spec, checked
from accord.rules.standing import State
from accord.stix.check import Checker
from accord.stix.extension import EXTENSION_ID, MEMBER, OWN_TYPES
from tests.conftest import ROOT
from tests.docs.pages import blocks, headings, section, table, text_of

OBJECTS = "docs/reference/objects.md"
AGREEMENT = "docs/reference/agreement.md"

SPECS: dict[str, Spec] = {
    "accord-signature": statements.SIGNATURE,
    "accord-objection": statements.OBJECTION,
    "accord-withdrawal": statements.WITHDRAWAL,
    "accord-notice": statements.NOTICE,
    "accord-key-change": statements.KEY_CHANGE,
    "accord-recall": recall.RECALL,
    "accord-receipt": recall.RECEIPT,
    "accord-permission-request": permissions.REQUEST,
    "accord-permission": permissions.PERMISSION,
    "accord-motion": decisions.MOTION,
    "accord-motion-seen": decisions.SEEN,
    "accord-motion-change": decisions.CHANGE,
    "accord-ballot": decisions.BALLOT,
    "accord-tally": decisions.TALLY,
    "accord-outcome": decisions.OUTCOME,
    "accord-application": accession.APPLICATION,
    "accord-membership": membership.MEMBERSHIP,
    "accord-session": sessions.SESSION,
    "accord-attendance": sessions.ATTENDANCE,
}
READERS = {
    "accord-agreement": terms.terms_of,
    "accord-signature": statements.signature_of,
    "accord-objection": statements.objection_of,
    "accord-withdrawal": statements.withdrawal_of,
    "accord-notice": statements.notice_of,
    "accord-key-change": statements.key_change_of,
    "accord-recall": recall.recall_of,
    "accord-receipt": recall.receipt_of,
    "accord-permission-request": permissions.request_of,
    "accord-permission": permissions.permission_of,
    "accord-motion": decisions.motion_of,
    "accord-motion-seen": decisions.seen_of,
    "accord-motion-change": decisions.change_of,
    "accord-ballot": decisions.ballot_of,
    "accord-tally": decisions.tally_of,
    "accord-outcome": decisions.outcome_of,
    "accord-application": accession.application_of,
    "accord-membership": membership.membership_of,
    "accord-session": sessions.session_of,
    "accord-attendance": sessions.attendance_of,
}


def test_every_own_type_has_its_section_and_no_other_has() -> None:
    assert set(headings(text_of(OBJECTS))[1:]) == OWN_TYPES
    assert blocks(text_of(OBJECTS), "")[0].strip() == EXTENSION_ID


@pytest.mark.parametrize("kind", SPECS)
def test_the_fields_are_those_that_the_reader_takes(kind: str) -> None:
    rows = table(section(OBJECTS, kind))
    _agree(rows, SPECS[kind])


def test_the_fields_of_the_agreement_file_are_those_that_its_reader_takes() -> None:
    _agree(table(section(AGREEMENT, "Fields")), terms.AGREEMENT)


@pytest.mark.parametrize("kind", READERS)
def test_the_example_of_each_type_is_valid_and_is_read(kind: str) -> None:
    (example,) = blocks(section(OBJECTS, kind), "json")
    checked_object = Checker(Limits()).check(example.encode()).object
    assert checked_object.type == kind
    assert READERS[kind](checked_object.fields)


def test_the_type_that_is_reserved_has_no_reader() -> None:
    assert set(READERS) == OWN_TYPES - {MEMBER}


def test_the_key_change_of_the_example_is_signed_by_the_recovery_key_of_the_vectors() -> None:
    vectors = json.loads((ROOT / "tests/ledger/vectors/wire-v1.json").read_text("utf-8"))
    member = vectors["member"]
    recovery = RecoveryKey.from_seed(bytes.fromhex(member["recovery_seed"]))
    (example,) = blocks(section(OBJECTS, "accord-key-change"), "json")
    change = statements.key_change_of(json.loads(example))
    verify_key_change(change, member["origin"], recovery.public)


def test_the_example_of_an_agreement_is_also_a_file() -> None:
    (example,) = blocks(section(OBJECTS, "accord-agreement"), "json")
    said = terms.terms_of(json.loads(example))
    fields = json.loads(example)
    own = {name: fields[name] for name in msgspec.structs.asdict(said) if name in fields}
    again = agreement_from_toml(agreement_to_toml(own))
    assert again == own
    assert format_time(said.valid_from) == own["valid_from"]


def test_the_states_are_those_of_the_code() -> None:
    rows = table(section(AGREEMENT, "From proposal to end"))
    assert {row[0] for row in rows} == set(get_args(State))


def _agree(rows: list[tuple[str, ...]], spec: Spec) -> None:
    """Names, their order, whether they are required, and what the reader says is allowed."""
    page = {row[0]: row[1:3] for row in rows}
    assert [name for name in page if not re.search(r"[.\[]", name)] == [f.name for f in spec]
    for name, (required, allowed) in page.items():
        field = _field(spec, name)
        assert required == ("yes" if field.required else "no"), name
        assert _refusals(field) == {allowed}, name


def _field(spec: Spec, name: str) -> Field:
    """The field that a dotted name of the page means."""
    first, *rest = name.split(".")
    field = next(each for each in spec if each.name == first.removesuffix("[]"))
    return _field(_inner(field), ".".join(rest)) if rest else field


def _inner(field: Field) -> Spec:
    """The fields of the table (or of the list of tables) that a field holds; else none."""
    for cell in _cells(field.check):
        if isinstance(cell, tuple) and cell and isinstance(cell[0], Field):
            return cell
        if callable(cell) and (deeper := _inner(Field("", cell))):
            return deeper
    return ()


def _cells(check: Any) -> Iterator[Any]:
    return (cell.cell_contents for cell in getattr(check, "__closure__", None) or ())


def _refusals(field: Field) -> set[str]:
    """What people are told is allowed, when the field is wrong and when it is missing."""
    said: set[str] = set()
    for values in ({field.name: object()}, {}):
        if values or field.required:
            with pytest.raises(Refused) as caught:
                checked(values, (field,))
            said.add(caught.value.allowed)
    return said
