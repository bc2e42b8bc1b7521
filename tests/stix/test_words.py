"""Tokens of three scripts, and how much they say about an object."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.stix.tokens import TOKEN_CHARS, asked_tokens, count_tokens
from accord.stix.words import (
    OBJECT_CHARS,
    WRITTEN_CHARS,
    Term,
    object_words,
    question_words,
    score,
    tokens_of,
)

SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def finds(question: str, **fields: object) -> bool:
    """Whether an object with these fields has all words of the question."""
    held = set(tokens_of(object_words(fields)))
    terms = question_words(question).terms
    return bool(terms) and all(
        term.token in held
        or (term.prefix != "" and any(token.startswith(term.prefix) for token in held))
        for term in terms
    )


@pytest.mark.parametrize(
    "text, question",
    [
        ("控制面板存在漏洞", "漏洞"),
        ("發現一個後門程式", "后门"),
        ("发现一个后门程序", "後門"),
        ("毒", "毒"),
        ("множество уязвимостей", "уязвимость"),
        ("Ёлка", "елка"),
        ("several vulnerabilities", "vulnerability"),
        ("ＡＰＴ２８", "apt28"),
        ("see hxxps://evil[.]example[.]com/a?id=5.", "https://evil.example.com/a?id=5"),
        ("see https://evil.example.com/a", "evil.example.com"),
        ("login.evil.example.com", "evil.example.com"),
        ("mail ann@corp.example now", "ann@corp.example"),
        ("mail ann@corp.example now", "corp.example"),
        ("10.20.30.40 talked", "10[.]20[.]30[.]40"),
        ("at 2001:db8:0:0:0:0:0:1", "2001:db8::1"),
        (SHA256.upper(), SHA256),
        ("CVE-2024-39907 was used", "cve-2024-39907"),
        ("T1059.001", "t1059"),
        ("command and control", "command-and-control"),
        ("log4shell", "log4*"),
        ("the end", "the end"),
    ],
)
def test_a_text_is_found(text: str, question: str) -> None:
    assert finds(question, description=text)


@pytest.mark.parametrize(
    "text, question",
    [
        ("CVE-2024-39907", "CVE-2024-3990"),
        ("evil.example.com", "evil.example.org"),
        ("10.20.30.40", "10.20.30.4"),
        ("漏油", "漏洞"),
        ("command", "command and control"),
        ("anything", "*"),
        ("anything", ""),
    ],
)
def test_another_text_is_not_found(text: str, question: str) -> None:
    assert not finds(question, description=text)


def test_values_of_patterns_and_ids_are_found() -> None:
    pattern = f"[domain-name:value = 'evil.example' OR file:hashes.'SHA-256' = '{SHA256}']"
    reference = {"source_name": "mitre-attack", "external_id": "T1555.003"}
    fields = {"pattern": pattern, "pattern_type": "stix", "external_references": [reference]}
    for question in ("evil.example", SHA256, "T1555.003", "T1555"):
        assert finds(question, **fields)
    assert not finds("sha-256", **fields)


def test_the_last_word_is_a_beginning_while_somebody_types() -> None:
    assert question_words("web serv", typing=True).terms == (Term("web"), Term("serv", "serv"))
    assert question_words("web serv ", typing=True).terms == (Term("web"), Term("serv"))
    assert question_words("后门", typing=True).terms == (Term("后门"),)


def test_a_name_says_more_than_a_description_and_a_short_one_more_than_a_long_one() -> None:
    words = question_words("sandworm")
    named = score(object_words({"name": "Sandworm"}), words)
    partly = score(object_words({"name": "Sandworm and some others of the kind"}), words)
    often = score(object_words({"description": "Sandworm. Sandworm."}), words)
    once = score(object_words({"description": "Sandworm. " + "Other words. " * 60}), words)
    assert named > partly > often > once > 0
    assert score(object_words({"name": "Other"}), words) == 0


def test_what_an_object_may_take_up_is_bounded() -> None:
    long = " ".join(f"слово{number}" for number in range(60_000))
    assert len(long) > OBJECT_CHARS
    text = object_words({"name": long, "description": long})
    assert len(text) <= WRITTEN_CHARS
    assert max(map(len, tokens_of(object_words({"name": "x" * 5000})))) <= TOKEN_CHARS + 1
    assert len(question_words("a1 " * 5000).terms) == 1


@given(st.text(max_size=200))
def test_whatever_is_asked_finds_the_text_it_was_taken_from(text: str) -> None:
    held = count_tokens([text])
    asked = asked_tokens(text)
    from accord.stix.tokens import STOP_WORDS

    assert [token for token in asked if token not in held and token not in STOP_WORDS] == []


@given(st.text(max_size=200))
def test_no_token_can_end_the_quotation_it_is_asked_in(text: str) -> None:
    for token in [*count_tokens([text]), *asked_tokens(text)]:
        assert token
        assert not set(token) & set("'\"\\ \t\n\0^")
        assert token.split() == [token]
