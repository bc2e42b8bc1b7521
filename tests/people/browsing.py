"""A browser that shows nothing: it keeps cookies, sends forms as pages do, stays where it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import ExitStack
from html import unescape
from typing import Any

import httpx
from litestar.testing import TestClient

from accord.node.node import Node
from accord.web.cookies import cookie_name
from accord.web.manner import SHELL
from accord.web.people.room import ROOM
from accord.web.room import Room
from tests.pages import pages_of

_FORM = re.compile(r'name="_csrf_token" value="([^"]*)"')


class Browser:
    """Somebody in front of the pages of a node."""

    def __init__(
        self,
        node: Node,
        rooms: Sequence[Room] = (SHELL, ROOM),
        *,
        encrypted: bool = False,
        language: str = "en",
    ) -> None:
        base = "https://accord.test" if encrypted else "http://127.0.0.1"
        self._open = ExitStack()
        app = self._open.enter_context(pages_of(node, rooms, encrypted=encrypted))
        client = TestClient(app, base_url=base, raise_server_exceptions=False)
        self._client = self._open.enter_context(client)
        self._client.headers["accept-language"] = language
        self._token = ""
        self._session = cookie_name(node, "session", encrypted=encrypted)

    @property
    def cookies(self) -> httpx.Cookies:
        return self._client.cookies

    @property
    def session(self) -> str:
        """The name of the cookie with the session."""
        return self._session

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Open a page."""
        answer = self._client.get(path, headers=headers, follow_redirects=False)
        if found := _FORM.search(answer.text):
            self._token = unescape(found[1])
        return answer

    def post(self, path: str, fields: Any = None, **headers: str) -> httpx.Response:
        """Send a form, with the mark that the last page carried."""
        if not self._token:
            self.get("/sign-in")
        data = {"_csrf_token": self._token, **(fields or {})}
        answer = self._client.post(path, data=data, headers=headers, follow_redirects=False)
        if found := _FORM.search(answer.text):
            self._token = unescape(found[1])
        return answer

    def sign_in(self, name: str, password: str, **fields: str) -> httpx.Response:
        self.get("/sign-in")
        answer = self.post("/sign-in", {"name": name, "password": password, **fields})
        self.get("/account")
        return answer

    def close(self) -> None:
        self._open.close()


def words(answer: httpx.Response) -> str:
    """The text of a page, without markup."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())
