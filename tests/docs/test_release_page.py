"""docs/reference/release.md says of every clause what the code says, in the same order."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from functools import cache
from types import ModuleType
from typing import Any, get_args

import pytest
from babel.messages.pofile import read_po

from accord.rules import clauses, control
from tests.conftest import ROOT
from tests.docs.pages import section, table

PAGE = "docs/reference/release.md"

Clause = Callable[..., Any]
Said = tuple[str, bool]  # message key, whether the entry then waits

# heading of the page: the tuple of clauses that its table lists
GROUPS: dict[str, tuple[Clause, ...]] = {
    "Who receives": clauses.PARTY_RECIPIENT,
    "Every entry": clauses.ANY_ENTRY,
    "What is not understood": clauses.UNKNOWN_ENTRY[len(clauses.ANY_ENTRY) :],
    "Intelligence": clauses.ORDINARY_ENTRY[len(clauses.ANY_ENTRY) :],
    "What is for a working group": clauses.FOR_A_GROUP,
    "What describes a natural person": clauses.DESCRIBES_A_PERSON,
    "What is passed on": clauses.PASSED_ON,
    "Control entries": clauses.CONTROL_ENTRY[len(clauses.ANY_ENTRY) :],
}


@pytest.mark.parametrize("heading", GROUPS)
def test_the_page_lists_every_clause_in_order_with_its_sentence(heading: str) -> None:
    expected = [
        (clause.__name__, key, _sentence(key), "waits" if waits else "no")
        for clause in GROUPS[heading]
        for key, waits in _reasons(clause)
    ]
    assert table(section(PAGE, heading)) == expected


def test_references_are_on_the_page_with_their_sentences() -> None:
    assert table(section(PAGE, "References")) == [
        ("rules.reference-withheld", _sentence("rules.reference-withheld"), "warns"),
        ("rules.reference-reveals", _sentence("rules.reference-reveals"), "blocks"),
    ]


def test_the_kinds_of_the_wire_page_are_those_of_the_code() -> None:
    audiences = {
        "circle": "exactly its circle",
        "anyone": "members, one by one",
        "one": "one member",
        "electorate": "all whom the motion names",
        "group": "one working group",
    }
    rows = table(section("docs/reference/wire.md", "9. Kinds and own STIX types"))
    found = {row[0]: (row[1], row[3], row[4], row[5]) for row in rows}
    assert found.pop(control.ORDINARY)[0] == "any"
    assert found == {
        kind: (
            rules.object_type,
            audiences[rules.audience],
            f"{rules.max_bytes // 1024} KiB",
            "yes" if rules.survives_lapse else "no",
        )
        for kind, rules in control.CONTROL.items()
    }


def _reasons(clause: Clause) -> list[Said]:
    """The message keys that a clause can give, in the order in which its code names them."""
    return list(dict.fromkeys(_named(clause, inspect.getmodule(clause))))


def _named(function: Clause, module: ModuleType | None) -> Iterator[Said]:
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    waiting = {id(call.args[0]) for call in _calls(tree) if _called(call) == "waits"}
    for node in _in_order(tree):
        if isinstance(node, ast.Constant) and str(node.value).startswith("rules."):
            yield str(node.value), id(node) in waiting
        elif isinstance(node, ast.JoinedStr):
            for audience in get_args(control.Audience):
                yield f"rules.control-audience-{audience}", False
        elif isinstance(node, ast.Call):
            other: Any = getattr(module, _called(node), None)
            if inspect.isfunction(other) and other.__module__.startswith("accord.rules.clauses"):
                yield from _named(other, inspect.getmodule(other))


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _in_order(node: ast.AST) -> Iterator[ast.AST]:
    """Depth first: as the code reads. The parts of an f-string are left to their whole."""
    yield node
    if not isinstance(node, ast.JoinedStr):
        for child in ast.iter_child_nodes(node):
            yield from _in_order(child)


@cache
def sentences(catalogue: str) -> dict[str, str]:
    """The English sentences of a catalogue by key; of several forms, the plural."""
    with (ROOT / f"src/accord/locale/en/{catalogue}.po").open("rb") as file:
        entries = read_po(file)
    said: dict[str, str] = {}
    for entry in entries:
        key = entry.id if isinstance(entry.id, str) else entry.id[0]
        forms = entry.string or ""
        said[key] = forms if isinstance(forms, str) else forms[-1]
    return said


def _sentence(key: str) -> str:
    return sentences("rules")[key]
