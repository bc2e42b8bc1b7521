"""Searching a large store in three scripts, and how fast the index is made behind a load."""

from __future__ import annotations

import gzip
import json
import time
import uuid
from pathlib import Path
from statistics import median

import msgspec

from accord.node.indexing import lag
from accord.node.searching import Question, search
from accord.node.tokens import Reader, reader_of

from . import corpora
from .client import Taxii
from .figures import Bar, Figure, of_runs, percentile, seconds
from .nodes import Served, one_node
from .scale import Scale
from .solo import PRIVATE

INDEX = Bar(text="≥ 3,000 objects/s", at_least=3000)
DRAINED = Bar(text="≤ 60 s", at_most=60)
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
_LOOK = 0.1  # seconds between two looks at how far the index is
_PATIENCE = 600.0  # seconds
_KEPT_UP = 5000  # objects: an index that is no further behind has kept up


def measure(folder: Path, scale: Scale) -> list[Figure]:
    """Load a served node through TAXII; when its index has caught up, ask it."""
    raws = corpora.attack(folder)[: scale.attack] + _written(folder)
    raws += corpora.indicators(folder, scale.large - len(raws))
    with one_node() as served:
        load = _load(served, raws)
        reader = reader_of(served.node, served.token)
        assert reader is not None
        tries = {
            text: [_ask(served, reader, text) for _ in range(scale.questions)] for text in QUESTIONS
        }
    every = [taken for each in tries.values() for taken in each]
    slowest = max(tries, key=lambda text: median(tries[text]))
    title = f"search in {len(raws):,} objects, {len(QUESTIONS)} questions"
    note = f"slowest: {slowest}, {median(tries[slowest]):.0f} ms"
    behind = f"the load took {load.seconds:.0f} s, and left {load.left:,} objects to the index"
    drained = f"index complete after a load of {len(raws):,} objects"
    return [
        of_runs("index", "index made behind a load", "objects/s", INDEX, [load.speed], note=behind),
        of_runs("drained", drained, "s", DRAINED, [load.drained]),
        of_runs("search", f"{title}, median", "ms", MIDDLE, [median(every)], note=note),
        of_runs("search-slow", f"{title}, p99", "ms", SLOWEST, [percentile(every, 99)]),
    ]


class _Load(msgspec.Struct, frozen=True):
    """Seconds of a load; what it left to the index, and the seconds until that was done.

    `speed`: how fast the index was made of what was left; of all, where it kept up with the load.
    """

    objects: int
    seconds: float
    left: int
    drained: float

    @property
    def speed(self) -> float:
        if self.left < _KEPT_UP:
            return self.objects / (self.seconds + self.drained)
        return self.left / self.drained


def _load(served: Served, raws: list[bytes]) -> _Load:
    """Hand everything in through TAXII; returns when everything can be found."""
    with Taxii(served.url, served.authorization) as taxii:
        path = taxii.collection(PRIVATE)
        bodies = corpora.envelopes(raws)
        loaded = seconds(lambda: [taxii.post(path, body) for body in bodies])
    began, left = time.perf_counter(), lag(served.node)
    while lag(served.node):
        if time.perf_counter() > began + _PATIENCE:
            raise RuntimeError("the index does not catch up")
        time.sleep(_LOOK)
    return _Load(len(raws), loaded, left, time.perf_counter() - began)


def _ask(served: Served, reader: Reader, text: str) -> float:
    """Milliseconds for the first page of an answer, with total and facets, as a token sees it."""
    return seconds(lambda: search(served.node, reader, Question(text=text))) * 1000


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
