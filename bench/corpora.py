"""The two corpora: Enterprise ATT&CK as it is, and indicators made from shared lists.

The lists are real (data/SOURCES.md beside the data tells origin and licence): domain names, URLs,
addresses and address-port pairs of the maltrail project. Made here are only the STIX objects around
them. Four out of five patterns are a single comparison, every fifth combines several.
"""

from __future__ import annotations

import gzip
import os
import random
import sys
from collections import deque
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import msgspec

from accord.base.limits import Limits
from accord.stix.split import split_objects

_ATTACK = "stix/enterprise-attack-18.1.stix21.json.gz"
_LIST = "indicators/maltrail-a.tsv.gz"
_MADE = "2026-03-01T00:00:00.000Z"
_CHANGED = b'"modified":"2026-04-01T00:00:00.000Z"'
_ENVELOPE_OBJECTS = 1000
_EVERY = 27  # indicators for one object of ATT&CK
_LATER = 5000  # changed objects that wait for their turn

PROVENANCE = (
    "Enterprise ATT&CK 18.1 (24,771 objects, MITRE ATT&CK Terms of Use), unchanged",
    (
        "indicators: values of stamparm/maltrail (MIT), wrapped into STIX 2.1 indicators here; "
        "every fifth pattern combines several comparisons"
    ),
)


def shared_folder() -> Path:
    """The folder of shared data; the run ends here, plainly, when it is absent."""
    root = Path(__file__).parent.parent
    folder = Path(os.environ.get("ACCORD_SHARED", root.parent / "shared" / "data"))
    if not (folder / _ATTACK).is_file():
        sys.exit(
            f"The benchmark needs the shared data, and {folder / _ATTACK} is not there.\n"
            "Nothing was measured. ACCORD_SHARED may name another folder."
        )
    return folder


def attack(folder: Path) -> list[bytes]:
    """Every object of Enterprise ATT&CK, as its bytes."""
    with gzip.open(folder / _ATTACK) as file:
        return split_objects(file.read(), Limits())


def shuffled(folder: Path, count: int | None) -> list[bytes]:
    """So many objects of ATT&CK, null for all, mixed; the same on every run.

    As they come, the first thousand are the largest by far. The markings that they refer to go
    first: without them nothing can be published.
    """
    raws = attack(folder)
    markings = [raw for raw in raws if b'"type":"marking-definition"' in raw.replace(b" ", b"")]
    others = random.Random(len(raws)).sample(raws, len(raws))
    return [*markings, *(raw for raw in others if raw not in markings)][:count]


def indicators(folder: Path, count: int, skip: int = 0) -> list[bytes]:
    """`count` indicators after the first `skip`; the same on every run."""
    return list(islice(_indicators(folder), skip, skip + count))


def mixed(folder: Path) -> Iterator[bytes]:
    """More than a million objects as a node gathers them; the same on every run.

    Indicators, among them ATT&CK spread over the whole, and of every second indicator a second
    version some thousands of objects later. The lists hold 688,131 values.
    """
    objects = iter(shuffled(folder, None))
    later: deque[bytes] = deque()
    for place, raw in enumerate(_indicators(folder)):
        yield raw
        if place % _EVERY == 0 and (other := next(objects, None)) is not None:
            yield other
        if place % 2 == 0:
            later.append(raw.replace(f'"modified":"{_MADE}"'.encode(), _CHANGED))
        if len(later) > _LATER and place % 2:
            yield later.popleft()


def envelopes(raws: list[bytes]) -> list[bytes]:
    """TAXII envelopes of 1000 objects."""
    return [
        b'{"objects":[' + b",".join(raws[start : start + _ENVELOPE_OBJECTS]) + b"]}"
        for start in range(0, len(raws), _ENVELOPE_OBJECTS)
    ]


def _indicators(folder: Path) -> Iterator[bytes]:
    before = "[domain-name:value = 'example.org']"
    with gzip.open(folder / _LIST, "rt", encoding="utf-8") as file:
        next(file)
        for place, line in enumerate(file):
            kind, value, family, grade = line.rstrip("\n").split("\t")
            single = _pattern(kind, value)
            combined = f"{before} OR {single}" if place % 2 else f"{before} AND {single}"
            yield _indicator(place, single if place % 5 else combined, family, grade)
            before = single


def _pattern(kind: str, value: str) -> str:
    text = value.replace("\\", "\\\\").replace("'", "\\'")
    if kind == "ip-port":
        address, _, port = text.rpartition(":")
        return (
            f"[network-traffic:dst_ref.value = '{address}'"
            f" AND network-traffic:dst_port = {int(port)}]"  # some are listed with leading zeros
        )
    return f"[{'ipv4-addr' if kind == 'ipv4-cidr' else kind}:value = '{text}']"


def _indicator(place: int, pattern: str, family: str, grade: str) -> bytes:
    return msgspec.json.encode(
        {
            "type": "indicator",
            "spec_version": "2.1",
            "id": f"indicator--{uuid5(NAMESPACE_URL, f'{place} {pattern}')}",
            "created": _MADE,
            "modified": _MADE,
            "name": family,
            "indicator_types": ["malicious-activity"],
            "labels": [grade],
            "pattern": pattern,
            "pattern_type": "stix",
            "valid_from": _MADE,
        }
    )
