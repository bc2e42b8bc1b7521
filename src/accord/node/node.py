"""A node: its home, its store, its keys, and the view of facts that its rules rest on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from accord.base.clock import Clock, to_micros, utc_now
from accord.base.errors import InputError, MachineFault
from accord.base.limits import Limits
from accord.ledger.card import MemberCard, decode_card
from accord.ledger.notes import Signer, Verifier
from accord.rules.facts import Facts
from accord.stix.check import Checker
from accord.store.opening import open_store
from accord.store.store import Store
from accord.store.transaction import Transaction

from .factlog import FactsView
from .history import COUNTER, Counter
from .home import Home, HomeSettings, NodeKeys
from .newest import Newest

T = TypeVar("T")

CARD = "member.card"
LAST_MOMENT = "clock.last"


class Node:
    """Everything a use case needs. One per process; safe to share between threads."""

    def __init__(
        self,
        home: Home,
        settings: HomeSettings,
        keys: NodeKeys,
        store: Store,
        clock: Clock = utc_now,
    ) -> None:
        self.home = home
        self.settings = settings
        self.keys = keys
        self.store = store
        self.clock = clock
        self.counter = Counter(home.folder / COUNTER, store)
        store.on_commit(self.counter.committed)
        self.stopping = False  # a server about to stop says so to the requests that wait for news
        self._facts = FactsView()
        self.council_kept = Newest()  # for `councillog`
        self._own_card: str | None = None  # the card last found to name the keys in use

    @property
    def limits(self) -> Limits:
        return self.settings.limits

    @cached_property
    def checker(self) -> Checker:
        """Compiled on first use: a command that checks nothing does not pay for it."""
        return Checker(self.limits)

    @cached_property
    def _first_card(self) -> MemberCard:
        return self.read_card()

    @property
    def member(self) -> str:
        """This member's STIX identity; it never changes."""
        return self._first_card.member

    @property
    def origin(self) -> str:
        """The name of this member's ledger; it never changes."""
        return self._first_card.origin

    @property
    def ledger_signer(self) -> Signer:
        return self.keys.ledger.signer(self.origin)

    @property
    def witness_signer(self) -> Signer:
        return self.keys.witness.signer(self.origin)

    @property
    def ledger_verifier(self) -> Verifier:
        return self.ledger_signer.verifier

    def now(self) -> datetime:
        return self.clock()

    def micros(self) -> int:
        return to_micros(self.clock())

    def card_bytes(self) -> bytes:
        """The signed card as it is served."""
        text = self.store.read(lambda tx: tx.settings.get(CARD))
        if text is None:
            raise InputError("node.home-missing", folder=str(self.home.folder))
        return text.encode()

    def read_card(self) -> MemberCard:
        return decode_card(self.card_bytes(), self.limits)

    def check_keys(self, tx: Transaction) -> None:
        """Raise `MachineFault` when another process has changed the keys: ours sign nothing more.

        Looked up before every signature that lasts; read anew only when the card is another.
        """
        text = tx.settings.get(CARD)
        if text is None or text == self._own_card:
            return
        card = decode_card(text.encode(), self.limits)
        if card.ledger != self.keys.ledger.public.hex():
            raise MachineFault("node.keys-changed", path=str(self.home.folder))
        self._own_card = text

    def facts(self, tx: Transaction) -> Facts:
        """The facts as of this transaction, those it has just learnt included."""
        return self._facts.current(tx, remember=tx.reads_only)

    def facts_now(self) -> Facts:
        """The facts as committed."""
        return self.store.read(self.facts)

    def read(self, job: Callable[[Transaction], T]) -> T:
        return self.store.read(job)

    def write(self, job: Callable[[Transaction], T]) -> T:
        return self.store.write(job)

    def close(self) -> None:
        self.store.close()


def open_node(folder: Path, clock: Clock = utc_now, *, lost_keys: bool = False) -> Node:
    """Open the node whose home is `folder`.

    With `lost_keys`, key files may be gone: for the command that announces new ones. Raises
    `InputError` (no home, loose keys, a store of another version) or `MachineFault`.
    """
    home = Home(folder)
    settings = home.settings()
    store = open_store(home.database)
    if home.has_staged_keys:
        _settle_staged_keys(home, store, settings)
    keys = home.keys_left() if lost_keys else home.keys()
    node = Node(home, settings, keys, store, clock)
    node.counter.check(node.micros())
    return node


def _settle_staged_keys(home: Home, store: Store, settings: HomeSettings) -> None:
    """A key change was cut off: its files count if the card that names them was committed."""
    text = store.read(lambda tx: tx.settings.get(CARD))
    card = decode_card(text.encode(), settings.limits) if text is not None else None
    staged = home.staged_ledger_key()
    if card is not None and (staged is None or staged.public.hex() == card.ledger):
        home.take_staged_keys()
    else:
        home.drop_staged_keys()
