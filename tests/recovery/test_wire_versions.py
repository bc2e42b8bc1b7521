"""An old node and a new one: what they agree on works, and what they do not is said."""

from __future__ import annotations

import msgspec
import pytest

from accord.base.errors import InputError
from accord.ledger.card import encode_card
from accord.node import members
from accord.node.node import CARD, Node
from tests.community import Community, held, id_of, indicator


def _speak(node: Node, first: int, last: int) -> bytes:
    """The node shows a card that says it speaks these versions."""
    card = msgspec.structs.replace(node.read_card(), wire_min=first, wire_max=last)
    keys = node.keys
    signed = encode_card(card, keys.ledger, keys.witness, keys.transport)
    node.write(lambda tx: tx.settings.set(CARD, signed.decode()))
    return signed


def test_nodes_whose_versions_overlap_exchange(community: Community) -> None:
    alfa, bravo = community["Alfa"], community["Bravo"]
    _speak(bravo, 1, 3)
    community.publish(bravo, community.agreement, theirs := indicator())
    community.publish(alfa, community.agreement, ours := indicator())
    community.sync()
    assert held(alfa, id_of(theirs)) == [theirs]
    assert held(bravo, id_of(ours)) == [ours]


def test_a_stranger_of_another_version_is_not_confirmed(community: Community) -> None:
    alfa, bravo = community["Alfa"], community["Bravo"]
    members.remove_peer(alfa, bravo.member)
    card = members.add_peer(alfa, bravo.settings.url, _speak(bravo, 2, 3))
    with pytest.raises(InputError) as error:
        members.confirm_peer(alfa, card.member, card.fingerprint.hex())
    assert error.value.message.key == "node.peer-wire"
    assert error.value.message.args == {"name": "Bravo", "first": 2, "last": 3, "ours": 1}


def test_a_peer_that_moved_on_is_told_apart_and_harms_nobody(community: Community) -> None:
    alfa, bravo, charlie = (community[name] for name in ("Alfa", "Bravo", "Charlie"))
    _speak(bravo, 2, 2)
    community.publish(bravo, community.agreement, theirs := indicator())
    community.publish(charlie, community.agreement, other := indicator())
    (report,) = community.sync_one(alfa, bravo)
    assert report.fault is not None
    assert report.fault.key == "peers.wire-apart"
    assert held(alfa, id_of(theirs)) == []
    (report,) = community.sync_one(alfa, charlie)
    assert report.fault is None
    assert held(alfa, id_of(other)) == [other]

    _speak(bravo, 1, 2)  # upgraded to speak both: it goes on by itself
    (report,) = community.sync_one(alfa, bravo)
    assert report.fault is None
    assert held(alfa, id_of(theirs)) == [theirs]
