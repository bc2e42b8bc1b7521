"""The terms of an agreement: what may flow, between whom, how far, and for how long.

The fields of the STIX object `accord-agreement`. FIRST IEP 2.0 lends names and values where one
fits: `name`, `description`, `attribution`, `affected_party_notifications`, its `tlp` for the
ceiling, its dates for start and end. A later clause is a field of `Terms`, a row of `AGREEMENT` and
a clause of the release rule. Fields of a newer version are kept, and nothing flows until they are
understood.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from accord.ledger.envelope import Pap, Tlp

from .decisions.rule import CouncilRules
from .fields import Refused, as_input_error, checked, own_fields, without_unknown
from .narrowing import Narrowing
from .terms_spec import AGREEMENT, check_together

__all__ = ["AGREEMENT", "AGREEMENT_TYPE", "Terms", "agreement_fields", "check_together", "terms_of"]

AGREEMENT_TYPE = "accord-agreement"

Onward = Literal["none", "agreement", "public"]
Adoption = Literal["all-sign"]
Kind = Literal["bilateral", "multilateral", "cyber", "event-security", "charter"]
Language = Literal["zh", "ru", "en"]


class PersonalDataClause(msgspec.Struct, frozen=True, kw_only=True):
    """Whether descriptions of natural persons may flow, for what, and for how many days."""

    allowed: bool
    purposes: tuple[str, ...] = ()
    max_days: int


class EvidenceClause(msgspec.Struct, frozen=True, kw_only=True):
    """Which handling codes the parties keep to, and which purposes are evidential use."""

    codes: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()


class EvaluationClause(msgspec.Struct, frozen=True, kw_only=True):
    """In which schemes source and information may be graded, and whether they must be."""

    schemes: tuple[str, ...]
    required: bool = False


class NeutralityClause(msgspec.Struct, frozen=True, kw_only=True):
    """Areas in which an offence or incident type is declared; `incidents` empty: any."""

    areas: tuple[str, ...]
    incidents: tuple[str, ...] = ()


class Renewal(msgspec.Struct, frozen=True, kw_only=True):
    """Renewed by itself, `times` times, unless a party objects `notice_days` before an end."""

    days: int
    times: int
    notice_days: int


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What the parties do together, in words."""

    id: str
    texts: dict[str, str]


class ImplementingRule(msgspec.Struct, frozen=True, kw_only=True):
    """In these areas the terms are narrower."""

    id: str
    areas: tuple[str, ...]
    narrows: Narrowing
    texts: dict[str, str]


class Annex(msgspec.Struct, frozen=True, kw_only=True):
    """A document that belongs to the text, by the hash of its bytes."""

    id: str
    sha256: str
    titles: dict[str, str]


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """One word of the text in the three languages."""

    zh: str
    ru: str
    en: str


class DeclaredArea(Word, frozen=True, kw_only=True):
    """An area of cooperation that a charter declares, with its names."""

    area: str


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """An agreement as the rules read it. Times are aware, in UTC; the end is not included."""

    name: str
    description: str | None = None
    kind: Kind | None = None
    charter: str | None = None  # the charter under which it stands
    amends: str | None = None  # SHA-256 of the text that this one replaces
    parties: tuple[str, ...]
    accession: tuple[str, ...] = ()  # who may accede
    areas: tuple[str, ...]
    purposes: tuple[str, ...]
    object_types: tuple[str, ...] = ()  # empty: every type
    tlp_ceiling: Tlp
    pap_ceiling: Pap | None = None  # None: the agreement does not speak of PAP
    onward: Onward
    attribution: Literal["may", "must", "must not"] | None = None
    affected_party_notifications: Literal["may", "must not"] | None = None
    retention_days: int | None = None
    review_days: int | None = None
    valid_from: datetime
    valid_until: datetime | None = None
    adoption: Adoption = "all-sign"
    exercise: bool = False  # whether exercise and test entries may travel under it
    reservations: tuple[str, ...] | None = None  # terms open to them; None: all; ("none",): none
    original: Language | None = None  # the language that prevails; None: all alike
    titles: dict[str, str]
    texts: dict[str, str]
    personal_data: PersonalDataClause | None = None
    evidence: EvidenceClause | None = None
    evaluation: EvaluationClause | None = None
    neutrality: NeutralityClause | None = None
    renewal: Renewal | None = None
    tasks: tuple[Task, ...] = ()
    implementing_rules: tuple[ImplementingRule, ...] = ()
    annexes: tuple[Annex, ...] = ()
    glossary: tuple[Word, ...] = ()
    vocabulary: tuple[DeclaredArea, ...] = ()
    council: CouncilRules | None = None  # of a charter: how its members decide
    # Of a text that has fields this version does not know: their paths, and all that was read.
    unknown: tuple[str, ...] = ()
    unread: dict[str, Any] | None = None

    @property
    def circle(self) -> tuple[str, ...]:
        """To whom every entry about this text is addressed: its parties, and who may accede."""
        return self.parties + self.accession


def terms_of(fields: Mapping[str, Any]) -> Terms:
    """The terms in an `accord-agreement` object; what this version does not know is kept apart.

    Raises `InputError` that names the field, what is allowed and what was found.
    """
    try:
        return _read(own_fields(fields, AGREEMENT_TYPE))
    except Refused as refused:
        raise as_input_error(refused) from None


def _read(own: Mapping[str, Any]) -> Terms:
    known, unknown = without_unknown(own, AGREEMENT)
    values = agreement_fields(known)
    if unknown:
        values = {**values, "unknown": unknown, "unread": dict(own)}
    return msgspec.convert(values, Terms)


def reread(terms: Terms) -> Terms:
    """The same text, read by the version that runs now: after an upgrade it may know more."""
    return terms if terms.unread is None else _read(terms.unread)


def agreement_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an agreement as it is being written, checked and in order; raises `Refused`."""
    fields = checked(values, AGREEMENT)
    check_together(fields)
    return fields
