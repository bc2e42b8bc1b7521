"""What was recalled tries to come back, through every door; recalls that are not what they say."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from accord.base.clock import format_time
from accord.base.errors import ConflictError
from accord.base.messages import translate
from accord.node.answering import answer_recalls
from accord.node.collections import find_collection
from accord.node.control import own_object, state
from accord.node.drafts import list_drafts
from accord.node.node import Node, open_node
from accord.node.recalling import Order, find_entries, recall_entries, recall_table
from accord.node.starting import take_up
from accord.node.tokens import Reader, add_token, reader_of
from accord.node.uploads import upload
from accord.stix.extension import RECALL, RECEIPT
from accord.store.tables import OWN_LEDGER
from tests.node.support import (
    NAMES,
    Community,
    Template,
    assert_sound,
    entries_of,
    give,
    holds,
    indicator,
    object_id,
    sync,
)
from tests.taxii import elsewhere

RAW = indicator(1, name="not-for-your-eyes")


@pytest.fixture(scope="module")
def agreed_template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Template, str]:
    trio = Community(
        Template(tmp_path_factory.mktemp("agreed"), NAMES), tmp_path_factory.mktemp("members")
    )
    agreement = trio.agree(onward="agreement").id
    return trio.template(), agreement


@pytest.fixture
def trio(agreed_template: tuple[Template, str], tmp_path: Path) -> Iterator[Community]:
    community = Community(agreed_template[0], tmp_path)
    yield community
    community.close()


@pytest.fixture
def agreement(agreed_template: tuple[Template, str]) -> str:
    return agreed_template[1]


def settle(community: Community) -> None:
    community.settle(rounds=1)
    for node in community:
        answer_recalls(node)
    community.settle(rounds=1)


def recall(node: Node, raw: bytes = RAW) -> int:
    due = node.now() + timedelta(days=3)
    order = Order(mode="erase", reason="Shared by mistake.", due=due)
    (number,) = recall_entries(node, find_entries(node, [object_id(raw)]), order).numbers
    return number


def desk(node: Node) -> Reader:
    reader = reader_of(node, add_token(node, "desk", role="analyst").token)
    assert reader is not None
    return reader


def refused(node: Node) -> set[str]:
    rows = node.read(lambda tx: tx.quarantine.refused())
    return {reason.key for row in rows for reason in row.reasons}


@pytest.mark.parametrize("collection", ["private", "agreement"])
def test_a_recalled_object_that_comes_back_through_taxii(
    trio: Community, agreement: str, collection: str
) -> None:
    alfa, bravo, _ = trio
    give(alfa, [RAW], agreement)
    settle(trio)
    recall(alfa)
    settle(trio)
    reader = desk(bravo)
    name = "private" if collection == "private" else agreement
    into = find_collection(bravo, reader, name)
    status = json.loads(
        upload(bravo, reader, into, [indicator(2), RAW], lambda each: translate(each, "en"))
    )
    assert (status["success_count"], status["failure_count"]) == (1, 1)
    assert "recalled" in status["failures"][0]["message"]
    assert not holds(bravo, RAW)


def test_a_recalled_object_that_comes_back_inside_a_bundle(trio: Community, agreement: str) -> None:
    alfa, _, charlie = trio
    give(alfa, [RAW], agreement)
    settle(trio)
    recall(alfa)
    settle(trio)
    for node in trio:
        with pytest.raises(ConflictError) as refused:
            give(node, [indicator(2), RAW], agreement)
        assert refused.value.message.key == "node.recalled-block"
        assert not holds(node, indicator(2)), "nothing of the bundle goes"
    settle(trio)
    assert not holds(charlie, RAW)


def test_a_recalled_object_that_comes_back_from_a_taxii_source(
    trio: Community, agreement: str
) -> None:
    alfa, bravo, _ = trio
    give(alfa, [RAW], agreement)
    settle(trio)
    recall(alfa)
    settle(trio)
    elsewhere.subscribe(bravo, agreement=agreement)
    done = elsewhere.sync(bravo, elsewhere.Server([indicator(2), RAW]))
    assert done.taken.drafted == 1
    assert holds(bravo, indicator(2))
    assert not holds(bravo, RAW)
    assert [draft.objects for draft in list_drafts(bravo)] == [(indicator(2),)]


def test_a_recalled_object_that_comes_back_as_a_new_version(
    trio: Community, agreement: str
) -> None:
    alfa, bravo, _ = trio
    give(alfa, [RAW], agreement)
    settle(trio)
    recall(alfa)
    settle(trio)
    newer = indicator(1, version=9, name="not-for-your-eyes")
    for node in (alfa, bravo):
        with pytest.raises(ConflictError):
            give(node, [newer], agreement)


def test_a_recalled_object_that_comes_back_through_another_member(
    trio: Community, agreement: str
) -> None:
    alfa, bravo, charlie = trio
    give(alfa, [RAW], agreement)
    settle(trio)
    recall(alfa)
    sync(charlie, alfa)  # Bravo has not heard of it, and passes the object on
    give(bravo, [RAW], agreement)
    sync(charlie, bravo)
    assert "node.recalled" in refused(charlie)
    assert not holds(charlie, RAW)


def test_a_recalled_object_that_comes_back_from_a_copied_home(
    trio: Community, agreement: str, tmp_path: Path
) -> None:
    alfa, bravo, _ = trio
    give(alfa, [RAW], agreement)
    settle(trio)
    bravo.close()
    copy = tmp_path / "copy"
    shutil.copytree(bravo.home.folder, copy)
    trio.reopen("Bravo")
    number = recall(alfa)
    settle(trio)
    again = trio.nodes["Bravo"]
    again.close()
    shutil.rmtree(again.home.folder)
    copy.rename(again.home.folder)
    back = trio.nodes["Bravo"] = open_node(again.home.folder, trio.clock)
    assert holds(back, RAW)
    take_up(back)
    sync(back, alfa)  # what a node does before it shows anything to anybody: it follows
    assert not holds(back, RAW)
    assert {row.state for row in recall_table(alfa, number).rows} == {"done"}


def test_a_recall_of_what_is_another_members(trio: Community, agreement: str) -> None:
    """Bravo orders the erasure of places of its ledger with what stands in Alfa's."""
    alfa, bravo, charlie = trio
    give(alfa, [RAW], agreement)
    settle(trio)
    (entry,) = [each for each in entries_of(charlie, alfa.member) if each.kind == "object"]
    (commitment,) = alfa.read(lambda tx: tx.ledgers.commitments(OWN_LEDGER, [entry.number]))
    now = bravo.now()
    fields = {
        "mode": "erase",
        "entries": [{"index": 0, "commitment": commitment.hex()}],
        "reason": "Not mine.",
        "due": format_time(now + timedelta(days=1)),
    }
    item = own_object(bravo, RECALL, fields, now)
    audience = [alfa.member, charlie.member]
    bravo.write(
        lambda tx: state(bravo, tx, "recall", item, audience=audience, agreement=None, now=now)
    )
    settle(trio)
    assert holds(charlie, RAW)
    assert "node.recall-other-entry" in refused(charlie)
    assert_sound(*trio)


def test_a_receipt_for_a_recall_that_is_not_its_readers(trio: Community, agreement: str) -> None:
    alfa, bravo, _ = trio
    give(alfa, [RAW], agreement)
    settle(trio)
    now = bravo.now()
    ref = {"origin": alfa.origin, "index": 0, "commitment": "ab" * 32}
    fields = {"recall": ref, "carried_out": format_time(now), "done": [1]}
    item = own_object(bravo, RECEIPT, fields, now)
    bravo.write(
        lambda tx: state(
            bravo, tx, "receipt", item, audience=[alfa.member], agreement=None, now=now
        )
    )
    settle(trio)
    assert "node.receipt-no-recall" in refused(alfa)


def test_a_receipt_from_a_member_that_kept_it_changes_nobody_elses_row(
    trio: Community, agreement: str
) -> None:
    """Bravo lies about itself: that shows as its own word, and Charlie's row stays Charlie's."""
    alfa, bravo, charlie = trio
    give(alfa, [RAW], agreement)
    settle(trio)
    number = recall(alfa)
    sync(bravo, alfa)
    answer_recalls(bravo)
    sync(alfa, bravo)
    states = {row.member: row.state for row in recall_table(alfa, number).rows}
    assert states == {bravo.member: "done", charlie.member: "pending"}
