"""Every page there is, as it can be opened at Meridia: what stands in the braces of its path.

A page names its examples where it is declared (`page(path, needs, example="agreement")`): a key of
`examples`, several with commas between, each perhaps with a query (`object?view=graph`). A page
without braces needs none, and may name queries alone (`?q=192.0.2.9`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from urllib.parse import quote

import msgspec

from accord.node import agreements
from accord.node.sessions import list_sessions
from accord.node.transfers import newest_transfers
from accord.node.waiting import list_waiting
from accord.web.house import Door, doors
from tests.browser.seeding import Story
from tests.browser.served import EVERYTHING

_BRACES = re.compile(r"\{[^}]*\}")
# Streams, and files to be saved.
_NO_PAGES = re.compile(r"/live/|/assets/|.*/(csv|export|file|stix)$|.*\.[a-z]+$")
_ELSEWHERE = {"/setup": "harbour"}  # where nobody has an account yet


class PageExample(msgspec.Struct, frozen=True):
    """One way to open one page. `name` is unlike all others, and good as a file name."""

    room: str
    name: str
    template: str
    example: str
    anonymous: bool  # nobody has to be signed in
    at: str = "meridia"  # the member whose page it is


@cache
def all_pages() -> tuple[PageExample, ...]:
    """Every page of the registry, once for each of its examples."""
    return tuple(found for door in doors() if _is_page(door) for found in _examples_of(door))


def address(page: PageExample, known: Mapping[str, tuple[str, ...]]) -> str:
    """The path (and query) to open; `known` are the `examples` of a story.

    Raises `KeyError` for an example that the story does not have.
    """
    name, mark, query = page.example.partition("?")
    values = iter(known[name] if name else ())
    path = _BRACES.sub(lambda _: quote(next(values), safe=""), page.template)
    return f"{path}{mark}{query}"


def examples(story: Story) -> dict[str, tuple[str, ...]]:
    """What can be put into braces, by name, in the order of the braces."""
    made, node = story.made, story["meridia"]
    texts = agreements.show(node, made.agreements["in-force"])
    session, *_, past = list_sessions(node)
    waiting, *_ = list_waiting(node)
    return {
        **{f"agreement-{name}": (value,) for name, value in made.agreements.items()},
        **{f"motion-{name}": (value,) for name, value in made.motions.items()},
        **{f"object-{name}": (value,) for name, value in made.objects.items()},
        **{name: (value,) for name, value in made.others.items()},
        "accession": (made.agreements["charter"], story["harbour"].member),
        "account": (f"{EVERYTHING}-en",),
        "agreement": (made.agreements["in-force"],),
        "agreement-text": (made.agreements["in-force"], texts[0].sha256),
        "agreement-amendment": (made.agreements["in-force"], texts[-1].sha256),
        "charter": (made.agreements["charter"],),
        "member": (story["haichuan"].member,),
        "member-own": (node.member,),
        "member-added": (story["harbour"].member,),
        "motion": (made.motions["open"],),
        "object": (made.objects["indicator"],),
        "quarantine": (str(waiting.seq),),
        "session": (session.id,),
        "session-past": (past.id,),
        "token": ("import-tool",),
        "transfer": (str(newest_transfers(node, before=1 << 62, limit=1)[0].seq),),
    }


def _is_page(door: Door) -> bool:
    return door.method == "GET" and _NO_PAGES.match(door.path) is None


def _examples_of(door: Door) -> Iterator[PageExample]:
    anonymous = door.needs == "anyone"
    for place, example in enumerate(each.strip() for each in door.example.split(",")):
        words = re.findall(r"[\w-]+", re.sub(r":\w+", "", door.path))
        name = "-".join(words) or "home"
        if place or example.partition("?")[2]:
            name += "-" + re.sub(r"[^\w]+", "-", example).strip("-")
        at = _ELSEWHERE.get(door.path, "meridia")
        yield PageExample(door.room, name, door.path, example, anonymous, at)
