"""One account per member, in front of its pages: whoever watches can sign in at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

from accord.node.accounts import NewAccount, add_account
from accord.rules.access import Role

from .community import Member
from .stage import Stage

NAME = "demo"
PASSWORD = "all-of-it-is-fiction"  # noqa: S105 - shown to everybody; nothing here is real
_LANGUAGES = {"alfa": "en", "bravo": "ru", "charlie": "zh"}  # the others read as the story is told


def open_pages(stage: Stage, members: Iterable[Member], about: str = "demo.pages-about") -> None:
    """Give each of them an account that may do everything, and say where its pages are."""
    for member in members:
        add_account(
            member.node,
            NewAccount(
                name=NAME,
                roles=get_args(Role),
                display=stage.teller.word(f"demo.person-{member.slug}"),
                tlp="red",
                language=_language(stage, member),
                password=PASSWORD,
                must_change=False,
            ),
        )
    show_pages(stage, members, about)


def show_pages(stage: Stage, members: Iterable[Member], about: str = "demo.pages-about") -> None:
    """Where the pages of these members are, and how one signs in."""
    teller = stage.teller
    teller.say(about, name=NAME, password=PASSWORD)
    teller.table(
        ("demo.col-member", "demo.col-pages", "demo.col-language"),
        [
            (each.name, f"{each.url}/", teller.word(f"demo.language-{_language(stage, each)}"))
            for each in members
        ],
    )


def _language(stage: Stage, member: Member) -> str:
    return _LANGUAGES.get(member.slug, stage.teller.language)
