"""Accord beside its peers: the same client, the same bytes, on this machine, in turns.

In each run one program after the other does the same work, so that what else the machine does hits
all of them; and who is not at work rests.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from . import corpora
from .client import Taxii
from .contest import ACCORD, AGREEMENT, Contest, Side, on_postgres, on_sqlite
from .figures import Bar, Figure, beside, of_runs
from .peers.servers import MEDALLION, OPENTAXII
from .plain import plain_server
from .processes import scratch
from .readers import readers
from .scale import Scale
from .solo import PAGE, PAGE_100

INGEST = Bar(text="≥ 20 × OpenTAXII", times=20)
READING = Bar(text="≥ 15 × OpenTAXII", times=15)
NOT_ABOVE = Bar(text="not above OpenTAXII", times=1)
CLIENTS = 4
_MEDALLION_OBJECTS = 1000  # its pages take seconds even so: their cost grows with the square
_SLOW_RUNS = 2
_REST_SECONDS = 3.0  # after a start, before memory is read

_LIMIT = "the same bytes out of memory"

Values = dict[str, list[float]]


def measure(folder: Path, scale: Scale) -> list[Figure]:
    """Ingest and reading on both stores; what it takes to start and to rest on SQLite."""
    count = scale.contests * scale.contest_part
    supplies = {
        "ATT&CK": corpora.shuffled(folder, count),
        "indicators": corpora.indicators(folder, count),
    }
    with on_sqlite() as contest:
        figures = _ingest(contest, supplies, scale, "SQLite")
        figures += _reading(contest, supplies, scale, "SQLite")
        figures += _requests(contest, supplies, scale)
        figures += _at_rest(contest, scale)
    with on_postgres() as contest:
        figures += _ingest(contest, supplies, scale, "PostgreSQL")
        figures += _reading(contest, supplies, scale, "PostgreSQL")
    return figures


def _ingest(
    contest: Contest, supplies: Mapping[str, list[bytes]], scale: Scale, store: str
) -> list[Figure]:
    figures = []
    for kind, raws in supplies.items():
        speeds: Values = {name: [] for name in contest.sides()}
        for run in range(scale.contests):
            part = raws[run * scale.contest_part : (run + 1) * scale.contest_part]
            for name, side in _in_turn(contest, run):
                if name == MEDALLION:
                    if not run and kind == "ATT&CK":
                        speeds[name].append(side.post(part[:_MEDALLION_OBJECTS]))
                elif name != AGREEMENT or kind == "ATT&CK":
                    speeds[name].append(side.post(part))
                side.rest()
        title, short = f"ingest of {kind}, {store}", f"{store}-{kind}".lower().replace("&", "")
        figures.append(_row(contest, f"ingest-{short}", title, "objects/s", INGEST, speeds))
        if speeds.get(AGREEMENT):
            title = f"ingest of {kind} under an agreement, {store}"
            own = {**speeds, ACCORD: speeds[AGREEMENT]}
            figures.append(_row(contest, "ingest-agreement", title, "objects/s", INGEST, own))
    return figures


def _reading(
    contest: Contest, supplies: Mapping[str, list[bytes]], scale: Scale, store: str
) -> list[Figure]:
    """All pages of 1000 by one client and by several, beside the same bytes out of memory."""
    objects = sum(map(len, supplies.values()))
    there = {name: side for name, side in contest.sides().items() if name in (ACCORD, OPENTAXII)}
    doors = {name: _Door.of(side) for name, side in there.items()}
    accord = doors[ACCORD]
    with Taxii(accord.url, accord.authorization) as taxii:
        pages = {path: taxii.get(path).body for path in accord.paths}
    figures = []
    with scratch() as folder, plain_server(folder, pages) as plain:
        plain.start()
        doors[_LIMIT] = _Door(plain.url, "", accord.paths)
        for count in (1, CLIENTS):
            speeds = _drained(doors, count, objects, scale.contests)
            title = f"all pages of 1000, {store}, {count} client{'s' if count > 1 else ''}"
            name, limits = f"drain-{store.lower()}-{count}", speeds.pop(_LIMIT)
            figures.append(_row(contest, name, title, "objects/s", READING, speeds, limits))
    page = f"page of 1000, {store}"
    return [*figures, _pages(contest, f"page-{store.lower()}", page, PAGE, scale, 1000)]


class _Door(msgspec.Struct, frozen=True):
    """Where pages are read: a server's address, credentials, and the paths of all its pages."""

    url: str
    authorization: str
    paths: list[str]

    @classmethod
    def of(cls, side: Side) -> _Door:
        return cls(side.server.url, side.server.authorization, side.pages())


def _drained(doors: Mapping[str, _Door], count: int, objects: int, runs: int) -> Values:
    """Objects per second that so many clients get together when each reads all pages."""
    speeds: Values = {name: [] for name in doors}
    with readers(count) as group:
        for run in range(runs):
            for name in list(doors)[:: -1 if run % 2 else 1]:
                door = doors[name]
                taken = group.read(door.url, door.authorization, door.paths)
                speeds[name].append(count * objects / taken)
    return speeds


def _requests(contest: Contest, supplies: Mapping[str, list[bytes]], scale: Scale) -> list[Figure]:
    return [
        _pages(
            *(contest, "page-100-basic", "page of 100, name and secret by HTTP Basic", PAGE_100),
            *(scale, 100, True),
        ),
        _pages(contest, "page-100-token", "page of 100, token of its own", PAGE_100, scale, 100),
    ]


def _pages(
    contest: Contest,
    name: str,
    title: str,
    bar: Bar,
    scale: Scale,
    limit: int,
    basic: bool = False,
) -> Figure:
    """The first page of a collection. medallion holds a thousand objects, the others all."""
    taken: Values = {each: [] for each in contest.sides()}
    for run in range(scale.contests):
        for each, side in _in_turn(contest, run):
            if each == MEDALLION:
                if run < _SLOW_RUNS:
                    taken[each].append(side.page(limit, 1, basic=basic))
            elif each != AGREEMENT:
                tries = scale.requests // 10 if each == ACCORD else 5
                taken[each].append(side.page(limit, tries, basic=basic))
    return _row(contest, name, title, "ms", bar, taken)


def _at_rest(contest: Contest, scale: Scale) -> list[Figure]:
    """Each alone in its turn: how soon it answers after a start, and what it then takes."""
    sides = {name: side for name, side in contest.sides().items() if name != AGREEMENT}
    starts: Values = {name: [] for name in sides}
    memory: Values = {name: [] for name in sides}
    for run in range(scale.contests):
        for name, side in sides.items():
            side.server.stop()
            starts[name].append(side.server.start())
            if not run:
                time.sleep(_REST_SECONDS)
                memory[name].append(side.server.resident() / 1_000_000)
    return [
        _row(contest, "start-beside", "start to first answer", "s", NOT_ABOVE, starts),
        _row(contest, "memory-beside", "memory at idle (PSS)", "MB", NOT_ABOVE, memory),
    ]


def _in_turn(contest: Contest, run: int) -> list[tuple[str, Side]]:
    """Everybody, in one order and then in the other."""
    sides = list(contest.sides().items())
    return sides[::-1] if run % 2 else sides


def _row(
    contest: Contest,
    name: str,
    title: str,
    unit: str,
    bar: Bar,
    values: Values,
    limits: Sequence[float] = (),
) -> Figure:
    more = unit == "objects/s"
    figure = of_runs(name, title, unit, bar, values[ACCORD], limits)
    others: dict[str, Sequence[float] | str] = {}
    for peer in (OPENTAXII, MEDALLION):
        if found := values.get(peer) or contest.absent.get(peer):
            others[peer] = found
    return beside(figure, values[ACCORD], others, OPENTAXII, more_is_better=more)
