"""One text in three languages: what can be checked of it, and how STIX tools are shown it.

All three stand in the bytes that are signed, so no party is shown another translation. Whether they
say the same, people judge; that they have the same articles and words, a program can.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any

from accord.base.jsontext import canonical

from .fields import Refused

_ARTICLES = {
    "zh": re.compile(r"^\s*第([一二三四五六七八九十百零〇\d]+)条", re.MULTILINE),
    "ru": re.compile(r"^\s*Статья (\d+)", re.MULTILINE),
    "en": re.compile(r"^\s*Article (\d+)", re.MULTILINE),
}
_DIGITS = {character: value for value, character in enumerate("〇一二三四五六七八九")}
_DIGITS["零"] = 0
_LANGUAGE_CONTENT = uuid.UUID("5d0f0b6e-4f0d-5a63-9d0b-0d5f6f5e2c11")  # namespace of their ids


def articles(text: str, language: str) -> tuple[int, ...]:
    """The numbers of the articles of a text, in the order in which they stand."""
    return tuple(_number(found) for found in _ARTICLES[language].findall(text))


def _number(written: str) -> int:
    """A number in figures, or in Chinese characters below 1000."""
    if written.isdecimal() and written.isascii():
        return int(written)
    total, digit = 0, 0
    for character in written:
        if character in "十百":
            total += (digit or 1) * (10 if character == "十" else 100)
            digit = 0
        else:
            digit = _DIGITS.get(character, 0)
    return total + digit


def check_languages(fields: Mapping[str, Any]) -> None:
    """Raise `Refused` where the languages of a text differ in their articles or in its words."""
    texts = fields["texts"]
    first = articles(texts["en"], "en")
    for language in ("zh", "ru"):
        found = articles(texts[language], language)
        if found != first:
            raise Refused("invalid", f"texts.{language}", _listed(first), _listed(found))
    for place, word in enumerate(fields.get("glossary", ())):
        used = [
            name for name in ("zh", "ru", "en") if _stem(word[name], name) in texts[name].lower()
        ]
        if used and len(used) < 3:
            missing = next(name for name in ("zh", "ru", "en") if name not in used)
            allowed = f"texts.{missing} ∋ {word[missing]}"
            raise Refused("invalid", f"glossary[{place}].{missing}", allowed, word[missing])


def _listed(numbers: tuple[int, ...]) -> str:
    return ", ".join(map(str, numbers)) or "-"


def _stem(word: str, language: str) -> str:
    """What stays when a Russian or English word is inflected, roughly."""
    word = word.lower()
    if language == "zh" or len(word) <= 4:
        return word
    return word[: max(4, len(word) - 3)] if language == "ru" else word[: len(word) - 1]


def language_contents(agreement: Mapping[str, Any]) -> list[bytes]:
    """The titles and texts of an `accord-agreement` as STIX 2.1 `language-content` objects.

    Made from the signed bytes and from nothing else: everybody makes the same ones (section 7.1).
    One object for each language but that of the original, which is `en` where none is named.
    """
    original = agreement.get("original", "en")
    found = []
    for language in ("zh", "ru", "en"):
        if language == original:
            continue
        name = f"{agreement['id']}|{agreement['modified']}|{language}"
        found.append(
            canonical(
                {
                    "type": "language-content",
                    "spec_version": "2.1",
                    "id": f"language-content--{uuid.uuid5(_LANGUAGE_CONTENT, name)}",
                    "created_by_ref": agreement["created_by_ref"],
                    "created": agreement["created"],
                    "modified": agreement["modified"],
                    "object_ref": agreement["id"],
                    "object_modified": agreement["modified"],
                    "contents": {
                        language: {
                            "name": agreement["titles"][language],
                            "description": agreement["texts"][language],
                        }
                    },
                }
            )
        )
    return found
