"""A community with two weeks behind it, for the tests of pages and the screenshots.

Three members in three languages, and a fourth that Meridia has not confirmed. They have agreements
in several states, a council that decided and decides, a campaign's worth of intelligence from each,
answers, recalls, drafts, requests, and something that waits in quarantine. All of it went through
the use cases; the clock is turned by hand and ends a minute before now.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import msgspec

from accord.base.clock import format_time, utc_now
from accord.base.limits import Limits
from accord.demo.scenario import Scenario, write_scenario
from accord.node import agreements, deciding, members
from accord.node.agreements import AgreementView
from accord.node.founding import found_node
from accord.node.home import HomeSettings
from accord.node.node import Node, open_node
from accord.node.places import set_place
from accord.node.prepare import Order
from accord.node.publish import Judged, preview_release, publish
from accord.node.sessions import attend, convene
from accord.rules.agreement_file import agreement_to_toml
from accord.rules.decisions.bodies import group_id_of
from accord.rules.decisions.effects import Effect
from accord.rules.decisions.motion_file import Moving
from accord.rules.reserving import reservation_of
from tests.browser import texts
from tests.conftest import ROOT
from tests.node.council import round_of
from tests.node.support import Community, HandClock, meet, sync

DAYS = 11
TRIO = ("meridia", "haichuan", "severia")
EXAMPLES = ROOT / "docs" / "examples"


class Made(msgspec.Struct, kw_only=True):
    """What was made, by the names under which the pages' examples ask for it."""

    agreements: dict[str, str] = {}
    motions: dict[str, str] = {}
    objects: dict[str, str] = {}
    others: dict[str, str] = {}


class Story(Community):
    """The members by slug, their nodes open; `made` is what a page may be asked to show."""

    def __init__(self, folder: Path, urls: Mapping[str, str]) -> None:
        self.folder = folder
        self.clock = HandClock(utc_now() - timedelta(days=DAYS))
        self.nodes = {}
        self._rested = {}
        self.made = Made()
        for slug, (name, language, _) in texts.MEMBERS.items():
            settings = HomeSettings(name=name, language=language, url=urls[slug], limits=Limits())
            found_node(folder / slug, settings, self.clock)
            self.nodes[slug] = open_node(folder / slug, self.clock)

    def trio(self) -> list[Node]:
        return [self[slug] for slug in TRIO]

    def ids(self, *slugs: str) -> list[str]:
        return [self[slug].member for slug in slugs]

    def to_the_present(self) -> None:
        """Open the nodes anew with the clock of the machine."""
        for slug, node in self.nodes.items():
            node.close()
            self.nodes[slug] = open_node(self.folder / slug)

    def pass_days(self, days: float) -> None:
        """Time goes by, with a round of following, witnessing and duties at the end."""
        self.clock.advance(days=days)
        round_of(self, gone=("harbour",))


# Meridia and Harbour have not confirmed each other.
_CUT = {("meridia", "harbour"), ("harbour", "meridia")}


def seed(folder: Path, urls: Mapping[str, str]) -> Story:
    """Live through the two weeks. The nodes are left open; `Story.close` closes them."""
    story = Story(folder, urls)
    _meet(story)
    _agree(story)
    _charter(story)
    _publish_all(story)
    _decide(story)
    from tests.browser.happening import live_on

    live_on(story)
    story.clock.moment = max(story.clock.moment, utc_now() - timedelta(minutes=1))
    story.pass_days(0)
    return story


def _meet(story: Story) -> None:
    for one in TRIO:
        for other in (*TRIO, "harbour"):
            if one != other and (one, other) not in _CUT:
                meet(story[one], story[other])
                if other == "harbour":
                    meet(story["harbour"], story[one])
    harbour = story["harbour"]
    members.add_peer(story["meridia"], harbour.settings.url, harbour.card_bytes())
    for node in story.trio():
        for slug, (_, _, country) in texts.MEMBERS.items():
            set_place(node, story[slug].member, country)


def terms_from(story: Story, example: str, parties: Sequence[str], **changed: Any) -> str:
    """An agreement of the documentation, between these members."""
    fields = tomllib.loads((EXAMPLES / f"{example}.toml").read_text("utf-8"))
    fields = json.loads(json.dumps(fields, default=lambda moment: format_time(moment)))
    fields["parties"] = story.ids(*parties)
    if "accession" in fields:
        del fields["accession"]
    fields.update(changed)
    return agreement_to_toml({name: value for name, value in fields.items() if value is not None})


def sign_as(node: Node, slug: str, agreement: str, **more: Any) -> None:
    person, office = texts.PEOPLE[slug]
    agreements.sign(node, agreement, sha256=None, person=person, office=office, **more)


def _proposed(story: Story, slug: str, text: str, name: str) -> AgreementView:
    view = agreements.propose(story[slug], text)
    story.made.agreements[name] = view.id
    settle(story)
    return view


def settle(story: Story, slugs: Sequence[str] = TRIO) -> None:
    """Each of these takes what is there for it."""
    for one, other in permutations(slugs, 2):
        if (one, other) not in _CUT:
            sync(story[one], story[other])


def _agree(story: Story) -> None:
    """In force among all three; in force between two, with a reservation; one to be signed."""
    types = None  # every type of object
    main = terms_from(story, "agreement", TRIO, object_types=types)
    view = _proposed(story, "meridia", main, "in-force")
    for slug in TRIO:
        sign_as(story[slug], slug, view.id)
    pair = terms_from(story, "bilateral", ("meridia", "haichuan"), object_types=types)
    view = _proposed(story, "haichuan", pair, "reserved")
    sign_as(story["haichuan"], "haichuan", view.id)
    narrowed = {"text": texts.RESERVATION, "narrows": {"purposes": ["prevention"]}}
    sign_as(story["meridia"], "meridia", view.id, reservation=reservation_of(narrowed))
    settle(story)


def _charter(story: Story) -> None:
    charter = tomllib.loads((EXAMPLES / "charter.toml").read_text("utf-8"))
    council = charter["council"] | {
        "witnesses": story.ids(*TRIO),
        "witness_quorum": 2,
        "reading_hours": 24,
        "wait_hours": 12,
    }
    view = _proposed(
        story, "severia", terms_from(story, "charter", TRIO, council=council), "charter"
    )
    for slug in TRIO:
        sign_as(story[slug], slug, view.id)
    settle(story)
    story.pass_days(0.5)


def order_under(story: Story, name: str = "in-force", **fields: Any) -> Order:
    """How something goes out under one of the agreements."""
    plain = {"area": "information-security", "purpose": "defence", "unmarked_pap": "amber"}
    return Order(**{"agreement": story.made.agreements[name], **plain, **fields})


def releasable(node: Node, raws: Sequence[bytes], order: Order) -> list[bytes]:
    """What of a set would reach somebody."""
    judged: Judged = preview_release(node, raws, order)
    return [
        prepared.item.raw
        for place, prepared in enumerate(judged.prepared)
        if any(rows[place].released for rows in judged.rows.values())
    ]


def _publish_all(story: Story) -> None:
    """Each desk tells its part of the campaign over some days."""
    order = order_under(story)
    told = {slug: write_scenario(story[slug].settings.language) for slug in TRIO}
    for slug in TRIO:
        publish(story[slug], told[slug].first, order)
    story.pass_days(1)
    parts = 3
    for part in range(parts):
        for slug in TRIO:
            bulk = told[slug].bulk
            share = len(bulk) if slug == "meridia" else len(bulk) // 4
            _publish_part(story[slug], bulk[:share], part, parts, order)
        story.pass_days(1)
    _publish_rest(story, told)


def _publish_part(node: Node, raws: Sequence[bytes], part: int, parts: int, order: Order) -> None:
    size = len(raws) // parts + 1
    if ready := releasable(node, raws[part * size : (part + 1) * size], order):
        publish(node, ready, order)


def _publish_rest(story: Story, told: Mapping[str, Scenario]) -> None:
    order = order_under(story)
    urgent = msgspec.structs.replace(order, urgent=True)
    publish(story["severia"], told["severia"].alert, urgent)
    publish(story["haichuan"], told["haichuan"].update, order)
    settle(story)
    indicator = _id_of(told["meridia"].first, "indicator")
    objects = story.made.objects
    objects["indicator"] = indicator
    objects["report"] = _id_of(told["meridia"].first, "report")
    objects["campaign"] = _id_of(told["meridia"].first, "campaign")
    objects["received"] = _id_of(told["haichuan"].first, "indicator")
    objects["alert"] = _id_of(told["severia"].alert, "indicator")


def _id_of(raws: Sequence[bytes], kind: str) -> str:
    found = next(fields for raw in raws if (fields := json.loads(raw))["type"] == kind)
    return str(found["id"])


def _decide(story: Story) -> None:
    """One motion adopted by silence, one broken by a no, one that waits for our ballot."""
    moment = story.clock.moment
    times = (moment + timedelta(days=1), moment + timedelta(days=1, hours=3))
    session = convene(story["severia"], session_text(texts.SESSION, "Severia, Hall 2", *times)).id
    statement, refused = texts.STATEMENT, texts.REJECTED
    adopted = move_words(story, "haichuan", statement, texts.STATEMENT_TEXT, days=2, at=session)
    group = _move_group(story)
    rejected = move_words(story, "severia", refused, texts.REJECTED_TEXT, days=2, at=session)
    story.pass_days(0.4)
    deciding.vote(story["meridia"], rejected, "no", reason=texts.OBJECTION)
    for _ in range(8):
        story.pass_days(0.45)
    for slug in TRIO:
        (session, *_rest) = _sessions(story[slug])
        attend(story[slug], session, [texts.PEOPLE[slug]])
    story.made.motions.update(adopted=adopted, rejected=rejected, group=group)
    story.made.others["group"] = group_id_of(group)
    settle(story)


def _move_group(story: Story) -> str:
    """A working group of all three, under the agreement in force."""
    effect = Effect(
        does="authorise-group",
        agreement=story.made.agreements["in-force"],
        members=tuple(sorted(story.ids(*TRIO))),
        rule={"by": "silence"},
        history="all",
    )
    closes = story.clock.moment + timedelta(days=2)
    order = Moving(titles=texts.GROUP, texts=texts.GROUP_TEXT, effect=effect, closes=closes)
    return deciding.move(story["meridia"], order)


def _sessions(node: Node) -> list[str]:
    from accord.node.sessions import list_sessions

    return [session.id for session in list_sessions(node)]


def session_text(titles: Mapping[str, str], place: str, begins: Any, ends: Any) -> str:
    lines = [f"place = {json.dumps(place)}"]
    lines += [f'begins = "{format_time(begins)}"', f'ends = "{format_time(ends)}"', "[titles]"]
    lines += [f"{name} = {json.dumps(text, ensure_ascii=False)}" for name, text in titles.items()]
    return "\n".join(lines)


def move_words(
    story: Story,
    slug: str,
    titles: texts.Words,
    words: texts.Words,
    *,
    days: float,
    at: str | None = None,
) -> str:
    """A declaration is moved, for the agenda of the session `at` if there is one."""
    closes, effect = story.clock.moment + timedelta(days=days), Effect(does="declare")
    order = Moving(titles=titles, texts=words, effect=effect, closes=closes, session=at)
    return deciding.move(story[slug], order)
