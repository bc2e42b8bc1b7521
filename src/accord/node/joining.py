"""Accession step by step: what is done, what is next, and who must act.

Nobody reports these steps: each node reads them from what it holds. That two members have compared
keys is seen from their co-signatures, since a node follows and co-signs confirmed ledgers alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Literal

import msgspec

from accord.rules.acts import ApplicationSeen
from accord.rules.community.accession import AccessionState, Progress, Steps, accession
from accord.rules.community.standings import Standing
from accord.rules.decisions.council import Council
from accord.rules.decisions.duties import standing
from accord.rules.decisions.objects import Motion
from accord.rules.decisions.states import MotionState
from accord.rules.facts import Facts
from accord.store.transaction import Transaction

from .councillog import council_of
from .node import Node
from .sighting import views_of

StepName = Literal["apply", "sponsor", "decide", "keys", "sign"]
_ADMITS = ("admit", "change-standing")


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step. `who` must act for it to be done, `what` is left to do: motion, members, texts."""

    name: StepName
    state: Literal["done", "next", "later", "refused"]
    who: tuple[str, ...] = ()
    what: tuple[str, ...] = ()


class AccessionView(msgspec.Struct, frozen=True, kw_only=True):
    """One applicant and how far it has come; `reason` is known to it and its sponsor alone."""

    body: str
    applicant: str
    standing: Standing
    sponsor: str
    reason: str | None
    state: AccessionState
    motion: str | None
    motion_state: MotionState | None
    steps: tuple[Step, ...]


def accessions(
    node: Node, body: str | None = None, applicant: str | None = None
) -> list[AccessionView]:
    """The accessions that are known here, of one community or of all, of one applicant or of all.

    By community, then by applicant.
    """

    def job(tx: Transaction) -> list[AccessionView]:
        facts, council = node.facts(tx), council_of(node, tx)
        wanted = sorted(
            (charter, who)
            for charter, who in _known(facts, council)
            if body in (None, charter) and applicant in (None, who)
        )
        return [_view(node, tx, facts, council, *each) for each in wanted]

    return node.read(job)


def _known(facts: Facts, council: Council) -> set[tuple[str, str]]:
    """(body, applicant): who asked us or was moved. Who is founding member never applied."""
    asked = {each for each in facts.applications if not each[0].startswith("accord-group--")}
    return asked | {(body, applicant) for body, applicant, _, _ in _moved(council)}


def _moved(council: Council) -> Iterator[tuple[str, str, str, Motion]]:
    """(body, applicant, hash, motion) of each motion on the standing of one that applied."""
    for sha256, effect in sorted(council.effects.items()):
        motion = council.motion(sha256) if effect.does == "admit" else None
        if motion is None or motion.body.startswith("accord-group--"):
            continue
        if effect.member is not None:
            yield motion.body, effect.member, sha256, motion


def _view(
    node: Node, tx: Transaction, facts: Facts, council: Council, body: str, applicant: str
) -> AccessionView:
    asked = facts.applications.get((body, applicant))
    sha256 = _motion_on(council, body, applicant, asked)
    motion = council.motion(sha256) if sha256 is not None else None
    record = council.record(sha256) if sha256 is not None else None
    state: MotionState | None = None
    if sha256 is not None:
        views = views_of(node, tx, council, sha256)
        state = standing(council, sha256, views, node.now(), node.member).state
    rank: Standing = asked.standing if asked is not None else "member"
    if motion is not None and motion.effect.standing is not None:
        rank = motion.effect.standing
    withdrawn = asked is not None and asked.withdrawn
    progress = _progress(node, tx, council, (body, applicant), rank, state, withdrawn=withdrawn)
    sponsor = record.proposer if record is not None else asked.sponsor if asked is not None else ""
    return AccessionView(
        body=body,
        applicant=applicant,
        standing=rank,
        sponsor=sponsor,
        reason=asked.reason if asked is not None else None,
        state=progress.state,
        motion=sha256,
        motion_state=state,
        steps=_steps(progress, applicant, sponsor, sha256, motion),
    )


def _progress(
    node: Node,
    tx: Transaction,
    council: Council,
    who: tuple[str, str],
    rank: Standing,
    motion: MotionState | None,
    *,
    withdrawn: bool,
) -> Progress:
    body, applicant = who
    facts, head = node.facts(tx), council.head(body)
    members = set(head.voters if head is not None else ()) - {applicant}
    keyed = {each for each in members if _have_met(node, tx, facts, each, applicant)}
    required, signed = _texts(facts, body, applicant, rank)
    return accession(
        Steps(
            applied=True,
            motion=motion,
            members=frozenset(members),
            keyed=frozenset(keyed),
            required=required,
            signed=signed,
            withdrawn=withdrawn,
        )
    )


def _motion_on(
    council: Council, body: str, applicant: str, asked: ApplicationSeen | None
) -> str | None:
    """The motion on its admission: one that was adopted, else the last to close.

    A motion from before the application is another accession.
    """
    found: list[tuple[bool, Motion, str]] = []
    for sha256, effect in council.effects.items():
        if effect.member != applicant or effect.does not in _ADMITS:
            continue
        motion = council.motion(sha256)
        if motion is None or motion.body != body:
            continue
        if asked is None or motion.closes >= asked.issued:
            found.append((sha256 in council.in_force, motion, sha256))
    best = max(found, key=lambda each: (each[0], each[1].closes, each[2]), default=None)
    return None if best is None else best[2]


def _have_met(node: Node, tx: Transaction, facts: Facts, one: str, other: str) -> bool:
    """Whether two members have confirmed each other: each has co-signed the other's ledger."""
    if node.member in (one, other):
        peer = other if one == node.member else one
        known = facts.members.get(peer)
        if known is None or known.standing != "confirmed":
            return False
        return _has_seen(tx, peer, node.member)
    return _has_seen(tx, one, other) and _has_seen(tx, other, one)


def _has_seen(tx: Transaction, witness: str, owner: str) -> bool:
    ledger = tx.ledgers.of_member(owner)
    return ledger is not None and tx.ledgers.cosignature(ledger.id, witness) is not None


def _texts(
    facts: Facts, body: str, applicant: str, rank: Standing
) -> tuple[frozenset[str], frozenset[str]]:
    """The agreements that it has to sign, and of these the ones that it has signed.

    Of a member the charter itself, and what stands under the charter and names it.
    """
    required, signed = set(), set()
    for known in facts.agreements.values() if rank == "member" else ():
        texts = [text for text in known.texts.values() if text.life is None or not text.life.ends]
        asks = known.id == body or any(
            text.proposal.terms.charter == body and applicant in text.circle for text in texts
        )
        if asks:
            required.add(known.id)
        if asks and any(applicant in text.signatures for text in known.texts.values()):
            signed.add(known.id)
    return frozenset(required), frozenset(signed)


_DONE: dict[AccessionState, int] = {
    "none": 0, "applied": 1, "sponsored": 2, "refused": 2, "admitted": 3, "keyed": 4, "member": 5,
    "gone": 0,
}  # fmt: skip


def _steps(
    progress: Progress,
    applicant: str,
    sponsor: str,
    sha256: str | None,
    motion: Motion | None,
) -> tuple[Step, ...]:
    """The five steps in their order. Who is told of nothing yet has nothing to list."""
    who: dict[StepName, Collection[str]] = {
        "apply": (applicant,),
        "sponsor": (sponsor,),
        "decide": motion.counted if motion is not None else (),
        "keys": (applicant, *progress.keys_missing),
        "sign": (applicant,),
    }
    what: dict[StepName, Collection[str]] = {
        "decide": (sha256,) if sha256 is not None else (),
        "keys": progress.keys_missing,
        "sign": progress.unsigned,
    }
    done = _DONE[progress.state]
    steps = []
    for place, name in enumerate(who):
        is_done = place < done
        if name == "sign" and done >= _DONE["admitted"] and not progress.unsigned:
            is_done = True  # keys may be compared after it
        state: Literal["done", "next", "later", "refused"] = "done" if is_done else "later"
        if place == done and not is_done and progress.state != "gone":
            state = "refused" if progress.state == "refused" else "next"
        steps.append(
            Step(
                name=name,
                state=state,
                who=() if is_done else tuple(who[name]),
                what=tuple(what.get(name, ())),
            )
        )
    return tuple(steps)
