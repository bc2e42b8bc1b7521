"""What the release rule reads of an object, kept beside the entry.

So that a later signature or accession can release thousands of older entries, and a served page can
be judged again, without reading one object.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import msgspec

from accord.ledger.envelope import Envelope, Pap, Tlp
from accord.rules.access import UNMARKED
from accord.rules.case import PAP_RANK, TLP_RANK, Entry
from accord.rules.facts import Facts
from accord.rules.neutrality import flags_under
from accord.rules.preview import Item
from accord.stix.extension import AGREEMENT
from accord.stix.identifiers import is_observable
from accord.stix.markings import MarkingReader, Markings
from accord.stix.objects import StixObject
from accord.stix.persons import person_triggers
from accord.stix.references import Reference, outline
from accord.store.transaction import Transaction

_encoder = msgspec.json.Encoder()


class Summary(msgspec.Struct, frozen=True, array_like=True):
    """The object's own markings, where it describes a person, its size in bytes, what it refers to.

    `parties` are those that a proposed agreement names, with those who may accede to it, and
    `amends` the text that it would replace; `source` is the envelope in which the object
    came, where it is passed on; `flags` ask for a review of neutrality.
    """

    markings: Markings
    person_triggers: tuple[str, ...]
    size: int
    observables: tuple[str, ...]
    parties: tuple[str, ...] = ()
    source: Envelope | None = None
    flags: tuple[str, ...] = ()
    amends: str | None = None
    swap: bool = False
    awaited: bool = False


_decoder = msgspec.json.Decoder(Summary)


def summarise(item: StixObject, markings: MarkingReader, parties: tuple[str, ...] = ()) -> Summary:
    """Read an object for the rules. `parties`: of a proposal, the parties that it names."""
    seen = outline(item.fields)
    own = item.fields if item.type == AGREEMENT else {}
    acceding, amends = own.get("accession"), own.get("amends")
    observables = {named for named in seen.references if is_observable(named)}
    return Summary(
        markings=markings.of(item.fields),
        person_triggers=person_triggers(item.fields, seen.names),
        size=len(item.raw),
        observables=tuple(sorted(observables)),
        parties=parties + tuple(map(str, acceding if isinstance(acceding, list) else ())),
        amends=amends if isinstance(amends, str) else None,
    )


def flagged(summary: Summary, item: StixObject, envelope: Envelope, facts: Facts) -> Summary:
    """The summary with what asks for a review of neutrality, where the agreement marks the area."""
    cited = envelope.agreement
    text = facts.text(cited.id, cited.sha256) if cited is not None else None
    terms = text.proposal.terms if text is not None else None
    flags = flags_under(terms, envelope.handling.area, item.fields)
    return msgspec.structs.replace(summary, flags=flags) if flags else summary


def parties_of(item: StixObject) -> tuple[str, ...]:
    """The parties a proposal names; checked when its terms are read."""
    found = item.fields.get("parties") if item.type == "accord-agreement" else None
    return tuple(str(party) for party in found) if isinstance(found, list) else ()


def encode_summary(summary: Summary) -> bytes:
    return _encoder.encode(summary)


def decode_summary(raw: bytes) -> Summary:
    return _decoder.decode(raw)


def entry_of(envelope: Envelope, summary: Summary) -> Entry:
    """What the release rule judges."""
    return Entry(
        envelope=envelope,
        markings=summary.markings,
        person_triggers=summary.person_triggers,
        size=summary.size,
        parties=summary.parties,
        source=summary.source,
        flags=summary.flags,
        amends=summary.amends,
        swap=summary.swap,
        awaited=summary.awaited,
    )


def item_of(envelope: Envelope, summary: Summary) -> Item:
    """What a preview judges: the entry, and the observables its object would give away."""
    # Where in the object they stand is not kept; what kind of object it is tells a person enough.
    kind = envelope.object.type
    named = tuple(Reference(kind, observable) for observable in summary.observables)
    return Item(entry_of(envelope, summary), named)


def level_of(envelope: Envelope, summary: Summary) -> int:
    """The TLP level a listing shows and need-to-know compares: the strictest that applies.

    What has no marking at all is amber inside this member: it is not releasable, and not hidden.
    """
    level = stricter(envelope.handling.tlp, summary.markings.tlp)
    return TLP_RANK[level if level is not None else UNMARKED]


def stricter(first: str | None, second: str | None) -> Tlp | None:
    """The stricter of two TLP levels; null is looser than any. `KeyError` for another word."""
    level = first if TLP_RANK[first] >= TLP_RANK[second] else second
    return cast("Tlp | None", level)


def stricter_pap(first: str | None, second: str | None) -> Pap | None:
    """The stricter of two PAP levels, as `stricter` for TLP."""
    level = first if PAP_RANK[first] >= PAP_RANK[second] else second
    return cast("Pap | None", level)


def marking_reader(
    tx: Transaction, ledgers: tuple[int, ...], given: Mapping[str, StixObject]
) -> MarkingReader:
    """Reads markings: definitions are sought among those given along, then in these ledgers.

    Only the publisher's own definitions and ours count: a third member must not be able to say
    what somebody else's marking means.
    """

    known: dict[str, Mapping[str, Any] | None] = {each.id: each.fields for each in given.values()}

    def lookup(marking: str) -> Mapping[str, Any] | None:
        if marking not in known:
            body = tx.holdings.newest_body(marking, "marking-definition", ledgers)
            known[marking] = None if body is None else msgspec.json.decode(body)
        return known[marking]

    return MarkingReader(lookup)
