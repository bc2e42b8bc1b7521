"""What an object is related to, as far as one reader may see it: as a list, and as a graph.

What refers to an object is found in the search index, within what the reader may see; what it
refers to itself stands in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from accord.store.index_tables import Index
from accord.store.transaction import Transaction

from .dossier import Sight
from .node import Node
from .searching import title_of
from .tokens import Reader

MOST = 200  # objects that refer to one
NODES = 60  # of a graph
_EXPANDED = 8  # objects of a graph whose own neighbours are looked for
_BEYOND = 6  # of which each adds so many
_GATHERING = frozenset({"report", "grouping", "observed-data", "identity", "location"})  # not these

_ENDS = ("source_ref", "target_ref")


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """One relation between two objects. `by` is the relationship object that says so, if one does.

    Without it, `kind` is the property of `source` in which `target` stands.
    """

    source: str
    target: str
    kind: str
    by: str | None = None


class Thing(msgspec.Struct, frozen=True):
    """An object at the end of a link; `known` false: it is not here, or not for the reader."""

    id: str
    type: str
    title: str
    known: bool


class Web(msgspec.Struct, frozen=True):
    """Objects by id, and the links between them. `cut`: there are more than are shown."""

    things: dict[str, Thing]
    links: tuple[Link, ...]
    cut: bool
    behind: bool  # what was listed last is not indexed yet


def related_to(node: Node, reader: Reader, object_id: str, *, steps: int = 1) -> Web:
    """The surroundings of an object, so many steps away from it.

    It is the caller who knows that the reader may see the object itself. Raises `DeniedError`.
    """

    def job(tx: Transaction, index: Index | None) -> Web:
        found = _Finding(tx, index, reader)
        found.explore(object_id, steps)
        behind = index is None or tx.index.is_behind(index)
        return Web(found.things(), tuple(found.links), found.cut, behind)

    return node.store.indexes.read(job)


class _Finding:
    def __init__(self, tx: Transaction, index: Index | None, reader: Reader) -> None:
        self._tx = tx
        self._index = index
        self._sight = Sight(tx, reader)
        self._bodies: dict[str, Mapping[str, Any]] = {}
        self._ends: dict[str, None] = {}
        self.links: dict[Link, None] = {}
        self.cut = False

    def explore(self, start: str, steps: int) -> None:
        """Take in what is around `start`, nearest first, until the graph is large enough."""
        self._ends[start] = None
        edge, most = [start], NODES
        for _ in range(steps):
            reached: list[str] = []
            for object_id in edge[:_EXPANDED]:
                reached += self._around(object_id, most)
            self.cut |= len(edge) > _EXPANDED
            edge = [each for each in reached if each.partition("--")[0] not in _GATHERING]
            most = _BEYOND

    def things(self) -> dict[str, Thing]:
        """Every object at an end, by what the reader may see of it."""
        self._load([each for each in self._ends if each not in self._bodies])
        return {each: self._thing(each) for each in self._ends}

    def _thing(self, object_id: str) -> Thing:
        fields = self._bodies.get(object_id)
        if fields is None:
            return Thing(object_id, object_id.partition("--")[0], object_id, known=False)
        return Thing(object_id, str(fields["type"]), title_of(dict(fields)), known=True)

    def _around(self, object_id: str, most: int) -> list[str]:
        """Link what is around an object, `most` of it; returns what was not there before."""
        self._load([object_id])
        fresh: list[str] = []
        for link in [*self._inside(object_id), *self._toward(object_id)]:
            ends = [each for each in (link.source, link.target) if each not in self._ends]
            if ends and (len(self._ends) >= NODES or len(fresh) >= most):
                self.cut = True
                continue
            self.links[link] = None
            for each in ends:
                self._ends[each] = None
                fresh.append(each)
        return fresh

    def _inside(self, object_id: str) -> Iterator[Link]:
        """What the object itself refers to."""
        yield from _links_of(object_id, self._bodies.get(object_id, {}))

    def _toward(self, object_id: str) -> Iterator[Link]:
        """What refers to the object."""
        if self._index is None:
            return
        asked = self._sight.asked
        rows = self._tx.browsing.referring(self._index, asked, object_id, MOST + 1)
        self.cut |= len(rows) > MOST
        for row in rows[:MOST]:
            fields = self._bodies.setdefault(row.object_id, msgspec.json.decode(row.body or b"{}"))
            for link in _links_of(row.object_id, fields):
                if object_id in (link.source, link.target):
                    yield link

    def _load(self, object_ids: list[str]) -> None:
        """The newest version of these that the reader may see."""
        wanted = [each for each in object_ids if each not in self._bodies]
        if wanted:
            rows = self._tx.browsing.of_objects(self._sight.asked, wanted)
            for row in sorted(rows, key=lambda row: row.version):
                if row.body is not None:
                    self._bodies[row.object_id] = msgspec.json.decode(row.body)


def _links_of(object_id: str, fields: Mapping[str, Any]) -> Iterator[Link]:
    """Of a relationship its one; of another object, one for each that it refers to."""
    source, target = (str(fields.get(end, "")) for end in _ENDS)
    if source and target and fields.get("type") == "relationship":
        kind = str(fields.get("relationship_type", ""))
        yield Link(source=source, target=target, kind=kind, by=object_id)
        return
    for name, value in fields.items():
        if name.endswith(("_ref", "_refs")) and name not in (
            "created_by_ref",
            "object_marking_refs",
        ):
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, str):
                    yield Link(source=object_id, target=each, kind=name)
