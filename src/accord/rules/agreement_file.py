"""An agreement as a file that a lawyer can read and a person can diff: TOML in, the same out."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from typing import Any

from accord.base.errors import InputError

from .fields import Refused, as_input_error
from .terms import agreement_fields

_TABLE = re.compile(r"\s*\[\s*([A-Za-z0-9_-]+)\s*\]")
_KEY = re.compile(r"""\s*["']?([A-Za-z0-9_-]+)["']?\s*(?:\.\s*["']?([A-Za-z0-9_-]+)["']?\s*)?=""")
_MULTILINE = re.compile(r'"""|\'\'\'')
_MOMENTS = ("valid_from", "valid_until")


def agreement_from_toml(source: str) -> dict[str, Any]:
    """The fields of an `accord-agreement` object, from its readable form.

    Raises `InputError` that names the line, the field, what is allowed and what was found.
    """
    try:
        values = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise InputError("rules.toml-invalid", problem=str(error)) from None
    except RecursionError:
        raise InputError("rules.toml-invalid", problem="depth") from None
    try:
        return agreement_fields(values)
    except Refused as refused:
        raise _with_line(refused, source) from None


def agreement_to_toml(fields: Mapping[str, Any]) -> str:
    """The readable form of an agreement's fields; reading it again gives the same fields.

    Raises `InputError` for fields that are not those of an agreement.
    """
    try:
        ordered = agreement_fields(fields)
    except Refused as refused:
        raise as_input_error(refused) from None
    tables = {name: value for name, value in ordered.items() if isinstance(value, dict)}
    lines = [_line(name, value) for name, value in ordered.items() if name not in tables]
    for name, inner in tables.items():
        lines += ["", f"[{name}]"]
        lines += [_line(key, value) for key, value in inner.items()]
    return "\n".join(lines) + "\n"


def _line(name: str, value: Any) -> str:
    if name in _MOMENTS:
        return f"{name} = {_short_moment(value)}"
    return f"{name} = {_written(value)}"


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _paragraphs(value) if "\n" in value else _quoted(value)
    items = [_written(item) for item in value]
    one_line = f"[{', '.join(items)}]"
    if len(one_line) <= 80:
        return one_line
    return "[\n" + "".join(f"  {item},\n" for item in items) + "]"


def _quoted(value: str) -> str:
    # A JSON string is a TOML basic string, but for DEL, which TOML wants escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _paragraphs(value: str) -> str:
    """A multi-line string: its line feeds as they are, all else escaped as in a short one."""
    return '"""\n' + "\n".join(_quoted(line)[1:-1] for line in value.split("\n")) + '"""'


def _short_moment(text: str) -> str:
    return text.replace(".000000Z", "Z")


def _with_line(refused: Refused, source: str) -> InputError:
    line = line_of(source, refused.path)
    if line is None:
        return as_input_error(refused)
    return InputError(
        f"rules.line-{refused.kind}",
        line=line,
        field=refused.path,
        allowed=refused.allowed,
        found=refused.found,
    )


def line_of(source: str, path: str) -> int | None:
    """The line, counted from 1, on which the field `path` (`titles.ru`, `parties[1]`) is written.

    A field that is missing from a table has the line of its table; one missing from the file, None.
    """
    wanted = re.sub(r"\[\d+\]", "", path).split(".")
    table, found, inside_text = "", None, False
    for number, line in enumerate(source.splitlines(), start=1):
        opened = len(_MULTILINE.findall(line)) % 2 == 1
        if not inside_text:
            here = _written_at(line, table)
            table = here[0] if _TABLE.match(line) else table
            if here == wanted:
                return number
            if here == wanted[:1]:
                found = number
        inside_text = inside_text != opened
    return found


def _written_at(line: str, table: str) -> list[str]:
    """The path that a line begins to define; empty when it defines none."""
    header = _TABLE.match(line)
    if header is not None:
        return [header[1]]
    key = _KEY.match(line)
    if key is None:
        return []
    return [part for part in (table, key[1], key[2]) if part]
