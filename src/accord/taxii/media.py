"""Content negotiation, exactly: TAXII 2.1 section 1.6.8 over RFC 9110 sections 8.3 and 12.5."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

TAXII = "application/taxii+json;version=2.1"
STIX = "application/stix+json;version=2.1"

_TYPE = "application/taxii+json"
_VERSION = "2.1"
_PARAMETER = re.compile(r';[ \t]*+([!#$%&\'*+.^_`|~0-9A-Za-z-]++)=("[^"]*+"|[^;,"\s]*+)[ \t]*+')
_RANGE = re.compile(r"[ \t]*+([!#$%&'*+.^_`|~0-9A-Za-z-]++/[!#$%&'*+.^_`|~0-9A-Za-z-]++)[ \t]*+")
_QUALITY = re.compile(r"0(?:\.\d{0,3})?|1(?:\.0{0,3})?")


class _Range(msgspec.Struct, frozen=True):
    """One media range; a malformed one matches nothing."""

    type: str
    version: str | None
    quality: float


def accepts(header: str | None) -> bool:
    """Whether an `Accept` header admits TAXII 2.1; the most specific range that fits decides.

    A missing header admits everything. Parameters other than `version` and `q` do not matter.
    """
    if header is None or not header.strip():
        return True
    best, quality = -1, 0.0
    for each in _ranges(header):
        fit = _fit(each)
        if fit > best or (fit == best and each.quality > quality):
            best, quality = fit, each.quality
    return best >= 0 and quality > 0


def is_taxii(header: str | None) -> bool:
    """Whether a `Content-Type` is TAXII 2.1, with or without its version."""
    found = list(_ranges(header or ""))
    return len(found) == 1 and found[0].type == _TYPE and found[0].version in (None, _VERSION)


def languages(header: str | None) -> Iterator[str]:
    """The primary languages of an `Accept-Language` header, most wanted first."""
    wanted = sorted(qualities(header), key=lambda each: -each[1])
    yield from (tag.partition("-")[0] for tag, quality in wanted if quality > 0)


def qualities(header: str | None) -> Iterator[tuple[str, float]]:
    """What a header lists, in lower case, each with its quality; 1 where that makes no sense."""
    for part in (header or "").split(","):
        name, _, quality = part.partition(";")
        q = quality.strip().lower().removeprefix("q=")
        if name := name.strip().lower():
            yield name, float(q) if _QUALITY.fullmatch(q) else 1.0


def _fit(each: _Range) -> int:
    """How specifically a range names TAXII 2.1; -1 where it does not."""
    if each.type == _TYPE:
        if each.version is None:
            return 2
        return 3 if each.version == _VERSION else -1
    return {"application/*": 1, "*/*": 0}.get(each.type, -1)


def _ranges(header: str) -> Iterator[_Range]:
    at = 0
    while at < len(header):
        match = _RANGE.match(header, at)
        if match is None:
            at = _next(header, at)
            continue
        at = match.end()
        version, quality, sound = None, 1.0, True
        while parameter := _PARAMETER.match(header, at):
            at = parameter.end()
            name, value = parameter[1].lower(), parameter[2].strip('"')
            if name == "version":
                version = value
            elif name == "q":
                sound = sound and _QUALITY.fullmatch(value) is not None
                quality = float(value) if sound else 0.0
        if at < len(header) and header[at] != ",":
            sound = False
        at = _next(header, at)
        if sound:
            yield _Range(match[1].lower(), version, quality)


def _next(header: str, at: int) -> int:
    comma = header.find(",", at)
    return len(header) if comma < 0 else comma + 1
