"""An agreement as a file that a lawyer can read and a person can diff: TOML in, the same out."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from typing import Any

from accord.base.errors import InputError

from .fields import Refused, as_input_error
from .languages import check_languages
from .terms import agreement_fields
from .terms_spec import NO_RESERVATIONS

_TABLE = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_-]+)(\s*\.\s*[A-Za-z0-9_-]+)?\s*\]")
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
        fields = _without_empty_lists(agreement_fields(values))
        check_languages(fields)
    except Refused as refused:
        raise _with_line(refused, source) from None
    return fields


def _without_empty_lists(fields: dict[str, Any]) -> dict[str, Any]:
    """What STIX 2.1 (section 2.9) cannot say is left out; for reservations it has a meaning."""
    if fields.get("reservations") == []:
        fields = {**fields, "reservations": [NO_RESERVATIONS]}
    return {
        name: _without_empty_lists(value) if isinstance(value, dict) else value
        for name, value in fields.items()
        if value != []
    }


def agreement_to_toml(fields: Mapping[str, Any]) -> str:
    """The readable form of an agreement's fields; reading it again gives the same fields.

    Raises `InputError` for fields that are not those of an agreement.
    """
    try:
        ordered = agreement_fields(fields)
    except Refused as refused:
        raise as_input_error(refused) from None
    return "\n".join(_written_table("", ordered)) + "\n"


def _written_table(header: str, values: Mapping[str, Any]) -> list[str]:
    """The lines of a table: its plain values, then the tables in it, then its lists of tables."""
    rows = {name: value for name, value in values.items() if _holds_tables(value)}
    tables = {name: value for name, value in values.items() if isinstance(value, dict)}
    lines = [
        _line(name, values[name]) for name in values if name not in rows and name not in tables
    ]
    prefix = f"{header}." if header else ""
    for name, inner in tables.items():
        lines += ["", f"[{prefix}{name}]", *_written_table(f"{prefix}{name}", inner)]
    for name, each in rows.items():
        for row in each:
            lines += ["", f"[[{prefix}{name}]]", *_written_table(f"{prefix}{name}", row)]
    return lines


def _holds_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


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
    """The line, counted from 1, on which the field `path` is written.

    `path` is as in errors: `titles.ru`, `parties[1]`, `tasks[0].texts.ru`. A field that is missing
    from a table has the line of its table; one missing from the file, None.
    """
    written = _written_paths(source)
    while path:
        for spelling in (path, re.sub(r"\[\d+\]$", "", path)):
            if spelling in written:
                return written[spelling]
        path = path.rpartition(".")[0]
    return None


def _written_paths(source: str) -> dict[str, int]:
    """Each path that a line begins to define, with the number of the first such line."""
    written: dict[str, int] = {}
    rows: dict[str, int] = {}  # how many tables each list has so far
    table, inside_text = "", False
    for number, line in enumerate(source.splitlines(), start=1):
        header, key = _TABLE.match(line), _KEY.match(line)
        if inside_text:
            pass
        elif header is not None:
            table = _table_path(header, rows)
            written.setdefault(table, number)
        elif key is not None:
            path = ".".join(part for part in (table, key[1], key[2]) if part)
            written.setdefault(path, number)
        if len(_MULTILINE.findall(line)) % 2 == 1:
            inside_text = not inside_text
    return written


def _table_path(header: re.Match[str], rows: dict[str, int]) -> str:
    name, inner = header[2], (header[3] or "").strip(" \t.")
    if header[1] == "[[" and not inner:
        rows[name] = rows.get(name, -1) + 1
    path = f"{name}[{rows[name]}]" if name in rows else name
    return f"{path}.{inner}" if inner else path
