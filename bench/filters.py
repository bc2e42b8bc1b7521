"""Filters of TAXII on large stores: a page that is asked for by a filter beside one without."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from statistics import median
from urllib.parse import quote

from accord.base.clock import format_time
from accord.node.node import Node
from accord.node.private import keep_private
from accord.stix.tokens import VERSION
from accord.store.transaction import Transaction

from . import corpora
from .client import Taxii
from .figures import Bar, Figure, seconds
from .nodes import Served, one_node
from .postgres import postgres, shown
from .scale import Scale
from .solo import PRIVATE

WITHIN = Bar(text="≤ 2 × the page without a filter", at_most=2)
_LIMIT = 1000
_FILL = 2000
_DEEP = 0.9  # of what is stored was added before
# Frequent, one in thirty, one in a thousand, and none at all.
_TYPES = ("indicator", "relationship", "malware", "grouping")


def measure(folder: Path, scale: Scale) -> list[Figure]:
    """SQLite at two sizes, PostgreSQL at the smaller one."""
    supply = corpora.mixed(folder)
    figures = []
    with one_node(serve=False) as served:
        for have, want in ((0, scale.large), (scale.large, scale.huge)):
            deep = _fill(served, islice(supply, want - have), have, want)
            figures += _measured(served, scale, deep, f"{want:,} objects, SQLite")
    supply = corpora.mixed(folder)
    with (
        postgres() as server,
        server.database() as url,
        one_node(serve=False, db=shown(url)) as served,
    ):
        deep = _fill(served, islice(supply, scale.large), 0, scale.large)
        figures += _measured(served, scale, deep, f"{scale.large:,} objects, PostgreSQL")
    return figures


def _fill(served: Served, raws: Iterator[bytes], have: int, want: int) -> str:
    """Store objects as a tool's upload does; returns when nine tenths of `want` were there.

    They are left out of the search index, which no filter of TAXII asks: it is told it has come
    to the end, so that it is not being built while pages are measured.
    """
    node, deep = served.node, ""
    check = node.checker.check
    while batch := list(islice(raws, _FILL)):
        keep_private(node, [check(raw).object for raw in batch], "bench")
        have += len(batch)
        if not deep and have >= want * _DEEP:
            deep = format_time(node.now())
    _pass_over(node)
    return deep


def _pass_over(node: Node) -> None:
    indexes = node.store.indexes
    index = indexes.state().serving or indexes.build(VERSION).serving
    assert index is not None

    def job(tx: Transaction) -> None:
        tx.index.put(index, [], tx.index.position(index), tx.index.last_listed())

    indexes.write(index, job)


def _measured(served: Served, scale: Scale, deep: str, where: str) -> list[Figure]:
    asked = {
        "match[type]": {kind: f"&match[type]={kind}" for kind in _TYPES},
        "match[version]": {each: f"&match[version]={each}" for each in ("all", "first")},
        "added_after at nine tenths": {"": f"&added_after={quote(deep)}"},
    }
    figures = []
    with _serving(served) as (taxii, path):
        for name, queries in asked.items():
            ratios = {
                each: _ratios(taxii, path, query.replace("[", "%5B").replace("]", "%5D"), scale)
                for each, query in queries.items()
            }
            worst = max(ratios, key=lambda each: median(ratios[each][0]))
            figures.append(_figure(f"{name}, {where}", ratios, worst))
    return figures


@contextmanager
def _serving(served: Served) -> Iterator[tuple[Taxii, str]]:
    served.start()
    with Taxii(served.url, served.authorization) as taxii:
        yield taxii, taxii.collection(alias=PRIVATE)
    served.stop()


def _ratios(taxii: Taxii, path: str, query: str, scale: Scale) -> tuple[list[float], float, float]:
    """Filtered to unfiltered, in turns; and the medians of both in milliseconds."""
    plain, filtered = [], []
    taxii.page(path, _LIMIT, query)
    for _ in range(scale.requests // 25):
        plain.append(seconds(lambda: taxii.page(path, _LIMIT)) * 1000)
        filtered.append(seconds(lambda: taxii.page(path, _LIMIT, query)) * 1000)
    ratios = [own / other for own, other in zip(filtered, plain, strict=True)]
    return ratios, median(filtered), median(plain)


def _figure(title: str, found: dict[str, tuple[list[float], float, float]], worst: str) -> Figure:
    ratios, own, plain = found[worst]
    others = "; ".join(f"{each} {ms:.1f}" for each, (_, ms, _) in found.items() if each)
    note = f"{own:.1f} ms beside {plain:.1f}" + (f", {worst}; in ms: {others}" if others else "")
    return Figure(
        name=f"filter {title}",
        title=title,
        unit="×",
        bar=WITHIN,
        value=median(ratios),
        low=min(ratios),
        high=max(ratios),
        runs=f"median of {len(ratios)}",
        note=note,
        more_is_better=False,
    )
