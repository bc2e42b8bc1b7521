"""The parts of the benchmark: each is on the page, and measures what it says."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from accord.ledger.envelope import encode_envelope, reread_envelope
from accord.rules.decisions.heard import heard_of
from accord.stix.extension import build
from bench import folding, pages, recall, report
from bench.__main__ import PARTS
from bench.chamber import stored
from bench.council import VOTERS, History
from bench.scale import QUICK


def test_every_part_has_a_heading_and_every_heading_a_part() -> None:
    assert set(PARTS) == set(report.HEADINGS)


def test_a_history_is_drawn_the_same_again_and_holds_no_entry_twice() -> None:
    one, same, other = History(1, 500), History(1, 500), History(2, 500)
    assert one.entries == same.entries != other.entries
    places = Counter((each.ledger, each.index) for each in one.entries)
    assert len(places) == len(one.entries) == 500


def test_a_history_says_all_that_can_be_said_of_a_motion_and_some_of_it_before_the_motion() -> None:
    entries = History(1, 3_000).entries
    kinds = Counter(type(each.said).__name__ for each in entries)
    assert kinds.keys() == {"Motion", "Seen", "Change", "Ballot", "Tally", "Outcome"}
    assert kinds["Tally"] > VOTERS * kinds["Motion"] * 0.9
    moved: set[str] = set()
    early = 0
    for each in entries:
        early += each.motion not in moved and type(each.said).__name__ != "Motion"
        moved.add(each.motion if type(each.said).__name__ == "Motion" else "")
    assert early


def test_what_a_history_says_is_read_back_from_stored_bytes_as_it_was_said() -> None:
    for each in History(3, 300).entries:
        envelope, body = stored(each)
        digest = sha256(body).hexdigest()
        fields = msgspec.json.decode(body)
        assert body == build(fields["type"], fields)
        again = reread_envelope(encode_envelope(envelope))
        assert heard_of(again, each.index, fields, digest) == each


def test_folding_tells_its_figures_and_how_many_motions_are_final() -> None:
    figures = folding.measure(replace(QUICK, indicator_runs=1, decisions=1_000))
    assert [each.unit for each in figures] == ["s", "s", "ms"]
    assert "motions final" in figures[0].note
    assert all(each.value > 0 for each in figures)


@pytest.mark.slow
def test_a_recall_is_measured_until_both_followers_have_answered_for_every_object(
    shared_data: Path,
) -> None:
    (figure,) = recall.measure(shared_data, replace(QUICK, recalled=40, recalls=1))
    assert figure.title.startswith("40 objects")
    assert figure.value > 0


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.timeout(1200)
def test_pages_are_measured_at_two_sizes_in_a_browser_and_by_many_who_watch(
    shared_data: Path,
) -> None:
    scale = replace(QUICK, members=6, agreements=3, indicators=100, huge=300, watchers=5)
    figures = {each.name: each for each in pages.measure(shared_data, scale)}
    assert [each.unit for each in figures.values()] == [
        *("ms", "ms"),
        *("kB", "ms", ""),
        *("ms", "MB"),
        *("×", "×"),
    ]
    assert "100 objects, 6 members, 3 agreements" in figures["page"].title
    assert figures["page-worst"].value >= figures["page"].value > 0
    assert figures["watched"].runs == "p99 of 25 tries"
    assert "300 objects" in figures["grown worst page"].title
