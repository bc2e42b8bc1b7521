"""How it is told: lines that fit, no control codes in a pipe, names instead of identifiers."""

from __future__ import annotations

from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from accord.base.messages import LANGUAGES, say
from accord.demo.telling import Teller, wrapped

MEMBER = "identity--0aed919d-a028-5589-b9e4-a9a000000000"
TEXT = st.text(alphabet="ab ，。（）《》中文字xyz", max_size=200)


@given(TEXT, st.integers(12, 60))
def test_no_line_is_wider_than_it_may_be_unless_one_word_is(text: str, width: int) -> None:
    for line in wrapped(text, width):
        assert cell_len(line) <= width or " " not in line.strip()


@given(TEXT, st.integers(12, 60))
def test_wrapping_loses_no_character(text: str, width: int) -> None:
    assert "".join("".join(wrapped(text, width)).split()) == "".join(text.split())


def test_a_chinese_line_never_begins_with_a_closing_mark() -> None:
    text = "每个成员都有自己的密钥、自己的存储和自己的账本，其上没有任何主管方。" * 4
    for width in range(12, 60):
        for line in wrapped(text, width):
            assert line[0] not in "，。、》）"


def test_a_chinese_line_never_ends_with_an_opening_mark() -> None:
    for width in range(8, 40):
        for line in wrapped("协定《港口物流》尚未生效（还有一方未签署）。" * 4, width):
            assert line[-1] not in "《（"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pipe_gets_plain_lines_of_80_columns(language: str) -> None:
    out = StringIO()
    teller = Teller(language, out)
    teller.title("demo.title", "demo.about")
    teller.chapter("demo.verify-title", "demo.verify-about")
    teller.command("ledger", "verify", *[f"--home {number:030}" for number in range(5)])
    rows = [(teller.word("demo.member-alfa"), "12", teller.word("demo.about"))]
    headings = ("demo.col-member", "demo.col-received", "demo.col-why")
    with teller.busy("demo.busy-starting"), teller.watching(headings, lambda: rows, lambda: 0.5):
        pass
    teller.done(say("demo.verify-done", number=9))
    text = out.getvalue()
    assert "\x1b" not in text
    assert "\r" not in text
    assert all(cell_len(line) <= 80 and line == line.rstrip() for line in text.splitlines())
    assert "\n\n\n" not in text


def test_a_name_stands_where_an_identifier_would() -> None:
    teller = Teller("en", StringIO())
    teller.call(MEMBER, "CERT Bravo")
    message = say("rules.peer-suspended", member=MEMBER)
    assert teller.text(message) == "Exchange with CERT Bravo is suspended."


def test_around_a_chinese_name_there_are_no_blanks() -> None:
    teller = Teller("zh", StringIO())
    teller.call(MEMBER, "布拉沃应急中心")
    assert (
        teller.text(say("rules.peer-suspended", member=MEMBER)) == "与布拉沃应急中心的交换已暂停。"
    )


def test_a_duration_is_written_as_the_language_writes_it() -> None:
    assert Teller("ru", StringIO()).seconds(1.25) == "1,2"
    assert Teller("zh", StringIO()).seconds(0.04) == "0.0"


def test_a_line_that_is_to_be_copied_is_never_broken() -> None:
    out = StringIO()
    Teller("en", out).link("curl " + "x" * 200)
    assert out.getvalue().strip() == "curl " + "x" * 200
