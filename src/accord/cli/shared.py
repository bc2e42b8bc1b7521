"""What every command understands: `--home`, `--json` and `--lang`, before or after its name."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from accord.base.errors import InputError
from accord.base.messages import LANGUAGES

HOME = "ACCORD_HOME"
_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set counts (POSIX)


class Shared(msgspec.Struct, frozen=True):
    """The node a command is about, how it answers, and in which language ("" as the node's)."""

    home: str = ""
    as_json: bool = False
    language: str = ""


def take_shared(arguments: Sequence[str]) -> tuple[Shared, list[str]]:
    """Take the shared options out of a command line; what follows `--` is not looked at.

    Raises `InputError` when one lacks its value.
    """
    given: dict[str, str] = {}
    as_json = False
    rest: list[str] = []
    left = list(arguments)
    while left:
        word = left.pop(0)
        name, equals, value = word.partition("=")
        if word == "--":
            rest += [word, *left]
            break
        if word == "--json":
            as_json = True
        elif name in ("--home", "--lang"):
            if not equals and not left:
                raise InputError("cli.usage-value-missing", option=name)
            given[name] = value if equals else left.pop(0)
        else:
            rest.append(word)
    return Shared(given.get("--home", ""), as_json, given.get("--lang", "")), rest


def home_of(shared: Shared, environment: Mapping[str, str] = os.environ) -> Path | None:
    """The home folder that was named, on the command line or in the environment."""
    named = shared.home or environment.get(HOME, "")
    return Path(named).expanduser() if named else None


def language_of(shared: Shared, environment: Mapping[str, str] = os.environ) -> str:
    """The reader's language: as asked for, else the node's, else the terminal's, else English.

    Raises `InputError` when a language is asked for that is not spoken.
    """
    if shared.language:
        if shared.language not in LANGUAGES:
            raise InputError(
                "cli.language-unknown", found=shared.language, allowed=", ".join(LANGUAGES)
            )
        return shared.language
    return _of_home(home_of(shared, environment)) or language_of_terminal(environment)


def language_of_terminal(environment: Mapping[str, str] = os.environ) -> str:
    """The language that the locale asks for, if it is spoken."""
    locale = next((environment[name] for name in _LOCALE if environment.get(name)), "")
    language = locale[:2].lower()
    return language if language in LANGUAGES else "en"


def _of_home(home: Path | None) -> str:
    """The node's language. What is wrong with its settings is told by whoever needs them."""
    if home is None:
        return ""
    try:
        found = tomllib.loads((home / "accord.toml").read_text(encoding="utf-8")).get("language")
    except (OSError, ValueError):
        return ""
    return found if found in LANGUAGES else ""
