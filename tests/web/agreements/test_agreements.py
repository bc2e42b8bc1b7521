"""Agreements on the page: read, sign, reserve, object, leave, propose and amend."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest

from accord.node import agreements
from accord.node.agreements import AgreementView
from accord.node.members import suspend_peer
from accord.node.node import Node
from accord.rules.reserving import reservation_of
from tests.community import Community, agreement_toml, indicator
from tests.node.support import terms_text
from tests.web.conftest import Person

Client = Callable[..., Person]
AS = {"person": "Ada Person", "office": "Head of desk"}


@pytest.fixture
def proposed(community: Community) -> AgreementView:
    """A text that Bravo proposed to all, and nobody signed yet."""

    def propose() -> AgreementView:
        parties = [node.member for node in community]
        text = terms_text(parties, purposes=["defence", "prevention"])
        view = agreements.propose(community["Bravo"], text)
        community.sync()
        return view

    return community.staged("proposed", propose)


def standing(node: Node, agreement: str) -> AgreementView:
    return agreements.show(node, agreement)[-1]


def events_on(page: str) -> int:
    """How many notices a page has."""
    return page.partition('class="events"')[2].count("<li>")


def in_area(page: str, name: str) -> str:
    """What stands in a field of several lines."""
    found = re.search(rf'<textarea[^>]*name="{name}"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert found is not None
    return html.unescape(found[1])


def test_what_waits_for_our_signature_is_first(
    community: Community, client: Client, proposed: AgreementView
) -> None:
    page = client("delegate").get("/agreements")
    assert page.index(f"/agreements/{proposed.id}") < page.index(
        f"/agreements/{community.agreement}"
    )
    page = client("delegate").get(f"/agreements?after={proposed.id}").partition("<table")[2]
    assert f"/agreements/{proposed.id}" not in page
    assert f"/agreements/{community.agreement}" in page
    waiting = client("delegate").get("/agreements?ours=to-sign")
    assert proposed.id in waiting
    assert community.agreement not in waiting
    for query in ("?ours=nonsense", "?after=-5", "?after=99999999999999999999", "?q=%00"):
        client("delegate").get(f"/agreements{query}")


@pytest.mark.parametrize("language", ["en", "ru", "zh"])
def test_an_agreement_is_shown_with_its_terms_and_its_words(
    community: Community, client: Client, language: str
) -> None:
    person, where = client("delegate", language), f"/agreements/{community.agreement}"
    page = person.get(where)
    assert "Charlie" in page
    assert "A. Person" in page
    text = person.get(f"{where}/text")
    assert all(word in text for word in ("文本", "Текст", "Text"))
    assert "agreements." not in re.sub(r"<[^>]*>", "", page + text)
    person.get(f"{where}/changes")
    assert events_on(person.get("/agreements/notices")) > 0
    assert events_on(person.get("/agreements/notices?after=1")) == 0
    assert 'name = "Test agreement"' in person.get(f"{where}/file")


def test_no_page_of_an_agreement_that_is_not_known(client: Client) -> None:
    person = client("delegate")
    for page in ("", "/text", "/changes", "/file", "/sign", "/object", "/withdraw", "/amend"):
        person.get(f"/agreements/nobody{page}", 404)


def test_no_page_of_a_text_that_is_not_known(community: Community, client: Client) -> None:
    for page in ("", "/text", "/changes", "/file", "/sign"):
        client("delegate").get(f"/agreements/{community.agreement}{page}?sha256=ff", 404)


def test_an_account_for_other_agreements_knows_nothing_of_it(
    community: Community, client: Client, proposed: AgreementView
) -> None:
    person = client("delegate", name="limited", agreements=(proposed.id,))
    assert community.agreement not in person.get("/agreements")
    assert community.agreement not in person.get("/agreements/notices")
    for page in ("", "/text", "/changes", "/file", "/sign", "/object", "/withdraw", "/amend"):
        person.get(f"/agreements/{community.agreement}{page}", 404)
    person.post(f"/agreements/{community.agreement}/withdraw", 404, reason="no")
    person.post(f"/agreements/{community.agreement}/object", 404, about="renewal", reason="no")
    person.post(f"/agreements/{community.agreement}/amend", 404, file="x")
    assert standing(community["Alfa"], community.agreement).standing.state == "in-force"


def test_a_text_is_signed_by_its_hash(
    community: Community, client: Client, proposed: AgreementView
) -> None:
    alfa, person = community["Alfa"], client("delegate")
    assert proposed.sha256 in person.get(f"/agreements/{proposed.id}/sign")
    answer = person.post(f"/agreements/{proposed.id}/sign", sha256=proposed.sha256, **AS)
    page = person.follow(answer)
    assert "Ada Person" in page
    assert alfa.member in standing(alfa, proposed.id).standing.signed


def test_a_signature_without_a_name_or_an_office_is_none(
    community: Community, client: Client, proposed: AgreementView
) -> None:
    person = client("delegate")
    for lacking in ("person", "office"):
        typed = {"sha256": proposed.sha256, **AS, lacking: " "}
        page = person.post(f"/agreements/{proposed.id}/sign", 400, **typed).text
        assert 'class="notice notice-bad"' in page
        assert all(value in page for value in typed.values() if value.strip())
    assert standing(community["Alfa"], proposed.id).standing.signed == ()


def test_what_is_signed_is_what_was_read(client: Client, proposed: AgreementView) -> None:
    person = client("delegate")
    person.post(f"/agreements/{proposed.id}/sign", 404, sha256="0" * 64, **AS)
    person.post(f"/agreements/{proposed.id}/sign", 400, **AS)


def test_a_reservation_narrows_what_the_others_may_give(
    community: Community, client: Client, person: Callable[..., Person], proposed: AgreementView
) -> None:
    alfa, bravo = community["Alfa"], community["Bravo"]
    reserved = {"reserve": "1", "reservation": "No purpose but defence.", "direction": "both"}
    where = f"/agreements/{proposed.id}"
    answer = client("delegate").post(
        f"{where}/sign", sha256=proposed.sha256, **AS, **reserved, purposes="defence"
    )
    assert "No purpose but defence." in client("delegate").get(answer.headers["location"])
    for name in ("Bravo", "Charlie"):
        agreements.sign(community[name], proposed.id, sha256=None, person="P", office="O")
    community.sync()
    assert "No purpose but defence." in person(bravo, "delegate").get(where)
    order = {"agreement": proposed.id, "whom": "all", "tlp": "amber"}
    given = {"objects": f"[{indicator().decode()}]", **order}
    desk = person(bravo, "analyst")
    fine = desk.post("/publish/preview", 200, **given, purpose="defence").text
    narrow = desk.post("/publish/preview", 200, **given, purpose="prevention").text
    assert fine.count('class="verdict yes"') == narrow.count('class="verdict yes"') + 1
    assert standing(alfa, proposed.id).standing.state == "in-force"


def test_a_reservation_that_narrows_nothing_or_says_nothing_is_refused(
    community: Community, client: Client, proposed: AgreementView
) -> None:
    person = client("delegate")
    plain = {"reserve": "1", "reservation": "Kept words", "direction": "both"}
    plain |= {"tlp_ceiling": "green", "sha256": proposed.sha256}
    wrong = {"reservation": ""}, {"direction": "sideways"}, {"tlp_ceiling": "red"}
    for changed in (*wrong, {"purposes": "espionage"}, {"tlp_ceiling": "pink"}):
        typed = plain | changed
        page = person.post(f"/agreements/{proposed.id}/sign", 400, **AS, **typed).text
        assert 'class="notice notice-bad"' in page, changed
        assert typed["reservation"] in page
    assert standing(community["Alfa"], proposed.id).standing.signed == ()


def test_a_reservation_is_objected_to(
    community: Community, client: Client, proposed: AgreementView
) -> None:
    bravo = community["Bravo"]
    said = {"text": "Defence only", "narrows": {"purposes": ["defence"]}}
    agreements.sign(
        bravo, proposed.id, sha256=None, person="P", office="O", reservation=reservation_of(said)
    )
    community.sync()
    person, where = client("delegate"), f"/agreements/{proposed.id}"
    about = {"about": "reservation", "member": bravo.member, "sha256": proposed.sha256}
    page = person.post(f"{where}/object", 400, **about, reason=" ").text
    assert "notice-bad" in page
    person.post(f"{where}/object", 400, **about | {"about": "weather"}, reason="Why not")
    refused = person.post(f"{where}/object", 400, **about | {"member": ""}, reason="Kept why")
    assert "Kept why" in refused.text
    answer = person.post(f"{where}/object", **about, reason="It defeats the purpose")
    assert "It defeats the purpose" in person.follow(answer)


def test_leaving_needs_a_reason_and_is_told(community: Community, client: Client) -> None:
    alfa, where = community["Alfa"], f"/agreements/{community.agreement}"
    person = client("delegate")
    person.get(f"{where}/withdraw")
    person.post(f"{where}/withdraw", 400, reason="")
    long = person.post(f"{where}/withdraw", 400, reason="w" * 2001)
    assert "w" * 2001 in long.text
    assert standing(alfa, community.agreement).standing.state == "in-force"
    assert "Another path" in person.follow(person.post(f"{where}/withdraw", reason="Another path"))
    assert alfa.member not in standing(alfa, community.agreement).standing.parties


def fields(community: Community, **changed: object) -> dict[str, object]:
    plain: dict[str, object] = {
        "how": "form",
        "name": "Water",
        "kind": "cyber",
        "parties": [community["Bravo"].member],
        "areas": ["cyber"],
        "purposes": "defence, prevention",
        "tlp_ceiling": "amber",
        "onward": "none",
        "valid_from": "2026-02-01",
        "valid_until": "2099-01-01",
        "retention_days": "90",
    }
    for language in ("zh", "ru", "en"):
        plain[f"title_{language}"] = f"Title {language}"
        plain[f"text_{language}"] = f"Text {language}\nof several lines"
    return plain | changed


def test_an_agreement_is_proposed_by_a_form(community: Community, client: Client) -> None:
    person = client("delegate")
    person.get("/agreements/propose")
    page = person.follow(person.post("/agreements/propose", **fields(community)))
    assert "Title en" in page
    made = next(
        view for view in agreements.list_agreements(community["Alfa"]) if view.terms.name == "Water"
    )
    assert set(made.terms.parties) == {community["Alfa"].member, community["Bravo"].member}
    assert made.terms.purposes == ("defence", "prevention")
    assert made.terms.retention_days == 90


def test_purposes_are_ticked_by_name_and_others_written(
    community: Community, client: Client
) -> None:
    person = client("delegate", "ru")
    assert "предупреждение" in person.get("/agreements/propose")
    given = fields(community, purpose=["prevention"], purposes="prevention, river-watch")
    page = person.follow(person.post("/agreements/propose", **given))
    assert "предупреждение, river-watch" in page


FAULTS: tuple[tuple[dict[str, object], str], ...] = (
    ({"name": ""}, "Short name"),
    ({"title_ru": ""}, "(ru)"),
    ({"text_zh": ""}, "(zh)"),
    ({"kind": "treaty"}, "treaty"),
    ({"tlp_ceiling": "pink"}, "pink"),
    ({"areas": []}, "areas"),
    ({"valid_from": "yesterday"}, "yesterday"),
    ({"valid_from": "0001-01-01"}, "notice-bad"),
    ({"valid_until": "2025-01-01"}, "valid_until"),
    ({"retention_days": "-1"}, "retention_days"),
    ({"retention_days": "soon"}, "retention_days"),
    ({"retention_days": "9" * 400}, "retention_days"),
    ({"parties": ["nobody"]}, "nobody"),
    ({"text_en": "\x00"}, "notice-bad"),
)


def test_what_is_wrong_in_the_form_is_named_and_nothing_is_lost(
    community: Community, client: Client
) -> None:
    person = client("delegate", zone="Asia/Shanghai")
    before = len(agreements.list_agreements(community["Alfa"]))
    for changed, named in FAULTS:
        page = person.post("/agreements/propose", 400, **fields(community, **changed)).text
        assert named in page, changed
        assert "notice-bad" in page
        assert "Title en" in page
    assert len(agreements.list_agreements(community["Alfa"])) == before


def test_only_confirmed_members_can_be_chosen_and_it_is_said_why(
    community: Community, client: Client
) -> None:
    bravo, charlie = community["Bravo"].member, community["Charlie"].member
    suspend_peer(community["Alfa"], bravo)
    page = client("delegate").get("/agreements/propose")
    assert f'value="{charlie}"' in page
    assert f'value="{bravo}"' not in page
    assert re.search(rf"{bravo}.*?</a> \(suspended\)", page)


def test_what_has_ended_is_not_proposed_again(
    community: Community, client: Client, proposed: AgreementView
) -> None:
    person, alfa = client("delegate"), community["Alfa"]
    before = len(agreements.list_agreements(alfa))
    file = terms_text(
        [node.member for node in community],
        valid_from="2025-01-01T00:00:00Z",
        valid_until="2025-06-01T00:00:00Z",
    )
    refused = person.post("/agreements/propose", 400, how="file", file=file).text
    assert "valid until" in refused
    assert in_area(refused, "file").strip() == file.strip()
    where = f"/agreements/{community.agreement}/amend"
    assert "valid until" in person.post(where, 400, file=file).text
    assert len(agreements.list_agreements(alfa)) == before
    person.get(f"/agreements/{proposed.id}/amend", 409)


def test_an_agreement_is_proposed_by_a_file(community: Community, client: Client) -> None:
    person, members = client("delegate"), [node.member for node in community]
    person.get("/agreements/propose?how=file")
    text = agreement_toml(members, name='"Filed"').replace('name = "Test agreement"\n', "")
    page = person.follow(person.post("/agreements/propose", how="file", file=text))
    assert "Agreement" in page
    for bad in ("", "name = ", 'name = "x"', text.replace('"amber"', '"pink"')):
        before = len(agreements.list_agreements(community["Alfa"]))
        refused = person.post("/agreements/propose", 400, how="file", file=bad).text
        assert "notice-bad" in refused
        assert in_area(refused, "file").strip() == bad.strip()
        assert len(agreements.list_agreements(community["Alfa"])) == before


def test_a_chosen_file_counts_and_must_be_text(community: Community, client: Client) -> None:
    person = client("delegate")
    token = person.get("/agreements/propose?how=file").split('name="_csrf_token" value="')[1]
    data = {"_csrf_token": token.split('"')[0], "how": "file"}
    text = agreement_toml([node.member for node in community])
    for body, status in ((b"\xff\xfe", 400), (text.encode(), 303)):
        answer = person.client.post(
            "/agreements/propose",
            data=data,
            files={"upload": ("a.toml", body)},
            follow_redirects=False,
        )
        assert answer.status_code == status, answer.text


def test_an_amendment_is_a_changed_file_and_its_changes_are_shown(
    community: Community, client: Client
) -> None:
    person, where = client("delegate"), f"/agreements/{community.agreement}"
    before = in_area(person.get(f"{where}/amend"), "file")
    refused = person.post(f"{where}/amend", 400, file=before.replace("amber", "pink")).text
    assert "pink" in in_area(refused, "file")
    assert "notice-bad" in refused
    answer = person.post(f"{where}/amend", file=before.replace("amber", "green"))
    page = person.follow(answer)
    assert "amber" in page
    assert "green" in page
    texts = agreements.show(community["Alfa"], community.agreement)
    assert [view.terms.tlp_ceiling for view in texts] == ["amber", "green"]
    for view in texts:
        person.get(f"{where}?sha256={view.sha256}")
        person.get(f"{where}/text?sha256={view.sha256}")


def test_hostile_words_stay_words(community: Community, client: Client) -> None:
    evil = "<script>alert(1)</script>"
    typed = fields(community, name=evil, title_en=evil, text_en=evil)
    person = client("delegate")
    page = person.follow(person.post("/agreements/propose", **typed))
    page += person.get("/agreements")
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
