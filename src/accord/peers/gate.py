"""The gate of the federation door: who asks, proved by a signature, and whether it may.

Only a confirmed peer passes. Its state is read anew for every request, so that `peer suspend`
holds from the next one, whichever process it was given in.
"""

from __future__ import annotations

import threading
import time

import msgspec

from accord.base.errors import DeniedError
from accord.ledger.card import decode_card
from accord.ledger.keys import transport_key_id
from accord.node.node import Node
from accord.store.records import PeerRow

from .faults import BadRequest
from .quotas import Quotas
from .signatures import Request, key_id_of, verify_request

_RELOAD_SECONDS = 1.0  # a stranger's key makes us look through all peers at most this often


class _Known(msgspec.Struct, frozen=True):
    """A peer's transport key, and the card it was read from."""

    member: str
    key: bytes
    card: bytes


class Gate:
    """Tells a request's peer, or refuses it. One for each door; safe to share between threads.

    `quotas` are those that this process shares with others; null: its own.
    """

    def __init__(self, node: Node, url: str, quotas: Quotas | None = None) -> None:
        self._node = node
        self._quotas = quotas or Quotas()
        self._url = url.rstrip("/")
        self._lock = threading.Lock()
        self._known: dict[str, _Known] = {}
        self._loaded = float("-inf")
        self._facts = -1

    def admit(self, method: str, target: str, headers: dict[str, str], body: bytes) -> PeerRow:
        """The confirmed peer that signed this request for `target` (path and query) of this node.

        Raises `BadRequest`, `TooManyRequests`, or `DeniedError` for a peer that is not confirmed.
        """
        node = self._node
        row, known = self._find(key_id_of(headers))
        now = node.now()
        request = Request(method, self._url + target, headers)
        signed = verify_request(request, known.key, now, node.limits, body=body)
        if row.state != "confirmed":
            raise DeniedError("peers.peer-not-confirmed", state=row.state)
        most = node.limits.peer_requests_per_minute
        self._quotas.spend(row.member, most, signed.nonce, signed.until, now)
        return row

    def _find(self, key_id: str) -> tuple[PeerRow, _Known]:
        """The peer whose card, as it stands in the store now, holds the key of this id."""
        for reload in (False, True):
            known = self._known.get(key_id)
            if known is not None:
                row = self._node.read(lambda tx: tx.peers.get(known.member))  # noqa: B023
                if row is not None and row.card == known.card:
                    return row, known
            if not reload:
                self._load()
        raise BadRequest("peers.key-unknown", key=key_id[:64])

    def _load(self) -> None:
        with self._lock:
            facts = self._node.read(lambda tx: tx.facts.last())
            if facts == self._facts and time.monotonic() - self._loaded < _RELOAD_SECONDS:
                return
            rows = self._node.read(lambda tx: tx.peers.all())
            cards = {known.card: known for known in self._known.values()}
            found = [cards.get(row.card) or self._read(row) for row in rows if row.state != "added"]
            self._known = {transport_key_id(known.key): known for known in found}
            self._loaded, self._facts = time.monotonic(), facts

    def _read(self, row: PeerRow) -> _Known:
        key = decode_card(row.card, self._node.limits).keys.transport
        return _Known(row.member, key, row.card)
