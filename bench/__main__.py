"""`python -m bench`: measure, print, keep the results, and write the page and the chart of them."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from time import perf_counter

from accord.base.errors import AccordError

from . import (
    beside,
    chart,
    corpora,
    exchange,
    filters,
    folding,
    machine,
    pages,
    recall,
    release,
    report,
    search,
    solo,
    spine,
    workers,
)
from .figures import Figure, Grown, of_runs
from .nodes import one_node
from .results import Part, Results, Skipped, revision
from .scale import FULL, QUICK, Scale

_DOCS = Path(__file__).parent.parent / "docs"

# What a server that does not start, answers wrongly or is cut off ends a part with.
_FAULTS = (RuntimeError, LookupError, OSError, HTTPException, AccordError)

Measured = tuple[list[Figure], list[Grown]]


def main() -> None:
    """Parse the options and run what they ask for."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few minutes; no page is written")
    parser.add_argument("--only", action="append", choices=list(PARTS), help="this part alone")
    parser.add_argument("--page", action="store_true", help="measure nothing, write the page")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # nodes and folders are cleared away
    results = Results("quick" if given.quick else "full")
    failed: list[str] = []
    if not given.page:
        failed = _measure(given.only or list(PARTS), QUICK if given.quick else FULL, results)
    if not given.quick:
        _write(results, anyway=given.page)
    if failed:
        sys.exit(f"Failed, and left as it was: {', '.join(failed)}.")


def _measure(names: list[str], scale: Scale, results: Results) -> list[str]:
    """Each part by itself, kept as soon as it is done; returns which failed. The others go on."""
    folder = corpora.shared_folder()
    described, state, began = machine.describe(), revision(), _now()
    print("\n".join(described), flush=True)
    failed = []
    for name in names:
        print(f"\n{report.HEADINGS[name]} ...", flush=True)
        load, commit = os.getloadavg()[0], machine.commit_milliseconds()
        start, moment = perf_counter(), _now()
        try:
            figures, growth, skipped = _outcome(name, folder, scale)
        except _FAULTS as fault:
            traceback.print_exception(fault)
            failed.append(name)
            continue
        part = Part(
            run=began,
            measured=moment,
            revision=state,
            machine=tuple(described),
            load=load,
            commit=commit,
            seconds=perf_counter() - start,
            figures=tuple(figures),
            growth=tuple(growth),
            skipped=skipped,
        )
        results.keep(name, part)
        print(report.part(part), flush=True)
    return failed


def _outcome(name: str, folder: Path, scale: Scale) -> tuple[list[Figure], list[Grown], str]:
    """What a part found, and why it found nothing where it could not be measured."""
    try:
        return (*PARTS[name](folder, scale), "")
    except Skipped as why:
        return [], [], str(why)


def _write(results: Results, *, anyway: bool) -> None:
    """The page and the chart. Without all parts only when asked for: it would lose figures."""
    parts = results.parts()
    missing = [name for name in PARTS if name not in parts]
    if missing and not anyway:
        print(f"\nNot measured yet: {', '.join(missing)}. The page is left as it is;")
        print("--page writes what there is.")
        return
    (_DOCS / "benchmarks.md").write_text(report.page(parts, FULL), encoding="utf-8")
    drawn = {
        report.HEADINGS[name]: parts[name].figures for name in report.HEADINGS if name in parts
    }
    (_DOCS / "benchmarks.svg").write_text(chart.draw(drawn), encoding="utf-8")


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M")


def _beside(folder: Path, scale: Scale) -> Measured:
    return beside.measure(folder, scale), []


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
    raws = corpora.shuffled(folder, scale.attack)  # so that every page is like the whole
    with one_node() as served:
        solo.fill(served, raws)
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


def _filters(folder: Path, scale: Scale) -> Measured:
    return filters.measure(folder, scale), []


def _search(folder: Path, scale: Scale) -> Measured:
    return search.measure(folder, scale), []


def _workers(folder: Path, scale: Scale) -> Measured:
    return workers.measure(folder, scale), []


def _release(folder: Path, scale: Scale) -> Measured:
    return release.measure(scale), []


def _decisions(folder: Path, scale: Scale) -> Measured:
    return folding.measure(scale), []


def _exchange(folder: Path, scale: Scale) -> Measured:
    return exchange.measure(corpora.attack(folder)[: scale.attack], folder, scale)


def _recall(folder: Path, scale: Scale) -> Measured:
    return recall.measure(folder, scale), []


def _pages(folder: Path, scale: Scale) -> Measured:
    return pages.measure(folder, scale), []


def _spine(folder: Path, scale: Scale) -> Measured:
    return [spine.measure(scale)], []


PARTS: dict[str, Callable[[Path, Scale], Measured]] = {
    "beside": _beside,
    "ingest": _ingest,
    "reading": _reading,
    "filters": _filters,
    "search": _search,
    "workers": _workers,
    "release": _release,
    "decisions": _decisions,
    "exchange": _exchange,
    "recall": _recall,
    "spine": _spine,
    "pages": _pages,
}

if __name__ == "__main__":
    main()
