"""Tokens, collections, private and showing: who inside a member sees what."""

from __future__ import annotations

import pytest

from accord.base.errors import ConflictError, DeniedError, InputError, NotFoundError
from accord.node import agreements
from accord.node.collections import (
    Collection,
    Query,
    collections_for,
    delete_private,
    find_collection,
    read_page,
)
from accord.node.node import Node
from accord.node.private import keep_private
from accord.node.showing import show_object
from accord.node.tokens import Reader, add_token, list_tokens, reader_of, revoke_token
from tests.node.support import (
    Community,
    give,
    holds,
    indicator,
    indicators,
    object_id,
    sync,
)

RED = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"


def _reader(node: Node, name: str = "nina", **scope: object) -> Reader:
    token = add_token(node, name, **({"role": "analyst", "tlp": "red"} | scope))  # type: ignore[arg-type]
    reader = reader_of(node, token.token, name)
    assert reader is not None
    return reader


def _ids(node: Node, reader: Reader, collection: Collection) -> set[str]:
    rows, _ = read_page(node, reader, collection, Query(limit=1000))
    return {row.object_id for row in rows}


def _private(node: Node, *raws: bytes, author: str = "nina") -> None:
    keep_private(node, [node.checker.check(raw).object for raw in raws], author)


def test_a_token_opens_until_it_is_revoked_and_only_with_its_own_name(pair: Community) -> None:
    alfa = pair["Alfa"]
    token = add_token(alfa, "nina", role="analyst")
    assert reader_of(alfa, token.token) is not None
    assert reader_of(alfa, token.token, "omar") is None
    assert reader_of(alfa, token.token + "x") is None
    assert reader_of(pair["Bravo"], token.token) is None
    revoke_token(alfa, "nina")
    assert reader_of(alfa, token.token) is None
    with pytest.raises(NotFoundError):
        revoke_token(alfa, "omar")


def test_the_secret_of_a_token_is_nowhere_in_the_store(pair: Community) -> None:
    alfa = pair["Alfa"]
    token = add_token(alfa, "nina", role="analyst").token
    alfa.close()
    for path in (pair.folder / "Alfa").rglob("*"):
        if path.is_file():
            assert token.encode() not in path.read_bytes()
    pair.nodes["Alfa"] = pair.reopen("Alfa")
    assert [row.name for row in list_tokens(pair["Alfa"])] == ["nina"]


@pytest.mark.parametrize(
    ("name", "scope", "error"),
    [
        ("nina", {"role": "king"}, InputError),
        ("nina", {"role": "analyst", "tlp": "purple"}, InputError),
        ("bad name", {"role": "analyst"}, InputError),
        ("nina", {"role": "analyst", "agreements": ("accord-agreement--x",)}, NotFoundError),
        ("taken", {"role": "analyst"}, ConflictError),
    ],
)
def test_a_token_that_cannot_be_is_refused(
    pair: Community, name: str, scope: dict[str, object], error: type[Exception]
) -> None:
    add_token(pair["Alfa"], "taken", role="analyst")
    with pytest.raises(error):
        add_token(pair["Alfa"], name, **scope)  # type: ignore[arg-type]


def test_private_works_without_any_peer_or_agreement_and_reaches_no_one(pair: Community) -> None:
    alfa, bravo = pair["Alfa"], pair["Bravo"]
    raw = indicator(1)
    _private(alfa, raw)
    reader = _reader(alfa)
    assert object_id(raw) in _ids(alfa, reader, find_collection(alfa, reader, "private"))
    pair.agree()
    sync(bravo, alfa)
    assert not holds(bravo, raw)


def test_of_private_versions_the_first_content_stands(pair: Community) -> None:
    alfa = pair["Alfa"]
    items = [alfa.checker.check(indicator(1, name=name)).object for name in ("a", "a", "b")]
    stored = keep_private(alfa, items, "nina")
    assert [each.new for each in stored] == [True, False, False]
    assert [each.same for each in stored] == [True, True, False]


def test_what_is_deleted_from_private_is_gone_and_nothing_else(pair: Community) -> None:
    alfa = pair["Alfa"]
    agreement = pair.agree()
    give(alfa, [indicator(2)], agreement.id)
    _private(alfa, indicator(1), indicator(2))
    reader = _reader(alfa)
    private = find_collection(alfa, reader, "private")
    ids = (object_id(indicator(1)), object_id(indicator(2)))
    assert delete_private(alfa, reader, private, Query(ids=ids)) == 2
    assert not holds(alfa, indicator(1))
    assert holds(alfa, indicator(2)), "it stands in our ledger"
    shared = find_collection(alfa, reader, agreement.collection)
    assert ids[1] in _ids(alfa, reader, shared)
    with pytest.raises(DeniedError):
        delete_private(alfa, reader, shared, Query(ids=ids))


def test_red_is_for_the_person_named_alone(pair: Community) -> None:
    alfa, bravo = pair["Alfa"], pair["Bravo"]
    agreement = pair.agree(tlp_ceiling="red")
    raw = indicator(1, object_marking_refs=[RED])
    give(alfa, [raw], agreement.id, tlp="red", audience=(bravo.member,), named=("nina",))
    sync(bravo, alfa)
    for name, seen in (("nina", True), ("omar", False)):
        reader = _reader(bravo, name)
        (theirs,) = agreements.show(bravo, agreement.id)
        for alias in ("everything", theirs.collection):
            collection = find_collection(bravo, reader, alias)
            assert (object_id(raw) in _ids(bravo, reader, collection)) is seen


def test_a_ceiling_and_a_role_narrow_what_is_read(pair: Community) -> None:
    alfa = pair["Alfa"]
    agreement = pair.agree()
    give(alfa, [indicator(1)], agreement.id, tlp="amber")
    give(alfa, [indicator(2)], agreement.id, tlp="green")
    low = _reader(alfa, "low", tlp="green")
    collection = find_collection(alfa, low, agreement.collection)
    ids = _ids(alfa, low, collection)
    assert object_id(indicator(2)) in ids
    assert object_id(indicator(1)) not in ids
    for role in ("operator", "inspector"):
        blind = _reader(alfa, role, role=role)
        for each in collections_for(alfa, blind):
            assert not each.can_read
            with pytest.raises(DeniedError):
                read_page(alfa, blind, each, Query())


def test_a_token_for_one_agreement_knows_of_no_other_collection(trio: Community) -> None:
    alfa = trio["Alfa"]
    one, two = trio.agree("Alfa", "Bravo"), trio.agree("Alfa", "Charlie")
    give(alfa, [indicator(1)], one.id)
    give(alfa, [indicator(2)], two.id)
    _private(alfa, indicator(3))
    reader = _reader(alfa, agreements=(one.id,))
    assert {each.alias or each.agreement for each in collections_for(alfa, reader)} == {
        "everything",
        one.id,
    }
    everything = _ids(alfa, reader, find_collection(alfa, reader, "everything"))
    assert object_id(indicator(1)) in everything
    assert object_id(indicator(2)) not in everything
    assert object_id(indicator(3)) not in everything
    for name in (two.collection, "private"):
        with pytest.raises(NotFoundError):
            find_collection(alfa, reader, name)


def test_a_collection_of_an_agreement_that_ended_is_read_and_not_written(pair: Community) -> None:
    alfa = pair["Alfa"]
    agreement = pair.agree()
    give(alfa, [indicator(1)], agreement.id)
    reader = _reader(alfa, role="releaser")
    assert find_collection(alfa, reader, agreement.collection).can_write
    agreements.withdraw(alfa, agreement.id, reason="x")
    collection = find_collection(alfa, reader, agreement.collection)
    assert (collection.can_read, collection.can_write) == (True, False)
    assert object_id(indicator(1)) in _ids(alfa, reader, collection)


def test_an_agreement_that_was_only_proposed_has_no_collection(pair: Community) -> None:
    proposed = pair.proposed()
    reader = _reader(pair["Alfa"])
    assert proposed.id not in {each.agreement for each in collections_for(pair["Alfa"], reader)}


def test_exercise_data_is_held_and_shown_in_no_production_collection(pair: Community) -> None:
    alfa, bravo = pair["Alfa"], pair["Bravo"]
    agreement = pair.agree(exercise=True)
    for number, status in enumerate(("exercise", "test")):
        give(alfa, [indicator(number)], agreement.id, status=status)
    sync(bravo, alfa)
    for node in pair:
        reader = _reader(node)
        for number in range(2):
            assert holds(node, indicator(number))
        for collection in collections_for(node, reader):
            shown = _ids(node, reader, collection)
            assert not shown & {object_id(raw) for raw in indicators(2)}


def test_pages_follow_commit_order_and_lose_nothing(pair: Community) -> None:
    alfa = pair["Alfa"]
    agreement = pair.agree()
    reader = _reader(alfa)
    collection = find_collection(alfa, reader, agreement.collection)
    seen: list[str] = []
    after = 0
    for number in range(6):
        give(alfa, [indicator(number)], agreement.id)
        rows, _ = read_page(alfa, reader, collection, Query(after=after, limit=2))
        seen += [row.object_id for row in rows]
        after = rows[-1].added
    rows, more = read_page(alfa, reader, collection, Query(after=after))
    seen += [row.object_id for row in rows]
    assert not more
    assert len(seen) == len(set(seen))
    assert {object_id(raw) for raw in indicators(6)} <= set(seen)


def test_an_object_is_shown_with_whoever_gave_it_and_where_it_went(trio: Community) -> None:
    alfa, bravo = trio["Alfa"], trio["Bravo"]
    agreement = trio.agree()
    give(alfa, [indicator(1)], agreement.id)
    give(alfa, [indicator(1, version=5)], agreement.id)
    trio.settle()
    (newest,) = show_object(alfa, object_id(indicator(1)))
    assert newest.own
    assert newest.body == indicator(1, version=5)
    (carried,) = newest.carried
    assert {line.peer for line in carried.passages if line.direction == "out"} == {
        bravo.member,
        trio["Charlie"].member,
    }
    history = show_object(bravo, object_id(indicator(1)), history=True)
    assert [view.body for view in history] == [indicator(1, version=5), indicator(1)]
    assert {view.publisher for view in history} == {alfa.member}
    with pytest.raises(NotFoundError):
        show_object(alfa, object_id(indicator(77)))
