"""The words of a STIX object with their weight, and the words of a question.

How much a token says about an object is settled when the object is read: `impact` grows with the
field it stands in and how often it is there, and shrinks with the length of that field (BM25, with
fixed averages instead of those of a collection: what a person may not read must not show in the
order of what they may).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import msgspec

from .tokens import STOP_WORDS, TOKEN_CHARS, asked_tokens, count_tokens, last_word, normal

OBJECT_CHARS = 200_000  # of one object; what follows is not indexed
WRITTEN_CHARS = 100_000  # of its tokens: with all marks PostgreSQL takes them (1 MiB of UTF-8)
FIELDS = 5_000  # of one object
DEPTH = 12
QUESTION_CHARS = 500
QUESTION_TERMS = 24
PREFIX_CHARS = 3  # a shorter beginning of a word is a word
NAME_WORDS = 8  # a longer name is no token by itself

STRONG, WHOLE = "^", "="  # what a token begins with that stands in a name, or is one
REFERS = ">"  # what a token begins with that says which object is referred to
MOST_REFERENCES = 2_000  # of one object

_STRONG_IMPACT, _PLAIN_IMPACT, _WHOLE_IMPACT = 300, 100, 1000
_REFERENCE_IMPACT = 0  # of no weight, and no other line has it
_STRONG_LENGTH, _PLAIN_LENGTH = 8, 100  # tokens; the averages of BM25
_K, _B = 1.2, 0.5  # of BM25: saturation, and the share of the length

_NAMES = frozenset({"name", "aliases", "x_mitre_aliases", "value", "display_name", "titles"})
_IN_NAMES = _NAMES | {
    *("abbreviation", "account_login", "external_id", "hashes", "key", "number", "path", "serial"),
    *("serial_number", "subject", "thumbprint", "title", "user_id", "x_mitre_id", "cpe", "issuer"),
}
_UNREAD = frozenset(
    {"id", "type", "spec_version", "pattern", "pattern_type", "pattern_version", "created",
     "modified", "valid_from", "valid_until", "first_seen", "last_seen", "first_observed",
     "last_observed", "published", "lang", "granular_markings", "payload_bin", "extension_type",
     "extension_types", "revoked", "confidence", "schema"}
)  # fmt: skip
_NO_REFERENCES = frozenset({"created_by_ref", "object_marking_refs"})
_QUOTED = re.compile(r"hashes\.'[^']*'|'((?:[^'\\]|\\.)*)'")  # not the names of algorithms


class Term(msgspec.Struct, frozen=True):
    """One thing that a found object has: the token, or (where there is one) a word so begun."""

    token: str
    prefix: str = ""


class Words(msgspec.Struct, frozen=True):
    """The words of a question. An object is found that has all `terms`; `name` is them as one."""

    terms: tuple[Term, ...]
    name: str = ""


def object_words(fields: Mapping[str, Any]) -> str:
    """The tokens of an object with their impacts, as one text for `tokens_of` and `score`."""
    names: list[str] = []
    strong: list[str] = []
    plain: list[str] = [str(fields.get("type", ""))]
    left = OBJECT_CHARS
    for key, whole in islice(_texts(fields, "", 0), FIELDS):
        text = whole[:left]
        left -= len(text)
        if key in _IN_NAMES:
            strong.append(text)
            if key in _NAMES:
                names.append(text)
        else:
            plain.append(text)
    pattern = fields.get("pattern")
    if isinstance(pattern, str):
        if fields.get("pattern_type", "stix") == "stix":
            strong += _QUOTED.findall(pattern[:OBJECT_CHARS])
        else:
            plain.append(pattern[:OBJECT_CHARS])
    counts = count_tokens(strong), count_tokens(plain)
    return _written(names, *counts, str(fields.get("id", "")), _references(fields))


def referring_to(identifier: str) -> Words:
    """The words of a question for all objects that refer to one."""
    return Words((Term(_reference(identifier)),))


def question_words(text: str, *, typing: bool = False) -> Words:
    """The words of a question. `word*` asks for a beginning, as does the last word while `typing`.

    A question that has none has no terms; what exceeds `QUESTION_TERMS` is passed over.
    """
    text = text[:QUESTION_CHARS]
    terms: list[Term] = []
    words = text.split()
    for place, word in enumerate(words):
        starred = word.endswith("*")
        found = [Term(token) for token in asked_tokens(word.rstrip("*"))]
        last = typing and place == len(words) - 1 and not text[-1:].isspace()
        prefix = last_word(word.rstrip("*")) if starred or last else ""
        if found and len(prefix) >= PREFIX_CHARS:
            found[-1] = Term(found[-1].token, prefix)
        terms += found
    kept = [term for term in terms if term.prefix or term.token not in STOP_WORDS] or terms
    return Words(tuple(dict.fromkeys(kept))[:QUESTION_TERMS], _as_name(text.replace("*", " ")))


def tokens_of(text: str) -> list[str]:
    """The tokens an index holds of an object's words: what is in a name also counts plainly."""
    found: list[str] = []
    for line in text.splitlines():
        found += line.partition("\t")[2].split()
    found += [token[1:] for token in found if token[0] == STRONG]
    return found


def score(text: str, words: Words) -> int:
    """How much an object's words say about those of a question."""
    total = _impact(text, f" {WHOLE}{words.name} ") if words.name else 0
    for term in words.terms:
        found = max(_impact(text, f" {mark}{term.token} ") for mark in ("", STRONG))
        if not found and term.prefix:
            found = max(_impact(text, f" {mark}{term.prefix}") for mark in ("", STRONG))
        total += found
    return total


def _impact(text: str, start: str) -> int:
    """That of the first token so begun; 0 where there is none."""
    place = text.find(start)
    if place < 0:
        return 0
    line = text.rfind("\n", 0, place) + 1
    return int(text[line : text.find("\t", line)])


def _references(fields: Mapping[str, Any]) -> list[str]:
    """A token for each object that it refers to; its author and its markings are none."""
    found: dict[str, None] = {}
    for name, value in fields.items():
        if name.endswith(("_ref", "_refs")) and name not in _NO_REFERENCES:
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, str):
                    found[each] = None
    return [_reference(each) for each in islice(found, MOST_REFERENCES)]


def _reference(identifier: str) -> str:
    return REFERS + hashlib.sha256(identifier.encode()).hexdigest()[:16]


def _written(
    names: list[str],
    strong: dict[str, int],
    plain: dict[str, int],
    identifier: str,
    references: list[str],
) -> str:
    """A line for each impact: the impact, a tab, the tokens between blanks."""
    lines: dict[int, list[str]] = {
        _WHOLE_IMPACT: [WHOLE + name for name in filter(None, map(_as_name, names))],
        _STRONG_IMPACT: [STRONG + normal(identifier)] if identifier else [],
    }
    impacts = _Impacts(_STRONG_IMPACT, sum(strong.values()) / _STRONG_LENGTH)
    for token, times in strong.items():
        lines.setdefault(impacts[times], []).append(STRONG + token)
    impacts = _Impacts(_PLAIN_IMPACT, sum(plain.values()) / _PLAIN_LENGTH)
    for token, times in plain.items():
        if token not in strong:
            lines.setdefault(impacts[times], []).append(token)
    lines[_REFERENCE_IMPACT] = references
    text = "\n".join(f"{impact}\t {'  '.join(found)} " for impact, found in lines.items() if found)
    if len(text) <= WRITTEN_CHARS:
        return text
    return text[: text.rfind("  ", 0, WRITTEN_CHARS) + 1]


class _Impacts(dict[int, int]):
    """How much a token says by how often it is there, in a field so many times the average."""

    def __init__(self, most: int, length: float) -> None:
        self._most = most
        self._length = _K * (1 - _B + _B * length)

    def __missing__(self, times: int) -> int:
        share = times * (_K + 1) / (times + self._length)
        found = self[times] = max(1, round(self._most * share))
        return found


def _texts(value: Any, key: str, depth: int) -> Iterator[tuple[str, str]]:
    """Every text of an object that is worth finding, with the name of the field it is in."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        if depth < DEPTH:
            for name, each in value.items():
                if name not in _UNREAD and not name.endswith(("_ref", "_refs")):
                    inner = key if key in ("hashes", "titles") else name
                    yield from _texts(each, inner, depth + 1)
    elif isinstance(value, list):
        if depth < DEPTH:
            for each in value:
                yield from _texts(each, key, depth + 1)
    elif key == "number" and isinstance(value, int):
        yield key, f"AS{value}"


def _as_name(text: str) -> str:
    """A name as one token, so that an object that is called just so comes first."""
    if len(text) > QUESTION_CHARS:
        return ""
    kept = [word for word in asked_tokens(text) if word not in STOP_WORDS]
    return "_".join(kept)[:TOKEN_CHARS] if 0 < len(kept) <= NAME_WORDS else ""
