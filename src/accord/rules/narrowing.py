"""A narrowing: fewer of the terms of an agreement, never more of any.

One notion for two things: a party's reservation, and an implementing rule of the text itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from accord.ledger.envelope import Pap, Tlp
from accord.stix.markings import PAP_ORDER, TLP_ORDER

from .fields import Field, Refused, Spec, flag, listed, object_type, one_of, table, word

ONWARD_ORDER = ("none", "agreement", "public")  # ever further


class Narrowing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is left of the terms it names; None: this term stands as the text says it."""

    areas: tuple[str, ...] | None = None
    purposes: tuple[str, ...] | None = None
    object_types: tuple[str, ...] | None = None
    tlp_ceiling: Tlp | None = None
    pap_ceiling: Pap | None = None
    onward: str | None = None
    personal_data: bool | None = None
    exercise: bool | None = None


NARROWABLE = Narrowing.__struct_fields__

NARROWING: Spec = (
    Field("areas", listed(word, 1, 100), required=False),
    Field("purposes", listed(word, 1, 100), required=False),
    Field("object_types", listed(object_type, 1, 500), required=False),
    Field("tlp_ceiling", one_of(*TLP_ORDER), required=False),
    Field("pap_ceiling", one_of(*PAP_ORDER), required=False),
    Field("onward", one_of(*ONWARD_ORDER), required=False),
    Field("personal_data", flag, required=False),
    Field("exercise", flag, required=False),
)
narrows = table(NARROWING)


def check_narrows(narrowed: Mapping[str, Any], terms: Mapping[str, Any], path: str) -> None:
    """Raise `Refused` for the first term that `narrowed` does not name or leaves wider.

    `terms` are the fields of the agreement, in JSON form; `path` is where the narrowing stands.
    """
    if not narrowed:
        raise Refused("invalid", path, " | ".join(NARROWABLE), "-")
    for name in ("areas", "purposes", "object_types"):
        _check_part(narrowed, terms, name, path)
    clause = terms.get("personal_data")
    persons = clause is not None and clause["allowed"]
    _check_level(narrowed, "tlp_ceiling", TLP_ORDER, terms["tlp_ceiling"], path)
    _check_level(narrowed, "pap_ceiling", PAP_ORDER, terms.get("pap_ceiling"), path)
    _check_level(narrowed, "onward", ONWARD_ORDER, terms["onward"], path)
    for name, granted in (("personal_data", persons), ("exercise", terms.get("exercise", False))):
        if narrowed.get(name) and not granted:
            raise Refused("invalid", f"{path}.{name}", "false", "true")


def _check_part(narrowed: Mapping[str, Any], terms: Mapping[str, Any], name: str, at: str) -> None:
    granted = terms.get(name, ())
    if name == "object_types" and not granted:  # empty: every type
        return
    wider = [value for value in narrowed.get(name, ()) if value not in granted]
    if wider:
        raise Refused("invalid", f"{at}.{name}", " | ".join(granted), ", ".join(wider))


def _check_level(
    narrowed: Mapping[str, Any], name: str, order: tuple[str, ...], granted: str | None, at: str
) -> None:
    level = narrowed.get(name)
    if level is None or granted is None:
        return
    allowed = order[: order.index(granted) + 1]
    if level not in allowed:
        raise Refused("invalid", f"{at}.{name}", " | ".join(allowed), level)
