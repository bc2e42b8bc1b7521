"""Words and fields that ask for a review of neutrality. They decide nothing: two people do.

What is predominantly political, military, religious or racial stays outside cooperation against
crime, as in Article 3 of INTERPOL's Constitution. The lists are short and exact on purpose, in the
three languages of the texts; a word that is not on them is a matter for whoever publishes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .terms import Terms

# Beginnings of words, since they are inflected.
_ENGLISH = (
    "politic", "partisan", "election", "referendum", "dissident", "opposition", "protest", "coup",
    "military", "army", "armed forces", "navy", "air force", "soldier", "warfare",
    "religio", "church", "mosque", "synagogue", "clergy", "blasphem", "heresy",
    "racial", "racist", "ethnic", "tribal", "caste",
)  # fmt: skip
_RUSSIAN = (
    "политическ", "партийн", "выбор", "референдум", "диссидент", "оппозици", "протест",
    "переворот", "военн", "арми", "вооружённ", "вооруженн", "флот", "солдат",
    "религи", "церк", "мечет", "синагог", "духовенств", "ересь",
    "расов", "этническ", "племенн", "кастов",
)  # fmt: skip
_CHINESE = (
    "政治", "政党", "选举", "公投", "异见", "反对派", "抗议", "政变",
    "军事", "军队", "武装力量", "海军", "空军", "士兵", "战争",
    "宗教", "教会", "清真寺", "犹太教堂", "神职", "异端",
    "种族", "民族", "部落", "种姓",
)  # fmt: skip
FLAG_FIELDS = frozenset(
    {
        "religion", "religious_affiliation", "political_affiliation", "political_opinion",
        "party_membership", "race", "ethnicity", "ethnic_origin", "military_rank", "military_unit",
    }
)  # fmt: skip
_WORDS = re.compile(
    "|".join((rf"\b(?:{'|'.join(_ENGLISH + _RUSSIAN)})\w*", *_CHINESE)), re.IGNORECASE
)
# Identifiers, references and pattern code are no prose.
_NO_PROSE = frozenset({"id", "type", "pattern", "created_by_ref", "object_marking_refs", "lang"})
MOST_FLAGS = 20


def flags_of(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """The words and field names in an object that ask for a review, each once, at most twenty."""
    found = dict.fromkeys(_flags(fields))
    return tuple(found)[:MOST_FLAGS]


def _flags(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        for match in _WORDS.finditer(value):
            yield match[0].casefold()
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            if name in _NO_PROSE or name.endswith(("_ref", "_refs")):
                continue
            if name.lower().removeprefix("x_") in FLAG_FIELDS and inner not in ("", [], {}, None):
                yield name
            yield from _flags(inner)
    elif isinstance(value, list):
        for item in value:
            yield from _flags(item)


def flags_under(
    terms: Terms | None, area: str | None, fields: Mapping[str, Any]
) -> tuple[str, ...]:
    """The same, where the agreement marks the area; else nobody needs to look."""
    clause = terms.neutrality if terms is not None else None
    return flags_of(fields) if clause is not None and area in clause.areas else ()
