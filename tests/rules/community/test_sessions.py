"""Agenda, attendance and minutes."""

from __future__ import annotations

import msgspec
import pytest

from accord.base.errors import InputError
from accord.base.messages import LANGUAGES
from accord.rules.community.minutes import as_markdown, minutes
from accord.rules.community.sessions import (
    Attendance,
    Paper,
    Person,
    Session,
    agenda,
    attendance_of,
    session_of,
)
from accord.rules.decisions.effects import Effect
from accord.rules.decisions.objects import Ballot
from tests.rules.decisions.chamber import CHARTER, HOUR, START, Chamber, council_of, motion

SESSION = Session(
    id="accord-session--9b8a7c6d-5e4f-4a3b-8c2d-1e0f9a8b7c6d",
    body=CHARTER,
    titles={"zh": "第三次会议", "ru": "Третье заседание", "en": "Third session"},
    place="Tashkent",
    begins=START,
    ends=START + 8 * HOUR,
    papers=(Paper("report--11111111-1111-4111-8111-111111111111", "First quarter"),),
)


def held() -> tuple[Chamber, list[str]]:
    """One motion adopted with a reservation, one rejected, one open, one of no session."""
    state = council_of(4)
    chamber = Chamber(state)
    a, b, c, _ = state.voters
    new = "identity--00000000-0000-4000-8000-000000000001"
    admit = Effect(does="admit", member=new, standing="observer")
    moved = [
        motion(state, admit, 1, session=SESSION.id),
        motion(state, number=2, session=SESSION.id, closes=START + 80 * HOUR),
        motion(state, number=3, session=SESSION.id, closes=START + 900 * HOUR),
        motion(state, number=4),
    ]
    hashes = [chamber.move(a, each) for each in moved]
    chamber.run(24)
    said = Ballot(
        motion_ref=moved[0].id,
        motion_sha256=hashes[0],
        choice="yes",
        reservation={"en": "Not for *treaties*\n# in force <b>", "ru": "Кроме договоров"},
    )
    chamber.say(b, said, moved[0].audience)
    chamber.vote(c, hashes[1], "no")
    chamber.run(96)
    return chamber, hashes


def printed(language: str, member: int = 0) -> str:
    chamber, _ = held()
    names = {m: f"CERT {n}" for n, m in enumerate(chamber.members)}
    came = {chamber.members[1]: Attendance(SESSION.id, (Person("R. Example", "Director"),))}
    council = chamber.nodes[chamber.members[member]].council
    return as_markdown(minutes(council, SESSION, came, names, language))


def test_the_agenda_is_what_names_the_session_in_the_order_of_closing() -> None:
    chamber, hashes = held()
    assert agenda(chamber.nodes[chamber.members[2]].council, SESSION) == hashes[:3]


def test_the_minutes_follow_from_what_was_decided() -> None:
    text = printed("en")
    assert text.startswith(
        "# Third session\n\n2026-03-01 00:00 to 2026-03-01 08:00 (UTC), Tashkent"
    )
    assert "- CERT 1: R. Example, Director" in text
    assert "- First quarter (`report--11111111-1111-4111-8111-111111111111`)" in text
    first, second, third = text.split("### ")[1:]
    assert "**Adopted.**" in first
    assert "Yes: 1; no: 0; abstained: 0; silent: 3; not known: 0." in first
    assert "as observer" in first
    assert "**Not adopted.**" in second
    assert "- CERT 2: no" in second
    assert "**No final outcome yet.**" in third
    assert "Yes:" not in third


def test_words_of_others_are_words_and_no_markup() -> None:
    text = printed("en")
    assert r"- CERT 1: yes — “Not for \*treaties\* \# in force \<b\>”" in text
    assert "<b>" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_members_print_the_same_minutes_in_each_language(language: str) -> None:
    text = printed(language)
    assert text == printed(language, member=3)
    assert "rules." not in text  # every sentence is said
    assert SESSION.titles[language] in text


def test_a_reservation_is_shown_in_the_readers_language_where_it_was_made_in_it() -> None:
    assert "«Кроме договоров»" in printed("ru")
    assert "“Not for" in printed("zh")


def test_a_session_and_an_attendance_are_read() -> None:
    fields = msgspec.to_builtins(SESSION)
    fields["papers"] = list(fields["papers"])
    assert session_of({"type": "accord-session", **fields}) == SESSION
    said = {"session_ref": SESSION.id, "persons": [{"person": "R. Example", "office": "Head"}]}
    assert attendance_of({"type": "accord-attendance", **said}).persons[0].office == "Head"
    with pytest.raises(InputError):
        attendance_of({"type": "accord-attendance", **said, "persons": []})
    with pytest.raises(InputError):
        session_of({"type": "accord-session", **fields, "begins": "tomorrow"})
