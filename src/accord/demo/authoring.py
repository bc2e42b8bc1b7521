"""Writing STIX 2.1 objects in one language, with identifiers that are the same on every run."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

import msgspec

from accord.base.messages import say, translate
from accord.stix.identifiers import observable_id

_NAMESPACE = UUID("5a1de7f0-6f2c-5f0b-9a52-0d2c6c5a1a7e")

TLP = {  # the identifiers of the OASIS extension for TLP 2.0
    "clear": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "green": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "amber": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "red": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}


def at(hour: int) -> str:
    """The moment that many hours into the story, as STIX writes it."""
    day, clock = divmod(hour, 24)
    return f"2026-11-{2 + day:02}T{clock:02}:00:00.000Z"


class Pen:
    """Writes the objects of one author, in order. Every one says that it is fiction."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._written: dict[str, bytes] = {}
        self.author: str | None = None
        self.fiction: str | None = None

    def text(self, key: str, **arguments: str | int) -> str:
        """A text of the story."""
        return translate(say(key, **arguments), self.language)

    def write(self, kind: str, slug: str, tlp: str | None, **fields: Any) -> str:
        """An object of the type `kind`; `tlp` null leaves it without a level. Returns its id."""
        head = {
            "type": kind,
            "spec_version": "2.1",
            "id": f"{kind}--{uuid5(_NAMESPACE, f'{self.language}/{kind}/{slug}')}",
            "created_by_ref": self.author,
            "created": fields.pop("created", at(0)),
            "modified": fields.pop("modified", at(0)),
            "lang": self.language,
        }
        if kind == "marking-definition":
            del head["modified"], head["lang"]
        return self._keep({**head, **fields, "object_marking_refs": self._markings(tlp)})

    def told(self, kind: str, slug: str, tlp: str | None, **fields: Any) -> str:
        """An object with the name and description that the catalogue has for `slug`."""
        name = self.text(f"demo.name-{slug}")
        description = self.text(f"demo.about-{slug}")
        return self.write(kind, slug, tlp, name=name, description=description, **fields)

    def observe(self, kind: str, tlp: str | None, **fields: Any) -> str:
        """A cyber-observable; its id follows from its value (STIX 2.1 section 2.9)."""
        head = {"type": kind, "spec_version": "2.1", **fields}
        return self._keep(
            {**head, "id": observable_id(head), "object_marking_refs": self._markings(tlp)}
        )

    def relate(self, source: str, verb: str, target: str, tlp: str = "green") -> str:
        """A relationship between two objects."""
        slug = f"{source} {verb} {target}"
        ends = {"source_ref": source, "target_ref": target}
        return self.write("relationship", slug, tlp, relationship_type=verb, **ends)

    def take(self) -> tuple[bytes, ...]:
        """The objects written since the last time."""
        taken = tuple(self._written.values())
        self._written.clear()
        return taken

    def _markings(self, tlp: str | None) -> list[str]:
        level = TLP[tlp] if tlp is not None else None
        return [marking for marking in (level, self.fiction) if marking is not None]

    def _keep(self, fields: dict[str, Any]) -> str:
        present = {name: value for name, value in fields.items() if value not in (None, [])}
        self._written[present["id"]] = msgspec.json.encode(present)
        return str(present["id"])
