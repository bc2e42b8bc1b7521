"""Publishing on the page: nothing leaves before its author has seen who gets it, and why."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from accord.node.drafts import list_drafts
from accord.node.node import Node
from tests.community import Community, indicator
from tests.node.support import holds
from tests.web.conftest import OpenFor, Person

Client = Callable[..., Person]
TLP_RED = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"


def fields(community: Community, *raws: bytes, **more: object) -> dict[str, object]:
    objects = f"[{','.join(raw.decode() for raw in raws)}]" if raws else ""
    plain = {"agreement": community.agreement, "objects": objects, "whom": "all", "tlp": "amber"}
    return {**plain, **more}


def entries(node: Node) -> int:
    row = node.read(lambda tx: tx.ledgers.of_member(node.member))
    return 0 if row is None else row.size


def test_the_only_agreement_is_chosen_and_its_choices_are_offered(
    community: Community, client: Client
) -> None:
    page = client().get("/publish")
    assert f'name="agreement" value="{community.agreement}"' in page
    assert "TLP:AMBER" in page
    assert "Preview: who would see it" in page


def test_the_preview_says_of_each_member_yes_or_no_and_writes_nothing(
    community: Community, client: Client
) -> None:
    alfa, bravo = community["Alfa"], community["Bravo"]
    before, person = entries(alfa), client()
    wanted = fields(community, indicator(), whom="some", to=[bravo.member])
    page = person.post("/publish/preview", 200, **wanted).text
    assert "The object can go." in page
    assert page.count('class="verdict yes"') == 1
    assert page.count('class="verdict no"') == 1
    assert "Publish one object" in page
    assert entries(alfa) == before


def test_what_was_previewed_is_sent_and_reaches_whom_the_preview_named(
    community: Community, client: Client
) -> None:
    raw, person = indicator(), client()
    answer = person.post("/publish/send", **fields(community, raw))
    assert "Published: 1" in person.follow(answer)
    community.sync()
    assert holds(community["Bravo"], raw)
    assert holds(community["Charlie"], raw)


def test_an_empty_audience_is_nobody(community: Community, client: Client) -> None:
    before, person = entries(community["Alfa"]), client()
    page = person.post("/publish/send", 400, **fields(community, indicator(), whom="some")).text
    assert "an empty audience is nobody" in page
    assert entries(community["Alfa"]) == before


def test_without_any_marking_nothing_leaves(community: Community, client: Client) -> None:
    before, person = entries(community["Alfa"]), client()
    person.post("/publish/send", 400, **fields(community, indicator(), tlp=""))
    assert entries(community["Alfa"]) == before


@pytest.mark.parametrize("objects", ["{", "[1]", '{"type": "indicator"}', "\x00", "   "])
def test_what_is_no_stix_is_refused_with_what_was_typed(
    community: Community, client: Client, objects: str
) -> None:
    person = client()
    for path in ("/publish/preview", "/publish/send", "/publish/draft"):
        page = person.post(path, 400, **fields(community, objects=objects)).text
        assert 'class="notice notice-bad"' in page
        assert 'name="objects"' in page


def test_every_fault_is_named_with_its_path_while_one_types(
    community: Community, client: Client
) -> None:
    bad = indicator().replace(b'"pattern_type"', b'"pattern_tipe"')
    page = client().post("/publish/check", 200, **fields(community, bad)).text
    assert "pattern_type" in page
    fine = client().post("/publish/check", 200, **fields(community, indicator())).text
    assert "One valid object." in fine


def test_what_stands_here_already_is_said(community: Community, client: Client) -> None:
    raw, person = indicator(), client()
    person.post("/publish/send", **fields(community, raw))
    assert "is here already" in person.post("/publish/check", 200, **fields(community, raw)).text
    again = person.post("/publish/send", **fields(community, raw))
    assert "It had been published before." in person.follow(again)


def test_a_chosen_file_counts_like_typed_text(community: Community, client: Client) -> None:
    raw, person = indicator(), client()
    person.get("/publish")
    token = person.text.split('name="_csrf_token" value="')[1].split('"')[0]
    data = {"_csrf_token": token, **fields(community)}
    answer = person.client.post(
        "/publish/preview", data=data, files={"file": ("objects.json", raw)}
    )
    assert answer.status_code == 200
    assert "The object can go." in answer.text
    assert json.loads(raw)["id"] in answer.text  # so that it is there when it is sent


@pytest.mark.parametrize(
    ("kind", "given", "pattern"),
    [
        ("domain", "Bad.Example[.]com", "[domain-name:value = 'bad.example.com']"),
        ("ipv4", "192.0.2[.]7", "[ipv4-addr:value = '192.0.2.7']"),
        ("ipv6", "2001:db8::7", "[ipv6-addr:value = '2001:db8::7']"),
        ("url", "hxxp://bad[.]example/a'b", "[url:value = 'http://bad.example/a\\\\'b']"),
        ("email", "a[@]b.example", "[email-addr:value = 'a@b.example']"),
        ("sha256", "A" * 64, f"[file:hashes.'SHA-256' = '{'a' * 64}']"),
        ("sha1", "B" * 40, f"[file:hashes.'SHA-1' = '{'b' * 40}']"),
        ("md5", "C" * 32, f"[file:hashes.MD5 = '{'c' * 32}']"),
    ],
)
def test_a_list_becomes_objects_that_can_be_published(
    community: Community, client: Client, kind: str, given: str, pattern: str
) -> None:
    person = client()
    page = person.post(
        "/publish/compose", 200, agreement=community.agreement, kind=kind, values=given
    ).text
    escaped = pattern.replace("'", "&#39;")
    assert escaped in page
    text = page.split("<textarea", 1)[1].split(">", 1)[1].split("</textarea>", 1)[0]
    objects = text.replace("&#34;", '"').replace("&#39;", "'").replace("&amp;", "&")
    answer = person.post("/publish/send", **fields(community, objects=objects))
    assert "Published: 1" in person.follow(answer)


@pytest.mark.parametrize(
    ("kind", "given"),
    [("domain", "not a domain"), ("ipv4", "fe80::1"), ("md5", "abc"), ("vulnerability", "CVE-1")],
)
def test_what_is_not_of_the_chosen_kind_makes_nothing(
    community: Community, client: Client, kind: str, given: str
) -> None:
    person = client()
    page = person.post(
        "/publish/compose", 400, agreement=community.agreement, kind=kind, values=given
    ).text
    assert "is not what was chosen" in page
    assert given in page


def test_red_waits_for_another_person(
    community: Community, client: Client, person: OpenFor
) -> None:
    alfa = community["Alfa"]
    red = indicator(object_marking_refs=[TLP_RED])
    author = client("analyst releaser", tlp="red")
    wanted = fields(community, red, tlp="")
    author.post("/publish/send", 400, **wanted)
    assert list_drafts(alfa) == []
    draft = author.post("/publish/draft", 400, **wanted)  # amber is the most this agreement allows
    assert "notice-bad" in draft.text


def test_a_draft_is_released_by_another_and_never_by_its_author(
    community: Community, client: Client
) -> None:
    alfa, raw = community["Alfa"], indicator()
    author = client("analyst releaser", name="author")
    assert "waits for a releaser" in author.follow(
        author.post("/publish/draft", **fields(community, raw))
    )
    (draft,) = list_drafts(alfa)
    page = author.get(f"/drafts/{draft.id}")
    assert "You are its author" in page
    author.post(f"/drafts/{draft.id}/release", 403)
    assert len(list_drafts(alfa)) == 1
    other = client("releaser", name="other")
    assert "The object can go." in other.get(f"/drafts/{draft.id}")
    assert "Published: 1" in other.follow(other.post(f"/drafts/{draft.id}/release"))
    assert list_drafts(alfa) == []
    other.post(f"/drafts/{draft.id}/release", 404)
    community.sync()
    assert holds(community["Bravo"], raw)


def test_a_draft_is_dropped_by_its_author(community: Community, client: Client) -> None:
    author = client()
    author.post("/publish/draft", **fields(community, indicator()))
    (draft,) = list_drafts(community["Alfa"])
    assert "Nothing left this node" in author.follow(author.post(f"/drafts/{draft.id}/discard"))
    assert list_drafts(community["Alfa"]) == []


def test_somebody_elses_draft_is_not_shown_to_who_cannot_decide(
    community: Community, client: Client
) -> None:
    client(name="author").post("/publish/draft", **fields(community, indicator()))
    (draft,) = list_drafts(community["Alfa"])
    other = client(name="colleague")
    assert draft.id not in other.get("/drafts")
    other.get(f"/drafts/{draft.id}", 404)


def test_an_account_for_other_agreements_publishes_under_none(
    community: Community, client: Client
) -> None:
    stranger = client(name="stranger", agreements=())
    assert "No agreement is in force" in stranger.get("/publish")
    stranger.post("/publish/send", 404, **fields(community, indicator()))
    assert community.agreement not in stranger.get("/agreements")


def test_hostile_words_stay_words(community: Community, client: Client) -> None:
    raw = indicator(name="<script>alert(1)</script>\u202egnp.exe")
    page = client().post("/publish/preview", 200, **fields(community, raw)).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
