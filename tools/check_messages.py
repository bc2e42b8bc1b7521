"""Holds that every message the code says stands in every language, and can be said.

Prints `file:line: problem` for each breach and exits 1 if there is one. What it refuses:

- a key in `src` that a catalogue lacks, and a key of a catalogue that nothing in `src` says;
- an entry without translation, marked fuzzy, or without all plural forms of its language;
- a sentence whose `{placeholders}` differ from those of the English one (`{count}` may be left
  out of a plural form: "one object");
- a call of `say` or of one of our errors that does not give what the sentence needs.

A key is a literal `<catalogue>.<slug>`, the catalogue being a package of `accord`, or a room of its
pages (see `accord.base.messages`). An f-string that begins like a key (`f"cli.role-{role}"`) says
every key with that beginning; so does a literal in a template that ends in a hyphen.
"""

from __future__ import annotations

import ast
import re
import string
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent
LANGUAGES = ("en", "ru", "zh")
PLURAL_FORMS = {"en": 2, "ru": 3, "zh": 1}
SPEAKERS = {
    "AccordError", "ConflictError", "DeniedError", "InputError", "MachineFault", "NotFoundError",
    "PeerFault", "say",
}  # fmt: skip
# What looks like a key and is not: column names in SQL, file names.
NOT_SPEAKERS = {"ForeignKey", "ForeignKeyConstraint"}
FILE_SUFFIXES = {"crt", "css", "db", "html", "js", "json", "key", "lock", "log", "pem", "toml"}


class Breach(NamedTuple):
    """One thing that cannot be said, or is never said."""

    path: Path
    line: int
    problem: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.problem}"


class Use(NamedTuple):
    """A place in the code that says `key`; `given` are its arguments, None when not readable."""

    path: Path
    line: int
    key: str
    is_prefix: bool
    given: frozenset[str] | None


def check_tree(root: Path) -> list[Breach]:
    """Every breach of the rules above in the tree at `root`."""
    entries = {language: read_language(root, language) for language in LANGUAGES}
    uses = list(find_uses(root))
    breaches = list(check_uses(uses, entries["en"]))
    breaches += check_unused(uses, entries["en"], root)
    for language in LANGUAGES:
        breaches += check_language(language, entries, root)
    return breaches


def read_language(root: Path, language: str) -> dict[str, Entry]:
    """All entries of one language by key. A key given twice in a catalogue is a `ValueError`."""
    entries: dict[str, Entry] = {}
    for path in sorted(catalogue_folder(root, language).glob("*.po")):
        text = path.read_text("utf-8")
        keys = re.findall(r'^msgid "(.+)"$', text, re.MULTILINE)
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise ValueError(f"{path}: given twice: {', '.join(sorted(twice))}")
        catalog: Catalog = read_po(text.splitlines(), locale=language, abort_invalid=True)
        if "Plural-Forms" not in text or "charset=UTF-8" not in text:
            raise ValueError(f"{path}: the header needs Content-Type (UTF-8) and Plural-Forms")
        entries |= {_key(entry): entry for entry in catalog if entry.id}
    return entries


def catalogue_folder(root: Path, language: str) -> Path:
    """Where the catalogues of `language` stand."""
    return root / "src" / "accord" / "locale" / language


def find_uses(root: Path) -> Iterator[Use]:
    """Every place below `src/accord` that names a message."""
    package = root / "src" / "accord"
    folders = (*package.glob("*/__init__.py"), *package.glob("web/*/__init__.py"))
    catalogues = "|".join(sorted({path.parent.name for path in folders}))
    looks_like_key = re.compile(rf"({catalogues})\.[a-z0-9]+(-[a-z0-9]+)*-?")
    yield from _uses_in_templates(root, package, catalogues)
    trees = {path: ast.parse(path.read_bytes(), path) for path in sorted(package.rglob("*.py"))}
    speakers = _with_subclasses(trees.values())
    for path, tree in trees.items():
        where = path.relative_to(root)
        given = dict(_arguments_of_speakers(tree, speakers))
        ignored = set(_arguments_of_others(tree))
        for node in ast.walk(tree):
            key, is_prefix = _literal(node)
            if key is None or node in ignored or not looks_like_key.fullmatch(key):
                continue
            if not is_prefix and (key.endswith("-") or key.partition(".")[2] in FILE_SUFFIXES):
                continue
            line = getattr(node, "lineno", 1)
            yield Use(where, line, key, is_prefix, given.get(node))


def _uses_in_templates(root: Path, package: Path, catalogues: str) -> Iterator[Use]:
    key_in_quotes = re.compile(rf"""(["'])((?:{catalogues})\.[a-z0-9]+(?:-[a-z0-9]+)*-?)\1""")
    for path in sorted(package.glob("web/**/*.html")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            for match in key_in_quotes.finditer(line):
                key = match[2]
                if key.partition(".")[2] not in FILE_SUFFIXES:
                    yield Use(path.relative_to(root), number, key, key.endswith("-"), None)


def _literal(node: ast.AST) -> tuple[str | None, bool]:
    """The text of a string literal, or the fixed beginning of an f-string (then True)."""
    if isinstance(node, ast.JoinedStr) and node.values:
        return _literal(node.values[0])[0], True
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value, False
    return None, False


def _with_subclasses(trees: Iterable[ast.AST]) -> set[str]:
    """`SPEAKERS` and every class that is called as they are: no constructor of its own."""
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    speakers, before = set(SPEAKERS), 0
    while len(speakers) > before:
        before = len(speakers)
        for node in classes:
            bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
            own = {inner.name for inner in node.body if isinstance(inner, ast.FunctionDef)}
            if bases & speakers and "__init__" not in own:
                speakers.add(node.name)
    return speakers


def _arguments_of_speakers(
    tree: ast.AST, speakers: set[str]
) -> Iterator[tuple[ast.AST, frozenset[str]]]:
    """The key of each call of `speakers`, with the names of the arguments that are given to it."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and _called(node) in speakers and node.args):
            continue
        names = [keyword.arg for keyword in node.keywords]
        if None not in names:
            yield node.args[0], frozenset(name for name in names if name is not None)


def _arguments_of_others(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) in NOT_SPEAKERS:
            yield from (inner for argument in node.args for inner in ast.walk(argument))
        elif isinstance(node, ast.JoinedStr):  # its pieces are seen as one beginning
            yield from node.values


def _called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def check_uses(uses: Iterable[Use], english: dict[str, Entry]) -> Iterator[Breach]:
    """What the code says and no catalogue holds, and sentences that lack an argument."""
    for use in uses:
        if use.is_prefix:
            if not any(key.startswith(use.key) for key in english):
                yield Breach(use.path, use.line, f"no key begins with {use.key}")
            continue
        if use.key not in english:
            yield Breach(use.path, use.line, f"no catalogue holds {use.key}")
        elif use.given is not None:
            missing = _needs(english[use.key]) - use.given
            if missing:
                names = ", ".join(sorted(missing))
                yield Breach(use.path, use.line, f"{use.key} needs {names}")


def check_unused(uses: Iterable[Use], english: dict[str, Entry], root: Path) -> Iterator[Breach]:
    """Keys of the English catalogues that nothing says."""
    said = {use.key for use in uses if not use.is_prefix}
    beginnings = tuple(use.key for use in uses if use.is_prefix)
    for key, entry in english.items():
        if key not in said and not (beginnings and key.startswith(beginnings)):
            yield Breach(_catalogue(key, "en", root), _line(entry), f"nothing says {key}")


def check_language(
    language: str, entries: dict[str, dict[str, Entry]], root: Path
) -> Iterator[Breach]:
    """What one language lacks or says with other placeholders than English."""
    english, own = entries["en"], entries[language]
    for key in sorted(english.keys() - own.keys()):
        yield Breach(_catalogue(key, language, root), 1, f"{key} is missing")
    for key in sorted(own.keys() - english.keys()):
        yield Breach(_catalogue(key, language, root), _line(own[key]), f"English lacks {key}")
    for key in sorted(own.keys() & english.keys()):
        for problem in _problems(own[key], english[key], language):
            yield Breach(_catalogue(key, language, root), _line(own[key]), f"{key} {problem}")


def _problems(entry: Entry, english: Entry, language: str) -> Iterator[str]:
    forms = _forms(entry)
    if entry.fuzzy:
        yield "is marked fuzzy"
    if not all(forms):
        yield "is not translated"
    if entry.pluralizable != english.pluralizable:
        yield "is plural in one language only"
    elif entry.pluralizable and len(forms) != PLURAL_FORMS[language]:
        yield f"has {len(forms)} plural forms, not {PLURAL_FORMS[language]}"
    expected = _placeholders(_forms(english)[-1])
    for form in filter(None, forms):
        found = _placeholders(form)
        if found != expected and not (entry.pluralizable and found | {"count"} == expected):
            yield f"has the placeholders {sorted(found)}, not {sorted(expected)}"


def _needs(entry: Entry) -> set[str]:
    """The arguments without which the sentence cannot be said."""
    needed = set().union(*(_placeholders(form) for form in _forms(entry)))
    return needed | {"count"} if entry.pluralizable else needed


def _forms(entry: Entry) -> tuple[str, ...]:
    text = entry.string or ""
    return (text,) if isinstance(text, str) else tuple(text)


def _placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def _key(entry: Entry) -> str:
    return str(entry.id[0] if isinstance(entry.id, tuple) else entry.id)


def _line(entry: Entry) -> int:
    return entry.lineno or 1


def _catalogue(key: str, language: str, root: Path) -> Path:
    folder = catalogue_folder(root, language).relative_to(root)
    return folder / f"{key.partition('.')[0]}.po"


def main() -> int:
    """Print the breaches; 1 if there are any."""
    breaches = sorted(check_tree(ROOT))
    for breach in breaches:
        print(breach)
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
