"""What is shown of decisions: motions and how they stand, who belongs, what is in force."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from accord.base.messages import Message
from accord.base.paging import Part, part_of
from accord.rules.community.standings import Standing as Rank
from accord.rules.decisions.bodies import group_id_of
from accord.rules.decisions.contradictions import contradictions
from accord.rules.decisions.council import Council
from accord.rules.decisions.duties import standing
from accord.rules.decisions.effects import Effect
from accord.rules.decisions.findings import Views, effective_close
from accord.rules.decisions.objects import Motion, Tally
from accord.rules.decisions.record import Record
from accord.rules.decisions.rule import Rule
from accord.rules.decisions.states import MotionState
from accord.store.transaction import Transaction

from .councillog import council_of
from .deciding import find_motion, head_of
from .effecting import ADOPTS, strangers
from .node import Node
from .sighting import all_views, views_of


class Voice(msgspec.Struct, frozen=True, kw_only=True):
    """One voter. `said`: what its ballot says, what was found of it, `seen` or `pending`."""

    member: str
    said: str
    reservation: dict[str, str] | None = None
    reason: dict[str, str] | None = None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What the proposer did to its motion, once: another close, or its withdrawal.

    It `counts` when witnesses have signed that it was made before the close.
    """

    closes: datetime | None
    withdrawn: bool
    counts: bool


class MotionView(msgspec.Struct, frozen=True, kw_only=True):
    """A motion as a person or tool is shown it. `closes` is with an extension, if there is one."""

    id: str
    sha256: str
    body: str
    proposer: str
    titles: dict[str, str]
    texts: dict[str, str]
    effect: Effect
    rule: Rule
    state: MotionState
    opens: datetime
    closes: datetime
    voices: tuple[Voice, ...]
    misfit: Message | None
    contradictions: tuple[Message, ...]
    carried_out: bool | None  # of an adopted text: whether it is in force here; else null
    change: Change | None = None


def motions(node: Node, *, undecided: bool = False) -> list[MotionView]:
    """All motions that have come, the last to close first; or those alone that are not final.

    What is final is by far the most, and is read one by one.
    """

    def job(tx: Transaction) -> list[MotionView]:
        council = council_of(node, tx)
        return _views(node, tx, council, _undecided(council) if undecided else council.motions())

    return sorted(node.read(job), key=lambda view: view.closes, reverse=True)


class MotionList(msgspec.Struct, frozen=True):
    """What is not final, the first to close first; and a part of what is, the last to close first.

    Only the first part comes with what is not final.
    """

    undecided: tuple[MotionView, ...]
    settled: Part[MotionView]


def motion_list(node: Node, knows: Callable[[str], bool], after: str, most: int) -> MotionList:
    """The motions of the bodies that somebody `knows`. Of what is final only `most` are read."""

    def job(tx: Transaction) -> MotionList:
        council = council_of(node, tx)
        part = part_of([each for each, body in council.settled() if knows(body)], str, after, most)
        running = [] if part.after else _views(node, tx, council, _undecided(council))
        return MotionList(
            undecided=tuple(view for view in running if knows(view.body)),
            settled=Part(_views(node, tx, council, part.rows), part.after, part.next),
        )

    found = node.read(job)
    first = tuple(sorted(found.undecided, key=lambda view: view.closes))
    return msgspec.structs.replace(found, undecided=first)


def _undecided(council: Council) -> list[str]:
    return [each for each in council.motions() if not council.finals.get(each)]


def _views(
    node: Node, tx: Transaction, council: Council, wanted: Sequence[str]
) -> list[MotionView]:
    """Those of them that have come, in their order."""
    seen = all_views(node, tx, council, [each for each in wanted if _is_open(council, each)])
    views = [_view(node, tx, council, each, seen.get(each, {})) for each in wanted]
    return [view for view in views if view is not None]


def motion(node: Node, name: str) -> MotionView:
    """One motion, by its id or hash or the beginning of one. Raises `NotFoundError`."""

    def job(tx: Transaction) -> MotionView:
        council = council_of(node, tx)
        sha256 = find_motion(council, name)
        views = views_of(node, tx, council, sha256) if _is_open(council, sha256) else {}
        view = _view(node, tx, council, sha256, views)
        assert view is not None
        return view

    return node.read(job)


def _is_open(council: Council, sha256: str) -> bool:
    """Whether ledgers have to be looked into: what is final is read from what all published."""
    record = council.record(sha256)
    return not council.finals.get(sha256) or (record is not None and bool(record.changes))


def _view(
    node: Node, tx: Transaction, council: Council, sha256: str, views: Views
) -> MotionView | None:
    record = council.record(sha256)
    found = record.motion if record is not None else None
    if record is None or found is None:
        return None
    final = council.finals.get(sha256)
    now = standing(council, sha256, views, node.now(), node.member)
    tally = record.findings[final[0].findings] if final else now.tally
    return MotionView(
        id=found.id,
        sha256=sha256,
        body=found.body,
        proposer=record.proposer,
        titles=found.titles,
        texts=found.texts,
        effect=found.effect,
        rule=found.rule,
        state=now.state,
        opens=found.opens,
        closes=now.closes or found.closes,
        voices=_voices(record, found, tally),
        misfit=council.misfit(sha256),
        contradictions=tuple(each.reason for each in contradictions(council, sha256)),
        carried_out=_carried_out(node, tx, council, sha256, found),
        change=_change(record, found, views),
    )


def _change(record: Record, found: Motion, views: Views) -> Change | None:
    """None too where the proposer changed it twice: then nothing was changed."""
    if len(record.changes) != 1:
        return None
    made, (closes, withdrawn) = record.changes[0].change, effective_close(found, record, views)
    counts = withdrawn or (made.closes is not None and closes == made.closes)
    return Change(closes=made.closes, withdrawn=made.withdrawn, counts=counts)


def _voices(record: Record, found: Motion, tally: Tally | None) -> tuple[Voice, ...]:
    """By the findings once the motion has closed; before, by what has been heard."""
    told = {each.voter: each for each in tally.found} if tally is not None else {}
    voices = []
    for member in found.electorate:
        casts = record.ballots.get(member, ())
        said: str = "seen" if member in record.seen else "pending"
        if casts:
            said = casts[0].ballot.choice
        if member in told:
            said = told[member].found
            casts = tuple(each for each in casts if each.sha256 == told[member].ballot)
        ballot = casts[0].ballot if casts else None
        voices.append(
            Voice(
                member=member,
                said=said,
                reservation=ballot.reservation if ballot is not None else None,
                reason=ballot.reason if ballot is not None else None,
            )
        )
    return tuple(voices)


def _carried_out(
    node: Node, tx: Transaction, council: Council, sha256: str, found: Motion
) -> bool | None:
    effect = found.effect
    if effect.does not in ADOPTS or sha256 not in council.in_force:
        return None
    text = node.facts(tx).text(effect.agreement or "", effect.sha256 or "")
    return text is not None and text.decided is not None and not strangers(text, found)


def group_titles(node: Node) -> dict[str, tuple[str, dict[str, str]]]:
    """By working group: the body that authorised it, and how its motion calls it by language."""

    def job(tx: Transaction) -> dict[str, tuple[str, dict[str, str]]]:
        council, found = council_of(node, tx), {}
        for sha256, effect in council.in_force.items():
            made = council.motion(sha256) if effect.does == "authorise-group" else None
            if made is not None:
                found[group_id_of(sha256)] = (made.body, made.titles)
        return found

    return node.read(job)


class Belongs(msgspec.Struct, frozen=True, kw_only=True):
    """One that belongs to a body: its standing, and whether its rights rest."""

    member: str
    standing: Rank
    suspended: bool


class BodyView(msgspec.Struct, frozen=True, kw_only=True):
    """A council or working group as it stands now."""

    body: str
    state: str
    decisions: int  # that changed who belongs or how it decides
    rule: Rule
    members: tuple[Belongs, ...]
    agreement: str | None


class CommunityView(msgspec.Struct, frozen=True, kw_only=True):
    """All bodies known here, and what they put in force beside texts and standings."""

    bodies: tuple[BodyView, ...]
    closed: tuple[str, ...]  # working groups that were closed
    operations: tuple[str, ...]  # activated: kept and shown, nothing more


def community(node: Node) -> CommunityView:
    """Who belongs to what. A working group is shown only to its members."""
    return node.read(lambda tx: _community(node, council_of(node, tx)))


def _community(node: Node, council: Council) -> CommunityView:
    bodies = [_body(council, each) for each in council.bodies()]
    effects = council.in_force.values()
    return CommunityView(
        bodies=tuple(
            view
            for view in bodies
            if view.agreement is None or node.member in {each.member for each in view.members}
        ),
        closed=tuple(sorted(e.group for e in effects if e.does == "close-group" and e.group)),
        operations=tuple(
            sorted(e.operation for e in effects if e.does == "activate-operation" and e.operation)
        ),
    )


def _body(council: Council, body: str) -> BodyView:
    head = head_of(council, body)
    return BodyView(
        body=body,
        state=head.id,
        decisions=head.depth,
        rule=head.rules.rule,
        members=tuple(
            Belongs(member=member, standing=rank, suspended=member in head.suspended)
            for member, rank in sorted(head.members.items())
        ),
        agreement=head.agreement,
    )
