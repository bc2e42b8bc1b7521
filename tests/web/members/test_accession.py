"""Joining a community and leaving it, step by step, on the pages of those who act."""

from __future__ import annotations

from accord.node.councils import motions
from accord.node.joining import accessions
from tests.node.council import round_of
from tests.node.support import Community, sync
from tests.web.members.conftest import STRANGERS, Delegate


def asked(outside: Community, charter: str, **changed: str) -> dict[str, str]:
    plain = {"body": charter, "sponsor": outside["Alfa"].member, "standing": "member"}
    return plain | {"reason": "We share the river."} | changed


def test_an_application_that_cannot_be_is_not_made_and_what_was_typed_is_kept(
    outside: Community, charter: str, delegate: Delegate
) -> None:
    person, delta = delegate("Delta"), outside["Delta"]
    assert "/members/apply" in person.get("/members")
    person.get("/members/apply")
    wrong = [{"body": ""}, {"sponsor": ""}, {"sponsor": "nobody"}, {"standing": "king"}]
    wrong += [{"reason": ""}, {"reason": "w" * 2001}, {"sponsor": outside["Bravo"].member}]
    wrong += [{"sponsor": delta.member}]
    for changed in wrong:
        typed = asked(outside, charter, **changed)
        page = person.post("/members/apply", 400, **typed).text
        assert "notice-bad" in page, changed
        assert typed["reason"] in page
        assert typed["body"] in page
    assert accessions(delta) == []


def test_an_applicant_is_sponsored_and_all_see_how_far_it_is(
    outside: Community, charter: str, delegate: Delegate
) -> None:
    delta, person = outside["Delta"].member, delegate("Delta")
    where = f"/members/accessions/{charter}/{delta}"
    page = person.follow(person.post("/members/apply", **asked(outside, charter)))
    assert "We share the river." in page
    person.post("/members/apply", 400, **asked(outside, charter))
    delegate().get(where, 404)
    delegate().post(f"{where}/sponsor", 404)
    sync(outside["Alfa"], outside["Delta"])
    sponsor = delegate()
    assert where in sponsor.get("/members")
    assert f"{where}/sponsor" in sponsor.get(where)
    delegate("Bravo").get(where, 404)
    answer = sponsor.post(f"{where}/sponsor")
    assert answer.headers["location"].startswith("/council/motions/")
    sponsor.follow(answer)
    assert f"{where}/sponsor" not in sponsor.get(where)
    sponsor.post(f"{where}/sponsor", 409)
    round_of(outside, cut=STRANGERS)
    for at in ("Bravo", "Delta"):
        for language in ("en", "ru", "zh"):
            page = delegate(at, language).get(where)
            assert "members." not in page.replace("/members", "")
    assert [each.effect.member for each in motions(outside["Bravo"])] == [delta]
    assert "We share the river." not in delegate("Bravo").get(where), "the sponsor alone was told"


def test_an_application_is_taken_back_once(
    outside: Community, charter: str, delegate: Delegate
) -> None:
    delta, person = outside["Delta"].member, delegate("Delta")
    where = f"/members/accessions/{charter}/{delta}"
    person.post(f"{where}/take-back", 404)
    person.post("/members/apply", **asked(outside, charter))
    assert f"{where}/take-back" in person.get(where)
    person.follow(person.post(f"{where}/take-back"))
    assert [each.state for each in accessions(outside["Delta"])] == ["gone"]
    assert f"{where}/take-back" not in person.get(where)
    assert where not in person.get("/members"), "it is on the way in no more"
    assert where in person.get(f"/members/{delta}")
    person.post(f"{where}/take-back", 404)


def test_leaving_needs_a_reason_and_ends_what_one_may_propose(
    outside: Community, charter: str, delegate: Delegate
) -> None:
    person, alfa = delegate(), outside["Alfa"]
    assert "/members/leave" in person.get(f"/members/{alfa.member}")
    person.get("/members/leave")
    for wrong in ({"reason": ""}, {"reason": "w" * 2001}, {"body": "elsewhere"}):
        typed = {"body": charter, "reason": "Another path"} | wrong
        page = person.post("/members/leave", 400, **typed).text
        assert "notice-bad" in page, wrong
        assert typed["reason"] in page
    page = person.follow(person.post("/members/leave", body=charter, reason="Another path"))
    assert "Another path" in page
    said = person.post("/members/leave", 400, body=charter, reason="Again").text
    assert "notice-bad" in said
    words = {f"{kind}_{tongue}": "Words" for kind in ("title", "text") for tongue in ("zh", "ru")}
    words |= {"title_en": "Words", "text_en": "Words", "how": "form", "does": "declare"}
    assert "notice-bad" in person.post("/council/propose", 400, **words, standing="member").text
    assert delegate("Delta").get("/members/leave")
