from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from accord.base.messages import LANGUAGES, translate
from accord.ledger.envelope import ObjectRef
from accord.rules.preview import Item, Preview, Row, preview
from accord.stix.references import Reference
from tests.rules.world import (
    ALFA,
    BETA,
    DELTA,
    GAMMA,
    NOW,
    TERMS,
    community,
    entry,
    envelope,
)

FACTS = community(replace(TERMS, object_types=()))
MARKING = "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"
TAIL = "33333333-3333-4333-8333-333333333333"
INDICATOR, MALWARE, NOTE = (f"{type_}--{TAIL}" for type_ in ("indicator", "malware", "note"))
ADDRESS, DOMAIN = (f"{type_}--{TAIL[:-1]}4" for type_ in ("ipv4-addr", "domain-name"))


def item(identifier: str, *targets: str, audience: tuple[str, ...] = (BETA, GAMMA)) -> Item:
    of = envelope(
        audience=audience,
        object=ObjectRef(id=identifier, type=identifier.partition("--")[0], modified=None),
    )
    found = tuple(Reference(f"refs[{place}]", target) for place, target in enumerate(targets))
    return Item(entry(of), found)


def row(of: Preview, object_id: str, recipient: str = BETA) -> Row:
    return next(r for r in of.rows if (r.object_id, r.recipient) == (object_id, recipient))


def shown(*items: Item, has: Callable[[str, str], bool] | None = None) -> Preview:
    if has is None:
        return preview(items, (BETA, GAMMA), FACTS, NOW)
    return preview(items, (BETA, GAMMA), FACTS, NOW, has)


def test_every_recipient_and_object_has_a_row_with_its_verdict() -> None:
    seen = preview([item(INDICATOR), item(MALWARE, audience=(GAMMA,))], (BETA, DELTA), FACTS, NOW)

    assert [(r.recipient, r.object_id, r.released) for r in seen.rows] == [
        (BETA, INDICATOR, True),
        (BETA, MALWARE, False),
        (DELTA, INDICATOR, False),
        (DELTA, MALWARE, False),
    ]


def test_a_reference_to_a_released_object_needs_nothing() -> None:
    seen = shown(item(INDICATOR, ADDRESS), item(ADDRESS))
    assert all(r.released and not r.findings for r in seen.rows)


def test_a_reference_to_a_withheld_object_is_a_warning() -> None:
    seen = shown(item(INDICATOR, MALWARE), item(MALWARE, audience=(GAMMA,)))

    (finding,) = row(seen, INDICATOR).findings
    assert row(seen, INDICATOR).released
    assert (finding.target, finding.blocks) == (MALWARE, False)
    assert row(seen, INDICATOR, GAMMA).findings == ()


def test_a_reference_to_a_withheld_observable_blocks() -> None:
    seen = shown(item(NOTE, ADDRESS), item(ADDRESS, audience=(GAMMA,)))

    assert not row(seen, NOTE).released
    assert row(seen, NOTE).verdict.allowed
    assert row(seen, NOTE).findings[0].blocks
    assert row(seen, NOTE, GAMMA).released


def test_an_observable_that_is_not_even_in_the_set_blocks_unless_the_recipient_has_it() -> None:
    assert not row(shown(item(NOTE, ADDRESS)), NOTE).released
    given_before = shown(item(NOTE, ADDRESS), has=lambda member, _: member == BETA)
    assert row(given_before, NOTE).released
    assert not row(given_before, NOTE, GAMMA).released


def test_what_is_blocked_blocks_in_turn() -> None:
    seen = shown(item(NOTE, DOMAIN), item(DOMAIN, ADDRESS), item(ADDRESS, audience=(ALFA,)))

    assert not row(seen, DOMAIN).released
    assert not row(seen, NOTE).released
    assert [finding.target for finding in row(seen, NOTE).findings] == [DOMAIN]


def test_observables_that_refer_to_each_other_travel_together() -> None:
    assert all(r.released for r in shown(item(DOMAIN, ADDRESS), item(ADDRESS, DOMAIN)).rows)


def test_definitions_travel_along_with_what_is_released_and_only_with_that() -> None:
    assert shown(item(INDICATOR, MARKING)).definitions == (MARKING,)
    assert row(shown(item(INDICATOR, MARKING)), INDICATOR).findings == ()
    assert shown(item(INDICATOR, MARKING, audience=(ALFA,))).definitions == ()


def test_findings_are_sentences_in_each_language() -> None:
    seen = shown(item(INDICATOR, MALWARE, ADDRESS))
    for finding in row(seen, INDICATOR).findings:
        for language in LANGUAGES:
            assert finding.target in translate(finding.message, language)
            assert "rules." not in translate(finding.message, language)


IDS = (INDICATOR, MALWARE, NOTE, ADDRESS, DOMAIN)


@given(
    st.lists(
        st.builds(
            lambda identifier, targets, audience: item(identifier, *targets, audience=audience),
            st.sampled_from(IDS),
            st.lists(st.sampled_from(IDS), max_size=3),
            st.sampled_from([(BETA, GAMMA), (BETA,), (GAMMA,), ()]),
        ),
        max_size=5,
        unique_by=lambda drawn: drawn.object_id,
    )
)
def test_nothing_released_refers_to_an_observable_that_is_not(items: list[Item]) -> None:
    seen = shown(*items)
    for recipient in (BETA, GAMMA):
        released = {r.object_id for r in seen.rows if r.recipient == recipient and r.released}
        for drawn in items:
            if drawn.object_id in released:
                assert recipient in drawn.entry.envelope.audience
                targets = {reference.id for reference in drawn.references}
                assert targets & {ADDRESS, DOMAIN} <= released
