"""The council on the page: motions and ballots; what is wrong is said, and nothing is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accord.base.clock import format_time
from accord.base.errors import NotFoundError
from accord.node import agreements
from accord.node.councils import motion, motions
from accord.web.council import known
from tests.node.council import move, run, states
from tests.node.support import Community, terms_text
from tests.web.conftest import live_part
from tests.web.council.conftest import Client


def fields(**changed: object) -> dict[str, object]:
    plain: dict[str, object] = {"how": "form", "does": "declare", "standing": "member"}
    for language in ("zh", "ru", "en"):
        plain[f"title_{language}"] = f"Title {language}"
        plain[f"text_{language}"] = f"Text {language}"
    return plain | changed


@pytest.mark.slow
def test_a_motion_is_moved_by_a_form_and_adopted_by_silence(
    council: Community, delegate: Client
) -> None:
    alfa, person = council["Alfa"], delegate()
    person.get("/council/propose")
    page = person.follow(person.post("/council/propose", **fields()))
    assert "Title en" in page
    (view,) = motions(alfa)
    run(council, 4, step=1)  # so that witnesses see in time that all of them have it
    for language, title in (("ru", "Title ru"), ("zh", "Title zh")):
        seen = delegate("Bravo", language).get(f"/council/motions/{view.id}")
        assert title in seen
        assert "council." not in seen.replace("/council", "")
    run(council, 48, step=16)
    run(council, 12, step=4)
    assert states(council, view.sha256) == ["adopted"] * 3
    person = delegate()
    assert "Title en" in person.get("/council")
    assert "adopted" in person.get(f"/council/motions/{view.id}")


def test_what_is_wrong_in_a_motion_is_named_and_nothing_is_lost(
    council: Community, delegate: Client, rivers: str
) -> None:
    ends = format_time(council.clock() + timedelta(hours=1))
    everybody = [node.member for node in council]
    over = agreements.propose(council["Alfa"], terms_text(everybody, valid_until=ends))
    council.clock.advance(hours=2)
    person, before = delegate(zone="Asia/Shanghai"), len(motions(council["Alfa"]))
    assert over.sha256 not in person.get("/council/propose")
    cases: tuple[tuple[dict[str, object], str], ...] = (
        ({"title_ru": ""}, "(ru)"),
        ({"does": "conquer"}, "conquer"),
        ({"does": "admit"}, "Member"),
        ({"does": "suspend", "member": "nobody"}, "notice-bad"),
        ({"does": "admit", "member": council["Bravo"].member, "standing": "king"}, "king"),
        ({"does": "adopt-agreement"}, "notice-bad"),
        ({"does": "adopt-agreement", "text_of": f"{rivers} {'0' * 64}"}, "notice-bad"),
        ({"does": "adopt-agreement", "text_of": "x"}, "notice-bad"),
        ({"does": "adopt-agreement", "text_of": f"{over.id} {over.sha256}"}, "has ended"),
        ({"does": "close-group", "group": "none"}, "notice-bad"),
        ({"closes": "soon"}, "soon"),
        ({"closes": "2020-01-01T00:00"}, "notice-bad"),
        ({"closes": "0001-01-01T00:00"}, "notice-bad"),
        ({"body": "elsewhere"}, "notice-bad"),
    )
    for changed, named in cases:
        page = person.post("/council/propose", 400, **fields(**changed)).text
        assert "notice-bad" in page, changed
        assert named in page, changed
        assert "Title en" in page
    for file in ("", "titles =", 'does = "declare"'):
        page = person.post("/council/propose", 400, how="file", file=file).text
        assert "notice-bad" in page
        assert file in page.replace("&#34;", '"')
    assert len(motions(council["Alfa"])) == before


def test_a_motion_comes_from_a_file_and_a_faulty_one_stands_where_it_is_mended(
    council: Community, delegate: Client
) -> None:
    person = delegate()
    mark = person.get("/council/propose?how=file").split('name="_csrf_token" value="')[1]
    words = "".join(
        f'[{name}]\nzh = "一"\nru = "Раз"\nen = "One"\n' for name in ("titles", "texts")
    )
    good = f'{words}[effect]\ndoes = "declare"\n'
    for body, status in ((b"\xff\xfe", 400), (good.replace("declare", "x").encode(), 400),
                         (good.encode(), 303)):  # fmt: skip
        answer = person.client.post(
            "/council/propose",
            data={"_csrf_token": mark.split('"')[0], "how": "file"},
            files={"upload": ("motion.toml", body)},
            follow_redirects=False,
        )
        assert answer.status_code == status, answer.text
        assert ("Раз" in answer.text) == (b"does = &#34;x" in answer.content)
    assert [view.titles["ru"] for view in motions(council["Alfa"])] == ["Раз"]


def test_a_no_breaks_the_silence_the_words_stay_and_what_is_settled_is_listed_in_parts(
    council: Community, delegate: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    alfa = council["Alfa"]
    name, sooner = move(alfa), move(alfa, hours=47)
    run(council, 1)
    bravo, person = council["Bravo"], delegate("Bravo")
    view, where = motion(bravo, name), f"/council/motions/{name}"
    person.get(where)
    ballot = {"sha256": view.sha256, "reason": "Kept reason"}
    assert "Kept reason" in person.post(f"{where}/vote", 400, **ballot, choice="maybe").text
    person.post(f"{where}/vote", 400, **ballot | {"sha256": "0" * 64}, choice="no")
    long = person.post(f"{where}/vote", 400, **ballot | {"reason": "w" * 2001}, choice="no").text
    assert "w" * 2001 in long
    assert [v.said for v in motion(bravo, name).voices if v.member == bravo.member] != ["no"]
    assert "Kept reason" in person.follow(person.post(f"{where}/vote", **ballot, choice="no"))
    person.post(f"{where}/vote", 409, **ballot, choice="yes")
    run(council, 48, step=24)
    run(council, 12, step=4)
    assert set(states(council, name)) == {"rejected"}
    assert motions(alfa, undecided=True) == []
    still = [motion(alfa, move(alfa)).id for _ in range(2)]
    late, early = motion(alfa, name), motion(alfa, sooner)
    monkeypatch.setattr(known, "_SETTLED", 1)
    person = delegate()
    page = person.get("/council")
    assert all(each in page for each in (*still, late.id, "/live/council-motions"))
    assert early.id not in page
    page = person.get(f"/council?after={late.sha256}")
    assert early.id in page
    assert not any(each in page for each in (*still, late.id, "/live/council-motions"))
    assert late.id in person.get("/council?after=gone"), "the list begins anew"
    person.get("/council/motions/nothing", 404)


def test_an_extension_is_said_at_once_and_counts_when_witnesses_have_signed_it(
    council: Community, delegate: Client
) -> None:
    alfa, person, name = council["Alfa"], delegate(), move(council["Alfa"])
    run(council, 1)
    where, was = f"/council/motions/{name}", motion(alfa, name).closes
    for wrong in ("", "never", "2020-01-01T00:00"):
        assert "notice-bad" in person.post(f"{where}/extend", 400, closes=wrong).text
    assert "/extend" in person.get(where)
    later = (was + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    page = person.follow(person.post(f"{where}/extend", closes=later))
    assert "That counts once the witnesses have signed it." in page
    assert "/extend" not in page, "one change is all there is"
    assert motion(alfa, name).closes == was
    person.post(f"{where}/withdraw", 409)
    run(council, 2, step=1)
    assert motion(alfa, name).closes > was
    assert "let it close later" in delegate("Bravo").get(where)


def test_a_motion_that_was_taken_back_is_voted_on_no_more(
    council: Community, delegate: Client
) -> None:
    name = move(council["Alfa"])
    run(council, 1)
    where = f"/council/motions/{name}"
    bravo = delegate("Bravo")
    bravo.post(f"{where}/withdraw", 403)
    assert "/vote" in bravo.get(where)
    person = delegate()
    page = person.follow(person.post(f"{where}/withdraw"))
    assert "That counts once the witnesses have signed it." in page
    run(council, 2, step=1)
    page = bravo.get(where)
    assert "Nobody can vote any more" in page
    assert "/vote" not in page
    bravo.post(f"{where}/vote", 409, sha256=motion(council["Bravo"], name).sha256, choice="no")


def test_an_account_for_other_agreements_sees_no_motion_of_the_council(
    council: Community, delegate: Client, charter: str, rivers: str
) -> None:
    name = motion(council["Alfa"], move(council["Alfa"])).id
    limited = delegate(name="limited", agreements=(rivers,))
    assert name not in limited.get("/council")
    limited.get(f"/council/motions/{name}", 404)
    limited.post(f"/council/motions/{name}/withdraw", 404)
    limited.post(f"/council/motions/{name}/extend", 404, closes="2027-01-01T00:00")
    limited.post("/council/propose", 400, **fields())
    assert name not in limited.get("/")
    assert name in delegate(name="within", agreements=(charter,)).get("/council")
    for known_to in (None, (charter,)):
        assert "Alfa" in live_part(council["Alfa"], "council-voices", name, known_to)
    with pytest.raises(NotFoundError):
        live_part(council["Alfa"], "council-voices", name, (rivers,))
