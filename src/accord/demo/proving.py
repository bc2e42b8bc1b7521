"""The last chapters: a TAXII tool reads, every ledger is verified, one entry is proved offline."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec

from accord.base.errors import AccordError
from accord.base.messages import say
from accord.ledger.proof import parse_proof, write_proof
from accord.node.evidence import check_file, evidence_of
from accord.node.tokens import NewToken, add_token
from accord.node.verifying import Verified, verify_ledgers

from .community import Member
from .stage import Stage, short
from .watching import StoryFault, expect

TAXII = "application/taxii+json;version=2.1"
_GUEST_CEILING = "green"
_WITNESS_PATIENCE = 3.0  # seconds; co-signatures are welcome here, and nothing depends on them


def read_by_taxii(stage: Stage) -> dict[str, NewToken]:
    """Chapter: a tool reads Charlie's collection; a token with less need to know reads less."""
    teller, charlie = stage.teller, stage.charlie
    teller.chapter("demo.taxii-title", "demo.taxii-about", name=charlie.name)
    tokens = {each.slug: add_token(each.node, "analyst", role="analyst") for each in stage.members}
    analyst = tokens[charlie.slug]
    guest = add_token(charlie.node, "guest", role="analyst", tlp=_GUEST_CEILING)
    teller.command(
        "token", "add", "guest", "--role analyst", "--tlp green", f"--home {charlie.slug}"
    )
    found = {token.name: read_all(stage, charlie, token) for token in (analyst, guest)}
    teller.table(
        ("demo.col-token", "demo.col-ceiling", "demo.col-objects"),
        [
            (each.name, f"TLP:{each.tlp.upper()}", str(len(found[each.name])))
            for each in (analyst, guest)
        ],
    )
    teller.say("demo.taxii-curl")
    for line in curl_lines(stage, analyst):
        teller.link(line)
    inbox = stage.inboxes[1]
    received = inbox.count(stage.places, "in")
    expect(len(found[analyst.name]) >= received, "demo.fault-taxii")
    expect(found[guest.name] < found[analyst.name], "demo.fault-ceiling")
    teller.done(say("demo.taxii-done", name=charlie.name, number=len(found[analyst.name])))
    return tokens


def curl_lines(stage: Stage, token: NewToken) -> tuple[str, str, str]:
    """How a person reads the first objects, with nothing but curl."""
    return (
        f"curl -H 'Accept: {TAXII}' \\",
        f"  -u {token.name}:{token.token} \\",
        f"  '{stage.objects_url}?limit=2'",
    )


def read_all(stage: Stage, member: Member, token: NewToken) -> set[str]:
    """The ids of all objects in the agreement's collection, page by page, as a tool reads them."""
    with httpx.Client(
        auth=(token.name, token.token), headers={"accept": TAXII}, trust_env=False
    ) as client:
        url = objects_url(client, member, stage.collections[member.slug])
        stage.objects_url = url
        return {str(each["id"]) for page in _pages(client, url) for each in page}


def objects_url(client: httpx.Client, member: Member, collection: str) -> str:
    """Found as TAXII 2.1 says: discovery, API root, collections, objects."""
    roots = _get(client, f"{member.url}/taxii2/")["api_roots"]
    root = httpx.URL(member.url).join(str(roots[0]))
    listed = _get(client, f"{str(root).rstrip('/')}/collections/")["collections"]
    expect(any(each["id"] == collection for each in listed), "demo.fault-collection")
    return f"{str(root).rstrip('/')}/collections/{collection}/objects/"


def _pages(client: httpx.Client, url: str) -> Iterator[list[dict[str, Any]]]:
    following: dict[str, str] = {}
    while True:
        page = _get(client, url, following)
        yield page.get("objects", [])
        if not page.get("more"):
            return
        following = {"next": str(page["next"])}


def _get(client: httpx.Client, url: str, query: dict[str, str] | None = None) -> dict[str, Any]:
    try:
        answer = client.get(url, params=query or {})
    except httpx.TransportError as error:
        raise StoryFault("demo.fault-unreachable", url=url, problem=str(error)) from None
    if answer.status_code != httpx.codes.OK:
        raise StoryFault("demo.fault-answer", url=url, status=answer.status_code)
    found = answer.json()
    return found if isinstance(found, dict) else {}


def verify(stage: Stage) -> None:
    """Chapter: each member verifies every ledger from the stored bytes up."""
    teller = stage.teller
    teller.chapter("demo.verify-title", "demo.verify-about")
    with teller.busy("demo.busy-verifying"):
        _await_witnesses(stage)
    teller.command("ledger", "verify", f"--home {stage.charlie.slug}")
    rows: list[tuple[str, ...]] = []
    for member in stage.members:
        for found in verify_ledgers(member.node):
            if found.faults:
                raise StoryFault("demo.fault-ledger", fault=teller.text(found.faults[0]))
            rows.append((member.name, *_verified(stage, found)))
    teller.table(
        (
            *("demo.col-verifier", "demo.col-ledger"),
            *("demo.col-entries", "demo.col-opened", "demo.col-witnesses"),
        ),
        rows,
    )
    teller.done(say("demo.verify-done", number=len(rows)))


def _verified(stage: Stage, found: Verified) -> tuple[str, ...]:
    author = next(each.name for each in stage.members if each.id == found.member)
    return author, str(found.size), str(found.openings), str(len(found.witnesses))


def _await_witnesses(stage: Stage) -> None:
    """Give the witnesses a moment to co-sign the last entries."""

    def witnessed() -> bool:
        found = [verify_ledgers(each.node, stage.alfa.id)[0] for each in stage.members]
        return all(each.witnesses for each in found)

    begun = time.monotonic()
    while not witnessed() and time.monotonic() - begun < _WITNESS_PATIENCE:
        time.sleep(0.1)


def prove(stage: Stage) -> None:
    """Chapter: an evidence file holds offline, and does not survive the change of one character."""
    teller, charlie = stage.teller, stage.charlie
    teller.chapter(
        "demo.prove-title", "demo.prove-about", name=charlie.name, author=stage.alfa.name
    )
    evidence = evidence_of(charlie.node, stage.proved)
    file = charlie.folder / "evidence.tlog-proof"
    file.write_bytes(evidence.data)
    teller.command("proof", short(stage.proved), f"--out {file.name}", f"--home {charlie.slug}")
    teller.command("proof", f"--check {file.name}")
    now = int(charlie.node.now().timestamp())
    checked = check_file(None, file.read_bytes(), now=now)
    expect(checked.author.member == stage.alfa.id, "demo.fault-author")
    teller.done(
        say(
            "demo.prove-holds",
            name=checked.author.name,
            place=checked.opening.index,
            witnesses=len(checked.cosignatures),
        )
    )
    forged = _altered(file.read_bytes())
    try:
        check_file(None, forged, now=now)
    except AccordError as refusal:
        teller.say("demo.prove-altered")
        teller.quote(teller.text(refusal.message))
    else:
        expect(False, "demo.fault-forged")


def _altered(data: bytes) -> bytes:
    """The same file, well-formed, with one digit of the alert's address changed."""
    proof = parse_proof(data, len(data))
    extra = (proof.extra or b"").replace(b"203.0.113.200", b"203.0.113.201")
    return write_proof(msgspec.structs.replace(proof, extra=extra))
