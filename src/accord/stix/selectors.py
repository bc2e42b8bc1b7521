"""Selectors of granular markings (STIX 2.1 section 7.2.3.1): they must point to something."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from .faults import Fault, fault

_INDEX = re.compile(r"\[(\d{1,9})\]", re.ASCII)
_ABSENT = object()
_NAMES_SHOWN = 20


def selector_faults(object_id: str, fields: Mapping[str, Any]) -> Iterator[Fault]:
    """The selectors of `granular_markings` that name nothing in the object."""
    for index, marking in enumerate(fields["granular_markings"]):
        for place, selector in enumerate(marking["selectors"]):
            if _resolve(fields, selector) is _ABSENT:
                path = f"granular_markings[{index}].selectors[{place}]"
                names = ", ".join(islice(fields, _NAMES_SHOWN))
                yield fault("stix.selector", object_id, path, names, selector)


def _resolve(fields: Mapping[str, Any], selector: str) -> Any:
    """What a selector such as `external_references.[0].url` names, or `_ABSENT`."""
    value: Any = fields
    for step in selector.split("."):
        index = _INDEX.fullmatch(step)
        if isinstance(value, list) and index is not None and int(index[1]) < len(value):
            value = value[int(index[1])]
        elif isinstance(value, dict) and step in value:
            value = value[step]
        else:
            return _ABSENT
    return value
