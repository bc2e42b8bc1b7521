"""How a command ends: the exit codes, and the one sentence that an error becomes.

The table in docs/reference/cli.md is this one.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, Final

from accord.base.errors import (
    AccordError,
    ConflictError,
    DeniedError,
    InputError,
    MachineFault,
    NotFoundError,
    PeerFault,
)
from accord.base.messages import say, translate

from .desk import as_json_text, write_line
from .inputs import InFile

OK: Final = 0
REFUSED: Final = 1  # denied, not found, contradicted, or a check that found something wrong
USAGE: Final = 2  # the command line or a file handed in is not what is accepted
MACHINE: Final = 3  # disk, permissions, clock, database
PEER: Final = 4  # another member's node
BUG: Final = 5  # the program itself
INTERRUPTED: Final = 130  # Ctrl-C
BROKEN_PIPE: Final = 141  # nobody reads on

_MOST_FAULTS = 20  # of a refused file, shown to a person; a program gets all of them


def code_of(error: AccordError) -> int:
    """The exit code that an error means."""
    match error:
        case NotFoundError() | DeniedError() | ConflictError():
            return REFUSED
        case InputError():
            return USAGE
        case PeerFault():
            return PEER
        case MachineFault():
            return MACHINE
    return REFUSED


def report(error: AccordError, language: str, *, as_json: bool) -> int:
    """Say on stderr what went wrong; returns the exit code."""
    code = code_of(error)
    message = translate(error.message, language)
    if isinstance(error, InFile):
        message = f"{error.file}: {message}"
    details = _details(error, language)
    if as_json:
        found: dict[str, Any] = {
            "error": error.message.key,
            "message": message,
            "arguments": error.message.args,
            "code": code,
        }
        if details:
            found["details"] = details
        write_line(sys.stderr, as_json_text(found))
        return code
    write_line(sys.stderr, message)
    _show_details(_grouped(error, language) or [each["message"] for each in details], language)
    return code


def _show_details(lines: Sequence[str], language: str) -> None:
    for line in lines[:_MOST_FAULTS]:
        write_line(sys.stderr, f"  {line}")
    if len(lines) > _MOST_FAULTS:
        more = say("cli.more", count=len(lines) - _MOST_FAULTS)
        write_line(sys.stderr, f"  {translate(more, language)}")


def _grouped(error: AccordError, language: str) -> list[str]:
    """What is withheld for the same reasons is told once, with the first object as an example."""
    groups: dict[str, list[str]] = {}
    for object_id, reasons in getattr(error, "withheld", ()):
        why = " ".join(translate(reason, language) for reason in reasons)
        groups.setdefault(why, []).append(object_id)
    return [
        translate(say("cli.withheld-group", count=len(ids), first=ids[0], why=why), language)
        for why, ids in groups.items()
    ]


def _details(error: AccordError, language: str) -> list[dict[str, Any]]:
    """What an error says beyond its sentence: every fault of a file, every object withheld."""
    found: list[dict[str, Any]] = [
        {
            "id": fault.object_id,
            "path": fault.path,
            "expected": fault.expected,
            "found": fault.found,
            "message": translate(fault.message, language),
        }
        for fault in getattr(error, "faults", ())
    ]
    for object_id, reasons in getattr(error, "withheld", ()):
        why = "; ".join(translate(reason, language) for reason in reasons)
        found.append({"id": object_id, "message": f"{object_id}: {why}"})
    return found
