"""The page: what was measured, against what, and what was missed."""

from __future__ import annotations

from collections.abc import Sequence

from .corpora import PROVENANCE
from .figures import Figure, Grown
from .scale import Scale

_MET, _MISSED = "✓", "**missed**"

_HOW = """\
Written by `make bench`; do not edit. One run of everything, in this order, on one machine:

{machine}

Data (origin and licences stand in `SOURCES.md` beside the shared data):

{data}

How it is measured:

- Nodes are `accord serve` processes of their own with default settings, spoken to over loopback.
  Bodies are full and uncompressed, and every byte of them is read.
- Ingest is one client that posts envelopes of 1000 objects and waits for each status to be
  complete, which it is only after the commit with full synchronisation.
- The limit is what one thread reaches with the bare parts of the same work, measured in the same
  run: for ingest, a parse that refuses duplicate keys, the OASIS schema (and the pattern), SHA-256
  and an insert with full synchronisation; for pages, select and join. The ratio tells how much of
  that limit is left when everything around it is added.
- For reading, the objects of ATT&CK are stored in a shuffled order, the same on every run: as they
  come, the first thousand are the largest by far, and the first page would be like no other.
- Memory is the proportional set size (PSS) of every process of the node.
- Publishing is the call that `accord publish` makes, beside the three serving processes; the clock
  stops when both followers have verified, validated and stored the last object. Indexing for
  search goes on beside it; what is called idle is measured when it is done.
- An urgent object counts as visible when a follower's TAXII door answers with it.
"""


def page(
    figures: Sequence[Figure], growth: Sequence[Grown], machine: Sequence[str], scale: Scale
) -> str:
    """`docs/benchmarks.md`."""
    parts = [
        "# Speed and size",
        "![The figures against their bars](benchmarks.svg)",
        table(figures),
        "\n".join(_notes(figures)),
        f"## At {scale.small:,} and at {scale.large:,} stored objects",
        "Cost should not grow with what is stored: the bar is 1.5 times.",
        growth_table(growth),
        "## How",
        _HOW.format(machine=_list(machine), data=_list(PROVENANCE)),
    ]
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"


def table(figures: Sequence[Figure]) -> str:
    """Every figure with its bar, its extremes and the limit beside it."""
    head = "| figure | bar | measured | min–max | one-thread limit | ratio | |\n"
    rule = "|---|---|---|---|---|---|---|\n"
    return head + rule + "\n".join(_row(figure) for figure in figures)


def growth_table(growth: Sequence[Grown]) -> str:
    """Each figure at both sizes, and how many times worse it got."""
    head = "| figure | small | large | times | |\n|---|---|---|---|---|\n"
    return head + "\n".join(
        f"| {each.title} | {_amount(each.small, each.unit)} | {_amount(each.large, each.unit)} "
        f"| {each.times:.2f} | {_MET if each.met else _MISSED} |"
        for each in growth
    )


def _row(figure: Figure) -> str:
    limit = "" if figure.limit is None else _amount(figure.limit, figure.unit)
    share = "" if figure.share is None else f"{figure.share:.0%}"
    extremes = f"{_number(figure.low)}–{_number(figure.high)}"
    measured = f"{_amount(figure.value, figure.unit)} ({figure.runs})"
    if figure.note.startswith("p50"):
        measured = f"{measured[:-1]}; {figure.note})"
    return (
        f"| {figure.title} | {figure.bar.text} | {measured} | {extremes} | {limit} | {share} "
        f"| {_MET if figure.met else _MISSED} |"
    )


def _notes(figures: Sequence[Figure]) -> list[str]:
    missed = [figure.title for figure in figures if not figure.met]
    if not missed:
        return ["Every bar is met."]
    return ["Missed in this run: " + "; ".join(missed) + "."]


def _amount(value: float, unit: str) -> str:
    return f"{_number(value)} {unit}"


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _list(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
