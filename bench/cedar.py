"""The same community and the same entries as Cedar is asked them: entities, requests, policies."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from accord.base.clock import parse_time, to_micros
from accord.ledger.envelope import PARTIES, Envelope
from accord.rules.case import PAP_RANK, TLP_RANK
from accord.rules.standing import AgreementFacts, TextFacts

from .peers.environments import environment
from .processes import scratch
from .verdicts import DAY, NOW, START, Asked, Community

NAME = "Cedar (cedarpy 4.12)"
_POLICIES = Path(__file__).parent / "peers" / "release.cedar"
_SCRIPT = Path(__file__).parent / "peers" / "ask_cedar.py"
_NO_GROUP = "none"
_NEVER = to_micros(NOW + 36_500 * DAY)
_DAY = 86_400_000_000


def ask(community: Community, asked: Sequence[Asked]) -> tuple[float, list[bool]]:
    """Seconds that all answers took, and the answers. Raises `Unavailable`."""
    python = environment("cedar") / "bin" / "python"
    given = {
        "policies": _POLICIES.read_text("utf-8"),
        "entities": _entities(community),
        "requests": [_request(community, each) for each in asked],
    }
    with scratch() as folder:
        file = folder / "asked.json"
        file.write_text(json.dumps(given), encoding="utf-8")
        done = subprocess.run(
            [str(python), str(_SCRIPT), str(file)], capture_output=True, text=True, check=True
        )
    answer = json.loads(done.stdout)
    return answer["seconds"], answer["allowed"]


def _named(type_: str, name: str) -> dict[str, str]:
    return {"type": type_, "id": name}


def _ref(type_: str, name: str) -> dict[str, Any]:
    return {"__entity": _named(type_, name)}


def _entities(community: Community) -> list[dict[str, Any]]:
    members = community.facts.members
    found: list[dict[str, Any]] = [
        {
            "uid": _named("Member", member),
            "attrs": {"suspended": members[member].standing == "suspended"},
            "parents": [],
        }
        for member in community.members
    ]
    for known in community.facts.agreements.values():
        (text,) = known.texts.values()
        attrs = _terms(text) | _apart(known)
        found.append({"uid": _named("Agreement", known.id), "attrs": attrs, "parents": []})
        found += [_party(known.id, text, member) for member in text.proposal.terms.circle]
    found.append(_state(_NO_GROUP, "", (), (), closed=True))
    for group, circle in community.facts.groups.items():
        inside = circle.roster() if circle.belongs(community.members[0]) else ()
        for roster in circle.chain:
            see = tuple(each for each in inside if circle.may_see(each, roster.id))
            name = f"{group}|{roster.id}"
            found.append(_state(name, circle.agreement, inside, see, closed=circle.closed))
    return found


def _state(
    name: str, agreement: str, inside: Sequence[str], see: Sequence[str], *, closed: bool
) -> dict[str, Any]:
    """A working group as what was addressed to it at one of its states finds it."""
    attrs = {
        "closed": closed,
        "agreement": _ref("Agreement", agreement),
        "inside": [_ref("Member", each) for each in inside],
        "see": [_ref("Member", each) for each in see],
    }
    return {"uid": _named("Roster", name), "attrs": attrs, "parents": []}


def _apart(known: AgreementFacts) -> dict[str, Any]:
    """To whom a council lets nothing flow under its charter, and who has left that."""
    community = known.community
    council = {*community.suspended, *community.departed} if community is not None else set()
    apart = council | {who for who, left in known.withdrawals.items() if left.at <= NOW}
    return {"apart": [_ref("Member", each) for each in sorted(apart)]}


def _party(agreement: str, text: TextFacts, member: str) -> dict[str, Any]:
    attrs: dict[str, Any] = {}
    left = text.life.left.get(member) if text.life is not None else None
    if left is not None:
        attrs["until"] = to_micros(left)
    reservation = text.reserved.get(member)
    if reservation is not None:
        attrs["tlp"] = TLP_RANK[reservation.narrows.tlp_ceiling]
        attrs["purposes"] = reservation.narrows.purposes
    barred = [_ref("Member", other) for one, other in text.barred if one == member]
    if barred:
        attrs["barred"] = barred
    return {
        "uid": _named("Party", f"{agreement}|{member}"),
        "attrs": attrs,
        "parents": [_named("Agreement", agreement)],
    }


def _terms(text: TextFacts) -> dict[str, Any]:
    terms, life = text.proposal.terms, text.life
    persons, rules = terms.personal_data, terms.implementing_rules
    evidence, evaluation, neutral = terms.evidence, terms.evaluation, terms.neutrality
    return {
        "areas": terms.areas,
        "purposes": terms.purposes,
        "types": terms.object_types,
        "all_types": not terms.object_types,
        "tlp": TLP_RANK[terms.tlp_ceiling],
        "has_pap": terms.pap_ceiling is not None,
        "pap": PAP_RANK[terms.pap_ceiling],
        "onward": ("none", "agreement", "public").index(terms.onward),
        "since": to_micros(life.since if life is not None else START),
        "until": _NEVER if life is None or life.ends is None else to_micros(life.ends),
        "keep": _NEVER if terms.retention_days is None else terms.retention_days * _DAY,
        "exercise": terms.exercise,
        "persons": persons is not None and persons.allowed,
        "person_purposes": persons.purposes if persons is not None else [],
        "person_time": persons.max_days * _DAY if persons is not None else 0,
        "evidence": evidence is not None,
        "codes": evidence.codes if evidence is not None else [],
        "court": evidence.purposes if evidence is not None else [],
        "graded": evaluation is not None,
        "must_grade": evaluation is not None and evaluation.required,
        "schemes": evaluation.schemes if evaluation is not None else [],
        "neutral": neutral.areas if neutral is not None else [],
        "incidents": neutral.incidents if neutral is not None else [],
        "rule_areas": rules[0].areas if rules else [],
        "rule_tlp": TLP_RANK["green"],
        "sha256": text.sha256,
        "declared": [each.area for each in terms.vocabulary],
        "declares": bool(terms.vocabulary),
        **({"charter": _ref("Agreement", terms.charter)} if terms.charter is not None else {}),
    }


def _request(community: Community, asked: Asked) -> dict[str, Any]:
    entry, envelope = asked.entry, asked.entry.envelope
    handling = envelope.handling
    agreement = envelope.agreement.id if envelope.agreement is not None else ""
    author, issued = envelope.author, to_micros(envelope.issued_at)
    grade = handling.evaluation
    context: dict[str, Any] = {
        "now": to_micros(NOW),
        "issued": issued,
        "expires": _micros(envelope.expires),
        "recipient": _ref("Member", asked.recipient),
        "sender": _ref("Member", author),
        "author": _ref("Party", f"{agreement}|{author}"),
        "author_at": to_micros(NOW) if author == community.facts.me else issued,
        "sha256": envelope.agreement.sha256 if envelope.agreement is not None else "",
        "to_all": PARTIES in envelope.audience,
        "to": [each for each in envelope.audience if each != PARTIES],
        "to_id": asked.recipient,
        "tlp": max(TLP_RANK[handling.tlp], TLP_RANK[entry.markings.tlp]),
        "stated": TLP_RANK[handling.tlp],
        "pap": PAP_RANK[handling.pap],
        "named": len(handling.named),
        "area": handling.area or "",
        "purpose": handling.purpose or "",
        "object_type": envelope.object.type,
        "status": envelope.status,
        "incident": handling.incident or "",
        "codes": handling.codes,
        "scheme": grade.scheme if grade is not None else "",
        "person": bool(entry.person_triggers),
        **_for_a_group(community, envelope),
        **_of_what_it_needs(asked),
    }
    return {
        "principal": _named("Party", f"{agreement}|{asked.recipient}"),
        "action": _named("Action", "release"),
        "resource": _named("Agreement", agreement),
        "context": context,
    }


def _for_a_group(community: Community, envelope: Envelope) -> dict[str, Any]:
    known = envelope.group in community.facts.groups
    return {
        "for_group": envelope.roster is not None,
        "roster": _ref("Roster", f"{envelope.group}|{envelope.roster}" if known else _NO_GROUP),
        "me": _ref("Member", community.members[0]),
    }


def _of_what_it_needs(asked: Asked) -> dict[str, Any]:
    """What two people stand by, a description of a person, and what is passed on."""
    source, personal = asked.entry.source, asked.entry.envelope.handling.personal
    received = source.handling if source is not None else None
    handling = asked.entry.envelope.handling
    return {
        "coded": bool(handling.codes),
        "stand_by": len(handling.approvals),
        "retain": _micros(personal.retain_until) if personal is not None else 0,
        "approvals": len(personal.approvals) if personal is not None else 0,
        "passed": asked.entry.envelope.source is not None,
        "source_tlp": TLP_RANK[received.tlp] if received is not None else -1,
        "source_codes": received.codes if received is not None else [],
        "source_scheme": received.evaluation.scheme if received and received.evaluation else "",
    }


def _micros(moment: str | datetime | None) -> int:
    if moment is None:
        return _NEVER
    return to_micros(parse_time(moment) if isinstance(moment, str) else moment)
