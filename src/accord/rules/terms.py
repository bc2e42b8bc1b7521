"""The terms of an agreement: what may flow, between whom, how far, and for how long.

The fields of the STIX object `accord-agreement`. FIRST IEP 2.0 lends the names where one fits:
`name` and `description`, `tlp` for the ceiling, start and end, affected parties and attribution
to come. Later clauses are further fields of `AGREEMENT` and `Terms` and a row in `clauses.py`;
a node that does not know a field refuses the agreement instead of passing over a restriction.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from accord.base.clock import parse_time
from accord.base.messages import LANGUAGES
from accord.ledger.envelope import MAX_AUDIENCE, Pap, Tlp

from .fields import (
    Field,
    Refused,
    Spec,
    as_input_error,
    checked,
    flag,
    listed,
    member_id,
    moment,
    object_type,
    one_of,
    read_object,
    table,
    text,
    whole,
    word,
)

AGREEMENT_TYPE = "accord-agreement"

Onward = Literal["none", "agreement", "public"]
Adoption = Literal["all-sign"]


class PersonalDataClause(msgspec.Struct, frozen=True, kw_only=True):
    """Whether descriptions of natural persons may flow, for what, and for how many days."""

    allowed: bool
    purposes: tuple[str, ...]
    max_days: int


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """An agreement as the rules read it. Times are aware, in UTC; the end is not included."""

    name: str
    description: str | None = None
    titles: dict[str, str]
    texts: dict[str, str]
    parties: tuple[str, ...]
    areas: tuple[str, ...]
    purposes: tuple[str, ...]
    object_types: tuple[str, ...] = ()  # empty: every type
    tlp_ceiling: Tlp
    pap_ceiling: Pap | None = None  # None: the agreement does not speak of PAP
    onward: Onward
    personal_data: PersonalDataClause | None = None
    retention_days: int | None = None
    valid_from: datetime
    valid_until: datetime | None = None
    adoption: Adoption = "all-sign"
    exercise: bool = False  # whether exercise and test entries may travel under it


def _in_each_language(longest: int) -> Spec:
    return tuple(Field(language, text(longest)) for language in ("zh", "ru", "en"))


assert {field.name for field in _in_each_language(1)} == set(LANGUAGES)

_PERSONAL_DATA: Spec = (
    Field("allowed", flag),
    Field("purposes", listed(word, 0, 100)),
    Field("max_days", whole(1, 36_500)),
)

AGREEMENT: Spec = (
    Field("name", text(200)),
    Field("description", text(5_000), required=False),
    Field("parties", listed(member_id, 2, MAX_AUDIENCE)),
    Field("areas", listed(word, 1, 100)),
    Field("purposes", listed(word, 1, 100)),
    Field("object_types", listed(object_type, 0, 500), required=False),
    Field("tlp_ceiling", one_of("clear", "green", "amber", "amber+strict", "red")),
    Field("pap_ceiling", one_of("clear", "green", "amber", "red"), required=False),
    Field("onward", one_of("none", "agreement", "public")),
    Field("retention_days", whole(1, 36_500), required=False),
    Field("valid_from", moment),
    Field("valid_until", moment, required=False),
    Field("adoption", one_of("all-sign"), required=False),
    Field("exercise", flag, required=False),
    Field("titles", table(_in_each_language(500))),
    Field("texts", table(_in_each_language(100_000))),
    Field("personal_data", table(_PERSONAL_DATA), required=False),
)


def terms_of(fields: Mapping[str, Any]) -> Terms:
    """The terms in an `accord-agreement` object.

    Raises `InputError` that names the field, what is allowed and what was found.
    """
    own = read_object(fields, AGREEMENT_TYPE, AGREEMENT)
    try:
        check_together(own)
    except Refused as refused:
        raise as_input_error(refused) from None
    return msgspec.convert(own, Terms)


def agreement_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an agreement as it is being written, checked and in order; raises `Refused`."""
    fields = checked(values, AGREEMENT)
    check_together(fields)
    return fields


def check_together(fields: Mapping[str, Any]) -> None:
    """What no single field can say: an end comes after its start; personal data has a purpose."""
    start, end = fields["valid_from"], fields.get("valid_until")
    if end is not None and parse_time(end) <= parse_time(start):
        raise Refused("invalid", "valid_until", f"> {start}", end)
    clause = fields.get("personal_data")
    if clause is not None:
        extra = [purpose for purpose in clause["purposes"] if purpose not in fields["purposes"]]
        if extra:
            allowed = " | ".join(fields["purposes"])
            raise Refused("invalid", "personal_data.purposes", allowed, ", ".join(extra))
