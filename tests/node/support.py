"""A small community in one process: nodes on disk, a clock that is turned by hand, no network.

`Community.sync` does what the peers' door does for one member: fetch the checkpoint and the bundles
it promises, verify them, then take the openings that were granted.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from accord.base.clock import format_time
from accord.base.limits import Limits
from accord.ledger.opening import GrantedOpening
from accord.ledger.tiles import ENTRIES, Tile, encode_bundle
from accord.node import (
    agreements,
    cosignatures,
    following,
    members,
    receiving,
    serving,
    sighting,
    waiting,
)
from accord.node.agreements import AgreementView
from accord.node.founding import Founded, found_node
from accord.node.home import HomeSettings
from accord.node.node import Node, open_node
from accord.node.prepare import Order
from accord.node.publish import Publication, publish
from accord.node.receiving import Outcome
from accord.node.serving import Cursor
from accord.node.verifying import verify_ledgers
from accord.node.witnessing import witnessed_checkpoint
from accord.store.records import EntryRow, LedgerRow, PeerRow
from accord.store.tables import OWN_LEDGER

START = datetime(2026, 3, 3, 12, 0, 0, 123456, tzinfo=UTC)
NAMES = ("Alfa", "Bravo", "Charlie")

T = TypeVar("T")


class HandClock:
    """A clock that moves on by a millisecond whenever it is looked at, and further when told."""

    def __init__(self, moment: datetime = START) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        self.moment += timedelta(milliseconds=1)
        return self.moment

    def advance(self, **parts: float) -> None:
        self.moment += timedelta(**parts)


def found(folder: Path, name: str, clock: HandClock, number: int = 0, **limits: int) -> Founded:
    """A new home under `folder`; `limits` differ from the built-in ones."""
    url = f"http://127.0.0.1:{8100 + number}"
    settings = HomeSettings(name=name, url=url, limits=Limits(**limits))
    return found_node(folder, settings, clock)


class Template:
    """Members who have confirmed each other, closed, to be copied: founding costs the most."""

    def __init__(self, folder: Path, names: Sequence[str], **limits: int) -> None:
        self.folder, self.names = folder, names
        clock = HandClock()
        self.recovery: dict[str, str] = {}
        nodes: list[Node] = []
        for number, name in enumerate(names):
            founded = found(folder / name, name, clock, number, **limits)
            self.recovery[name] = " ".join(founded.recovery_words)
            nodes.append(open_node(folder / name, clock))
        for one in nodes:
            for other in nodes:
                if one is not other:
                    meet(one, other)
        for node in nodes:
            node.close()
        self.moment = clock.moment
        self.stages: dict[tuple[Any, ...], tuple[Template, Any]] = {}


class Community:
    """Members who have confirmed each other, by name: `community["Alfa"]`."""

    def __init__(self, template: Template, folder: Path) -> None:
        self.folder = folder
        self.clock = HandClock(template.moment)
        self.recovery = template.recovery
        self.nodes: dict[str, Node] = {}
        self._rested: dict[tuple[Any, ...], list[int]] = {}
        for name in template.names:
            if folder != template.folder:
                shutil.copytree(template.folder / name, folder / name)
            self.nodes[name] = open_node(folder / name, self.clock)
        self._begun = template, self._moved()

    @classmethod
    def new(cls, folder: Path, *names: str, **limits: int) -> Community:
        """A community of its own making."""
        return cls(Template(folder / "template", names, **limits), folder / "members")

    def template(self) -> Template:
        """Close all and take their homes as they stand as a template."""
        self.close()
        return self._as_template(self.folder)

    def at(self, folder: Path) -> Community:
        """The same members from homes at another place, which are taken as they are."""
        return Community(self._as_template(folder), folder)

    def _as_template(self, folder: Path) -> Template:
        made = Template.__new__(Template)
        made.folder, made.names = folder, tuple(self.nodes)
        made.recovery, made.moment = self.recovery, self.clock.moment
        made.stages = {}
        return made

    def staged(self, what: tuple[Any, ...], job: Callable[[], T]) -> T:
        """Do `job`; as the first thing that is done to a copy of a template, it is done only once.

        The next copy to which `what` is done is given the homes, the clock and the answer that it
        left the first time. What follows as the first thing after that is staged in turn.
        """
        begun, moved = self._begun
        if moved != self._moved():
            return job()
        if what in begun.stages:
            stage, answer = begun.stages[what]
            self._swap(stage.folder, self.folder, stage.moment)
        else:
            answer = job()
            stage = self._as_template(Path(tempfile.mkdtemp(dir=begun.folder.parent)))
            self._swap(self.folder, stage.folder, stage.moment)
            begun.stages[what] = stage, answer
        self._begun = stage, self._moved()
        done: T = answer
        return done

    def _swap(self, source: Path, target: Path, moment: datetime) -> None:
        """Copy the homes, closed, and open those of this community again as the same nodes."""
        self.close()
        self.clock.moment = moment
        for name, node in self.nodes.items():
            shutil.rmtree(target / name, ignore_errors=True)
            shutil.copytree(source / name, target / name)
            vars(node).clear()  # whoever has the node at hand has that of the stage
            vars(node).update(vars(open_node(self.folder / name, self.clock)))

    def _moved(self) -> tuple[datetime, list[int]]:
        """What is another one once anything was done here."""
        return self.clock.moment, _stand(list(self))

    def __getitem__(self, name: str) -> Node:
        return self.nodes[name]

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes.values())

    def reopen(self, name: str) -> Node:
        """Close a node and open it anew, as after a restart."""
        self.nodes[name].close()
        self.nodes[name] = open_node(self.folder / name, self.clock)
        return self.nodes[name]

    def settle(self, *, rounds: int = 2) -> None:
        """Everybody follows everybody, a few times over: nothing is on its way any more."""
        for _ in range(rounds):
            for one in self:
                for other in self:
                    if one is not other:
                        self.unless_at_rest(sync, one, other)

    def unless_at_rest(self, job: Callable[..., object], *nodes: Node) -> None:
        """Run `job` on these nodes, unless no store of theirs has changed since it last was."""
        if self._rested.get((job, *nodes)) != _stand(nodes):
            job(*nodes)
            self._rested[(job, *nodes)] = _stand(nodes)

    def agree(self, *names: str, **fields: Any) -> AgreementView:
        """An agreement between these members, signed by all of them and known to all."""
        what = ("agree", names, json.dumps(fields, sort_keys=True))
        return self.staged(what, lambda: self._agree(*names, **fields))

    def _agree(self, *names: str, **fields: Any) -> AgreementView:
        proposed = self.proposed(*names, **fields)
        for name in names or list(self.nodes):
            agreements.sign(self[name], proposed.id, sha256=None, person="P. Erson", office="Desk")
        self.settle()
        (first, *_) = names or list(self.nodes)
        return agreements.show(self[first], proposed.id)[0]

    def proposed(self, *names: str, **fields: Any) -> AgreementView:
        """An agreement that was proposed by the first of these members and reached the others."""
        parties = [self[name] for name in names] or list(self)
        text = terms_text([node.member for node in parties], **fields)
        view = agreements.propose(parties[0], text)
        self.settle(rounds=1)
        return view

    def close(self) -> None:
        for node in self:
            node.close()


def _stand(nodes: Sequence[Node]) -> list[int]:
    """What differs once somebody, of this process or another, has written to one of the stores."""
    return [node.store.change_number() for node in nodes]


def meet(one: Node, other: Node) -> None:
    """`one` adds `other` and confirms its fingerprint."""
    card = members.add_peer(one, other.settings.url, other.card_bytes())
    members.confirm_peer(one, card.member, card.fingerprint.hex())


def terms_text(parties: Sequence[str], **fields: Any) -> str:
    """An agreement as a TOML file: permissive, where `fields` say nothing else."""
    plain: dict[str, Any] = {
        "name": "Rivers",
        "parties": list(parties),
        "areas": ["cyber"],
        "purposes": ["defence"],
        "tlp_ceiling": "amber",
        "onward": "none",
        "valid_from": "2026-01-01T00:00:00Z",
    }
    values = {name: value for name, value in (plain | fields).items() if value is not None}
    tables = {"titles": dict.fromkeys(("zh", "ru", "en"), "x")}
    tables["texts"] = dict.fromkeys(("zh", "ru", "en"), "y")
    lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    for name, table in tables.items():
        lines += [f"[{name}]", *(f"{key} = {json.dumps(text)}" for key, text in table.items())]
    return "\n".join(lines) + "\n"


def indicator(number: int = 0, *, version: int = 0, **fields: Any) -> bytes:
    """A STIX 2.1 indicator; the same number is the same object, a higher version is newer."""
    created = START - timedelta(days=30)
    plain: dict[str, Any] = {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{uuid.UUID(int=(4 << 76) | (8 << 60) | number)}",
        "created": format_time(created),
        "modified": format_time(created + timedelta(seconds=version)),
        "name": f"Indicator {number}",
        "pattern": f"[ipv4-addr:value = '192.0.2.{number % 256}']",
        "pattern_type": "stix",
        "valid_from": format_time(created),
    }
    return json.dumps(plain | fields).encode()


def indicators(count: int, first: int = 0) -> list[bytes]:
    return [indicator(number) for number in range(first, first + count)]


def object_id(raw: bytes) -> str:
    return str(json.loads(raw)["id"])


def give(node: Node, raws: Sequence[bytes], agreement: str, **order: Any) -> Publication:
    """Publish as TLP:GREEN, where nothing else is said; two people stand by it."""
    plain = {"agreement": agreement, "tlp": "green", "approvals": ("One", "Two")}
    return publish(node, raws, Order(**(plain | order)))


def row_of(node: Node, other: Node) -> PeerRow:
    """How `node` knows `other`."""
    row = node.read(lambda tx: tx.peers.get(other.member))
    assert row is not None
    return row


def ledger_of(node: Node, member: str) -> LedgerRow:
    """How far `node` knows the ledger of a member."""
    row = node.read(lambda tx: tx.ledgers.of_member(member))
    assert row is not None
    return row


def entries_of(node: Node, member: str) -> list[EntryRow]:
    """The entries of a member that `node` holds, by number."""
    ledger = ledger_of(node, member)
    return node.read(lambda tx: list(tx.entries.every(ledger.id)))


def body_of(node: Node, entry: EntryRow) -> bytes:
    """The object of an entry."""
    held = node.read(lambda tx: tx.holdings.get(entry.holding))
    assert held is not None
    assert held.body is not None
    return held.body


def follow(one: Node, other: Node) -> None:
    """`one` verifies and pins all that `other` has appended."""
    row = other.read(lambda tx: tx.ledgers.get(OWN_LEDGER))
    assert row is not None
    known = one.read(lambda tx: tx.ledgers.of_member(other.member))
    if known is not None and known.checkpoint == row.checkpoint:
        return
    step = following.begin_step(one, row_of(one, other), row.checkpoint)
    tiles: dict[tuple[int, int], Tile] = {}
    for wanted in step.verifying.wanted():
        stored = other.read(lambda tx: tx.ledgers.tile(OWN_LEDGER, ENTRIES, wanted.number))  # noqa: B023
        rows = step.verifying.add(encode_bundle(stored or b""))
        tiles.update({(tile.level, tile.number): tile for tile in rows})
    following.finish_step(one, step, list(tiles.values()), row.checkpoint)


def page_of(one: Node, other: Node, limit: int = 500) -> tuple[serving.Page, Cursor]:
    """The next openings that `other` serves to `one`, and the cursor they were asked with."""
    row = row_of(one, other)
    cursor = Cursor(row.urgent_cursor, row.routine_cursor)
    return serving.openings_for(other, row_of(other, one), cursor, limit), cursor


def take(one: Node, other: Node, limit: int = 500) -> Outcome:
    """`one` takes one page of the openings granted to it."""
    page, cursor = page_of(one, other, limit)
    if not page.openings:
        return Outcome()
    outcome, _ = receiving.receive(one, row_of(one, other), page.openings, cursor)
    return outcome


def sync(one: Node, other: Node) -> Outcome:
    """`one` follows `other` and takes everything granted to it; what waited is tried again."""
    if row_of(one, other).state != "confirmed" or row_of(other, one).state != "confirmed":
        return Outcome()
    follow(one, other)
    size = ledger_of(one, other.member).size
    done = Outcome()
    while (taken := take(one, other)) != Outcome():
        done = done.plus(taken)
    sighting.note_taken(one, row_of(one, other), size)
    waiting.retry_after_new_facts(one)
    return done


def openings_granted(one: Node, other: Node) -> Sequence[GrantedOpening]:
    return page_of(one, other)[0].openings


def witness(author: Node, by: Node, taker: Node) -> None:
    """`taker` takes in what `by` co-signed of the ledger of `author`."""
    note = witnessed_checkpoint(by, author.origin)
    cosignatures.take_cosignature(taker, row_of(taker, by), author.origin, note)


def holds(node: Node, raw: bytes) -> bool:
    """Whether a node holds exactly these bytes, from whomever."""
    bodies = node.read(lambda tx: [held.body for held in tx.holdings.versions(object_id(raw))])
    return raw in bodies


def assert_sound(*nodes: Node) -> None:
    """Every ledger that these nodes keep verifies, from the stored bytes up."""
    for node in nodes:
        for found in verify_ledgers(node):
            assert not found.faults, [str(fault) for fault in found.faults]


def reasons(messages: Sequence[Any]) -> set[str]:
    """The keys of messages."""
    return {message.key for message in messages}


def fields_of(raw: bytes) -> dict[str, Any]:
    found = json.loads(raw)
    assert isinstance(found, dict)
    return found
