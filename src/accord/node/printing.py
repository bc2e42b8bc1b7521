"""Pages to be printed or filed: one HTML file each, with nothing to load and nothing that runs."""

from __future__ import annotations

import base64
from functools import cache
from hashlib import sha256

from jinja2 import Environment, PackageLoader, StrictUndefined

from accord.base.messages import Message, translate
from accord.rules.community.minutes import Minutes

_LANG = {"zh": "zh-Hans", "ru": "ru", "en": "en"}


def minutes_page(minutes: Minutes) -> str:
    """The minutes of a session as an HTML page of its own, for the screen and for paper.

    Its policy names its one style sheet by hash, so that a page that was tampered with shows none.
    """

    def t(key: str) -> str:
        return translate(Message(key), minutes.language)

    style = _source("minutes.css")
    digest = base64.b64encode(sha256(style.encode()).digest()).decode()
    return (
        _pages()
        .get_template("minutes.html")
        .render(
            minutes=minutes,
            lang=_LANG[minutes.language],
            style=style,
            style_hash=f"sha256-{digest}",
            t=t,
        )
        + "\n"
    )


@cache
def _pages() -> Environment:
    return Environment(
        loader=PackageLoader("accord.node", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )


def _source(name: str) -> str:
    pages = _pages()
    assert pages.loader is not None
    return pages.loader.get_source(pages, name)[0]
