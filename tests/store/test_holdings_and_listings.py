"""What is held, what collections show of it, and to whom."""

from __future__ import annotations

from accord.store.listings import Asked
from accord.store.store import Store
from tests.store.builders import (
    FIRST,
    OURS,
    PRIVATE,
    RED,
    SECOND,
    THEIRS,
    asked,
    entry,
    holding,
    listing,
    names,
    publish,
)


def test_the_first_content_of_a_version_stands(store: Store) -> None:
    first = store.write(lambda tx: tx.holdings.keep([holding(body=b"first")]))[0]
    again = store.write(lambda tx: tx.holdings.keep([holding(body=b"first")]))[0]
    other = store.write(lambda tx: tx.holdings.keep([holding(body=b"other")]))[0]
    assert (first.new, first.same) == (True, True)
    assert (again.new, again.same, again.seq) == (False, True, first.seq)
    assert (other.new, other.same, other.seq) == (False, False, first.seq)
    kept = store.read(lambda tx: tx.holdings.get(first.seq))
    assert kept is not None
    assert kept.body == b"first"


def test_the_first_content_stands_within_one_call(store: Store) -> None:
    rows = [holding(body=b"first"), holding(body=b"other")]
    first, other = store.write(lambda tx: tx.holdings.keep(rows))
    assert (first.seq, first.new, other.seq, other.new, other.same) == (
        other.seq,
        True,
        first.seq,
        False,
        False,
    )


def test_any_bytes_come_back_as_they_were(store: Store) -> None:
    body = bytes(range(256)) * 40
    kept = store.write(lambda tx: tx.holdings.keep([holding(body=body)]))[0]
    held = store.read(lambda tx: tx.holdings.get(kept.seq))
    assert held is not None
    assert held.body == body


def test_another_publishers_version_never_replaces_ours(store: Store) -> None:
    store.write(lambda tx: publish(tx, [holding(version="2024")]))
    store.write(lambda tx: publish(tx, [holding(version="2025", by=THEIRS)]))
    page, _ = store.read(lambda tx: tx.listings.page(asked()))
    assert [row.version for row in page] == ["2024", "2025"]


def test_a_newer_version_takes_the_place_of_the_latest(store: Store) -> None:
    store.write(lambda tx: publish(tx, [holding(version="2024")]))
    store.write(lambda tx: publish(tx, [holding(version="2025")]))
    page, _ = store.read(lambda tx: tx.listings.page(asked()))
    assert [row.version for row in page] == ["2025"]


def test_an_older_version_that_arrives_later_is_not_the_latest(store: Store) -> None:
    store.write(lambda tx: publish(tx, [holding(version="2025")]))
    store.write(lambda tx: publish(tx, [holding(version="2024")]))
    page, _ = store.read(lambda tx: tx.listings.page(asked()))
    assert [row.version for row in page] == ["2025"]


def test_of_versions_in_one_call_the_newest_is_the_latest(store: Store) -> None:
    rows = [holding(version=version) for version in ("2024", "2026", "2025")]
    store.write(lambda tx: publish(tx, rows))
    page, _ = store.read(lambda tx: tx.listings.page(asked()))
    assert [row.version for row in page] == ["2026"]
    everything = Asked(collections=(FIRST,), tlp=3, named=(), latest=False)
    page, _ = store.read(lambda tx: tx.listings.page(everything))
    assert [row.version for row in page] == ["2024", "2026", "2025"]


def test_a_newer_version_elsewhere_does_not_empty_a_collection(store: Store) -> None:
    store.write(lambda tx: publish(tx, [holding(version="2024")], at=FIRST))
    store.write(lambda tx: publish(tx, [holding(version="2025")], at=SECOND))
    page, _ = store.read(lambda tx: tx.listings.page(asked(FIRST)))
    assert [row.version for row in page] == ["2024"]


def test_when_the_latest_is_removed_the_one_before_is_the_latest_again(store: Store) -> None:
    store.write(lambda tx: publish(tx, [holding(version="2024")]))
    store.write(lambda tx: publish(tx, [holding(version="2025")]))
    newest = Asked(collections=(FIRST,), tlp=3, named=(), versions=("2025",), latest=False)
    assert len(store.write(lambda tx: tx.listings.remove(newest))) == 1
    page, _ = store.read(lambda tx: tx.listings.page(asked()))
    assert [row.version for row in page] == ["2024"]


def test_what_is_above_the_readers_level_is_not_on_the_page(store: Store) -> None:
    for level in range(RED + 1):
        store.write(lambda tx, n=level: publish(tx, [holding(f"indicator--{n}")], tlp=n))  # type: ignore[misc]
    found = [store.read(lambda tx, n=n: len(names(tx, asked(tlp=n)))) for n in range(RED + 1)]  # type: ignore[misc]
    assert found == [1, 2, 3, 4, 5]


def test_red_is_for_those_it_names_alone(store: Store) -> None:
    store.write(lambda tx: publish(tx, [holding()], tlp=RED, named=["Ann", "a|b", "<x>"]))
    for name, sees in (
        ("Ann", True),
        ("ann", False),
        ("An", False),
        ("a", False),
        ("b", False),
        ("a|b", True),
        ("<x>", True),
        ("x", False),
        ("", False),
        ("%", False),
        ("_nn", False),
        ("Ann><a|b", False),
    ):
        page = store.read(lambda tx, name=name: names(tx, asked(tlp=RED, named=[name])))  # type: ignore[misc]
        assert bool(page) is sees, name
    assert not store.read(lambda tx: names(tx, asked(tlp=RED)))


def test_an_object_under_two_agreements_is_shown_once(store: Store) -> None:
    store.write(lambda tx: publish(tx, [holding()], at=FIRST))
    store.write(lambda tx: publish(tx, [holding()], at=SECOND))
    assert len(store.read(lambda tx: names(tx, asked(FIRST, SECOND)))) == 1
    assert len(store.read(lambda tx: names(tx, asked(SECOND)))) == 1


def test_the_listing_a_reader_may_not_see_does_not_hide_the_one_it_may(store: Store) -> None:
    store.write(lambda tx: publish(tx, [holding()], at=FIRST, tlp=RED, named=["Ann"]))
    store.write(lambda tx: publish(tx, [holding()], at=SECOND))
    assert len(store.read(lambda tx: names(tx, asked(FIRST, SECOND)))) == 1


def test_a_page_over_several_collections_is_in_the_order_of_the_whole(store: Store) -> None:
    for each in range(12):
        at = (FIRST, SECOND, PRIVATE)[each % 3]
        store.write(lambda tx, n=each, at=at: publish(tx, [holding(f"indicator--{n}")], at=at))  # type: ignore[misc]
    found, after = [], 0
    while True:
        question = asked(FIRST, SECOND, PRIVATE, after=after, limit=5)
        page, more = store.read(lambda tx, q=question: tx.listings.page(q))  # type: ignore[misc]
        found += [row.object_id for row in page]
        if not more:
            break
        after = page[-1].added
    assert found == [f"indicator--{n}" for n in range(12)]


def test_a_page_can_be_asked_by_id_type_and_version(store: Store) -> None:
    rows = [holding("indicator--1"), holding("indicator--2"), holding("tool--1", "2025")]
    kept = store.write(lambda tx: tx.holdings.keep(rows))
    store.write(lambda tx: tx.listings.add([listing(each) for each in kept], 0))

    def ask(**filters: tuple[str, ...]) -> list[str]:
        latest = "versions" not in filters
        question = Asked(collections=(FIRST,), tlp=3, named=(), latest=latest, **filters)  # type: ignore[arg-type]
        return store.read(lambda tx: names(tx, question))

    assert ask(ids=("indicator--2",)) == ["indicator--2"]
    assert ask(versions=("2025",)) == ["tool--1"]
    assert ask(ids=("indicator--1", "tool--1"), versions=("2024",)) == ["indicator--1"]
    assert ask(types=("tool",)) == []


def test_the_manifest_carries_no_content(store: Store) -> None:
    store.write(lambda tx: publish(tx, [holding()]))
    page, _ = store.read(lambda tx: tx.listings.page(asked(), bodies=False))
    assert [row.body for row in page] == [b""]


def test_no_collection_is_no_page(store: Store) -> None:
    nothing = Asked(collections=(), tlp=RED, named=())
    assert store.read(lambda tx: tx.listings.page(nothing)) == ([], False)


def test_dates_grow_even_when_the_clock_goes_backwards(store: Store) -> None:
    first = store.write(lambda tx: publish(tx, [holding("indicator--1")], now=1_000_000))
    second = store.write(lambda tx: publish(tx, [holding("indicator--2")], now=5))
    assert (first, second) == ([1_000_000], [1_000_001])


def test_numbers_of_holdings_that_went_do_not_come_back(store: Store) -> None:
    gone = store.write(lambda tx: tx.holdings.keep([holding("indicator--1")]))[0]
    store.write(lambda tx: tx.holdings.drop_unlisted([gone.seq]))
    assert store.read(lambda tx: tx.holdings.get(gone.seq)) is None
    assert store.write(lambda tx: tx.holdings.keep([holding("indicator--2")]))[0].seq > gone.seq


def test_what_is_listed_or_published_is_not_dropped(store: Store) -> None:
    store.write(lambda tx: publish(tx, [holding("indicator--1")]))
    other = store.write(lambda tx: tx.holdings.keep([holding("indicator--2")]))[0]
    store.write(lambda tx: tx.entries.put([entry(1, holding=other.seq)]))
    store.write(lambda tx: tx.holdings.drop_unlisted([1, other.seq]))
    assert store.read(lambda tx: tx.holdings.count()) == 2


def test_versions_sort_by_their_bytes_on_every_server(store: Store) -> None:
    rows = [holding(version=version) for version in ("", "2024", "a", "B", "ä", "Z")]
    store.write(lambda tx: tx.holdings.keep(rows))
    found = store.read(lambda tx: [row.version for row in tx.holdings.versions("indicator--1")])
    assert found == sorted(found, reverse=True)
    assert store.read(lambda tx: tx.ledgers.get(OURS)) is not None
