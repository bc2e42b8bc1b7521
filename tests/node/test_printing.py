"""The printed minutes: one file that loads nothing, runs nothing, and takes words as words."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from accord.base.messages import LANGUAGES
from accord.node.printing import minutes_page
from accord.rules.community.minutes import Decision, Minutes, Voice

EVIL = "<script src=//x>alert(1)</script> & \"it\" 'is' {{ 7 * 7 }}"


def said(language: str = "en", words: str = "Third session") -> Minutes:
    decision = Decision(
        motion="ab" * 32,
        title=words,
        text=words,
        moved=words,
        state="adopted",
        verdict="Adopted.",
        counts="Yes: 1",
        voices=(Voice(words, "yes", words),),
    )
    return Minutes(
        language=language,
        session="accord-session--9b8a7c6d-5e4f-4a3b-8c2d-1e0f9a8b7c6d",
        title=words,
        when=words,
        attended=((words, words),),
        papers=((words, words),),
        decisions=(decision,),
    )


class _Page(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, "every element is closed in its order"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_everything_in_its_language(language: str) -> None:
    page = _Page(minutes_page(said(language)))
    assert page.open == []
    assert dict(page.tags)["html"]["lang"] == {"zh": "zh-Hans"}.get(language, language)
    text = " ".join(page.words)
    assert "rules." not in text
    assert text.count("Third session") == 12  # everywhere that a word of ours could stand
    assert ("Attendance" in text) == (language == "en")


def test_an_empty_session_says_so_under_each_heading() -> None:
    bare = Minutes(
        language="en", session="s", title="t", when="w", attended=(), papers=(), decisions=()
    )
    assert minutes_page(bare).count("None.") == 3


def test_words_of_others_are_words_on_the_page_too() -> None:
    page = _Page(minutes_page(said(words=EVIL)))
    assert "script" not in {tag for tag, _ in page.tags}
    assert EVIL in "".join(page.words)
    assert "49" not in "".join(page.words)


def test_the_page_loads_nothing_runs_nothing_and_its_policy_names_its_style_by_hash() -> None:
    raw = minutes_page(said())
    page = _Page(raw)
    assert not {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "form", "object"}
    attributes = {name for _, attrs in page.tags for name in attrs}
    assert not attributes & {"style", "src", "href"}
    assert not [name for name in attributes if name.startswith("on")]
    (style,) = re.findall("<style>(.*?)</style>", raw, re.DOTALL)
    assert "url(" not in style
    assert "@import" not in style
    assert "@media print" in style
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (policy,) = [
        attrs["content"]
        for tag, attrs in page.tags
        if tag == "meta" and attrs.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    assert f"style-src 'sha256-{digest}'" in policy
