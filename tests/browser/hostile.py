"""What a member with bad intentions, or a broken tool, writes into every field that takes text."""

from __future__ import annotations

import json
import time
import uuid
from datetime import timedelta
from typing import Any

from accord.base.clock import format_time
from accord.demo.authoring import TLP
from accord.node import agreements, deciding
from accord.node.councillog import council_of
from accord.node.prepare import Order
from accord.node.publish import publish
from accord.node.replying import Note, Opinion, answer_object
from accord.rules.decisions.effects import Effect
from accord.rules.decisions.motion_file import Moving
from tests.browser.seeding import TRIO, Story, order_under, terms_from

HOST = "attacker.example"
SCRIPT = (
    "<script>window.taken=1</script><img src=x onerror=window.taken=1>"
    f"<svg onload=window.taken=1><a href=https://{HOST}/>"
    "\"'><b onmouseover=window.taken=1>{{ 7 * 7 }}{% raw %}</textarea></title>"
)
TURNED = "report\u202egnp.exe\u2066\u2067"  # shown backwards where it is not kept apart
ENDLESS = "A" * 3000
WORST = f"{TURNED} {SCRIPT}"
LINK = f"javascript:window.taken=1//https://{HOST}/"
_SECONDS = 60.0


def write_hostile(story: Story) -> dict[str, tuple[str, ...]]:
    """Severia writes it, Meridia receives it. The examples that show it, by name."""
    found = {name: (value,) for name, value in _objects(story).items()}
    agreement = _agreement(story)
    return {
        **found,
        "agreement": (agreement.id,),
        "agreement-proposed": (agreement.id,),
        "agreement-text": (agreement.id, agreement.sha256),
        "motion": (_motion(story),),
    }


def _objects(story: Story) -> dict[str, str]:
    severia, moment = story["severia"], format_time(story["severia"].now())
    order = order_under(story)
    kinds: dict[str, dict[str, Any]] = {
        "indicator": {
            "pattern": "[domain-name:value = '<script>window.taken=1</script>']",
            "pattern_type": "stix",
            "valid_from": moment,
            "indicator_types": [WORST],
        },
        "report": {"published": moment, "object_refs": [], "report_types": [WORST]},
        "malware": {"is_family": False, "aliases": [WORST, ENDLESS]},
    }
    made = {name: f"{name}--{uuid.uuid4()}" for name in kinds}
    kinds["report"]["object_refs"] = [made["indicator"], made["malware"]]
    raws = [
        json.dumps(
            {
                "type": name,
                "spec_version": "2.1",
                "id": made[name],
                "created": moment,
                "modified": moment,
                "name": f"{WORST} {ENDLESS}",
                "description": f"{SCRIPT} {ENDLESS} {LINK} {'語' * 20_000}",
                "labels": [WORST],
                "external_references": [
                    {"source_name": WORST, "url": LINK, "description": SCRIPT, "external_id": WORST}
                ],
                "object_marking_refs": [TLP["green"]],
                **fields,
            }
        ).encode()
        for name, fields in kinds.items()
    ]
    publish(severia, raws, order)
    ours = story.made.objects["indicator"]
    answer_object(severia, ours, Note(f"{WORST} {ENDLESS}"), Order(agreement=""))
    answer_object(severia, ours, Opinion("disagree", WORST), Order(agreement=""))
    _wait_for(story, made["report"])
    return {
        "object": made["indicator"],
        "object-received": made["malware"],
        "object-report": made["report"],
    }


def _wait_for(story: Story, object_id: str) -> None:
    """Meridia's process follows Severia's by itself."""
    until = time.monotonic() + _SECONDS
    while not story["meridia"].read(lambda tx: tx.holdings.versions(object_id)):
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.1)


def _agreement(story: Story) -> agreements.AgreementView:
    words = dict.fromkeys(("zh", "ru", "en"), WORST)
    long = dict.fromkeys(("zh", "ru", "en"), f"{SCRIPT}\n{ENDLESS}\n{LINK}")
    text = terms_from(
        story,
        "agreement",
        TRIO,
        name=f"{SCRIPT}"[:200],
        description=f"{WORST} {ENDLESS}",
        titles=words,
        texts=long,
        object_types=None,
    )
    return agreements.propose(story["severia"], text)


def _motion(story: Story) -> str:
    words = dict.fromkeys(("zh", "ru", "en"), WORST)
    long = dict.fromkeys(("zh", "ru", "en"), f"{SCRIPT}\n{ENDLESS}")
    closes = story["severia"].now() + timedelta(days=2)
    order = Moving(titles=words, texts=long, effect=Effect(does="declare"), closes=closes)
    motion = deciding.move(story["severia"], order)
    _wait_for_motion(story, motion)
    return motion


def _wait_for_motion(story: Story, motion: str) -> None:
    node, until = story["meridia"], time.monotonic() + _SECONDS
    while node.read(lambda tx: council_of(node, tx).motion(motion)) is None:
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.1)
