"""Messages are keys with arguments; they become words only where a person reads them.

A key is `<catalogue>.<slug>`, for example `rules.audience-empty`. The catalogue is the file
`locale/<language>/<catalogue>.po`; every key stands in it for each language in `LANGUAGES`.
"""

from __future__ import annotations

import gettext
import io
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

LANGUAGES = ("en", "ru", "zh")

Arg = str | int


class Message(msgspec.Struct, frozen=True, gc=False):
    """What is to be said: a key of a catalogue and the arguments of its sentence."""

    key: str
    args: dict[str, Arg] = {}

    def __str__(self) -> str:
        return translate(self, "en")

    def __hash__(self) -> int:
        return hash((self.key, tuple(self.args.items())))


def say(key: str, /, **args: Arg) -> Message:
    """A message, to be translated later by whoever shows it."""
    return Message(key, args)


def translate(message: Message, language: str) -> str:
    """The sentence of `message` in `language` ("en", "ru" or "zh").

    A plural entry of the catalogue is chosen by the argument `count`. A key that no catalogue
    holds is shown as it is, with its arguments, so that nothing is ever swallowed. An argument
    `term` names a term of agreements as their files do; it is said in the reader's words.
    """
    catalogue = _catalogue(language, message.key.partition(".")[0])
    count = message.args.get("count")
    if isinstance(count, int):
        sentence = catalogue.ngettext(message.key, message.key, count)
    else:
        sentence = catalogue.gettext(message.key)
    if sentence == message.key:
        return _bare(message)
    try:
        return sentence.format_map(_in_words(message.args, language))
    except (KeyError, IndexError, ValueError):
        return _bare(message)


def _in_words(args: dict[str, Arg], language: str) -> dict[str, Arg]:
    if "term" not in args:
        return args
    key = f"rules.term-{args['term']}".replace("_", "-")
    word = _catalogue(language, "rules").gettext(key)
    return args if word == key else {**args, "term": word}


def _bare(message: Message) -> str:
    if not message.args:
        return message.key
    return f"{message.key} ({', '.join(f'{name}={value}' for name, value in message.args.items())})"


@cache
def _catalogue(language: str, name: str) -> gettext.NullTranslations:
    folder = resources.files("accord").joinpath("locale", language)
    compiled, source = folder.joinpath(f"{name}.mo"), folder.joinpath(f"{name}.po")
    if compiled.is_file() and not _is_stale(compiled, source):
        return gettext.GNUTranslations(io.BytesIO(compiled.read_bytes()))
    if source.is_file():
        return gettext.GNUTranslations(io.BytesIO(_compile(source, language)))
    return gettext.NullTranslations()


def _is_stale(compiled: Traversable, source: Traversable) -> bool:
    """Whether a person changed the text since it was compiled (only in a work tree)."""
    from pathlib import Path

    if not (isinstance(compiled, Path) and isinstance(source, Path) and source.exists()):
        return False
    return source.stat().st_mtime > compiled.stat().st_mtime


def _compile(source: Traversable, language: str) -> bytes:
    """The `.mo` of a `.po`. Without the language Babel drops the plural rule."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    out = io.BytesIO()
    write_mo(out, read_po(io.BytesIO(source.read_bytes()), locale=language))
    return out.getvalue()
