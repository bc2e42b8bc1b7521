"""Who would see what, and why: the sender's view of a set before anything leaves.

The same rule as for one entry, and what a single entry cannot show: an object that is released
while something it refers to is not. A dangling reference is a warning; but a reference to a
withheld cyber-observable blocks: its UUIDv5 gives an address or domain away to a dictionary.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import msgspec

from accord.base.messages import Message, say
from accord.stix.identifiers import is_observable
from accord.stix.references import Reference

from .case import Entry
from .clauses.handling import DEFINITIONS
from .facts import Facts
from .release import Judgement, ReleaseRule, Verdict


class Item(msgspec.Struct, frozen=True):
    """One entry of the set and what its object refers to."""

    entry: Entry
    references: tuple[Reference, ...] = ()

    @property
    def object_id(self) -> str:
        return self.entry.envelope.object.id


class Finding(msgspec.Struct, frozen=True):
    """A reference from a released object to a withheld one; `blocks`: the object stays here."""

    path: str
    target: str
    blocks: bool
    message: Message


class Row(msgspec.Struct, frozen=True):
    """One recipient and one object: the verdict, and what its references add to it."""

    recipient: str
    object_id: str
    verdict: Verdict
    findings: tuple[Finding, ...]

    @property
    def released(self) -> bool:
        return self.verdict.allowed and not any(finding.blocks for finding in self.findings)


class Preview(msgspec.Struct, frozen=True):
    """All rows, in the order of recipients and items; `definitions` must travel along."""

    rows: tuple[Row, ...]
    definitions: tuple[str, ...]


def preview(
    items: Sequence[Item],
    recipients: Iterable[str],
    facts: Facts,
    now: datetime,
    has: Callable[[str, str], bool] = lambda recipient, object_id: False,
) -> Preview:
    """What each recipient would get of `items`.

    `has(recipient, object id)` says whether the recipient was given the object before; nothing is
    assumed without it. `definitions` are the ids of the marking and extension definitions that the
    released objects refer to.
    """
    rule = ReleaseRule(facts, now)
    judgements = [rule.judge(item.entry) for item in items]
    rows = [row for recipient in recipients for row in _rows_for(items, judgements, recipient, has)]
    released = {row.object_id for row in rows if row.released}
    definitions = {
        reference.id: None
        for item in items
        if item.object_id in released
        for reference in item.references
        if _is_definition(reference.id)
    }
    return Preview(tuple(rows), tuple(definitions))


def _rows_for(
    items: Sequence[Item],
    judgements: Sequence[Judgement],
    recipient: str,
    has: Callable[[str, str], bool],
) -> list[Row]:
    verdicts = [judgement.to(recipient) for judgement in judgements]
    reaches = {
        item.object_id for item, verdict in zip(items, verdicts, strict=True) if verdict.allowed
    }
    open_references = [
        [
            reference
            for reference in item.references
            if not _is_definition(reference.id) and not has(recipient, reference.id)
        ]
        if verdict.allowed
        else []
        for item, verdict in zip(items, verdicts, strict=True)
    ]
    _drop_blocked(items, open_references, reaches)
    return [
        Row(recipient, item.object_id, verdict, _findings(references, reaches))
        for item, verdict, references in zip(items, verdicts, open_references, strict=True)
    ]


def _drop_blocked(
    items: Sequence[Item], references: list[list[Reference]], reaches: set[str]
) -> None:
    """Take out of `reaches` what is blocked, and what that blocks in turn."""
    pending = [
        (item.object_id, [ref.id for ref in refs if is_observable(ref.id)])
        for item, refs in zip(items, references, strict=True)
        if refs
    ]
    blocked = True
    while blocked:
        blocked = False
        for object_id, observables in pending:
            if object_id in reaches and not reaches.issuperset(observables):
                reaches.discard(object_id)
                blocked = True


def _findings(references: list[Reference], reaches: set[str]) -> tuple[Finding, ...]:
    findings = []
    for reference in references:
        if reference.id in reaches:
            continue
        blocks = is_observable(reference.id)
        key = "rules.reference-reveals" if blocks else "rules.reference-withheld"
        message = say(key, path=reference.path, target=reference.id)
        findings.append(Finding(reference.path, reference.id, blocks, message))
    return tuple(findings)


def _is_definition(identifier: str) -> bool:
    return identifier.partition("--")[0] in DEFINITIONS
