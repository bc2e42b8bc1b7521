"""Searching a large store in three scripts, and how fast the index is made behind a load."""

from __future__ import annotations

import gzip
import json
import uuid
from pathlib import Path
from statistics import median

from accord.node.indexing import catch_up
from accord.node.node import Node
from accord.node.private import keep_private
from accord.node.searching import Question, search

from . import corpora
from .figures import Bar, Figure, of_runs, percentile, seconds
from .nodes import one_node
from .scale import Scale

INDEX = Bar(text="≥ 3,000 objects/s", at_least=3000)
MIDDLE = Bar(text="p50 ≤ 15 ms", at_most=15)
SLOWEST = Bar(text="p99 ≤ 60 ms", at_most=60)

# What people and tools ask: names, ids, addresses, words; rare and frequent; three scripts.
QUESTIONS = (
    "APT28",
    "T1059.001",
    "mimikatz credential dumping",
    "powershell",
    "log4*",
    "反序列化漏洞",
    "遠程命令執行",
    "учётные данные",
    "запуск процессов",
    "malware",
)
_TEXTS = (("vulhub-zh-en-a", ("zh", "en")), ("xp-rules-ru-en-a", ("ru", "en")))
_FILL = 1000


def measure(folder: Path, scale: Scale) -> list[Figure]:
    """Index everything of a filled store, then ask each question again and again."""
    raws = corpora.attack(folder)[: scale.attack] + _written(folder)
    raws += corpora.indicators(folder, scale.large - len(raws))
    with one_node(serve=False) as served:
        node = served.node
        for start in range(0, len(raws), _FILL):
            checked = [node.checker.check(raw).object for raw in raws[start : start + _FILL]]
            keep_private(node, checked, "bench")
        taken = seconds(lambda: catch_up(node))
        tries = [_ask(node, text) for _ in range(scale.tries // 4) for text in QUESTIONS]
    title = f"search in {len(raws):,} objects, {len(QUESTIONS)} questions"
    slowest = percentile(tries, 99)
    return [
        of_runs("index", "index made behind a load", "objects/s", INDEX, [len(raws) / taken]),
        of_runs("search", f"{title}, median", "ms", MIDDLE, [median(tries)]),
        of_runs("search-slow", f"{title}, p99", "ms", SLOWEST, [slowest]),
    ]


def _ask(node: Node, text: str) -> float:
    """Milliseconds for the first page of an answer, with total and facets."""
    return seconds(lambda: search(node, None, Question(text=text))) * 1000


def _written(folder: Path) -> list[bytes]:
    """The shared texts in Chinese, Russian and English, each as a report."""
    made: list[bytes] = []
    for name, languages in _TEXTS:
        with gzip.open(folder / "text" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
            for case in map(json.loads, file):
                made += [_report(case[language]) for language in languages if case[language]]
    return made


def _report(text: str) -> bytes:
    moment = "2026-03-03T03:00:00.000Z"
    return json.dumps(
        {
            "type": "report",
            "spec_version": "2.1",
            "id": f"report--{uuid.uuid4()}",
            "created": moment,
            "modified": moment,
            "published": moment,
            "name": text.partition("\n")[0].strip("# ")[:200],
            "description": text,
            "object_refs": [f"indicator--{uuid.uuid4()}"],
        }
    ).encode()
