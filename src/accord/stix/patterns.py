"""The STIX patterning language (STIX 2.1 section 9): is this text a pattern?

Nearly every indicator is one comparison of one property with one text: one regular expression
recognises those. All else is read by a parser of one pass over one stream of tokens, so the time
is linear in the length, and nesting is bounded. The grammar is that of OASIS `stix2-patterns` for
2.1, which the tests hold both against.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

MAX_NESTING = 64  # parentheses within parentheses

_TEXT = r"'[^'\\]*+(?:\\['\\][^'\\]*+)*'"
_SIMPLE = re.compile(
    r"\[(?P<type>[a-z][a-z0-9]*+(?:-[a-z0-9]++)*):"
    r"(?P<path>[a-z][a-z0-9_]*+(?:\.(?:[A-Za-z][A-Za-z0-9_]*+|'[A-Za-z0-9-]++'))*)"
    r" ?= ?'(?P<value>[^'\\]*+(?:\\['\\][^'\\]*+)*)'\]"
)

_BLANKS = " \t\r\n\u000b\u000c\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_BASE64 = "[A-Za-z0-9+/]"
_TOKEN = re.compile(
    rf"""
    (?P<skip> [{_BLANKS}]++ | /\*.*?\*/ | //[^\r\n]*+ )
  | (?P<time> t'[0-9]{{4}}-(?:0[1-9]|1[012])-(?:0[1-9]|[12][0-9]|3[01])
              T(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]++)?Z' )
  | (?P<hex> h'(?:[0-9A-Fa-f]{{2}})*' )
  | (?P<binary> b'(?!')(?:{_BASE64}{{4}})*(?:{_BASE64}{{3}}=|{_BASE64}{{2}}==)?' )
  | (?P<text> {_TEXT} )
  | (?P<number> [+-]?[0-9]*+\.[0-9]++ | [+-]?(?:0|[1-9][0-9]*+) )
  | (?P<name> [A-Za-z_][A-Za-z0-9_-]*+ )
  | (?P<sign> ==? | != | <> | <=? | >=? | [\[\]().,:*] )
    """,
    re.VERBOSE | re.DOTALL,
)

_KEYWORDS = frozenset(
    [
        "AND",
        "OR",
        "NOT",
        "FOLLOWEDBY",
        "LIKE",
        "MATCHES",
        "ISSUPERSET",
        "ISSUBSET",
        "EXISTS",
        "LAST",
        "IN",
        "START",
        "STOP",
        "SECONDS",
        "WITHIN",
        "REPEATS",
        "TIMES",
        "true",
        "false",
    ]
)
_EQUALITY = frozenset({"=", "==", "!=", "<>"})
_ORDER = frozenset({"<", "<=", ">", ">="})
_TEXT_TESTS = frozenset({"LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET"})
_ORDERABLE = frozenset({"number", "text", "hex", "binary", "time"})
_WHOLE = re.compile(r"\+?(?:0|[1-9][0-9]*+)")

# Hexadecimal digits of each kind of hash, its name without hyphens (STIX 2.1 section 10.6).
_HASHES = {
    **dict.fromkeys(("MD5",), 32),
    **dict.fromkeys(("SHA1", "RIPEMD160"), 40),
    **dict.fromkeys(("SHA224", "SHA3224"), 56),
    **dict.fromkeys(("SHA256", "SHA3256"), 64),
    **dict.fromkeys(("SHA384", "SHA3384"), 96),
    **dict.fromkeys(("SHA512", "SHA3512", "WHIRLPOOL"), 128),
}
_HEX = re.compile(r"[0-9A-Fa-f]*+")


class PatternError(ValueError):
    """Not a pattern: at which character (from 0), what was expected and what stands there."""

    def __init__(self, position: int, expected: str, found: str) -> None:
        super().__init__(f"{position}: expected {expected}, found {found}")
        self.position, self.expected, self.found = position, expected, found


class Token(NamedTuple):
    kind: str  # a group of `_TOKEN`, a keyword or a sign itself, or "end"
    text: str
    position: int


def check_pattern(text: str) -> None:
    """Raise `PatternError` unless `text` is a STIX pattern."""
    simple = _SIMPLE.fullmatch(text)
    if simple is None:
        _Parser(text).pattern()
        return
    path = simple["path"]
    hashed = "hashes" in path and _hash_problem(_steps(path), simple["value"])
    if hashed or simple["type"] in _KEYWORDS or not _KEYWORDS.isdisjoint(path.split(".")):
        _Parser(text).pattern()  # it knows where the problem is


def _steps(path: str) -> list[str]:
    return [step.strip("'") for step in path.split(".")]


def _hash_problem(steps: list[str], value: str) -> str | None:
    """The notation that a hash of the named kind has, where `value` is not one (section 9.6)."""
    if "hashes" not in steps or len(steps) < 2:
        return None
    length = _HASHES.get(steps[-1].upper().replace("-", ""))
    if length is None or (len(value) == length and _HEX.fullmatch(value)):
        return None
    return f"{steps[-1]}: [0-9a-fA-F]{{{length}}}"


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a pattern, an "end" last. Raises `PatternError` where none begins."""
    position, end = 0, len(text)
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            raise PatternError(position, "STIX pattern", text[position : position + 20])
        kind, found = str(match.lastgroup), match[0]
        if kind == "sign" or found in _KEYWORDS:
            yield Token(found, found, position)
        elif kind != "skip":
            yield Token(kind, found, position)
        position = match.end()
    yield Token("end", "", end)


class _Parser:
    """Recursive only in parentheses. Each method reads one rule of the grammar."""

    def __init__(self, text: str) -> None:
        self._tokens = tokens(text)
        self._now = next(self._tokens)
        self._nesting = 0

    def pattern(self) -> None:
        self._observations()
        self._take("end", "AND | OR | FOLLOWEDBY")

    def _observations(self) -> None:
        while True:
            if self._now.kind == "(":
                self._in_parentheses(self._observations)
                self._qualifiers(repeatable=True)
            else:
                self._take("[", "[")
                self._comparisons()
                self._take("]", "] | AND | OR")
                self._qualifiers(repeatable=False)
            if self._now.kind not in ("AND", "OR", "FOLLOWEDBY"):
                return
            self._next()

    def _qualifiers(self, *, repeatable: bool) -> None:
        """`START … STOP …`, `WITHIN … SECONDS`, `REPEATS … TIMES`; one of each on a `[…]`."""
        seen: set[str] = set()
        while self._now.kind in ("START", "WITHIN", "REPEATS"):
            qualifier = self._next()
            if qualifier.kind in seen and not repeatable:
                raise PatternError(qualifier.position, "AND | OR | FOLLOWEDBY", qualifier.text)
            seen.add(qualifier.kind)
            if qualifier.kind == "START":
                self._take("time", "t'YYYY-MM-DDThh:mm:ssZ'")
                self._take("STOP", "STOP")
                self._take("time", "t'YYYY-MM-DDThh:mm:ssZ'")
            else:
                count = self._take("number", "[0-9]+")
                whole = _WHOLE.fullmatch(count.text) is not None
                if count.text[0] == "-" or (qualifier.kind == "REPEATS" and not whole):
                    raise PatternError(count.position, "[0-9]+", count.text)
                last = "SECONDS" if qualifier.kind == "WITHIN" else "TIMES"
                self._take(last, last)

    def _comparisons(self) -> None:
        while True:
            if self._now.kind == "(":
                self._in_parentheses(self._comparisons)
            else:
                self._comparison()
            if self._now.kind not in ("AND", "OR"):
                return
            self._next()

    def _comparison(self) -> None:
        if self._now.kind in ("NOT", "EXISTS"):
            if self._now.kind == "NOT":
                self._next()
            self._take("EXISTS", "EXISTS")
            self._path()
            return
        steps = self._path()
        if self._now.kind == "NOT":
            self._next()
        test = self._next()
        if test.kind in _EQUALITY:
            self._literal(steps, ordered=False)
        elif test.kind in _ORDER:
            self._literal(steps, ordered=True)
        elif test.kind == "IN":
            self._set(steps)
        elif test.kind in _TEXT_TESTS:
            self._take("text", "'…'")
        else:
            raise PatternError(test.position, "= != < <= > >= IN LIKE MATCHES ISSUBSET", test.text)

    def _path(self) -> list[str]:
        """`type:property.property[0].'property'`: the property steps, indices left out."""
        self._take("name", "<type>:<property>")
        self._take(":", ":")
        steps = [self._step()]
        while self._now.kind in (".", "["):
            if self._next().kind == ".":
                steps.append(self._step())
            else:
                self._index()
                steps.append("")
        return steps

    def _step(self) -> str:
        token = self._next()
        if token.kind == "text":
            return token.text[1:-1]
        if token.kind != "name" or "-" in token.text:
            raise PatternError(token.position, "<property> | '<property>'", token.text)
        return token.text

    def _index(self) -> None:
        token = self._next()
        if token.kind != "*" and not (token.kind == "number" and _WHOLE.fullmatch(token.text)):
            raise PatternError(token.position, "[0-9]+ | *", token.text)
        self._take("]", "]")

    def _set(self, steps: list[str]) -> None:
        self._take("(", "(")
        if self._now.kind != ")":
            self._literal(steps, ordered=False)
            while self._now.kind == ",":
                self._next()
                self._literal(steps, ordered=False)
        self._take(")", ") | ,")

    def _literal(self, steps: list[str], *, ordered: bool) -> None:
        token = self._next()
        boolean = token.kind in ("true", "false") and not ordered
        if token.kind not in _ORDERABLE and not boolean:
            raise PatternError(token.position, "'…' | 1 | 1.0 | t'…' | h'…' | b'…'", token.text)
        problem = _hash_problem(steps, token.text.strip("'"))
        if problem:
            raise PatternError(token.position, problem, token.text)

    def _in_parentheses(self, inside: Callable[[], None]) -> None:
        opening = self._next()
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            raise PatternError(opening.position, f"≤ {MAX_NESTING} × (", "(")
        inside()
        self._take(")", ")")
        self._nesting -= 1

    def _next(self) -> Token:
        token = self._now
        if token.kind != "end":
            self._now = next(self._tokens)
        return token

    def _take(self, kind: str, expected: str) -> Token:
        token = self._next()
        if token.kind != kind:
            raise PatternError(token.position, expected, token.text)
        return token
