"""The story that the demonstration publishes: containers stolen by stolen release codes.

An imaginary archipelago, made-up organisations and a made-up group. Addresses and names are those
set aside for documentation (RFC 5737, RFC 2606); the hashes are of nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import msgspec

from .authoring import Pen, at
from .cast import Cast, write_cast, write_places, write_servers, write_techniques

_NETWORKS = ("192.0.2", "198.51.100", "203.0.113")  # RFC 5737
_MANY = {"domain": 48, "url": 32, "address": 36, "file": 24, "mail": 12}
_FIRST_WAVE = 8  # domains that the first warning brings
_SIGHTINGS = 24
_UNMARKED = 5
_OBSERVED = 8


class Scenario(msgspec.Struct, frozen=True):
    """The objects of the story in the order of their publication.

    `first` is the first warning; `bulk` all that the desk has by then, what may not leave
    included; `for_one` is meant for one member alone; `alert` is urgent; `update` and `later` come
    last.
    """

    first: tuple[bytes, ...]
    bulk: tuple[bytes, ...]
    for_one: tuple[bytes, ...]
    alert: tuple[bytes, ...]
    update: tuple[bytes, ...]
    later: tuple[bytes, ...]


def write_scenario(language: str) -> Scenario:
    """The whole story in one language: the same on every run, byte for byte."""
    pen = Pen(language)
    cast = write_cast(pen)
    wave = [_indicator(pen, "domain", number) for number in range(_FIRST_WAVE)]
    for each in wave:
        pen.relate(each, "indicates", cast.campaign)
    _report(pen, "first-warning", "green", [cast.group, cast.campaign, *wave], hour=6)
    first = pen.take()
    _write_all(pen, cast, wave)
    _write_withheld(pen, cast)
    bulk = pen.take()
    _report(pen, "request", "amber", [cast.campaign], hour=40)
    for_one = pen.take()
    pattern = "[ipv4-addr:value = '203.0.113.200']"
    pen.told("indicator", "alert", "amber", **_detection(pattern, hour=44))
    alert = pen.take()
    _report(pen, "update", "green", [cast.campaign], hour=48)
    update = pen.take()
    _report(pen, "later", "amber", [cast.campaign], hour=50)
    return Scenario(first, bulk, for_one, alert, update, pen.take())


def _write_all(pen: Pen, cast: Cast, wave: Sequence[str]) -> None:
    write_places(pen, cast)
    write_techniques(pen, cast)
    servers = write_servers(pen, cast)
    shown_by = {
        "domain": servers["page-one"],
        "url": servers["page-two"],
        "address": servers["loader-control"],
        "file": cast.loader,
        "mail": servers["relay"],
    }
    found = list(wave)
    for kind, many in _MANY.items():
        for number in range(_FIRST_WAVE if kind == "domain" else 0, many):
            indicator = _indicator(pen, kind, number)
            pen.relate(indicator, "indicates", shown_by[kind])
            found.append(indicator)
    _write_sightings(pen, cast, found)
    _write_observations(pen)
    _report(pen, "overview", "green", [cast.group, cast.campaign, cast.loader, *found], hour=30)
    _report(pen, "losses", "amber", [cast.campaign, *cast.organisations], hour=34)


def _indicator(pen: Pen, kind: str, number: int) -> str:
    last = number * 5 + 9
    pattern = {
        "domain": f"[domain-name:value = 'release-{number + 1:02}.example.net']",
        "url": f"[url:value = 'https://pin-check-{number + 1:02}.example.org/release']",
        "address": f"[ipv4-addr:value = '{_NETWORKS[number % 3]}.{last}']",
        "file": f"[file:hashes.'SHA-256' = '{_hash(number)}']",
        "mail": f"[email-message:from_ref.value = 'desk{number + 1}@harbour.example.com']",
    }[kind]
    tlp = "amber" if kind in ("address", "mail") else "green"
    name = pen.text(f"demo.indicator-{kind}", number=number + 1)
    slug = f"{kind}-{number}"
    return pen.write("indicator", slug, tlp, name=name, **_detection(pattern, hour=number % 24))


def _detection(pattern: str, hour: int) -> dict[str, object]:
    return {
        "indicator_types": ["malicious-activity"],
        "pattern": pattern,
        "pattern_type": "stix",
        "valid_from": at(hour),
    }


def _hash(number: int) -> str:
    return sha256(f"accord demonstration file {number}".encode()).hexdigest()


def _write_sightings(pen: Pen, cast: Cast, indicators: Sequence[str]) -> None:
    for number in range(_SIGHTINGS):
        pen.write(
            *("sighting", f"{number}", "amber"),
            sighting_of_ref=indicators[number * 5],
            where_sighted_refs=[cast.organisations[number % len(cast.organisations)]],
            first_seen=at(8 + number // 4),
            last_seen=at(9 + number // 3),
            count=number % 7 + 1,
        )


def _write_observations(pen: Pen) -> None:
    """What was seen at the gateways: names, the addresses behind them, files."""
    for number in range(_OBSERVED):
        value = f"{_NETWORKS[number % 3]}.{number + 101}"
        address = pen.observe("ipv4-addr", "amber", value=value)
        name = pen.observe("domain-name", "green", value=f"seen-{number + 1}.example.net")
        file = pen.observe("file", "green", hashes={"SHA-256": _hash(100 + number)})
        _observed(pen, f"{number}", [address, name, file], hour=10 + number)


def _observed(pen: Pen, slug: str, objects: Sequence[str], hour: int) -> str:
    return pen.write(
        *("observed-data", slug, "amber"),
        first_observed=at(hour),
        last_observed=at(hour + 1),
        number_observed=1,
        object_refs=list(objects),
    )


def _report(pen: Pen, slug: str, tlp: str, objects: Sequence[str], hour: int) -> str:
    written = {"created": at(hour), "modified": at(hour), "published": at(hour)}
    return pen.told(
        *("report", slug, tlp), report_types=["campaign"], object_refs=list(objects), **written
    )


def _write_withheld(pen: Pen, cast: Cast) -> None:
    """What may not leave: confidential, unmarked, about a person, or giving a secret away."""
    inner = pen.observe("ipv4-addr", "red", value="192.0.2.77")
    _report(pen, "in-confidence", "red", [inner, cast.campaign], hour=32)
    _observed(pen, "names-the-inner-address", [inner], hour=33)
    pen.told("identity", "driver", "amber", identity_class="individual")
    for number in range(_UNMARKED):
        _note(pen, f"draft-{number}", [cast.campaign], number + 1)


def _note(pen: Pen, slug: str, objects: Sequence[str], number: int) -> str:
    content = pen.text("demo.draft", number=number)
    return pen.write("note", slug, None, content=content, object_refs=list(objects))
