"""May I pass this on to X for purpose Y? The author's word, and nobody else's, acts on the rule."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import asdict

from accord.base.errors import InputError, NotFoundError
from accord.ledger.envelope import reread_envelope
from accord.node.control import own_object, state
from accord.node.permissions import answer_request, ask_permission, list_permissions
from accord.node.publish import NotReleasable
from accord.rules.permissions import PERMISSION_KIND, PERMISSION_TYPE
from accord.store.tables import OWN_LEDGER
from tests.node.support import (
    Community,
    assert_sound,
    entries_of,
    give,
    holds,
    indicator,
    ledger_of,
    object_id,
    reasons,
    sync,
)

FIRST = indicator()
ID = object_id(FIRST)


class Case:
    """Alfa gave Bravo alone what may not go on; Bravo wants Charlie to have it."""

    def __init__(self, trio: Community) -> None:
        self.trio = trio
        self.alfa, self.bravo, self.charlie = trio
        self.agreement = trio.agree(purposes=["defence", "investigation"]).id
        give(self.alfa, [FIRST], self.agreement, purpose="defence", audience=(self.bravo.member,))
        trio.settle()

    def ask(self) -> str:
        wanted = [self.charlie.member]
        view = ask_permission(self.bravo, ID, wanted, "defence", "They are affected.")
        self.trio.settle()
        return view.id

    def pass_on(self, raw: bytes = FIRST, *, purpose: str = "defence") -> None:
        to = (self.charlie.member,)
        give(self.bravo, [raw], self.agreement, purpose=purpose, audience=to)
        self.trio.settle()

    def state(self) -> str:
        (view,) = list_permissions(self.bravo)
        return view.state


@pytest.fixture
def case(trio: Community) -> Case:
    return Case(trio)


def refused(case: Case, **order: str) -> set[str]:
    with pytest.raises(NotReleasable) as caught:
        case.pass_on(**order)  # type: ignore[arg-type]
    found = reasons(caught.value.withheld[0][1])
    return found - {"rules.not-in-audience"}  # so it is for Alfa, to whom it is not addressed


def test_a_granted_permission_lets_the_entry_go_on_and_stands_in_its_envelope(case: Case) -> None:
    assert refused(case) == {"rules.onward-none"}
    request = case.ask()
    assert [view.reason for view in list_permissions(case.alfa)] == ["They are affected."]
    assert list_permissions(case.charlie) == []
    assert refused(case) == {"rules.onward-none"}

    granted = answer_request(case.alfa, request, granted=True, text="Once.")
    assert granted.state == "granted"
    case.trio.settle()
    case.pass_on()

    assert holds(case.charlie, FIRST)
    (came,) = [row for row in entries_of(case.charlie, case.bravo.member) if row.kind == "object"]
    passed = reread_envelope(came.envelope)
    assert passed.handling.permission is not None
    assert passed.source is not None
    assert passed.source.origin == case.alfa.origin
    assert case.state() == "granted"
    assert_sound(*case.trio)


def test_it_is_for_the_entry_the_members_and_the_purpose_that_were_asked_about(case: Case) -> None:
    other = indicator(1)
    give(case.alfa, [other], case.agreement, purpose="defence", audience=(case.bravo.member,))
    answer_request(case.alfa, case.ask(), granted=True)
    case.trio.settle()
    assert refused(case, purpose="investigation") == {"rules.onward-none"}
    with pytest.raises(NotReleasable):
        case.pass_on(other)
    with pytest.raises(NotReleasable):
        give(case.bravo, [FIRST], case.agreement, purpose="defence")  # to all parties


def test_a_refusal_leaves_it_where_it_is_and_says_why(case: Case) -> None:
    view = answer_request(case.alfa, case.ask(), granted=False, text="Not yet.")
    case.trio.settle()
    assert (view.state, case.state()) == ("refused", "refused")
    assert list_permissions(case.bravo)[0].text == "Not yet."
    assert refused(case) == {"rules.onward-none"}


def test_a_withdrawn_permission_stops_it_at_every_member(case: Case) -> None:
    request = case.ask()
    answer_request(case.alfa, request, granted=True)
    case.trio.settle()
    give(
        case.bravo,
        [FIRST],
        case.agreement,
        purpose="defence",
        audience=(case.charlie.member,),
    )
    answer_request(case.alfa, request, granted=False, text="No more.")
    sync(case.charlie, case.alfa)  # it hears of the end before the entry reaches it
    case.trio.settle()
    assert not holds(case.charlie, FIRST)
    assert case.state() == "refused"


def test_an_expired_permission_stops_it(case: Case) -> None:
    until = case.trio.clock() + timedelta(hours=1)
    answer_request(case.alfa, case.ask(), granted=True, until=until)
    case.trio.settle()
    case.trio.clock.advance(hours=2)
    assert case.state() == "ended"
    assert refused(case) == {"rules.onward-none"}


def test_what_comes_before_the_authors_word_waits_for_it(case: Case) -> None:
    answer_request(case.alfa, case.ask(), granted=True)
    sync(case.bravo, case.alfa)
    to = (case.charlie.member,)
    give(case.bravo, [FIRST], case.agreement, purpose="defence", audience=to)
    sync(case.charlie, case.bravo)
    assert not holds(case.charlie, FIRST)
    sync(case.charlie, case.alfa)
    assert holds(case.charlie, FIRST)


def test_only_the_author_can_answer_and_only_what_was_given_can_be_asked_about(case: Case) -> None:
    request = case.ask()
    for node in (case.bravo, case.charlie):
        with pytest.raises(NotFoundError):
            answer_request(node, request, granted=True)
    with pytest.raises(InputError):
        ask_permission(case.alfa, ID, [case.charlie.member], "defence", "x")
    with pytest.raises(NotFoundError):
        ask_permission(case.charlie, ID, [case.bravo.member], "defence", "x")
    with pytest.raises(InputError) as nobody:
        ask_permission(case.bravo, ID, [case.alfa.member], "defence", "x")
    assert nobody.value.message.key == "node.permission-for-nobody"
    with pytest.raises(InputError) as past:
        answer_request(case.alfa, request, granted=True, until=case.trio.clock.moment)
    assert past.value.message.key == "node.permission-until-past"


def test_a_permission_that_another_member_grants_is_void(case: Case) -> None:
    request = case.ask()
    asked = list_permissions(case.bravo)[0]
    fields = {
        "request_ref": request,
        "member_ref": case.bravo.member,
        "entry": asdict(asked.entry),
        "members": [case.charlie.member],
        "purpose": "defence",
        "granted": True,
    }
    now = case.charlie.now()
    forged = own_object(case.charlie, PERMISSION_TYPE, fields, now)
    case.charlie.write(
        lambda tx: state(
            case.charlie,
            tx,
            PERMISSION_KIND,
            forged,
            audience=(case.bravo.member,),
            agreement=None,
            now=now,
        )
    )
    case.trio.settle()

    assert case.state() == "open"
    ledger = ledger_of(case.bravo, case.charlie.member)
    kept = case.bravo.read(lambda tx: tx.quarantine.refused(ledger=ledger.id))
    assert "rules.void-permission-given" in reasons([why for row in kept for why in row.reasons])
    assert refused(case) == {"rules.onward-none"}


def test_the_request_and_the_answer_are_entries_of_their_authors(case: Case) -> None:
    answer_request(case.alfa, case.ask(), granted=True)

    def kinds(of: str) -> list[str]:
        node = case.trio[of]
        return [row.kind for row in node.read(lambda tx: list(tx.entries.every(OWN_LEDGER)))]

    assert "permission-request" in kinds("Bravo")
    assert "permission" in kinds("Alfa")
