"""The page of the benchmark: parts that were measured at different times, and what is missing."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from bench import chart, report, results
from bench.figures import Bar, Figure, beside, of_runs
from bench.results import Part, Results
from bench.scale import FULL


def figure(name: str = "page", value: float = 5.0) -> Figure:
    return of_runs(name, f"the figure {name}", "ms", Bar(text="≤ 10 ms", at_most=10), [value])


def part(run: str, *figures: Figure, skipped: str = "") -> Part:
    return Part(
        run=run,
        measured=run,
        revision="abc1234",
        machine=("2 × a processor",),
        load=0.4,
        commit=0.3,
        seconds=61.0,
        figures=figures,
        skipped=skipped,
    )


def test_a_part_measured_again_leaves_the_figures_of_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "_ROOT", tmp_path)
    kept = Results("full")
    kept.keep("reading", part("2026-01-01 10:00", figure(value=5)))
    kept.keep("spine", part("2026-01-01 10:00", figure("spine")))
    kept.keep("reading", part("2026-01-02 11:00", figure(value=7)))
    parts = Results("full").parts()
    assert [each.run for each in parts.values()] == ["2026-01-02 11:00", "2026-01-01 10:00"]
    assert parts["reading"].figures[0].value == 7
    assert parts["spine"].figures[0].value == 5


def test_a_page_of_one_run_does_not_say_it_is_put_together() -> None:
    parts = {name: part("2026-01-01 10:00", figure(name)) for name in report.HEADINGS}
    page = report.page(parts, FULL)
    assert "put together" not in page
    assert "Not measured" not in page
    assert all(f"the figure {name}" in page for name in parts)


def test_a_page_of_two_runs_says_so_and_when_each_part_was_measured() -> None:
    parts = {name: part("2026-01-01 10:00", figure(name)) for name in report.HEADINGS}
    parts["search"] = part("2026-01-02 11:00", figure("search"))
    page = report.page(parts, FULL)
    assert "put together from 2 runs" in page
    assert "| Search | 2026-01-02 11:00 | abc1234 | 61 s | 0.4 | 0.3 ms |" in page


def test_what_was_never_measured_and_what_could_not_be_is_named() -> None:
    page = report.page({"workers": part("2026-01-01 10:00", skipped="there is no option")}, FULL)
    assert "Not measured: there is no option." in page
    assert "**Not measured yet: Beside its peers;" in page


def test_a_figure_beside_a_peer_is_held_by_the_median_of_pairs() -> None:
    bar = Bar(text="≥ 3 × the peer", times=3)
    own = of_runs("drain", "drain", "objects/s", bar, [40.0, 60.0, 90.0])
    against = beside(own, [40, 60, 90], {"peer": [10, 30, 30]}, "peer", more_is_better=True)
    assert (against.times, against.met) == (3.0, True)
    waiting = beside(own, [40, 60, 90], {"peer": [10, 30, 30]}, "peer", more_is_better=False)
    assert waiting.times == pytest.approx(1 / 3)


def test_a_peer_that_could_not_be_installed_leaves_its_row_open_and_the_page_says_why() -> None:
    own = of_runs("drain", "drain", "objects/s", Bar(text="≥ 3 × the peer", times=3), [40.0])
    alone = beside(
        own, [40.0], {"peer": "peer could not be installed: no"}, "peer", more_is_better=True
    )
    assert alone.met is None
    page = report.page({"beside": part("2026-01-01 10:00", alone)}, FULL)
    assert "| not measured |" in page
    assert "peer could not be installed: no" in page
    assert "Could not be held against their bar: drain." in page


def test_a_figure_without_a_bar_is_neither_met_nor_missed_nor_left_open() -> None:
    plain = of_runs("fold", "fold", "s", Bar(text="—"), [1.0, 2.0, 3.0])
    page = report.page({"decisions": part("2026-01-01 10:00", plain)}, FULL)
    assert "| fold | — | 2.00 s (median of 3) | 1.00–3.00 |  |" in page
    assert "Every bar that was held is met." in page
    assert "Could not be held" not in page


def test_the_chart_is_well_formed_and_has_every_figure_that_has_a_bar() -> None:
    drawn = chart.draw({"One": [figure("<a>"), figure("b", 100_000.0)], "None": []})
    texts = [each.text for each in ET.fromstring(drawn).iter() if each.tag.endswith("text")]
    assert "the figure <a>" in texts
    assert "the figure b" in texts
    assert "None" not in texts
