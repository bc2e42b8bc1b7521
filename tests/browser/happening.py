"""The second week of the seeded community: answers, recalls, requests, drafts, and what is open."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from accord.base.clock import format_time, utc_now
from accord.demo.authoring import TLP
from accord.node import agreements, deciding, recalling
from accord.node.answering import answer_recalls
from accord.node.applying import apply, sponsor
from accord.node.drafts import make_draft
from accord.node.legal_holds import place_hold
from accord.node.node import Node
from accord.node.notices import send_notices
from accord.node.permissions import answer_request, ask_permission
from accord.node.prepare import Order, check_all
from accord.node.private import keep_private
from accord.node.publish import publish
from accord.node.replying import Note, Opinion, Sighting, answer_object
from accord.node.sessions import convene
from accord.node.tokens import Reader, add_token, reader_of
from accord.rules.access import Role
from tests.browser import texts
from tests.node.support import indicator, object_id

if TYPE_CHECKING:
    from tests.browser.seeding import Story

_LAST_HOURS = timedelta(hours=10)  # what has happened since is what a reader finds open


def live_on(story: Story) -> None:
    _reply(story)
    _recall(story)
    _ask(story)
    story.clock.moment = max(story.clock.moment, utc_now() - _LAST_HOURS)
    story.pass_days(0)
    _propose_more(story)
    _hold_back(story)
    _draft(story)
    _move_more(story)


def _reply(story: Story) -> None:
    """Two members answer what Meridia and the others gave them."""
    ours, received = story.made.objects["indicator"], story.made.objects["received"]
    now = story.clock.moment
    order = Order(agreement="")
    seen = Sighting(count=12, first_seen=now - timedelta(hours=9), last_seen=now)
    answer_object(story["haichuan"], ours, seen, order)
    answer_object(story["haichuan"], ours, Note(texts.NOTES["haichuan"]), order)
    answer_object(story["severia"], ours, Sighting(count=3, last_seen=now), order)
    answer_object(story["severia"], ours, Opinion("agree", texts.NOTES["severia"]), order)
    answer_object(story["meridia"], received, Opinion("strongly-agree"), order)
    _settle(story)


def _recall(story: Story) -> None:
    """Meridia calls two objects back, of which Haichuan holds one; Severia calls back one."""
    from tests.browser.seeding import order_under

    given = [_fresh(story, number, "amber") for number in (801, 802)]
    theirs = _fresh(story, 803, "green")
    publish(story["meridia"], given, order_under(story))
    publish(story["severia"], [theirs], order_under(story))
    _settle(story)
    place_hold(story["haichuan"], object_id(given[0]), texts.HOLD)
    _order_back(story, "meridia", [object_id(raw) for raw in given])
    _order_back(story, "severia", [object_id(theirs)])
    story.made.objects["recalled"] = object_id(given[0])
    for _ in range(2):
        _settle(story)
        for slug in ("haichuan", "severia", "meridia"):
            answer_recalls(story[slug])
    _settle(story)


def _order_back(story: Story, slug: str, ids: list[str]) -> None:
    node = story[slug]
    order = recalling.Order(
        mode="erase",
        reason=texts.RECALL_REASON[slug],
        due=story.clock.moment + timedelta(days=7),
    )
    done = recalling.recall_entries(node, recalling.find_entries(node, ids), order)
    if slug == "meridia":
        story.made.others["recall"] = str(done.numbers[0])


def _ask(story: Story) -> None:
    """One request was granted, another waits for Meridia's word."""
    meridia, harbour = story["meridia"], story["harbour"].member
    objects = story.made.objects
    for slug, name in (("haichuan", "indicator"), ("severia", "report")):
        asked = ask_permission(
            story[slug], objects[name], [harbour], "investigation", texts.ASKED[slug]
        )
        story.made.others[f"asked-by-{slug}"] = asked.id
    _settle(story)
    until = story.clock.moment + timedelta(days=30)
    granted = story.made.others["asked-by-haichuan"]
    answer_request(meridia, granted, granted=True, text=texts.GRANTED, until=until)
    story.made.others["permission"] = story.made.others["asked-by-severia"]
    _settle(story)


def _propose_more(story: Story) -> None:
    """An amendment, and a new agreement, that wait for Meridia's signature; one that was left."""
    from tests.browser.seeding import TRIO, sign_as, terms_from

    known = story.made.agreements
    view = agreements.show(story["haichuan"], known["in-force"])[0]
    words = {name: text + texts.AMENDED[name] for name, text in view.terms.texts.items()}
    changed = terms_from(
        story, "agreement", TRIO, amends=view.sha256, texts=words, object_types=None
    )
    agreements.amend(story["haichuan"], known["in-force"], changed)
    event = terms_from(story, "event-security", TRIO, reservations=None, **_coming(story))
    proposed = agreements.propose(story["severia"], event)
    known["proposed"] = proposed.id
    left = agreements.propose(
        story["severia"], terms_from(story, "multilateral", TRIO, annexes=None)
    )
    known["left"] = left.id
    _settle(story)
    sign_as(story["severia"], "severia", proposed.id)
    for slug in TRIO:
        sign_as(story[slug], slug, left.id)
    _settle(story)
    story.pass_days(0.3)
    agreements.withdraw(story["severia"], left.id, reason="Новый закон о трансграничной передаче.")
    _settle(story)


def _coming(story: Story) -> dict[str, str]:
    begins = story.clock.moment + timedelta(days=20)
    return {
        "valid_from": format_time(begins),
        "valid_until": format_time(begins + timedelta(days=35)),
    }


def _hold_back(story: Story) -> None:
    """What Severia gives under a text whose fourth signature Meridia cannot know waits."""
    from tests.browser.seeding import TRIO, settle, sign_as, terms_from

    four = (*TRIO, "harbour")
    text = terms_from(
        story, "agreement", four, name="Four harbours", object_types=None, personal_data=None
    )
    view = agreements.propose(story["severia"], text)
    story.made.agreements["four"] = view.id
    settle(story, four)
    for slug in four:
        sign_as(story[slug], slug, view.id)
    settle(story, four)
    order = Order(
        agreement=view.id,
        area="information-security",
        purpose="defence",
        unmarked_pap="amber",
        audience=(story["meridia"].member,),
    )
    for number in (811, 812, 813):
        publish(story["severia"], [_fresh(story, number, "green")], order)
    _settle(story)
    for slug in TRIO:
        send_notices(story[slug])


def _draft(story: Story) -> None:
    """Three drafts wait for a releaser; something is kept private."""
    from tests.browser.seeding import order_under

    meridia = story["meridia"]
    analyst = _reader(meridia, "import-tool", "analyst")
    for number in (821, 822, 823):
        found = [_fresh(story, number + 10 * each, "amber") for each in range(number - 820)]
        draft = make_draft(meridia, analyst, found, order_under(story))
        story.made.others["draft"] = draft.id
    items, _ = check_all(meridia, [_fresh(story, 841, "red")])
    keep_private(meridia, items, "desk")
    story.made.objects["private"] = items[0].id


def _move_more(story: Story) -> None:
    """A motion of Haichuan that waits for a ballot, one of ours, and the next session."""
    from tests.browser.seeding import move_words, session_text

    begins = story.clock.moment + timedelta(days=3)
    convene(
        story["haichuan"],
        session_text(texts.NEXT_SESSION, "海川会议中心三层", begins, begins + timedelta(hours=4)),
    )
    motions = story.made.motions
    motions["open"] = move_words(story, "haichuan", texts.DEMARCHE, texts.DEMARCHE_TEXT, days=3)
    motions["ours"] = move_words(story, "meridia", texts.STATEMENT, texts.STATEMENT_TEXT, days=4)
    _settle(story)
    deciding.vote(story["severia"], motions["ours"], "yes")
    _settle(story)
    _apply(story)


def _apply(story: Story) -> None:
    """Harbour asks Severia to move its admission, and Severia does."""
    from tests.browser.seeding import settle

    charter, harbour = story.made.agreements["charter"], story["harbour"]
    apply(harbour, charter, story["severia"].member, "observer", texts.APPLICATION)
    settle(story, ("severia", "harbour"))
    story.made.motions["admission"] = sponsor(story["severia"], harbour.member, body=charter)
    _settle(story)


def _reader(node: Node, name: str, role: Role) -> Reader:
    made = add_token(node, name, role=role)
    found = reader_of(node, made.token)
    assert found is not None
    return found


def _fresh(story: Story, number: int, tlp: str) -> bytes:
    """An indicator of today, marked."""
    moment = format_time(story.clock.moment)
    plain = json.loads(indicator(number, name=f"Relay 192.0.2.{number % 256}"))
    times = {"created": moment, "modified": moment, "valid_from": moment}
    marks = {"object_marking_refs": [TLP[tlp]], "indicator_types": ["malicious-activity"]}
    return json.dumps(plain | times | marks).encode()


def fresh(moment: datetime, name: str) -> bytes:
    """An indicator of this moment, TLP:GREEN."""
    now = format_time(moment)
    fields = {"id": f"indicator--{uuid.uuid4()}", "name": name, "valid_from": now}
    plain = json.loads(indicator(7, created=now, modified=now))
    return json.dumps(plain | fields | {"object_marking_refs": [TLP["green"]]}).encode()


def _settle(story: Story) -> None:
    from tests.browser.seeding import settle

    settle(story)
