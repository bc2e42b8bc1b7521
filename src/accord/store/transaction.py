"""One transaction, and the shelves that can be reached in it."""

from __future__ import annotations

from functools import cached_property

from sqlalchemy import Connection

from .accounts import Accounts, Attempts, Sessions
from .answers import Answers
from .browsing import Browsing
from .clocks import Clocks
from .councils import Councils
from .drafts import Drafts
from .entries import Entries
from .erasure import Erasure
from .facts import FactLog
from .grants import Grants
from .holdings import Holdings
from .index import SearchIndex
from .ledgers import Ledgers
from .listings import Listings
from .pages import Pages
from .peers import Peers
from .quarantine import Quarantine
from .recalls import LegalHolds, Recalls
from .restrictions import Restrictions
from .search import Search
from .settings import Settings
from .sources import Sources
from .statuses import Statuses
from .tokens import Tokens
from .transfers import Transfers


class Transaction:
    """What a job reads and writes. Valid while the job runs, in its thread only."""

    def __init__(self, connection: Connection, *, reads_only: bool = False) -> None:
        self._connection = connection
        self.reads_only = reads_only  # what it sees is committed

    @cached_property
    def settings(self) -> Settings:
        return Settings(self._connection)

    @cached_property
    def ledgers(self) -> Ledgers:
        return Ledgers(self._connection)

    @cached_property
    def entries(self) -> Entries:
        return Entries(self._connection)

    @cached_property
    def holdings(self) -> Holdings:
        return Holdings(self._connection)

    @cached_property
    def listings(self) -> Listings:
        return Listings(self._connection)

    @cached_property
    def pages(self) -> Pages:
        return Pages(self._connection)

    @cached_property
    def peers(self) -> Peers:
        return Peers(self._connection)

    @cached_property
    def grants(self) -> Grants:
        return Grants(self._connection)

    @cached_property
    def facts(self) -> FactLog:
        return FactLog(self._connection)

    @cached_property
    def transfers(self) -> Transfers:
        return Transfers(self._connection)

    @cached_property
    def quarantine(self) -> Quarantine:
        return Quarantine(self._connection)

    @cached_property
    def tokens(self) -> Tokens:
        return Tokens(self._connection)

    @cached_property
    def accounts(self) -> Accounts:
        return Accounts(self._connection)

    @cached_property
    def sessions(self) -> Sessions:
        return Sessions(self._connection)

    @cached_property
    def attempts(self) -> Attempts:
        return Attempts(self._connection)

    @cached_property
    def statuses(self) -> Statuses:
        return Statuses(self._connection)

    @cached_property
    def drafts(self) -> Drafts:
        return Drafts(self._connection)

    @cached_property
    def sources(self) -> Sources:
        return Sources(self._connection)

    @cached_property
    def index(self) -> SearchIndex:
        return SearchIndex(self._connection)

    @cached_property
    def browsing(self) -> Browsing:
        return Browsing(self._connection)

    @cached_property
    def search(self) -> Search:
        return Search(self._connection)

    @cached_property
    def recalls(self) -> Recalls:
        return Recalls(self._connection)

    @cached_property
    def legal_holds(self) -> LegalHolds:
        return LegalHolds(self._connection)

    @cached_property
    def restrictions(self) -> Restrictions:
        return Restrictions(self._connection)

    @cached_property
    def clocks(self) -> Clocks:
        return Clocks(self._connection)

    @cached_property
    def councils(self) -> Councils:
        return Councils(self._connection)

    @cached_property
    def answers(self) -> Answers:
        return Answers(self._connection)

    @cached_property
    def erasure(self) -> Erasure:
        return Erasure(self._connection)
