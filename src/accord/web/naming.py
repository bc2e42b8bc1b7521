"""The words of types and fields of STIX in the reader's language; unknown ones as they are.

Used by every room that shows objects; the words are those of the room of intelligence.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from accord.node.dossier import titles_of
from accord.node.listing import PRIVATE
from accord.rules.areas import area_name
from accord.rules.purposes import purpose_name
from accord.stix.markings import TLP_ORDER

if TYPE_CHECKING:
    from accord.node.answers import Answer
    from accord.node.browsing import Choices, Row
    from accord.node.dossier import Version
    from accord.node.relating import Link, Thing
    from accord.node.searching import Hit
    from accord.web.visit import Visit


_SNIPPET = 160  # characters

# What only links others, and by which of its properties.
_ENDS = {
    "relationship": ("source_ref", "target_ref"),
    "sighting": ("sighting_of_ref",),
    "opinion": ("object_refs",),
}


def address(object_id: str) -> str:
    """Where an object is shown."""
    return f"/intelligence/objects/{quote(object_id, safe='')}"


# Properties whose values are words of an open vocabulary.
_WORDED = frozenset(
    {"identity_class", "indicator_types", "infrastructure_types", "malware_types", "report_types",
     "tool_types", "threat_actor_types", "roles", "sophistication", "resource_level", "sectors",
     "primary_motivation", "secondary_motivations", "personal_motivations"}
)  # fmt: skip


class Naming:
    """What templates of this room name things by; one for each request."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._titles: dict[str, str] = {}

    def type(self, name: str) -> str:
        """A STIX type, one of ours, or whatever a publisher invented."""
        return self._known(f"intelligence.type-{name}", name)

    def field(self, name: str) -> str:
        """A property of an object."""
        return self._known(f"intelligence.field-{name}", name)

    def verb(self, name: str) -> str:
        """What a relationship says: `uses`, `indicates`."""
        return self._known(f"intelligence.verb-{name}", name)

    def word(self, field: str, value: str) -> str:
        """A value of a property: what the vocabularies of STIX 2.1 (part 10) name, in words."""
        if field == "lang":
            return self._visit.moments.language_name(value)
        return self._known(f"intelligence.word-{value}", value) if field in _WORDED else value

    def agreement(self, id_: str | None) -> str:
        """The title of an agreement; null is `private`."""
        if id_ is None:
            return self._visit.t("intelligence.private")
        return self._visit.titles.get(id_, id_)

    def area(self, name: str) -> str:
        """An area of cooperation, in the words of the community."""
        return area_name(name, self._visit.language)

    def purpose(self, name: str) -> str:
        """What something may be used for, in the reader's language where it is a usual one."""
        return purpose_name(name, self._visit.language)

    def count(self, total: int, *, capped: bool) -> str:
        """Exact, or `10,000+`."""
        number = self._visit.moments.number(total)
        return f"{number}+" if capped else number

    def link(self, link: Link) -> str:
        """What one object has to do with another: a relationship's verb, or a property."""
        said = self.verb(link.kind)
        return self.field(link.kind) if said == link.kind and link.by is None else said

    def heading(self, row: Row | Hit | Version) -> str:
        """What stands for an object in a list: of what only links others, what it links."""
        if row.body is None:
            return self.titled(row.title, row.type)
        fields = msgspec.json.decode(row.body)
        ends = [self._titles.get(_first(fields.get(end)), "…") for end in _ENDS.get(row.type, ())]
        match row.type:
            case "relationship":
                verb = self.verb(str(fields.get("relationship_type", "")))
                return f"{ends[0]} – {verb} – {ends[1]}"
            case "sighting":
                return self._visit.t("intelligence.sighting-of", object=ends[0])
            case "opinion":
                known = f"intelligence.opinion-{fields.get('opinion', '')}"
                said = self._known(known, str(fields.get("opinion", "")))
                return self._visit.t("intelligence.opinion-of", opinion=said, object=ends[0])
        return self.titled(row.title, row.type)

    def titled(self, title: str, type_: str) -> str:
        """A title; in the place of one that is but an id, the type and the end of that id."""
        if title == type_:  # withheld until a restriction is acknowledged
            return self.type(type_)
        end = f"…\N{WORD JOINER}{title[-8:]}"
        return f"{self.type(type_)} {end}" if title.startswith(f"{type_}--") else title

    def thing(self, thing: Thing) -> str:
        """What stands at the end of a link; a member by its name."""
        known = self._visit.names.by_member.get(thing.id)
        return known or self.titled(thing.title, thing.type)

    def snippet(self, row: Row | Hit) -> str:
        """The beginning of what an object says, where its title is something else."""
        fields = msgspec.json.decode(row.body)
        for name in ("description", "abstract", "explanation", "pattern"):
            text = fields.get(name)
            if isinstance(text, str) and text.strip():
                said = " ".join(text[:600].split())
                return said if len(said) <= _SNIPPET else f"{said[:_SNIPPET]} …"
        return ""

    def look_up(self, rows: Iterable[Row | Hit | Version]) -> None:
        """Find out in one go what the objects are called that these rows link."""
        wanted: dict[str, None] = {}
        for row in rows:
            if row.type in _ENDS and row.body is not None:
                fields = msgspec.json.decode(row.body)
                wanted |= {_first(fields.get(end)): None for end in _ENDS[row.type]}
        self.look_up_objects(wanted)

    def look_up_objects(self, object_ids: Iterable[str]) -> None:
        """Find out in one go what these objects are called, as far as the visitor may read them."""
        wanted = list(dict.fromkeys(object_ids))
        if wanted and self._visit.may("read"):
            found = titles_of(self._visit.node, self._visit.reader, wanted)
            self._titles |= {id_: named.title for id_, named in found.items()}

    def object(self, object_id: str) -> str:
        """An object that was looked up by its title; another by its type and the end of its id."""
        return self.titled(self._titles.get(object_id, object_id), object_id.partition("--")[0])

    def code(self, name: str) -> str:
        """What a handling code asks for."""
        return self._known(f"intelligence.code-{name}", name)

    def grade(self, scheme: str, of: str, given: str) -> str:
        """What a grade of source or information says."""
        return self._known(f"intelligence.grade-{scheme}-{of}-{given}", given)

    def answer(self, answer: Answer) -> str:
        """What was answered, in a few words."""
        t = self._visit.t
        match answer.kind:
            case "sighting":
                return t("intelligence.answer-sightings", count=answer.said.count)
            case "opinion":
                known = f"intelligence.opinion-{answer.said.opinion}"
                said = self._known(known, answer.said.opinion)
                return t("intelligence.answer-opinion", opinion=said)
            case "note":
                return t("intelligence.answer-note")
            case _:
                return t("intelligence.answer-correction")

    def value(self, facet: str, value: str) -> str:
        """A value of a facet of a search."""
        match facet:
            case "type":
                return self.type(value)
            case "area":
                return self.area(value)
            case "agreement":
                return self.agreement(None if value == PRIVATE else value)
            case "member":
                return self._visit.names[value]
            case "tlp":
                return f"TLP:{value.upper()}"
        return value

    def choices(self, found: Choices) -> dict[str, list[tuple[str, str]]]:
        """What can be filtered by: (value, words), in the order of the words."""
        ids = [each for each in found.agreements if each is not None]
        private = [(PRIVATE, self.agreement(None))] if None in found.agreements else []
        return {
            "types": _sorted((each, self.type(each)) for each in found.types),
            "areas": _sorted((each, self.area(each)) for each in found.areas),
            "agreements": private + _sorted((each, self.agreement(each)) for each in ids),
            "members": _sorted((each, self._visit.names[each]) for each in found.members),
            "levels": [(level, f"TLP:{level.upper()}") for level in TLP_ORDER],
        }

    def _known(self, key: str, otherwise: str) -> str:
        said = self._visit.t(key)
        return otherwise if said == key else said


def _sorted(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(pairs, key=lambda pair: (pair[1].casefold(), pair[0]))


def _first(given: object) -> str:
    """A reference, or the first of several."""
    return str(given[0] if isinstance(given, list) and given else given)
