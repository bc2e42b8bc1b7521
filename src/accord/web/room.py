"""Rooms, and the declared pages and actions in them.

Every handler says what it needs: an action of the matrix (`rules.access`), "signed-in" for whoever
has an account, or "anyone". The guard, the menu, the test of the whole matrix and the screenshots
all read that one declaration.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, Literal, cast

import msgspec
from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.utils.sync import AsyncCallable

from accord.rules.access import Action

if TYPE_CHECKING:
    from .visit import Visit

Needs = Action | Literal["anyone", "signed-in"]
Handler = Callable[..., Any]

GROUPS = ("watch", "work", "community", "node")  # of the menu, in its order


class MenuItem(msgspec.Struct, frozen=True):
    """A page that the menu leads to, for those who may open it; `word` is a key of a message."""

    word: str
    path: str
    group: str
    needs: Needs


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """The pages of one kind of work. `name` is also the name of its catalogue and templates."""

    name: str
    handlers: Sequence[HTTPRouteHandler]
    menu: tuple[MenuItem, ...] = ()
    fragments: dict[str, Fragment] = {}  # what lives on its pages, by name


class Fragment(msgspec.Struct, frozen=True):
    """A part of a page that is sent anew when something changed (`web.live`).

    `render` is given a visit and returns HTML that depends on nothing else than the store and the
    reader's roles, level, agreements, circles, language and zone; on the reader's name too if it is
    `personal`, as everything is that shows content: TLP:RED and code H3 go by names. `apart` then
    says, at little cost, what tells a reader from others of the same level; without it the name
    does. A fragment that `concerns` a single thing is given after the visit what the page named
    with `c.live`.
    """

    needs: Needs
    render: Callable[..., str]
    personal: bool = False
    concerns: bool = False
    apart: Callable[[Visit], Hashable] | None = None


def page(path: str, needs: Needs, *, example: str = "") -> Callable[[Handler], HTTPRouteHandler]:
    """Declare a page. It is given `visit` and whatever the query holds; it runs in a thread.

    `example` is the name under which the tests know what to put in the braces of `path`.
    """
    return _declared(get, path, needs, example)


def act(path: str, needs: Needs, *, example: str = "") -> Callable[[Handler], HTTPRouteHandler]:
    """Declare an action: a POST that is given `visit` and `form`, and ends in `visit.go`."""
    return _declared(post, path, needs, example)


def _declared(
    method: Callable[..., Any], path: str, needs: Needs, example: str
) -> Callable[[Handler], HTTPRouteHandler]:
    def declare(handler: Handler) -> HTTPRouteHandler:
        opt = {"needs": needs, "example": example}
        extra = {"status_code": 200} if method is post else {}
        made = method(path, opt=opt, **extra)(
            _in_thread(_of_one_state(handler) if method is get else handler)
        )
        return cast("HTTPRouteHandler", made)

    return declare


def _of_one_state(handler: Handler) -> Handler:
    """All that a page reads is of one state of the store, and taken in one transaction."""

    @wraps(handler)
    def show(*args: Any, **given: Any) -> Any:
        visit: Visit = given["visit"]
        return visit.node.store.read_together(lambda: handler(*args, **given))

    return show


def _in_thread(handler: Handler) -> Handler:
    """Handlers read the store, and wait for it beside the event loop.

    Not left to `sync_to_thread`: Litestar 2.25 applies that once more to a page for each further
    handler of its path, and answers with a coroutine.
    """

    answer = AsyncCallable(handler)

    @wraps(handler)
    async def run(*args: Any, **given: Any) -> Any:
        return await answer(*args, **given)

    return run
