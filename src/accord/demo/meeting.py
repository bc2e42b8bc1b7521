"""The first chapters: three nodes start, their people compare fingerprints, and sign a text."""

from __future__ import annotations

import time

from accord.base.messages import say
from accord.ledger.keys import fingerprint_words
from accord.node.agreements import AgreementView, propose, show

from .community import Member, start
from .signing import draft, put_signature, wait_until_in_force
from .stage import Stage, short
from .watching import expect

WORD_LISTS = {"en": "english", "ru": "russian", "zh": "chinese_simplified"}


def start_nodes(stage: Stage) -> None:
    """Chapter: three processes, three ledgers, and nobody above them."""
    teller = stage.teller
    teller.chapter("demo.nodes-title", "demo.nodes-about")
    alfa = stage.alfa
    teller.command("init", f"--home {alfa.slug}", f'--name "{alfa.name}"', f"--url {alfa.url}")
    teller.command("serve", f"--home {alfa.slug}", f"--host {alfa.host}", f"--port {alfa.port}")
    begun = time.monotonic()
    with teller.busy("demo.busy-starting"):
        start(stage.members)
    took = teller.seconds(time.monotonic() - begun)
    teller.table(
        ("demo.col-member", "demo.col-address", "demo.col-identity"),
        [(each.name, each.url, short(each.id)) for each in stage.members],
    )
    teller.done(say("demo.nodes-done", number=len(stage.members), seconds=took))


def meet(stage: Stage) -> None:
    """Chapter: Alfa and Bravo compare 24 words; Alfa and Charlie do the same."""
    teller, alfa, bravo = stage.teller, stage.alfa, stage.bravo
    teller.chapter("demo.meet-title", "demo.meet-about", name=bravo.name, other=alfa.name)
    seen, spoken = compare(stage, alfa, bravo)
    teller.quote(" ".join(seen))
    teller.say("demo.meet-spoken", name=bravo.name)
    teller.quote(" ".join(spoken))
    expect(seen == spoken, "demo.fault-words")
    teller.command("peer", "add", bravo.url, f"--home {alfa.slug}")
    teller.command("peer", "confirm", f'"{bravo.name}"', *spoken[:2], "…", f"--home {alfa.slug}")
    befriend(stage, alfa, bravo)
    befriend(stage, alfa, stage.charlie)
    teller.done(
        say(
            "demo.meet-done",
            number=len(spoken),
            first=alfa.name,
            second=bravo.name,
            third=stage.charlie.name,
        )
    )


def compare(stage: Stage, here: Member, there: Member) -> tuple[list[str], list[str]]:
    """The words `here` sees of the card it fetched, and those `there` reads of its own."""
    words = WORD_LISTS[stage.teller.language]
    fetched = here.meet(there)
    own = there.node.read_card()
    return fingerprint_words(fetched.fingerprint, words), fingerprint_words(own.fingerprint, words)


def befriend(stage: Stage, one: Member, other: Member) -> None:
    """Both compare, and both confirm what the other one read out."""
    for here, there in ((one, other), (other, one)):
        seen, spoken = compare(stage, here, there)
        expect(seen == spoken, "demo.fault-words")
        here.confirm(there, " ".join(spoken))


def agree(stage: Stage) -> None:
    """Chapter: Alfa proposes a text, all three sign it, and in Alfa's books it is in force."""
    teller, alfa = stage.teller, stage.alfa
    teller.chapter("demo.agree-title", "demo.agree-about", name=alfa.name)
    file = alfa.folder / "agreement.toml"
    file.write_text(
        draft(stage, "agreement", stage.members, accession=[stage.delta.id]), encoding="utf-8"
    )
    view = propose(alfa.node, file.read_text(encoding="utf-8"))
    stage.agreement = view.id
    teller.call(view.id, teller.word("demo.quoted", text=view.terms.titles[teller.language]))
    _show_terms(stage, view)
    teller.command("agreement", "propose", "agreement.toml", f"--home {alfa.slug}")
    teller.command("agreement", "sign", short(view.id), f"--home {stage.bravo.slug}")
    for member in stage.members:
        put_signature(stage, member, view)
    wait_until_in_force([alfa], view)
    _show_signatures(stage, view.id)
    for member in stage.members:
        stage.collections[member.slug] = show(member.node, view.id)[0].collection
    teller.done(
        say("demo.agree-done", number=len(stage.members), hash=view.sha256[:16], name=alfa.name)
    )


def _show_terms(stage: Stage, view: AgreementView) -> None:
    teller, terms = stage.teller, view.terms
    until_day = terms.valid_until.date().isoformat() if terms.valid_until else "–"
    teller.quote(terms.titles[teller.language])
    teller.quote(terms.texts[teller.language])
    ceiling, other = terms.tlp_ceiling.upper(), stage.delta.name
    teller.quote(teller.word("demo.agree-ceiling", ceiling=ceiling, day=until_day, name=other))


def _show_signatures(stage: Stage, agreement: str) -> None:
    known = stage.alfa.node.facts_now().agreements[agreement]
    signatures = next(iter(known.texts.values())).signatures
    stage.teller.table(
        ("demo.col-party", "demo.col-person", "demo.col-office"),
        [
            (each.name, signatures[each.id].person, signatures[each.id].office)
            for each in stage.members
        ],
    )
