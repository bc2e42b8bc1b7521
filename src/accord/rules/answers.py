"""Answers to another member's object: what is one, and of which objects it speaks.

A STIX sighting, opinion or note says of which objects it speaks. A correction is a version of
another's object, given to that member alone: its author publishes a new version, and nobody else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accord.ledger.envelope import Envelope

from .control import ORDINARY
from .facts import Facts

CORRECTION = "correction"
# The types of STIX 2.1 that speak of other objects, and where they name them (4.13, 4.15, 5.2).
_NAMING = {"sighting": "sighting_of_ref", "opinion": "object_refs", "note": "object_refs"}


def given_back(envelope: Envelope, facts: Facts) -> bool:
    """Whether an entry goes to nobody but the member from whose ledger its object came."""
    if envelope.source is None or len(envelope.audience) != 1:
        return False
    giver = facts.members.get(envelope.audience[0])
    return giver is not None and giver.origin == envelope.source.origin


def answered_by(envelope: Envelope, fields: Mapping[str, Any], facts: Facts) -> tuple[str, ...]:
    """The ids of the objects that an entry answers, each once; none for what is no answer."""
    if envelope.kind != ORDINARY:
        return ()
    if given_back(envelope, facts):
        return (envelope.object.id,)
    return named_by(envelope.object.type, fields)


def named_by(type_: str, fields: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids of the objects of which a sighting, an opinion or a note speaks, each once."""
    named = fields.get(_NAMING[type_]) if type_ in _NAMING else None
    every = named if isinstance(named, list) else [named]
    return tuple(dict.fromkeys(each for each in every if isinstance(each, str)))
