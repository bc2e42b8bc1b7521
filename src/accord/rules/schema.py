"""The agreement file as a JSON Schema, made from the fields that its reader takes.

For editors that complete and check TOML. What no single field can say (an end after the start, a
part of a list above), only the reader checks.
"""

from __future__ import annotations

from typing import Any

from .fields import Check, Spec, flag, moment
from .terms_spec import AGREEMENT

ID = "https://accord.example/schema/agreement-1.json"


def agreement_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of the fields of an agreement."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        "title": "An agreement as it is proposed: accord agreement propose FILE",
        **_object(AGREEMENT),
    }


def _object(spec: Spec) -> dict[str, Any]:
    required = [field.name for field in spec if field.required]
    return {
        "type": "object",
        "properties": {field.name: _of(field.check) for field in spec},
        **({"required": required} if required else {}),
        "additionalProperties": False,
    }


def _of(check: Check) -> dict[str, Any]:
    said = check.__dict__
    if check is flag:
        return {"type": "boolean"}
    if check is moment:
        return {"type": "string", "format": "date-time"}
    if "spec" in said:
        return _object(said["spec"])
    if "item" in said:
        bounds = {"minItems": said["least"], "maxItems": said["most"], "uniqueItems": True}
        return {"type": "array", "items": _of(said["item"]), **bounds}
    return dict(said["schema"])
