"""The surroundings of an object as data for the picture of them; the list says the same."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from litestar import Response
from litestar.params import FromPath

from accord.node.dossier import open_dossier
from accord.node.relating import Web, related_to
from accord.web.naming import Naming
from accord.web.room import page
from accord.web.visit import Visit

_STEPS = 2
_HAN = re.compile("[\u3000-\u9fff\uff00-\uffef]")
_LABEL = 40  # characters under a node; the whole title is shown beside the picture


@page("/intelligence/objects/{id:str}/graph.json", "read", example="object")
def graph(visit: Visit, id: FromPath[str]) -> Response[bytes]:  # noqa: A002
    """Objects and links, two steps far, as Cytoscape takes them."""
    open_dossier(visit.node, visit.reader, id)  # not found for who may not see it
    web = related_to(visit.node, visit.reader, id, steps=_STEPS)
    body = msgspec.json.encode({"elements": _elements(web, id, Naming(visit)), "cut": web.cut})
    return Response(body, media_type="application/json")


def _elements(web: Web, start: str, names: Naming) -> list[dict[str, Any]]:
    nodes = [
        {
            "data": {
                "id": thing.id,
                "label": _breakable(_short(names.thing(thing))),
                "title": names.thing(thing),
                "type": names.type(thing.type),
                "family": family(thing.type),
                "known": thing.known,
                "start": thing.id == start,
            }
        }
        for thing in web.things.values()
    ]
    links = [
        {
            "data": {
                "id": f"link-{place}",
                "source": link.source,
                "target": link.target,
                "label": names.link(link),
            }
        }
        for place, link in enumerate(web.links)
    ]
    return nodes + links


def _short(label: str) -> str:
    return label if len(label) <= _LABEL else f"{label[: _LABEL - 1].rstrip()}…"


def _breakable(label: str) -> str:
    """With a place to break after each Chinese character, which Cytoscape does not know of."""
    return _HAN.sub("\\g<0>\N{ZERO WIDTH SPACE}", label)


_FAMILIES = {
    "indicator": "sign",
    "observed-data": "sign",
    "sighting": "sign",
    "malware": "means",
    "tool": "means",
    "attack-pattern": "means",
    "infrastructure": "means",
    "vulnerability": "means",
    "threat-actor": "actor",
    "intrusion-set": "actor",
    "campaign": "actor",
    "identity": "actor",
    "location": "actor",
    "report": "text",
    "note": "text",
    "opinion": "text",
    "grouping": "text",
    "course-of-action": "text",
    "incident": "text",
}


def family(type_: str) -> str:
    """The shape in which a type is drawn; whatever is not in the table is an observable."""
    return _FAMILIES.get(type_, "trace")
