"""Patterns: the published vectors, real ones, and the OASIS reader as the oracle."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.stix.patterns import MAX_NESTING, PatternError, check_pattern, tokens


def is_pattern(text: str) -> bool:
    try:
        check_pattern(text)
    except PatternError:
        return False
    return True


def oasis_says(text: str) -> bool:
    from antlr4 import InputStream
    from stix2patterns.v21.validator import run_validator

    try:
        return not run_validator(InputStream(text))
    except AttributeError:  # how it fails on a negative index
        return False


def test_the_vectors_of_the_oasis_validator(shared_data: Path) -> None:
    for line in (shared_data / "patterns" / "oasis-validator-2.1.jsonl").read_text().splitlines():
        vector = json.loads(line)
        assert is_pattern(vector["pattern"]) == vector["valid"], vector


def test_the_examples_of_the_specification(shared_data: Path) -> None:
    for line in (shared_data / "patterns" / "oasis-spec-examples-2.1.txt").read_text().splitlines():
        assert is_pattern(line), line


def test_every_real_pattern_is_one(shared_data: Path) -> None:
    path = shared_data / "patterns" / "real-indicator-patterns.txt.gz"
    patterns = gzip.decompress(path.read_bytes()).decode().splitlines()
    assert len(patterns) == 11_210
    assert [text for text in patterns if not is_pattern(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "[a:b='\\'']",
        "[a:b='\n']",
        "[a:'b c'=1]",
        "[a-b:_c.'d-e'[*].f[0]=-1.5]",
        "[a:b NOT = true]",
        "[NOT EXISTS a:b]",
        "[a:b IN ()]",
        "[a:b /* why */ = 1] // because",
        "[a:b\u00a0=\u30001]",
        "([a:b=1] WITHIN 2.5 SECONDS) WITHIN 5 SECONDS WITHIN 6 SECONDS",
        "[a:b=b'AA=='] AND [c:d=h''] OR [e:f=.5]",
    ],
)
def test_the_corners_of_the_grammar_are_accepted(text: str) -> None:
    assert is_pattern(text)
    assert oasis_says(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "a:b=1",
        "[a:b=1",
        "[a:b=1]]",
        "[a:b=1] [c:d=1]",
        "[a:b=1] and [c:d=1]",
        "['a':b=1]",
        "[a:b-c=1]",
        "[a:in=1",
        "[IN:b=1]",
        "[true:b='x']",
        "[a:false='x']",
        "[a:b.true='x']",
        "[a:b=01]",
        "[a:b=1.]",
        "[a:b<true]",
        "[a:b=h'0']",
        "[a:b=b'A']",
        "[a:b=b'']",
        "[a:b=t'2026-13-01T00:00:00Z']",
        "[a:b='\\x']",
        "[a:b='it's']",
        '[a:b="x"]',
        "[a:b[-1]=1]",
        "[a:b LIKE 1]",
        "[a:b EXISTS]",
        "[a:b='x'#]",
        "[a:b=1] REPEATS 1.5 TIMES",
        "[a:b=1] WITHIN -5 SECONDS",
        "[a:b=1] START '2026-01-01T00:00:00Z' STOP '2026-01-02T00:00:00Z'",
        "[a:b=1] REPEATS 2 TIMES REPEATS 2 TIMES",
        "[file:hashes.MD5='x']",
        "[file:hashes.'SHA-256'='d41d8cd98f00b204e9800998ecf8427e']",
        "[file:hashes.MD5=1]",
        "[a:b=1] /* open",
    ],
)
def test_what_is_no_pattern_is_refused(text: str) -> None:
    assert not is_pattern(text)
    if text:
        assert not oasis_says(text)


@pytest.mark.parametrize(
    "text, position, expected, found",
    [
        ("[file:name = ]", 13, "'…' | 1 | 1.0 | t'…' | h'…' | b'…'", "]"),
        ("[file:hashes.MD5 = 'f00']", 19, "MD5: [0-9a-fA-F]{32}", "'f00'"),
        ("[a:b = 1", 8, "] | AND | OR", ""),
        ("[a:b = 1] ∨ [c:d = 2]", 10, "STIX pattern", "∨ [c:d = 2]"),
    ],
)
def test_a_refusal_says_where(text: str, position: int, expected: str, found: str) -> None:
    with pytest.raises(PatternError) as caught:
        check_pattern(text)
    error = caught.value
    assert (error.position, error.expected, error.found) == (position, expected, found)


def test_a_list_of_hashes_may_be_asked_for() -> None:
    """Here the OASIS reader is wrong: it takes the whole list for one hash."""
    assert is_pattern("[file:hashes.MD5 IN ('d41d8cd98f00b204e9800998ecf8427e')]")
    assert not is_pattern("[file:hashes.MD5 IN ('d41d8cd98f00b204e9800998ecf8427e', 'f00')]")


WORDS = [
    *("[", "]", "(", ")", ":", ".", ",", "*", "=", "!=", "<", "'x'", "'it\\'s'", "1", "-1", "1.5"),
    *("a", "a-b", "true", "AND", "OR", "NOT", "IN", "LIKE", "EXISTS", "FOLLOWEDBY", "WITHIN", "#"),
    *("REPEATS", "TIMES", "SECONDS", "START", "STOP", "t'2026-01-01T00:00:00Z'", "h'00'", "h'0'"),
    *("b'AA=='", "/*c*/", "//", "[a:b='x']", "WITHIN 5 SECONDS", "hashes", "'"),
]
SEEDS = [
    "[a:b='x']",
    "([a:b=1 AND (c:d IN ('x',2) OR e:f.g[*].'h-i' >= 1.5)]) WITHIN 5 SECONDS OR [a:b != true]",
    "[NOT EXISTS a:b] REPEATS 2 TIMES START t'2026-01-01T00:00:00Z' STOP t'2026-01-02T00:00:00Z'",
    "[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e'] FOLLOWEDBY [a:b NOT LIKE 'x%']",
]


@st.composite
def broken_patterns(draw: st.DrawFn) -> str:
    """A pattern with a few of its tokens replaced, removed or joined by others."""
    parts = [token.text for token in tokens(draw(st.sampled_from(SEEDS)))]
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(parts) - 1))
        parts[at : at + draw(st.integers(0, 1))] = draw(
            st.lists(st.sampled_from(WORDS), max_size=1)
        )
    return draw(st.sampled_from(["", " "])).join(parts)


@given(broken_patterns())
def test_it_agrees_with_the_oasis_reader(text: str) -> None:
    assert is_pattern(text) == oasis_says(text)


values = st.text(st.sampled_from("ab'\\ \n]é"), max_size=6)
simple = st.builds(
    "[{}:{}{}'{}']".format,
    st.sampled_from(["a", "domain-name", "true", "IN", "a-", "A"]),
    st.sampled_from(["value", "b.c", "b.'c-d'", "b-c", "true", "hashes.MD5", "b..c"]),
    st.sampled_from(["=", " = ", "= ", "  =", "=="]),
    values,
)


@given(simple)
def test_the_fast_path_agrees_with_the_oasis_reader(text: str) -> None:
    assert is_pattern(text) == oasis_says(text)


def test_nesting_is_bounded_and_length_is_not_a_matter_of_recursion() -> None:
    def nested(levels: int) -> str:
        return "(" * levels + "[a:b=1]" + ")" * levels

    assert is_pattern(nested(MAX_NESTING))
    assert not is_pattern(nested(MAX_NESTING + 1))
    assert not is_pattern("[" + "(" * 100_000)
    assert is_pattern("[" + " OR ".join(["a:b='x'"] * 5_000) + "]")
    assert is_pattern(" AND ".join(["[a:b='x']"] * 5_000))


@pytest.mark.parametrize(
    "text",
    [
        "[a:b='" + "\\\\" * 100_000,
        "[a:b='" + "'" * 100_000,
        "[a:b=" + "1" * 200_000 + "]",
        "[a:" + "b." * 100_000 + "=1]",
        "/*" * 100_000,
        " " * 200_000 + "x",
        "[" + "a-" * 100_000,
        "[a:b=h'" + "0" * 200_000,
    ],
)
@pytest.mark.timeout(60)  # of texts this long, more than linear time would not end in hours
def test_no_text_takes_more_than_linear_time(text: str) -> None:
    assert is_pattern(text) in (True, False)
