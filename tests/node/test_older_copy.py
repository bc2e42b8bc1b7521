"""A store put back from an older copy signs no second history."""

from __future__ import annotations

import shutil

import pytest

from accord.base.errors import MachineFault
from accord.node.node import open_node
from tests.node.support import Community, follow, give, indicator, witness


def test_an_older_copy_of_the_store_publishes_nothing_once_a_witness_has_spoken(
    pair: Community,
) -> None:
    alfa, bravo = pair["Alfa"], pair["Bravo"]
    agreement = pair.agree()
    give(alfa, [indicator(1)], agreement.id)
    folder = alfa.home.folder
    alfa.close()
    shutil.copytree(folder, folder.with_name("older"))
    pair.nodes["Alfa"] = alfa = open_node(folder, pair.clock)
    give(alfa, [indicator(2)], agreement.id)
    follow(bravo, alfa)
    alfa.close()

    older = open_node(folder.with_name("older"), pair.clock)
    try:
        witness(older, by=bravo, taker=older)
        with pytest.raises(MachineFault) as fault:
            give(older, [indicator(3)], agreement.id)
        assert fault.value.message.key == "node.older-copy"
    finally:
        older.close()
    pair.nodes["Alfa"] = open_node(folder, pair.clock)
