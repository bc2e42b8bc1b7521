"""Objects from a list: what people have in hand, as STIX 2.1 that they can read and change."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import msgspec

from accord.base.clock import format_time
from accord.base.errors import InputError
from accord.web.forms import Form
from accord.web.visit import Visit

MOST_LINES = 1_000

# Observables by what people call them: a test of one line, and the comparison that finds it.
KINDS: dict[str, tuple[str, str]] = {
    "domain": (
        r"(?=.{1,253}$)([a-z0-9_]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}",
        "domain-name:value",
    ),
    "ipv4": (r"(\d{1,3}\.){3}\d{1,3}(/\d{1,2})?", "ipv4-addr:value"),
    "ipv6": (r"[0-9a-f:.]{2,45}(/\d{1,3})?", "ipv6-addr:value"),
    "url": (r"[a-z][a-z0-9+.-]*://\S{1,2000}", "url:value"),
    "email": (r"[^@\s]{1,64}@[^@\s]{1,255}", "email-addr:value"),
    "sha256": (r"[0-9a-f]{64}", "file:hashes.'SHA-256'"),
    "sha1": (r"[0-9a-f]{40}", "file:hashes.'SHA-1'"),
    "md5": (r"[0-9a-f]{32}", "file:hashes.MD5"),
}
_COMMA = re.compile(r"[,，、]")
_CVE = re.compile(r"CVE-\d{4}-\d{4,}", re.IGNORECASE)
_DEFANGED: tuple[tuple[str, str], ...] = (
    ("[.]", "."), ("(.)", "."), ("{.}", "."), ("[:]", ":"), ("[@]", "@"), ("[at]", "@"),
)  # fmt: skip


def compose(visit: Visit, form: Form) -> str:
    """The objects that the form describes, as JSON to be read. Raises `InputError`."""
    kind = form.choice("kind", (*KINDS, "vulnerability"), visit.t("publishing.kind"))
    lines = form.text("values", visit.t("publishing.values"), most=200_000).splitlines()
    values = [line.strip() for line in lines if line.strip()]
    if len(values) > MOST_LINES:
        raise InputError("publishing.too-many-lines", found=len(values), most=MOST_LINES)
    make = _vulnerability if kind == "vulnerability" else _indicator(kind)
    shared = _shared(visit, form)
    objects = [{**make(refanged(value)), **shared} for value in dict.fromkeys(values)]
    return msgspec.json.format(msgspec.json.encode(objects), indent=2).decode()


def refanged(value: str) -> str:
    """An address as it was before somebody made it harmless: `hxxp`, `[.]`."""
    for harmless, real in _DEFANGED:
        value = value.replace(harmless, real)
    return re.sub(r"^hxxp", "http", value, flags=re.IGNORECASE)


def _indicator(kind: str) -> Callable[[str], dict[str, object]]:
    form, path = KINDS[kind]

    def make(value: str) -> dict[str, object]:
        known = value if kind in ("url", "email") else value.lower()
        if re.fullmatch(form, known, re.IGNORECASE) is None:
            raise InputError("publishing.not-of-kind", found=value[:100], kind=kind)
        quoted = known.replace("\\", "\\\\").replace("'", "\\'")
        return {
            "type": "indicator",
            "spec_version": "2.1",
            "id": f"indicator--{uuid.uuid4()}",
            "name": known[:200],
            "pattern": f"[{path} = '{quoted}']",
            "pattern_type": "stix",
        }

    return make


def _vulnerability(value: str) -> dict[str, object]:
    if _CVE.fullmatch(value) is None:
        raise InputError("publishing.not-of-kind", found=value[:100], kind="CVE")
    name = value.upper()
    return {
        "type": "vulnerability",
        "spec_version": "2.1",
        "id": f"vulnerability--{uuid.uuid4()}",
        "name": name,
        "external_references": [{"source_name": "cve", "external_id": name}],
    }


def _shared(visit: Visit, form: Form) -> dict[str, object]:
    """What all objects of one form have in common."""
    now = format_time(visit.now)[:23] + "Z"  # milliseconds, as STIX 2.1 section 3.2 has them
    found: dict[str, object] = {"created": now, "modified": now}
    if form.maybe("kind") != "vulnerability":
        found["valid_from"] = now
    description = form.maybe("description", visit.t("publishing.description"), most=10_000)
    if description:
        found["description"] = description
    labels = [each.strip() for each in _COMMA.split(form.maybe("labels")) if each.strip()]
    if labels:
        found["labels"] = labels
    return found
