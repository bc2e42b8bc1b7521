"""One request of one person: who, in which language and zone, and how it is answered."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec
from litestar import Response
from litestar.datastructures import Cookie
from litestar.enums import MediaType

from accord.base.errors import DeniedError
from accord.base.messages import Arg, Message, say, translate
from accord.node.carried import Place, carried_by
from accord.node.names import Names, agreement_titles
from accord.node.node import Node
from accord.rules.access import may

from .moments import Moments
from .room import Needs

if TYPE_CHECKING:
    from accord.node.entering import Visitor
    from accord.node.tokens import Reader

    from .shell import Shell

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z", re.ASCII)
_SAID_SECONDS = 60  # the cookie with what the last action has to tell is shown once
_SAID_BYTES = 2_000
_REMEMBERED = 4096  # sentences without arguments

# The characters that change the direction of what follows them (Unicode Annex 9, section 2).
_TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])

_QUOTES = {"en": ("", ""), "ru": ("«", "»"), "zh": ("《", "》")}

_said_encoder = msgspec.json.Encoder()


class Manner(msgspec.Struct, frozen=True, kw_only=True):
    """How somebody reads: language, time zone (IANA name), theme ("auto", "light", "dark")."""

    language: str
    zone: str = "UTC"
    theme: str = "auto"


def _straight(value: Arg) -> Arg:
    """In the midst of a sentence of ours, no words of others may turn the rest around."""
    if isinstance(value, str) and not value.isascii():
        return value.translate(_TURNING)
    return value


def _quoted(title: str, language: str) -> str:
    """A title in the midst of a sentence, in the marks that its language puts around titles."""
    before, after = _QUOTES[language]
    if language == "ru":
        title = title.replace("«", "„").replace("»", "“")  # marks within marks
    return f"{before}{title}{after}"


@lru_cache(_REMEMBERED)
def _plain(key: str, language: str) -> str:
    """A sentence that says the same whatever happens; pages repeat some of them in every row."""
    return translate(Message(key), language)


class Visit:
    """Given to every page, action and fragment."""

    def __init__(
        self,
        shell: Shell,
        visitor: Visitor | None,
        manner: Manner,
        *,
        path: str = "/",
        query: str = "",
        csrf: str = "",
        said: Message | None = None,
        htmx: bool = False,
    ) -> None:
        self.shell = shell
        self.visitor = visitor
        self.manner = manner
        self.path = path
        self.query = query
        self.csrf = csrf
        self.said = said
        self.htmx = htmx  # the answer is to be a part of a page
        self.moments = Moments(manner.language, manner.zone)
        self._names: Names | None = None
        self._titles: dict[str, str] | None = None
        self._now: datetime | None = None

    @property
    def node(self) -> Node:
        return self.shell.node

    @property
    def language(self) -> str:
        return self.manner.language

    @property
    def reader(self) -> Reader:
        """Whoever is signed in, as every use case wants to know it. Raises `DeniedError`."""
        if self.visitor is None:
            raise DeniedError("web.signed-out")
        return self.visitor.reader

    @property
    def now(self) -> datetime:
        """One moment for the whole request."""
        if self._now is None:
            self._now = self.node.now()
        return self._now

    @property
    def names(self) -> Names:
        """The names of the members known here."""
        if self._names is None:
            self._names = Names(self.node)
        return self._names

    @property
    def titles(self) -> dict[str, str]:
        """The titles of the agreements known here, by id, in the visitor's language."""
        if self._titles is None:
            self._titles = agreement_titles(self.node, self.language)
        return self._titles

    def may(self, needs: Needs) -> bool:
        """Whether the visitor may do this at all."""
        if needs == "anyone":
            return True
        if self.visitor is None:
            return False
        return needs == "signed-in" or may(self.visitor.reader.scope, needs)

    def knows(self, *bases: str | None) -> bool:
        """Whether the visitor may know of what rests on one of these agreements or groups.

        An account that is limited to none knows of all of them.
        """
        scope = self.reader.scope
        if scope.agreements is None:
            return True
        return any(basis in scope.agreements or basis in scope.circles for basis in bases)

    def knows_any(self, places: Iterable[Place]) -> bool:
        """Whether the visitor may know of any of these entries of ledgers."""
        if self.reader.scope.agreements is None:
            return True
        carried = carried_by(self.node, places).values()
        return any(self.knows(each.agreement, each.group) for each in carried)

    def t(self, key: str, /, **args: Arg) -> str:
        """A sentence of a catalogue in the visitor's language."""
        if not args:
            return _plain(key, self.language)
        straight = {name: _straight(value) for name, value in args.items()}
        return translate(Message(key, straight), self.language)

    def text(self, message: Message) -> str:
        """A message of any layer in the visitor's language.

        Members and agreements stand by their names, moments in the visitor's zone.
        """
        args = {name: self._shown(value) for name, value in message.args.items()}
        said = translate(Message(message.key, args), self.language)
        # Their own width parts these marks from their neighbours; the blank is for an id.
        return said.replace(" 《", "《").replace("》 ", "》") if self.language == "zh" else said

    def _shown(self, value: Arg) -> Arg:
        if not isinstance(value, str):
            return value
        if _MOMENT.fullmatch(value):
            return self.moments.minute(value)
        name = self.names.by_member.get(value)
        if name is None and value in self.titles:
            name = _quoted(self.titles[value], self.language)
        return _straight(value if name is None else name)

    def html(self, template: str, /, **values: Any) -> str:
        """A template of `templates/` as text."""
        return self.shell.templates.render(self, template, values)

    def show(self, template: str, /, status: int = HTTPStatus.OK, **values: Any) -> Response[bytes]:
        """A page, or a part of one."""
        cookies = [] if self.said is None or self.htmx else [self._cookie("", 0)]
        body = self.html(template, **values).encode()
        return Response(body, media_type=MediaType.HTML, status_code=status, cookies=cookies)

    def go(self, path: str, said: Message | None = None, *cookies: Cookie) -> Response[bytes]:
        """On to another page once an action is done, where `said` is shown."""
        kept = list(cookies)
        if said is not None:
            text = _said_encoder.encode(said)
            if len(text) > _SAID_BYTES:  # a cookie holds about 4 kB
                text = _said_encoder.encode(say("web.done"))
            kept.append(self._cookie(quote(text.decode()), _SAID_SECONDS))
        where = {"HX-Redirect": path} if self.htmx else {"Location": path}
        status = HTTPStatus.OK if self.htmx else HTTPStatus.SEE_OTHER
        return Response(
            b"", media_type=MediaType.HTML, status_code=status, headers=where, cookies=kept
        )

    def file(self, body: bytes, name: str, media_type: str) -> Response[bytes]:
        """Something to be saved under `name` (ASCII) and not shown by the browser."""
        header = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(body, media_type=media_type, headers=header)

    def _cookie(self, value: str, seconds: int) -> Cookie:
        return Cookie(
            self.shell.cookie("said"),
            value=value,
            max_age=seconds,
            httponly=True,
            samesite="lax",
            secure=self.shell.encrypted,
        )


def new_mark() -> str:
    """An id for what a form is to do once only: the second POST with it is the same one."""
    return secrets.token_hex(16)
