"""The shell's own pages: language and theme for everybody, and the page that shows the style."""

from __future__ import annotations

from urllib.parse import quote

from litestar import Response
from litestar.datastructures import Cookie

from accord.base.messages import LANGUAGES
from accord.node.accounts import THEMES, change_manner

from .entrance import LANGUAGE, THEME, own_path
from .forms import Form
from .room import Room, act, page
from .visit import Visit

_YEAR = 365 * 24 * 3600  # seconds


@act("/manner", "anyone")
def keep_manner(visit: Visit, form: Form) -> Response[bytes]:
    """Keep a language or a theme, for the account where there is one, and go back."""
    given = {LANGUAGE: form.maybe("language"), THEME: form.maybe("theme")}
    allowed = {LANGUAGE: LANGUAGES, THEME: THEMES}
    kept = {name: value for name, value in given.items() if value in allowed[name]}
    if visit.visitor is not None and kept:
        words = {LANGUAGE: "language", THEME: "theme"}
        changed = {words[name]: value for name, value in kept.items()}
        change_manner(visit.node, visit.reader.name, **changed)
    cookies = [_kept(visit, name, value) for name, value in kept.items()]
    return visit.go(own_path(form.maybe("next", most=2_000)), None, *cookies)


def _kept(visit: Visit, key: str, value: str) -> Cookie:
    return Cookie(
        key, value=quote(value), max_age=_YEAR, samesite="lax", secure=visit.shell.encrypted
    )


@page("/style", "signed-in")
def style(visit: Visit) -> Response[bytes]:
    """Every component as it looks, in the reader's language and theme."""
    return visit.show("web/style.html")


SHELL = Room(name="web", handlers=(keep_manner, style))
