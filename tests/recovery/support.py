"""Alfa's site: its disk can be lost, and put back from a backup, on either database."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from pathlib import Path

import pytest

from accord.node.backup import take_backup
from accord.node.node import Node
from accord.node.restoring import restore
from accord.node.verifying import verify_ledgers
from accord.peers.recovery import Recovery, recover_once
from tests.community import Community, ledger_of
from tests.store.conftest import empty_database


class Site:
    """Where Alfa's node stands. Its databases live as long as the test."""

    def __init__(self, request: pytest.FixtureRequest, community: Community, folder: Path) -> None:
        self.community, self.folder = community, folder
        self._request, self._databases, self._places = request, ExitStack(), 0
        self._closed = False

    def __enter__(self) -> Site:
        if self._request.param == "postgresql":  # founded on SQLite, and moved by a backup
            self.lose_and_restore(self.backup())
            assert self.recover().done is not None
        return self

    def __exit__(self, *_: object) -> None:
        self.community.close()
        self._databases.close()

    @property
    def alfa(self) -> Node:
        return self.community["Alfa"]

    def place(self, name: str) -> Path:
        self._places += 1
        return self.folder / f"{name}-{self._places}"

    def database(self) -> str:
        """Where a restored store goes: into its home, or into an empty schema of the server."""
        if self._request.param == "sqlite":
            return ""
        return self._databases.enter_context(empty_database(self._request, self.folder))

    def backup(self) -> Path:
        return take_backup(self.alfa, self.place("backup")).folder

    def lose(self) -> None:
        """The disk is gone, all of it."""
        self.alfa.close()
        shutil.rmtree(self.alfa.home.folder)

    def restore(self, backup: Path) -> Node:
        """A new home of a backup, on the network in Alfa's place."""
        home = self.place("Alfa")
        restore(backup, home, db=self.database(), clock=self.community.clock)
        return self.community.open(home)

    def lose_and_restore(self, backup: Path) -> Node:
        self.lose()
        return self.restore(backup)

    def recover(self, *quorum: str) -> Recovery:
        return recover_once(self.alfa, quorum, self.community.connect)


def same_history(site: Site) -> None:
    """All nodes have the same ledger of Alfa's, every stored byte holds, nobody is convicted."""
    rows = [ledger_of(node, site.alfa) for node in site.community]
    assert len({(row.size, row.root) for row in rows}) == 1
    for node in site.community:
        all_holds(node)


def all_holds(node: Node) -> None:
    """Nobody is convicted, and everything follows from the stored bytes."""
    assert node.read(lambda tx: tx.ledgers.convictions()) == []
    assert [found.faults for found in verify_ledgers(node) if found.faults] == []
