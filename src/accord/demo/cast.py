"""Who and what the story is about: organisations, places, a group, its tools, its techniques."""

from __future__ import annotations

import msgspec

from .authoring import Pen, at

_ORGANISATIONS = ("harbour", "terminal", "freight", "pilots", "ferry")
_PLACES = {"alfa-port": (0.31, -0.42), "bravo-port": (-0.27, 0.18), "charlie-port": (0.52, 0.63)}
_SERVERS = {
    "page-one": "phishing",
    "page-two": "phishing",
    "relay": "anonymization",
    "loader-control": "command-and-control",
    "remote-control": "command-and-control",
    "drop": "exfiltration",
}
_TECHNIQUES = {  # the numbers are those of MITRE ATT&CK
    "attachment": "T1566.001",
    "link": "T1566.002",
    "accounts": "T1078",
    "script": "T1059.001",
    "autostart": "T1547.001",
    "portal": "T1056.003",
    "web": "T1071.001",
    "forwarding": "T1114.003",
    "desktop": "T1021.001",
    "local-data": "T1005",
}
_MEASURES = {
    "second-channel": "portal",
    "resolver": "link",
    "reset": "accounts",
    "rules": "forwarding",
    "two-steps": "accounts",
    "macros": "attachment",
    "scripts": "script",
    "gate-control": "local-data",
}


class Cast(msgspec.Struct, frozen=True):
    """The identifiers of those whom everything else refers to."""

    group: str
    campaign: str
    loader: str
    remote: str
    organisations: tuple[str, ...]


def write_cast(pen: Pen) -> Cast:
    """The author, the statement that all is fiction, the group, its campaign and its programs."""
    pen.author = pen.told("identity", "desk", "clear", identity_class="organization")
    pen.fiction = pen.write(
        *("marking-definition", "fiction", "clear"),
        definition_type="statement",
        definition={"statement": pen.text("demo.fiction")},
    )
    organisations = [
        pen.told(
            *("identity", slug, "green"), identity_class="organization", sectors=["transportation"]
        )
        for slug in _ORGANISATIONS
    ]
    cast = Cast(
        group=pen.told("intrusion-set", "group", "green", goals=[pen.text("demo.goal")]),
        campaign=pen.told("campaign", "campaign", "green", first_seen=at(2)),
        loader=_malware(pen, "loader", "downloader"),
        remote=_malware(pen, "remote", "remote-access-trojan"),
        organisations=tuple(organisations),
    )
    pen.relate(cast.campaign, "attributed-to", cast.group)
    pen.relate(cast.loader, "downloads", cast.remote)
    return cast


def _malware(pen: Pen, slug: str, kind: str) -> str:
    return pen.told("malware", slug, "green", is_family=True, malware_types=[kind])


def write_places(pen: Pen, cast: Cast) -> None:
    """Three ports in open water, and whom the group is after."""
    for slug, (latitude, longitude) in _PLACES.items():
        port = pen.told("location", slug, "clear", latitude=latitude, longitude=longitude)
        pen.relate(cast.campaign, "targets", port)
    for organisation in cast.organisations:
        pen.relate(cast.campaign, "targets", organisation)


def write_techniques(pen: Pen, cast: Cast) -> None:
    """How the group works, and what helps against it."""
    techniques: dict[str, str] = {}
    for slug, number in _TECHNIQUES.items():
        source = {"source_name": "mitre-attack", "external_id": number}
        techniques[slug] = pen.told("attack-pattern", slug, "clear", external_references=[source])
        pen.relate(cast.group, "uses", techniques[slug])
    for slug, against in _MEASURES.items():
        measure = pen.told("course-of-action", slug, "clear")
        pen.relate(measure, "mitigates", techniques[against])


def write_servers(pen: Pen, cast: Cast) -> dict[str, str]:
    """The machines that the group uses, by what they serve for."""
    servers = {
        slug: pen.told("infrastructure", slug, "green", infrastructure_types=[kind])
        for slug, kind in _SERVERS.items()
    }
    for server in servers.values():
        pen.relate(cast.campaign, "uses", server)
    pen.relate(cast.loader, "beacons-to", servers["loader-control"])
    pen.relate(cast.remote, "beacons-to", servers["remote-control"])
    pen.relate(cast.remote, "exfiltrates-to", servers["drop"])
    return servers
