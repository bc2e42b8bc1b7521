"""Random stories of a community, and what is true of it after one.

The model is written down without the rule's own code: it is a twin of the rule in words.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from accord.base.clock import format_time
from accord.base.errors import AccordError
from accord.ledger.envelope import PARTIES
from accord.node import agreements, members
from accord.node.prepare import Order
from accord.node.private import keep_private
from accord.node.publish import publish
from tests.node.support import (
    NAMES,
    START,
    Community,
    indicator,
    terms_text,
)

LEVELS = ("clear", "green", "amber", "amber+strict", "red")
MARKINGS = {  # TLP 2.0, fixed identifiers
    "clear": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "green": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "amber": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "amber+strict": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    "red": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
names = st.sampled_from(NAMES)
levels = st.sampled_from(LEVELS)
circles = st.sampled_from([NAMES, NAMES, ("Alfa", "Bravo"), ("Bravo", "Charlie")])
# Most values are good ones: a rule that is only ever asked hopeless cases shows nothing.
agreed = st.fixed_dictionaries(
    {
        "parties": circles,
        "missing": st.sampled_from([None, None, None, None, *NAMES]),  # who does not sign
        "ceiling": st.sampled_from(["amber", "amber+strict", "red", "red", *LEVELS]),
        "days": st.sampled_from([None, None, 2, 5]),
        "exercise": st.booleans(),
    }
)
given_out = st.fixed_dictionaries(
    {
        "do": st.just("publish"),
        "who": st.integers(0, 6),  # of the parties; now and then somebody else
        "under": st.integers(0, 1),
        "tlp": st.sampled_from(["green", "amber", "red", *LEVELS, None]),
        "own": st.sampled_from([None, None, None, *LEVELS]),  # the object's own marking
        "to": st.sampled_from([None, None, *NAMES]),  # one member instead of all parties
        "named": st.sampled_from([("nina",), ("omar",), ()]),
        "status": st.sampled_from(["actual", "actual", "actual", "exercise"]),
        "days": st.sampled_from([None, None, None, 1, 4]),
        "urgent": st.booleans(),
    }
)
happening = st.one_of(
    st.fixed_dictionaries({"do": st.just("suspend"), "who": names, "whom": names}),
    st.fixed_dictionaries({"do": st.just("resume"), "who": names, "whom": names}),
    st.fixed_dictionaries({"do": st.just("withdraw"), "who": names, "under": st.integers(0, 1)}),
    st.fixed_dictionaries({"do": st.just("wait"), "days": st.integers(1, 3)}),
    st.fixed_dictionaries({"do": st.just("settle")}),
    st.fixed_dictionaries({"do": st.just("private"), "who": names, "own": levels}),
)
events = st.tuples(
    st.lists(given_out, min_size=4, max_size=6),
    st.lists(happening, max_size=3),
    st.lists(given_out, max_size=3),
    st.lists(happening, max_size=2),
).map(lambda parts: [event for part in parts for event in part])
restrictions = st.one_of(
    st.fixed_dictionaries({"do": st.just("suspend"), "who": names, "whom": names}),
    st.fixed_dictionaries({"do": st.just("withdraw"), "who": names, "under": st.integers(0, 1)}),
    st.fixed_dictionaries({"do": st.just("wait"), "days": st.integers(1, 9)}),
)
stories = st.tuples(st.lists(agreed, min_size=1, max_size=2), events)
Story = tuple[list[dict[str, Any]], list[dict[str, Any]]]


class Model:
    """What is true of a community, told by what was done in it; and a twin of the rule in words."""

    def __init__(self, community: Community, story: Story) -> None:
        self.community = community
        self.agreements: list[dict[str, Any]] = []
        self.left: dict[str, dict[str, datetime]] = {}
        self.suspended: set[tuple[str, str]] = set()
        self.said: dict[str, dict[str, Any]] = {}  # object id: how it was published
        self.private: dict[str, set[str]] = {name: set() for name in NAMES}
        for terms in story[0]:
            self._agree(terms)
        for number, what in enumerate(story[1]):
            getattr(self, f"_{what['do']}")(what, number)

    def member(self, name: str) -> str:
        return self.community[name].member

    def _agree(self, terms: dict[str, Any]) -> None:
        parties = [self.community[name] for name in terms["parties"]]
        until = START + timedelta(days=terms["days"]) if terms["days"] else None
        text = terms_text(
            [node.member for node in parties],
            tlp_ceiling=terms["ceiling"],
            valid_until=format_time(until) if until else None,
            exercise=terms["exercise"],
        )
        view = agreements.propose(parties[0], text)
        self.community.settle(rounds=1)
        for name in terms["parties"]:
            if name != terms["missing"]:
                agreements.sign(self.community[name], view.id, sha256=None, person="P", office="O")
        self.community.settle(rounds=1)
        signed = terms["missing"] not in terms["parties"]
        self.agreements.append(terms | {"id": view.id, "until": until, "signed": signed})
        self.left[view.id] = {}

    def _under(self, what: dict[str, Any]) -> dict[str, Any]:
        agreement: dict[str, Any] = self.agreements[what["under"] % len(self.agreements)]
        return agreement

    def _publish(self, what: dict[str, Any], number: int) -> None:
        agreement = self._under(what)
        circle = agreement["parties"]
        who = circle[what["who"] % len(circle)] if what["who"] < 6 else "Alfa"
        marked: dict[str, Any] = (
            {"object_marking_refs": [MARKINGS[what["own"]]]} if what["own"] else {}
        )
        raw = indicator(number, name=_secret(number), **marked)
        expires = self.community.clock.moment + timedelta(days=what["days"] or 999)
        order = Order(
            agreement=agreement["id"],
            tlp=what["tlp"],
            audience=(self.member(what["to"]),) if what["to"] else (PARTIES,),
            named=what["named"],
            approvals=("One", "Two"),
            urgent=what["urgent"],
            status=what["status"],
            expires=expires if what["days"] else None,
        )
        identifier = json.loads(raw)["id"]
        try:
            publish(self.community[who], [raw], order)
        except AccordError:
            return
        strictest = max((what["tlp"], what["own"]), key=lambda level: rank(level))
        self.said[identifier] = what | {
            "who": who,
            "agreement": agreement,
            "level": strictest,
            "expires": expires,
        }

    def _suspend(self, what: dict[str, Any], _: int) -> None:
        pair = (what["who"], what["whom"])
        if what["who"] != what["whom"] and pair not in self.suspended:
            members.suspend_peer(self.community[what["who"]], self.member(what["whom"]))
            self.suspended.add(pair)

    def _resume(self, what: dict[str, Any], _: int) -> None:
        pair = (what["who"], what["whom"])
        if pair in self.suspended:
            members.resume_peer(self.community[what["who"]], self.member(what["whom"]))
            self.suspended.discard(pair)

    def _withdraw(self, what: dict[str, Any], _: int) -> None:
        agreement = self._under(what)
        try:
            agreements.withdraw(self.community[what["who"]], agreement["id"], reason="x")
        except AccordError:
            return
        self.left[agreement["id"]][what["who"]] = self.community.clock.moment

    def _wait(self, what: dict[str, Any], _: int) -> None:
        self.community.clock.advance(days=what["days"])

    def _settle(self, what: dict[str, Any], _: int) -> None:
        self.community.settle(rounds=1)

    def _private(self, what: dict[str, Any], number: int) -> None:
        node = self.community[what["who"]]
        raw = indicator(number, name=_secret(number), object_marking_refs=[MARKINGS[what["own"]]])
        keep_private(node, [node.checker.check(raw).object], "nina")
        self.private[what["who"]].add(json.loads(raw)["id"])

    def may_give(self, giver: str, taker: str, identifier: str) -> bool:
        """Whether `giver` may hand the object it published to `taker`, now."""
        said = self.said[identifier]
        agreement, now = said["agreement"], self.community.clock.moment
        left = self.left[agreement["id"]]
        return (
            giver == said["who"]
            and giver in agreement["parties"]
            and taker in agreement["parties"]
            and said["to"] in (None, taker)
            and agreement["signed"]
            and (agreement["until"] is None or now < agreement["until"])
            and giver not in left
            # A withdrawal counts at the giver when the giver has heard of it.
            and (giver, taker) not in self.suspended
            and rank(said["level"]) <= rank(agreement["ceiling"])
            and said["level"] is not None
            and (said["level"] != "red" or (bool(said["named"]) and said["to"] is not None))
            and (said["status"] == "actual" or agreement["exercise"])
            and now < said["expires"]
        )


def _secret(number: int) -> str:
    return f"secret-name-{number}-of-an-indicator"


def rank(level: str | None) -> int:
    return -1 if level is None else LEVELS.index(level)
