"""Sessions with their minutes, and working groups, on the page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accord.node import groups, sessions
from accord.node.councils import motion, motions
from accord.rules.decisions.bodies import group_id_of
from tests.node.council import run, states
from tests.node.support import Community
from tests.web.conftest import OpenFor, Person
from tests.web.council.conftest import Client

MOMENT = "%Y-%m-%dT%H:%M"
GROUP = {"by": "silence", "history": "all", "name_en": "Harbours"}


def announced(council: Community, **changed: str) -> dict[str, str]:
    begins = council["Alfa"].now() + timedelta(hours=1)
    plain = {"place": 'Hall "2"\\', "begins": begins.strftime(MOMENT)}
    plain |= {"ends": (begins + timedelta(hours=2)).strftime(MOMENT)}
    plain |= {f"title_{language}": f"Session {language}" for language in ("zh", "ru", "en")}
    return plain | changed


def test_a_session_that_cannot_be_is_not_convened_and_what_was_typed_is_kept(
    council: Community, delegate: Client
) -> None:
    person = delegate(zone="Asia/Shanghai")
    assert "/council/sessions/new" in person.get("/council/sessions")
    person.get("/council/sessions/new")
    typed = announced(council)
    wrong = [{"place": ""}, {"begins": ""}, {"ends": "x"}, {"title_ru": ""}, {"body": "elsewhere"}]
    wrong += [{"ends": typed["begins"]}, {"begins": "0001-01-01T00:00"}, {"place": "p" * 501}]
    for changed in wrong:
        page = person.post("/council/sessions/convene", 400, **typed | changed).text
        assert "notice-bad" in page, changed
        assert "Session en" in page
    assert sessions.list_sessions(council["Alfa"]) == []


def test_a_session_is_convened_attended_and_minuted(council: Community, delegate: Client) -> None:
    alfa, person = council["Alfa"], delegate()
    page = person.follow(person.post("/council/sessions/convene", **announced(council)))
    (session,) = sessions.list_sessions(alfa)
    assert session.place == 'Hall "2"\\', "quotes and all"
    assert "Session en" in page
    where = f"/council/sessions/{session.id}"
    council.clock.advance(hours=2)
    for wrong in ({"person": ""}, {"office": ""}, {"person": "n" * 501}):
        typed = {"person": "Ada Person", "office": "Head of desk"} | wrong
        page = person.post(f"{where}/attend", 400, **typed).text
        assert "notice-bad" in page, wrong
        assert all(each in page for each in typed.values())
    attended = person.post(f"{where}/attend", person="Ada Person", office="Head of desk")
    assert "Ada Person" in person.follow(attended)
    assert "Session en" in person.get("/council/sessions")
    for file in ("minutes", "minutes.md"):
        assert "Ada Person" in person.get(f"{where}/{file}")
    for page in ("", "/minutes", "/minutes.md"):
        person.get(f"/council/sessions/nowhere{page}", 404)


def test_an_account_for_other_agreements_sees_no_session(
    council: Community, delegate: Client, rivers: str
) -> None:
    person = delegate()
    where = person.post("/council/sessions/convene", **announced(council)).headers["location"]
    limited = delegate(name="limited", agreements=(rivers,))
    assert where not in limited.get("/council/sessions")
    for page in ("", "/minutes", "/minutes.md"):
        limited.get(f"{where}{page}", 404)
    limited.post(f"{where}/attend", 404, person="Ada", office="Head")


def test_a_group_that_cannot_be_is_not_moved_and_what_was_typed_is_kept(
    council: Community, delegate: Client, charter: str, rivers: str
) -> None:
    person, bravo = delegate(), council["Bravo"].member
    assert "/groups/new" in person.get("/groups")
    person.get("/groups/new")
    typed: dict[str, Any] = {"agreement": rivers, "members": [bravo], **GROUP}
    wrong: list[dict[str, Any]] = [{"agreement": ""}, {"agreement": "x"}, {"by": "lot"}]
    wrong += [{"members": ["nobody"]}, {"name_en": ""}, {"name_ru": "w" * 101}]
    for changed in [*wrong, {"history": "some"}]:
        page = person.post("/groups/new", 400, **typed | changed).text
        assert "notice-bad" in page, changed
    kept = person.post("/groups/new", 400, **typed | {"by": "lot"}).text
    assert f'value="{bravo}" checked' in kept
    assert 'value="Harbours"' in kept
    limited = delegate(name="limited", agreements=(charter,))
    limited.post("/groups/new", 400, **typed)
    assert motions(council["Alfa"]) == []
    person.get("/groups/nothing", 404)
    for act in ("join", "leave", "invite", "exclude", "close"):
        person.post(f"/groups/nothing/{act}", 404, member=bravo)


@pytest.mark.slow
def test_a_working_group_from_its_motion_to_its_end(
    council: Community, delegate: Client, rivers: str, person: OpenFor
) -> None:
    (alfa, bravo, charlie), ours = council, delegate()
    answer = ours.post("/groups/new", agreement=rivers, members=[bravo.member], **GROUP)
    name = answer.headers["location"].rpartition("/")[2]
    assert motion(alfa, name).titles["zh"] == "“Harbours”工作组"
    _decided(council)
    assert states(council, name) == ["adopted"] * 3
    group = group_id_of(motion(alfa, name).sha256)
    where = f"/groups/{group}"
    assert [where in delegate(at).get("/groups") for at in council.nodes] == [True, True, False]
    delegate("Charlie").get(where, 404)
    assert "“Harbours”" in person(alfa, "operator", "en").get("/accounts/new")  # who may read it
    _invite(council, delegate(), where, charlie.member)
    _decided(council)
    invitee = delegate("Charlie")
    assert "Join" in invitee.get(where)
    invitee.follow(invitee.post(f"{where}/join"))
    assert groups.group(charlie, group).mine == "belongs"
    invitee.post(f"{where}/join", 409)
    assert "notice-bad" in invitee.post(f"{where}/leave", 400, reason="w" * 2001).text
    invitee.follow(invitee.post(f"{where}/leave", reason="Done"))
    assert groups.group(charlie, group).mine == "left"
    ours = delegate()
    ours.follow(ours.post(f"{where}/close"))
    assert any(each.effect.does == "close-group" for each in motions(alfa))


def _decided(council: Community) -> None:
    """A motion is seen by all, witnessed in time, closes, and becomes final."""
    run(council, 4, step=1)
    run(council, 48, step=16)
    run(council, 12, step=4)


def _invite(council: Community, person: Person, where: str, member: str) -> None:
    """One who belongs moves that another be admitted; what cannot be is said on the page."""
    assert "Bravo" in person.get(where)
    moved = len(motions(council["Alfa"]))
    for act in ("invite", "exclude"):
        for wrong in ("", "nobody"):
            page = person.post(f"{where}/{act}", 400, member=wrong).text
            assert "notice-bad" in page, (act, wrong)
            assert "Bravo" in page
    assert len(motions(council["Alfa"])) == moved
    person.follow(person.post(f"{where}/invite", member=member))
    run(council, 1)
