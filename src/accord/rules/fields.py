"""Checks of the fields of our own objects: declared as data, one sentence for whatever is wrong.

What is allowed is said in a notation that needs no translation (`clear | green | amber`), so three
messages serve every field of every type and every language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from accord.base.clock import format_time, parse_time
from accord.base.errors import InputError

Check = Callable[[Any, str], Any]  # (value, path) -> the value in its JSON form; raises `Refused`


class Refused(Exception):
    """A field is not what it may be. `kind` is `invalid`, `missing` or `unknown`."""

    def __init__(self, kind: str, path: str, allowed: str, found: str = "") -> None:
        super().__init__(f"{path}: {kind}")
        self.kind, self.path, self.allowed, self.found = kind, path, allowed, found


class Field(msgspec.Struct, frozen=True):
    """One field of a type: its name, its check, and whether it may be absent."""

    name: str
    check: Check
    required: bool = True


Spec = tuple[Field, ...]

# STIX 2.1 section 3.2: what every object may have beside the fields of its type
COMMON = frozenset(
    {
        "type", "spec_version", "id", "created_by_ref", "created", "modified", "revoked", "labels",
        "confidence", "lang", "external_references", "object_marking_refs", "granular_markings",
        "extensions",
    }
)  # fmt: skip

UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


def read_object(fields: Mapping[str, Any], type_: str, spec: Spec) -> dict[str, Any]:
    """The fields of an own object that are not common to all STIX objects, checked.

    Raises `InputError` that names the field, what is allowed and what was found. A field that this
    version does not know is refused too: a clause that cannot be applied must not be passed over.
    """
    try:
        return checked(own_fields(fields, type_), spec)
    except Refused as refused:
        raise as_input_error(refused) from None


def own_fields(fields: Mapping[str, Any], type_: str) -> dict[str, Any]:
    """What an object of an own type has beside the common properties; raises `Refused`."""
    if fields.get("type") != type_:
        raise Refused("invalid", "type", type_, shown(fields.get("type")))
    return {name: value for name, value in fields.items() if name not in COMMON}


def without_unknown(values: Mapping[str, Any], spec: Spec) -> tuple[dict[str, Any], list[str]]:
    """`values` without the fields that `spec` does not know, at any depth, and their paths."""
    unknown: list[str] = []
    return _known(values, spec, "", unknown), unknown


def _known(values: Mapping[str, Any], spec: Spec, path: str, unknown: list[str]) -> dict[str, Any]:
    checks = {field.name: field.check for field in spec}
    unknown += [f"{path}{name}" for name in values if name not in checks]
    return {
        name: _known_inside(value, checks[name], f"{path}{name}", unknown)
        for name, value in values.items()
        if name in checks
    }


def _known_inside(value: Any, check: Check, path: str, unknown: list[str]) -> Any:
    spec, item = check.__dict__.get("spec"), check.__dict__.get("item")
    if spec is not None and isinstance(value, dict):
        return _known(value, spec, f"{path}.", unknown)
    if item is not None and isinstance(value, list):
        places = enumerate(value)
        return [_known_inside(each, item, f"{path}[{at}]", unknown) for at, each in places]
    return value


def as_input_error(refused: Refused) -> InputError:
    """What a person is told of a refused field."""
    return InputError(
        f"rules.field-{refused.kind}",
        field=refused.path,
        allowed=refused.allowed,
        found=refused.found,
    )


def checked(values: Mapping[str, Any], spec: Spec, path: str = "") -> dict[str, Any]:
    """`values` in the order of `spec` and in JSON form; raises `Refused` for the first fault."""
    prefix = f"{path}." if path else ""
    known = {field.name for field in spec}
    for name in values:
        if name not in known:
            allowed = " | ".join(field.name for field in spec)
            raise Refused("unknown", f"{prefix}{name}", allowed)
    out: dict[str, Any] = {}
    for field in spec:
        if field.name in values:
            out[field.name] = field.check(values[field.name], f"{prefix}{field.name}")
        elif field.required:
            raise Refused("missing", f"{prefix}{field.name}", _allowed_by(field.check))
    return out


def shown(value: Any) -> str:
    """A value as a person sees it in an error: short, in JSON notation."""
    if value is None:
        return "-"
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= 80 else f"{text[:77]}…"


def text(longest: int) -> Check:
    """Words: not blank, at most `longest` characters, no NUL."""
    allowed = f'"…" (1–{longest})'

    def check(value: Any, path: str) -> str:
        if isinstance(value, str) and value.strip() and len(value) <= longest and "\0" not in value:
            return value
        raise Refused("invalid", path, allowed, shown(value))

    schema = {"type": "string", "minLength": 1, "maxLength": longest, "pattern": r"\S"}
    return _says(check, allowed, schema)


def matching(pattern: str, allowed: str) -> Check:
    """A string that `pattern` matches whole."""
    expression = re.compile(pattern, re.ASCII)

    def check(value: Any, path: str) -> str:
        if isinstance(value, str) and expression.fullmatch(value):
            return value
        raise Refused("invalid", path, allowed, shown(value))

    return _says(check, allowed, {"type": "string", "pattern": f"^(?:{pattern})$"})


def one_of(*values: str) -> Check:
    """One of the words given."""
    allowed = " | ".join(values)

    def check(value: Any, path: str) -> str:
        if isinstance(value, str) and value in values:
            return value
        raise Refused("invalid", path, allowed, shown(value))

    return _says(check, allowed, {"enum": list(values)})


def whole(least: int, most: int) -> Check:
    """A whole number between `least` and `most`, both included."""
    allowed = f"{least} … {most}"

    def check(value: Any, path: str) -> int:
        if type(value) is int and least <= value <= most:
            return value
        raise Refused("invalid", path, allowed, shown(value))

    return _says(check, allowed, {"type": "integer", "minimum": least, "maximum": most})


def flag(value: Any, path: str) -> bool:
    """`true` or `false`."""
    if isinstance(value, bool):
        return value
    raise Refused("invalid", path, "true | false", shown(value))


def moment(value: Any, path: str) -> str:
    """A moment with its time zone (a day alone would begin at another time in every country)."""
    try:
        if isinstance(value, datetime) and value.tzinfo is not None:
            return format_time(value)
        if isinstance(value, str):
            return format_time(parse_time(value))
    except (ValueError, OverflowError):
        pass
    raise Refused("invalid", path, _MOMENT, shown(value))


_MOMENT = "2026-03-01T00:00:00Z"


def listed(check_item: Check, least: int, most: int) -> Check:
    """A list of `least` to `most` items, none twice."""
    allowed = f"[{_allowed_by(check_item)}, …] ({least}–{most})"

    def check(value: Any, path: str) -> list[Any]:
        if not isinstance(value, list) or not least <= len(value) <= most:
            raise Refused("invalid", path, allowed, shown(value))
        items = [check_item(item, f"{path}[{place}]") for place, item in enumerate(value)]
        again = _again(items)
        if again is not None:
            found = shown(value[again])
            raise Refused("invalid", f"{path}[{again}]", f"{allowed}, ≠", found)
        return items

    check.__dict__.update(item=check_item, least=least, most=most)
    return _says(check, allowed)


def _again(items: list[Any]) -> int | None:
    """The place of the first item that stood there before; lists and tables cannot be hashed."""
    met: set[Any] = set()
    for place, item in enumerate(items):
        key = item if isinstance(item, str) else msgspec.json.encode(item, order="sorted")
        if key in met:
            return place
        met.add(key)
    return None


def ascending(check_item: Check, by: Callable[[Any], int], least: int, most: int) -> Check:
    """A list of `least` to `most` items, each greater `by` this number than the one before it."""
    allowed = f"[{_allowed_by(check_item)}, …] ({least}–{most}), <"

    def check(value: Any, path: str) -> list[Any]:
        if not isinstance(value, list) or not least <= len(value) <= most:
            raise Refused("invalid", path, allowed, shown(value))
        items: list[Any] = []
        for place, item in enumerate(value):
            read = check_item(item, f"{path}[{place}]")
            if items and by(read) <= by(items[-1]):
                raise Refused("invalid", f"{path}[{place}]", allowed, shown(item))
            items.append(read)
        return items

    check.__dict__.update(item=check_item, least=least, most=most)
    return _says(check, allowed)


def table(spec: Spec) -> Check:
    """A table with the fields of `spec`."""
    allowed = "{" + ", ".join(field.name for field in spec) + "}"

    def check(value: Any, path: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise Refused("invalid", path, allowed, shown(value))
        return checked(value, spec, path)

    check.__dict__["spec"] = spec
    return _says(check, allowed)


def _says(check: Check, allowed: str, schema: Mapping[str, Any] | None = None) -> Check:
    """A check that says what is allowed, to people and as a JSON Schema."""
    check.__dict__["allowed"] = allowed
    if schema is not None:
        check.__dict__["schema"] = schema
    return check


def _allowed_by(check: Check) -> str:
    if check is moment:
        return _MOMENT
    return str(check.__dict__.get("allowed", "true | false"))


member_id = matching(f"identity--{UUID}", "identity--UUID")
agreement_id = matching(f"accord-agreement--{UUID}", "accord-agreement--UUID")
sha256_hex = matching("[0-9a-f]{64}", "SHA-256 [0-9a-f]{64}")
word = matching("[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?", "a-z 0-9 - _ (1–64)")
object_type = matching("[a-z0-9](?:[a-z0-9-]{1,248}[a-z0-9])", "a-z 0-9 - (3–250)")
origin = matching("accord/[0-9a-f]{40}", "accord/[0-9a-f]{40}")
