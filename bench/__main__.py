"""`python -m bench`: measure, print, and after a full run write the page and the chart."""

from __future__ import annotations

import argparse
import random
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from . import chart, corpora, exchange, machine, report, search, solo, spine
from .figures import Figure, Grown, of_runs
from .nodes import one_node
from .scale import FULL, QUICK, Scale

_DOCS = Path(__file__).parent.parent / "docs"

Measured = tuple[list[Figure], list[Grown]]


def main() -> None:
    """Parse the options and run what they ask for."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few minutes; nothing is written")
    parser.add_argument("--only", choices=sorted(_GROUPS), help="one group; nothing is written")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # nodes and folders are cleared away
    scale = QUICK if given.quick else FULL
    folder = corpora.shared_folder()
    described = machine.describe()
    print("\n".join(described), flush=True)
    figures: list[Figure] = []
    growth: list[Grown] = []
    for name, measure in _GROUPS.items():
        if given.only in (None, name):
            found, grown = measure(folder, scale)
            figures += found
            growth += grown
            print("\n" + report.table(found), flush=True)
            if grown:
                print("\n" + report.growth_table(grown), flush=True)
    if not given.quick and given.only is None:
        page = report.page(figures, growth, described, scale)
        (_DOCS / "benchmarks.md").write_text(page, encoding="utf-8")
        (_DOCS / "benchmarks.svg").write_text(chart.draw(figures), encoding="utf-8")


def _ingest(folder: Path, scale: Scale) -> Measured:
    raws = corpora.attack(folder)[: scale.attack]
    made = corpora.indicators(folder, scale.indicators)
    attack, many = f"{len(raws):,} objects of ATT&CK", f"{len(made):,} indicators"
    return [
        solo.ingest("ingest", f"ingest, {attack}", solo.INGEST_ATTACK, raws, scale.runs),
        solo.ingest(
            *("indicators", f"ingest, {many}"), solo.INGEST_INDICATORS, made, scale.indicator_runs
        ),
    ], []


def _reading(folder: Path, scale: Scale) -> Measured:
    raws = corpora.attack(folder)[: scale.attack]
    mixed = random.Random(len(raws)).sample(raws, len(raws))  # so that every page is like the whole
    with one_node() as served:
        solo.fill(served, mixed)
        served.settle()
        figures = solo.pages(served, scale, f"{len(raws):,} objects of ATT&CK")
        starts = solo.start(served, scale)
        memory = solo.rest(served)
        grown = solo.grown(served, scale, folder, stored=len(raws))
    return [
        *figures,
        of_runs("start", "start to first answer", "s", solo.START, starts),
        of_runs("memory", "memory of all processes at idle (PSS)", "MB", solo.MEMORY, [memory]),
    ], grown


def _exchange(folder: Path, scale: Scale) -> Measured:
    return exchange.measure(corpora.attack(folder)[: scale.attack], folder, scale)


def _spine(folder: Path, scale: Scale) -> Measured:
    return [spine.measure(scale)], []


def _search(folder: Path, scale: Scale) -> Measured:
    return search.measure(folder, scale), []


_GROUPS: dict[str, Callable[[Path, Scale], Measured]] = {
    "ingest": _ingest,
    "reading": _reading,
    "exchange": _exchange,
    "spine": _spine,
    "search": _search,
}

if __name__ == "__main__":
    main()
