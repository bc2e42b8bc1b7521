"""The page: what was measured, against what, beside whom, and what was missed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .corpora import PROVENANCE
from .figures import Figure, Grown
from .how import HOW
from .results import Part
from .scale import Scale

_MET, _MISSED = "✓", "**missed**"

# The parts in the order of the page, by what they are called there.
HEADINGS = {
    "beside": "Beside its peers",
    "ingest": "Taking in",
    "reading": "Giving out",
    "filters": "Filters on large stores",
    "search": "Search",
    "workers": "Several workers",
    "release": "The release rule",
    "decisions": "Decisions",
    "exchange": "The exchange",
    "recall": "Recall",
    "spine": "Following a ledger",
    "pages": "The pages",
}


def page(parts: Mapping[str, Part], scale: Scale) -> str:
    """`docs/benchmarks.md`, of every part there is."""
    there = {name: parts[name] for name in HEADINGS if name in parts}
    figures = [figure for part in there.values() for figure in part.figures]
    growth = [grown for part in there.values() for grown in part.growth]
    sections = [
        "# Speed and size",
        _provenance(there),
        "![The figures against their bars](benchmarks.svg)",
        "\n".join(_missed(figures, growth)),
    ]
    for name, part in there.items():
        sections += [f"## {HEADINGS[name]}", part.skipped and f"Not measured: {part.skipped}."]
        sections += [table(part.figures), "\n".join(_remarks(part.figures))]
    sections += [
        f"## At {scale.small:,} and at {scale.large:,} stored objects",
        "Cost should not grow with what is stored: the bar is 1.5 times.",
        growth_table(growth),
        "## When, and on what",
        _when(there),
        "## How",
        HOW.format(data=_list(PROVENANCE)),
    ]
    return "\n\n".join(each.strip("\n") for each in sections if each) + "\n"


def part(measured: Part) -> str:
    """One part, for whoever looks on."""
    shown = [f"({measured.seconds:.0f} s)", measured.skipped, table(measured.figures)]
    shown += ["\n".join(_remarks(measured.figures)), growth_table(measured.growth)]
    return "\n\n".join(each for each in shown if each)


def table(figures: Sequence[Figure]) -> str:
    """Every figure with its bar and its extremes, beside whom or which limit it was measured."""
    if not figures:
        return ""
    peers = list(dict.fromkeys(each.name for figure in figures for each in figure.beside))
    limits = any(figure.limit is not None for figure in figures)
    head = ["figure", "bar", "Accord" if peers else "measured", "min–max", *peers]
    head += ["times"] if peers else []
    head += ["limit", "ratio"] if limits else []
    rows = [_row(figure, peers, limits=limits) for figure in figures]
    return "\n".join(
        f"| {' | '.join(cells)} |" for cells in ([*head, ""], ["---"] * (len(head) + 1), *rows)
    )


def growth_table(growth: Sequence[Grown]) -> str:
    """Each figure at both sizes, and how many times worse it got."""
    if not growth:
        return ""
    head = "| figure | small | large | times | |\n|---|---|---|---|---|\n"
    return head + "\n".join(
        f"| {each.title} | {_amount(each.small, each.unit)} | {_amount(each.large, each.unit)} "
        f"| {each.times:.2f} | {_MET if each.met else _MISSED} |"
        for each in growth
    )


def _row(figure: Figure, peers: Sequence[str], *, limits: bool) -> list[str]:
    measured = f"{_amount(figure.value, figure.unit)} ({figure.runs})"
    if figure.note.startswith("p50"):
        measured = f"{measured[:-1]}; {figure.note})"
    cells = [figure.title, figure.bar.text, measured]
    cells.append(f"{_number(figure.low)}–{_number(figure.high)}")
    if peers:
        found = {each.name: each for each in figure.beside}
        for name in peers:
            value = found[name].value if name in found else None
            shown = "" if name not in found else "not measured"
            cells.append(shown if value is None else _amount(value, figure.unit))
        cells.append("" if figure.times is None else f"{figure.times:.1f}×")
    if limits:
        cells.append("" if figure.limit is None else _amount(figure.limit, figure.unit))
        cells.append("" if figure.share is None else f"{figure.share:.0%}")
    verdict = {None: "not held", True: _MET, False: _MISSED}[figure.met]
    return [*cells, verdict if figure.bar.asks else ""]


def _remarks(figures: Sequence[Figure]) -> list[str]:
    """What a row cannot say: what lies behind a figure, and why a peer is not there."""
    remarks = [
        f"{figure.title}: {figure.note}"
        for figure in figures
        if figure.note and not figure.note.startswith(("p50", "limit:"))
    ]
    absent = {each.name: each.note for figure in figures for each in figure.beside if each.note}
    remarks += [f"{name} was not measured: {why}" for name, why in absent.items()]
    return [f"- {each}" for each in remarks]


def _missed(figures: Sequence[Figure], growth: Sequence[Grown]) -> list[str]:
    missed = [figure.title for figure in figures if figure.met is False]
    missed += [f"{each.title} (growth)" for each in growth if not each.met]
    open_ = [figure.title for figure in figures if figure.met is None and figure.bar.asks]
    said = [f"Missed: {'; '.join(missed)}." if missed else "Every bar that was held is met."]
    if open_:
        said.append(f"Could not be held against their bar: {'; '.join(open_)}.")
    return said


def _provenance(parts: Mapping[str, Part]) -> str:
    """Whether this is one run, and what is missing."""
    runs = sorted({part.run for part in parts.values()})
    revisions = sorted({part.revision for part in parts.values()})
    said = []
    if len(runs) > 1:
        said.append(
            f"**These figures are put together from {len(runs)} runs**, {runs[0]} to {runs[-1]} "
            f"(UTC), of {len(revisions)} state{'s' if len(revisions) > 1 else ''} of the program; "
            "when each part was measured stands below."
        )
    if missing := [HEADINGS[name] for name in HEADINGS if name not in parts]:
        said.append(f"**Not measured yet: {'; '.join(missing)}.**")
    return " ".join(said)


def _when(parts: Mapping[str, Part]) -> str:
    head = "| part | measured (UTC) | program | took | load before | one commit |\n"
    head += "|---|---|---|---|---|---|\n"
    rows = "\n".join(
        f"| {HEADINGS[name]} | {part.measured} | {part.revision} | {part.seconds:.0f} s "
        f"| {part.load:.1f} | {part.commit:.1f} ms |"
        for name, part in parts.items()
    )
    machines = list(dict.fromkeys(part.machine for part in parts.values()))
    said = (
        "A commit is of one row, with full synchronisation. The load is that of the whole machine."
    )
    return "\n\n".join([head + rows, said, *map(_list, machines)])


def _amount(value: float, unit: str) -> str:
    return f"{_number(value)}×" if unit == "×" else f"{_number(value)} {unit}"


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _list(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
