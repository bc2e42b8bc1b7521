"""Which fields an agreement has, what each may hold, and what no field can say by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from accord.base.clock import parse_time
from accord.base.messages import LANGUAGES
from accord.ledger.envelope import MAX_AUDIENCE
from accord.stix.markings import PAP_ORDER, TLP_ORDER

from .decisions.rule import COUNCIL, check_council
from .fields import (
    Field,
    Refused,
    Spec,
    agreement_id,
    flag,
    listed,
    member_id,
    moment,
    object_type,
    one_of,
    sha256_hex,
    table,
    text,
    whole,
    word,
)
from .narrowing import NARROWABLE, NARROWING, ONWARD_ORDER, check_narrows

NO_RESERVATIONS = "none"  # no term is open to them: STIX 2.1 (section 2.9) knows no empty lists

CODES = ("H1", "H2", "H3")
SCHEMES = ("admiralty", "4x4")
# The purpose under which a recipient tells those whom an attack has hit.
NOTIFYING = "affected-party-notification"


def _in_each_language(longest: int) -> Spec:
    return tuple(Field(language, text(longest)) for language in ("zh", "ru", "en"))


assert {field.name for field in _in_each_language(1)} == set(LANGUAGES)

_days = whole(1, 36_500)
_words = table(_in_each_language(20_000))
# In an implementing rule the areas are those to which it applies, so they cannot be narrowed.
_RULE_NARROWS: Spec = tuple(field for field in NARROWING if field.name != "areas")
_PERSONAL_DATA: Spec = (
    Field("allowed", flag),
    Field("purposes", listed(word, 0, 100), required=False),
    Field("max_days", _days),
)
_EVIDENCE: Spec = (
    Field("codes", listed(one_of(*CODES), 0, 3), required=False),
    Field("purposes", listed(word, 0, 100), required=False),
)
_EVALUATION: Spec = (
    Field("schemes", listed(one_of(*SCHEMES), 1, 2)),
    Field("required", flag, required=False),
)
_NEUTRALITY: Spec = (
    Field("areas", listed(word, 1, 100)),
    Field("incidents", listed(word, 0, 500), required=False),
)
_RENEWAL: Spec = (
    Field("days", _days),
    Field("times", whole(1, 100)),
    Field("notice_days", whole(0, 36_500)),
)
_TASK: Spec = (Field("id", word), Field("texts", _words))
_RULE: Spec = (
    Field("id", word),
    Field("areas", listed(word, 1, 100)),
    Field("narrows", table(_RULE_NARROWS)),
    Field("texts", _words),
)
_ANNEX: Spec = (
    Field("id", word),
    Field("sha256", sha256_hex),
    Field("titles", table(_in_each_language(500))),
)
_AREA: Spec = (Field("area", word), *_in_each_language(200))

AGREEMENT: Spec = (
    Field("name", text(200)),
    Field("description", text(5_000), required=False),
    Field(
        "kind",
        one_of("bilateral", "multilateral", "cyber", "event-security", "charter"),
        required=False,
    ),
    Field("charter", agreement_id, required=False),
    Field("amends", sha256_hex, required=False),
    Field("parties", listed(member_id, 2, MAX_AUDIENCE)),
    Field("accession", listed(member_id, 0, MAX_AUDIENCE), required=False),
    Field("areas", listed(word, 1, 100)),
    Field("purposes", listed(word, 1, 100)),
    Field("object_types", listed(object_type, 0, 500), required=False),
    Field("tlp_ceiling", one_of(*TLP_ORDER)),
    Field("pap_ceiling", one_of(*PAP_ORDER), required=False),
    Field("onward", one_of(*ONWARD_ORDER)),
    Field("attribution", one_of("may", "must", "must not"), required=False),
    Field("affected_party_notifications", one_of("may", "must not"), required=False),
    Field("retention_days", _days, required=False),
    Field("review_days", _days, required=False),
    Field("valid_from", moment),
    Field("valid_until", moment, required=False),
    Field("adoption", one_of("all-sign"), required=False),
    Field("exercise", flag, required=False),
    Field(
        "reservations",
        listed(one_of(*NARROWABLE, NO_RESERVATIONS), 0, len(NARROWABLE)),
        required=False,
    ),
    Field("original", one_of("zh", "ru", "en"), required=False),
    Field("titles", table(_in_each_language(500))),
    Field("texts", table(_in_each_language(100_000))),
    Field("personal_data", table(_PERSONAL_DATA), required=False),
    Field("evidence", table(_EVIDENCE), required=False),
    Field("evaluation", table(_EVALUATION), required=False),
    Field("neutrality", table(_NEUTRALITY), required=False),
    Field("renewal", table(_RENEWAL), required=False),
    Field("tasks", listed(table(_TASK), 0, 100), required=False),
    Field("implementing_rules", listed(table(_RULE), 0, 100), required=False),
    Field("annexes", listed(table(_ANNEX), 0, 100), required=False),
    Field("glossary", listed(table(_in_each_language(200)), 0, 500), required=False),
    Field("vocabulary", listed(table(_AREA), 0, 100), required=False),
    Field("council", table(COUNCIL), required=False),
)


def check_together(fields: Mapping[str, Any]) -> None:
    """What no single field can say; raises `Refused` for the first that does not fit the others."""
    _check_times(fields)
    _check_parties(fields)
    for name, inner, whole_list in (
        ("personal_data", "purposes", "purposes"),
        ("evidence", "purposes", "purposes"),
        ("neutrality", "areas", "areas"),
    ):
        within = fields.get(name, {}).get(inner, ())
        _check_part(within, fields[whole_list], f"{name}.{inner}")
    for place, rule in enumerate(fields.get("implementing_rules", ())):
        path = f"implementing_rules[{place}]"
        _check_part(rule["areas"], fields["areas"], f"{path}.areas")
        check_narrows(rule["narrows"], fields, f"{path}.narrows")
    for name, key in (
        ("tasks", "id"),
        ("implementing_rules", "id"),
        ("annexes", "id"),
        ("vocabulary", "area"),
    ):
        _check_distinct(fields.get(name, ()), name, key)
    silent = fields.get("affected_party_notifications") == "must not"
    if silent and NOTIFYING in fields["purposes"]:
        raise Refused("invalid", "purposes", f"≠ {NOTIFYING}", NOTIFYING)
    _check_charter(fields)


def _check_times(fields: Mapping[str, Any]) -> None:
    start, end = fields["valid_from"], fields.get("valid_until")
    if end is not None and parse_time(end) <= parse_time(start):
        raise Refused("invalid", "valid_until", f"> {start}", end)
    if end is None and (fields.get("renewal") or fields.get("kind") == "event-security"):
        raise Refused("missing", "valid_until", f"> {start}")
    renewal = fields.get("renewal")
    if renewal is not None and renewal["notice_days"] > renewal["days"]:
        found = str(renewal["notice_days"])
        raise Refused("invalid", "renewal.notice_days", f"0 … {renewal['days']}", found)
    keep, review = fields.get("retention_days"), fields.get("review_days")
    if keep is not None and review is not None and review > keep:
        raise Refused("invalid", "review_days", f"1 … {keep}", str(review))


def _check_parties(fields: Mapping[str, Any]) -> None:
    parties, accession = fields["parties"], fields.get("accession", [])
    if fields.get("kind") == "bilateral" and len(parties) != 2:
        raise Refused("invalid", "parties", "(2)", str(len(parties)))
    both = [member for member in accession if member in parties]
    if both:
        raise Refused("invalid", "accession", "≠ parties", ", ".join(both))
    if len(parties) + len(accession) > MAX_AUDIENCE:
        found = str(len(parties) + len(accession))
        raise Refused("invalid", "accession", f"parties + accession ≤ {MAX_AUDIENCE}", found)


def _check_charter(fields: Mapping[str, Any]) -> None:
    """Only a charter declares areas and has a council; it stands under no other."""
    declared = [each["area"] for each in fields.get("vocabulary", ())]
    council = fields.get("council")
    if fields.get("kind") != "charter":
        if declared:
            raise Refused("invalid", "vocabulary", "kind = charter", ", ".join(declared)[:80])
        if council is not None:
            raise Refused("invalid", "council", "kind = charter", str(fields.get("kind")))
        return
    if council is not None:
        check_council(council, "council")
    if fields.get("charter") is not None:
        raise Refused("invalid", "charter", "kind ≠ charter", fields["charter"])
    if declared:
        _check_part(fields["areas"], declared, "areas")


def _check_part(part: Sequence[str], of: Sequence[str], path: str) -> None:
    extra = [value for value in part if value not in of]
    if extra:
        raise Refused("invalid", path, " | ".join(of), ", ".join(extra))


def _check_distinct(rows: Sequence[Mapping[str, Any]], name: str, key: str) -> None:
    seen: set[str] = set()
    for place, row in enumerate(rows):
        if row[key] in seen:
            raise Refused("invalid", f"{name}[{place}].{key}", "≠", row[key])
        seen.add(row[key])
