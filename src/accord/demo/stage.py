"""What every chapter of the story needs: who tells it, the members, and what was agreed."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from accord.base.messages import Message
from accord.node.prepare import Order
from accord.node.publish import Progress, Publication, publish
from accord.rules.preview import Row as Judgement

from .community import Community, Member
from .telling import Teller
from .watching import Inbox

_MEMBERS = ("alfa", "bravo", "charlie", "delta")


class Stage:
    """Alfa, Bravo and Charlie, who joins them, and the one who tells of them."""

    def __init__(self, teller: Teller, community: Community) -> None:
        self.teller = teller
        self.clock = community.clock
        founded = community.found([(slug, teller.word(f"demo.member-{slug}")) for slug in _MEMBERS])
        self.alfa, self.bravo, self.charlie, self.delta = founded
        self.members = founded[:-1]  # Delta is not one of them yet
        self.agreement = ""
        self.charter = ""
        self.proved = ""  # the object of which evidence is shown
        self.collections: dict[str, str] = {}
        self.objects_url = ""  # of the agreement's collection at Charlie, over TAXII
        self.inboxes = tuple(Inbox(each, self.alfa) for each in (self.bravo, self.charlie))
        self.places: list[int] = []  # of all that was published, in Alfa's ledger
        self.closed: dict[int, str] = {}  # those that no further party is given, and why
        for member in founded:
            teller.call(member.id, member.name)

    def publish(
        self, raws: Sequence[bytes], order: Order, progress: Progress = lambda done: None
    ) -> Publication:
        """Publish in Alfa's name, and remember where it stands in Alfa's ledger."""
        published = publish(self.alfa.node, raws, order, progress)
        self.places += published.numbers
        return published

    def close(self, places: Sequence[int], why: str) -> None:
        """Remember what nobody is given any more who has not got it."""
        self.closed |= dict.fromkeys(places, why)


class Choice(msgspec.Struct, frozen=True):
    """How a set is published: the options of the command, and the order they make."""

    order: Order
    options: tuple[str, ...] = ()


def why(rows: Sequence[Judgement]) -> tuple[Message, ...]:
    """Why an object is not released: every reason once, in the order of the rule."""
    found = [reason.message for row in rows for reason in row.verdict.reasons]
    found += [each.message for row in rows for each in row.findings if each.blocks]
    return tuple(dict.fromkeys(found))


def title_of(member: Member, raw: bytes) -> str:
    """What a person would call an object: its name, else its type."""
    item = member.node.checker.check(raw).object
    return str(item.fields.get("name", item.type))


def short(identifier: str) -> str:
    """The beginning of an identifier, where a person only has to tell it from others."""
    kind, _, rest = identifier.partition("--")
    return f"{kind}--{rest[:8]}…"
