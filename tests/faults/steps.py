"""The durable steps of a node: what each does, who does it, and how a caller makes sure of it.

| step      | who    | its commits                                                                |
|-----------|--------|----------------------------------------------------------------------------|
| append    | author | one a batch: entries, tree, checkpoint, grants, listings                   |
| state     | author | one: a control entry, the fact it states, what that releases               |
| serve     | author | one a page: the record of transfers, before the openings leave             |
| follow    | reader | one: tiles and pinned checkpoint of the peer, with our co-signature of it  |
| witness   | taker  | one: what a witness co-signed, compared with our own view                  |
| receive   | reader | one a part: holdings, entries, facts, transfers, the cursor with the last  |
| notify    | reader | one a sender: the notice and the marks that it was told                    |
| retry     | reader | one a batch: out of quarantine, and kept or put back                       |

Each may be run again after whatever happened: that is how a node converges.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from accord.base.errors import ConflictError
from accord.node import agreements, members, notices, waiting
from accord.node.receiving import Outcome, receive
from tests.node.support import (
    Community,
    follow,
    give,
    holds,
    indicators,
    ledger_of,
    openings_granted,
    page_of,
    row_of,
    sync,
    take,
    witness,
)

RAWS = indicators(5)  # three batches of two: the template sets `append_batch`
LIMITS = {"append_batch": 2}


class Step(msgspec.Struct, frozen=True):
    """`before` sets the scene, `act` is the step, `done` whether a node shows that it was made."""

    who: str
    before: Callable[[Community], None]
    act: Callable[[Community], None]
    done: Callable[[Community], bool]


def only_agreement(community: Community) -> str:
    (view,) = agreements.list_agreements(community["Alfa"])
    return view.id


def publish(community: Community) -> None:
    give(community["Alfa"], RAWS, only_agreement(community))


def published(community: Community) -> bool:
    return all(holds(community["Alfa"], raw) for raw in RAWS)


def _nothing(community: Community) -> None:
    pass


def _agreed(community: Community) -> None:
    community.agree()


def _published(community: Community) -> None:
    community.agree()
    publish(community)


def _followed(community: Community) -> None:
    _published(community)
    follow(community["Bravo"], community["Alfa"])


def _proposed(community: Community) -> None:
    community.proposed()


def _sign(community: Community) -> None:
    try:
        agreements.sign(
            community["Alfa"], only_agreement(community), sha256=None, person="P", office="O"
        )
    except ConflictError as error:  # it was done, and we were not told
        if error.message.key != "node.signed-before":
            raise


def _signed(community: Community) -> bool:
    (view,) = agreements.list_agreements(community["Alfa"])
    return community["Alfa"].member in view.standing.signed


def _serve(community: Community) -> None:
    openings_granted(community["Bravo"], community["Alfa"])


def _served(community: Community) -> bool:
    lines = community["Alfa"].read(lambda tx: tx.transfers.page(direction="out"))
    return len({line.number for _, line in lines}) >= len(RAWS)


def _follow(community: Community) -> None:
    follow(community["Bravo"], community["Alfa"])


def _is_followed(community: Community) -> bool:
    return len({ledger_of(node, community["Alfa"].member).size for node in community}) == 1


def _witness(community: Community) -> None:
    witness(community["Alfa"], by=community["Bravo"], taker=community["Alfa"])


def _witnessed(community: Community) -> bool:
    alfa, bravo = community["Alfa"], community["Bravo"]
    size = ledger_of(alfa, alfa.member).size
    seen = alfa.read(lambda tx: tx.ledgers.cosignature(1, bravo.member))
    return seen is not None and seen.size == size


def _receive(community: Community) -> None:
    while take(community["Bravo"], community["Alfa"], limit=2) != Outcome():
        pass


def _received(community: Community) -> bool:
    return all(holds(community["Bravo"], raw) for raw in RAWS)


def _held_back(community: Community) -> None:
    """Bravo took everything while Alfa was suspended there: all of it waits."""
    _followed(community)
    bravo, alfa = community["Bravo"], community["Alfa"]
    members.suspend_peer(bravo, alfa.member)
    _receive(community)
    members.resume_peer(bravo, alfa.member)


def _retry(community: Community) -> None:
    waiting.retry_waiting(community["Bravo"])


def _refused(community: Community) -> None:
    """Bravo's clock is days behind: what Alfa gives comes from the future and is refused."""
    _followed(community)
    alfa, bravo = community["Alfa"], community["Bravo"]
    page, cursor = page_of(bravo, alfa)
    community.clock.advance(days=-2)
    receive(bravo, row_of(bravo, alfa), page.openings, cursor)
    community.clock.advance(days=2)


def _notify(community: Community) -> None:
    notices.send_notices(community["Bravo"])


def _told(community: Community) -> bool:
    return not community["Bravo"].read(lambda tx: tx.quarantine.unnotified(10))


def settle_again(community: Community) -> None:
    """What the loops of two running nodes do, until nothing is left to do."""
    for _ in range(2):
        for one, other in (("Alfa", "Bravo"), ("Bravo", "Alfa")):
            sync(community[one], community[other])


STEPS: dict[str, Step] = {
    "append": Step("Alfa", _agreed, publish, published),
    "state": Step("Alfa", _proposed, _sign, _signed),
    "serve": Step("Alfa", _followed, _serve, _served),
    "follow": Step("Bravo", _published, _follow, _is_followed),
    "witness": Step("Alfa", _followed, _witness, _witnessed),
    "receive": Step("Bravo", _followed, _receive, _received),
    "notify": Step("Bravo", _refused, _notify, _told),
    "retry": Step("Bravo", _held_back, _retry, _received),
}
