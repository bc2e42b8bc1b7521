"""Holds the budgets of `[tool.budgets]`: small files, small functions, no catch-all.

Prints `file:line: problem` for each breach and exits 1 if there is one. What it refuses:

- a file of `file_lines` lines or more, a function of `function_lines` lines or more;
- a module called `utils`: its name says nothing about what it holds;
- in `src`, a handler for everything (`except:`, `except Exception`, `except BaseException`) that
  does not raise again, outside the functions that `outermost_loops` names.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
VAGUE_NAMES = {"utils", "util", "helpers", "misc", "common"}
BROAD = {"Exception", "BaseException"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Budgets(NamedTuple):
    """The table `[tool.budgets]` of pyproject.toml."""

    file_lines: int
    function_lines: int
    outermost_loops: frozenset[str]


class Breach(NamedTuple):
    """One thing that is over budget."""

    path: Path
    line: int
    problem: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.problem}"


def read_budgets(root: Path) -> Budgets:
    """The budgets that `root/pyproject.toml` sets."""
    table = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["budgets"]
    loops = frozenset(table["outermost_loops"])
    return Budgets(table["file_lines"], table["function_lines"], loops)


def check_tree(root: Path) -> list[Breach]:
    """Every breach below `root`. Tests may have long functions, but not long files."""
    budgets = read_budgets(root)
    breaches: list[Breach] = []
    for folder in ("src", "tests", "tools", "bench"):
        for path in sorted((root / folder).rglob("*.py")):
            breaches += check_file(path, root, budgets)
    return breaches


def check_file(path: Path, root: Path, budgets: Budgets) -> Iterator[Breach]:
    """The breaches of one file."""
    where = path.relative_to(root)
    text = path.read_text("utf-8")
    tree = ast.parse(text, str(path))
    lines = text.count("\n")
    if lines >= budgets.file_lines:
        yield Breach(where, lines, f"{lines} lines; a file has fewer than {budgets.file_lines}")
    if where.parts[0] == "tests":
        return
    if path.stem in VAGUE_NAMES:
        yield Breach(where, 1, f"a module called {path.stem} says nothing about what it holds")
    yield from _long_functions(tree, where, budgets.function_lines)
    if where.parts[0] == "src":
        yield from _catch_alls(tree, where, budgets.outermost_loops)


def _long_functions(tree: ast.Module, where: Path, limit: int) -> Iterator[Breach]:
    for node in ast.walk(tree):
        if not isinstance(node, Function) or node.end_lineno is None:
            continue
        lines = node.end_lineno - node.lineno + 1
        if lines >= limit:
            problem = f"{node.name} has {lines} lines; a function has fewer than {limit}"
            yield Breach(where, node.lineno, problem)


def _catch_alls(tree: ast.Module, where: Path, outermost_loops: frozenset[str]) -> Iterator[Breach]:
    module = ".".join(where.with_suffix("").parts[1:])
    for name, handler in _handlers(tree, ""):
        if not _is_broad(handler.type) or _raises_again(handler):
            continue
        if f"{module}:{name}" not in outermost_loops:
            problem = f"{name or 'the module'} catches everything; name what may be raised"
            yield Breach(where, handler.lineno, problem)


def _handlers(node: ast.AST, inside: str) -> Iterator[tuple[str, ast.ExceptHandler]]:
    """Every handler below `node` with the qualified name of the function it stands in."""
    for child in ast.iter_child_nodes(node):
        name = inside
        if isinstance(child, Function | ast.ClassDef):
            name = f"{inside}.{child.name}" if inside else child.name
        if isinstance(child, ast.ExceptHandler):
            yield name, child
        yield from _handlers(child, name)


def _is_broad(caught: ast.expr | None) -> bool:
    if caught is None:
        return True
    kinds = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(isinstance(kind, ast.Name) and kind.id in BROAD for kind in kinds)


def _raises_again(handler: ast.ExceptHandler) -> bool:
    """Whether the handler only cleans up: its last statement is a bare `raise`."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def main() -> int:
    """Print the breaches; 1 if there are any."""
    breaches = check_tree(ROOT)
    for breach in breaches:
        print(breach)
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
