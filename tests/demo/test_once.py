"""The demonstration from end to end, as a person starts it, and what it says it measured."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from html import unescape
from pathlib import Path

import httpx
import psutil
import pytest
from rich.cells import cell_len

from accord.base.messages import LANGUAGES, say, translate
from accord.demo.scenario import Scenario, write_scenario
from accord.demo.welcoming import NAME, PASSWORD

WITHHELD = 9  # two marked red, five unmarked, one about a person, one that names a red address
FIGURES = ("number", "seconds", "milliseconds", "place", "witnesses", "hash")


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "accord", "demo", *arguments]


def environment(folder: Path) -> dict[str, str]:
    """A folder of its own for what is temporary, so that what is left over would be seen."""
    return {**os.environ, "TMPDIR": str(folder), "PYTHONUNBUFFERED": "1"}


def tell(folder: Path, *arguments: str) -> str:
    """Run it through; what it said."""
    ran = subprocess.run(
        command("--once", *arguments),
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr
    assert ran.stderr == ""
    return ran.stdout


def pressed(text: str) -> str:
    """Without blanks, so that it does not matter where a line was broken."""
    return "".join(text.split())


def said(text: str, language: str, key: str, **known: str | int) -> dict[str, str]:
    """The figures in a sentence that must have been said with what is `known` of it."""
    open_ = {name: f"<{name}>" for name in FIGURES if name not in known}
    sentence = re.escape(pressed(translate(say(key, **known, **open_), language)))
    pattern = re.sub(r"<(\w+)>", r"(?P<\1>[\\d.,]+)", sentence)
    found = re.search(pattern, pressed(text))
    assert found is not None, sentence
    return found.groupdict()


def check_facts(text: str, language: str) -> None:
    """What must have happened, whatever the words."""
    scenario = write_scenario(language)
    alfa, bravo, charlie, delta = (
        translate(say(f"demo.member-{slug}"), language)
        for slug in ("alfa", "bravo", "charlie", "delta")
    )
    said(text, language, "demo.nodes-done", number=3)
    said(text, language, "demo.meet-done", number=24, first=alfa, second=bravo, third=charlie)
    late = said(text, language, "demo.first-done", number=len(scenario.first))
    assert float(late["seconds"].replace(",", ".")) < 10
    said(text, language, "demo.sort-refused", count=WITHHELD)
    said(text, language, "demo.sort-done", count=WITHHELD, name=alfa)
    said(text, language, "demo.share-done", count=len(scenario.bulk) - WITHHELD)
    place = len(scenario.first) + len(scenario.bulk) - WITHHELD + 2  # the proposal, a signature
    said(text, language, "demo.one-done", name=bravo, other=charlie, author=alfa, place=place)
    alert = said(text, language, "demo.alert-done")
    assert 0 < int(alert["milliseconds"]) < 5000
    said(text, language, "demo.suspend-done", name=bravo)
    title = translate(say("demo.title-lists"), language)
    agreed = translate(say("demo.quoted", text=title), language)
    said(text, language, "demo.council-done", agreement=agreed, name=charlie)
    said(text, language, "demo.join-done", name=delta)
    said(text, language, "demo.reserve-done", name=bravo, other=charlie)
    said(text, language, "demo.accede-done", name=delta, number=open_to_all(scenario))
    read = said(text, language, "demo.taxii-done", name=charlie)
    assert int(read["number"]) > len(scenario.first) + len(scenario.bulk) - WITHHELD
    said(text, language, "demo.verify-done", number=16)
    said(text, language, "demo.prove-holds", name=alfa, place=place + 1)
    said(text, language, "demo.prove-altered")


def open_to_all(scenario: Scenario) -> int:
    """Of all that was published, what was neither for one member alone nor called back."""
    return (
        sum(len(getattr(scenario, part)) for part in ("first", "bulk", "alert", "later")) - WITHHELD
    )


def check_form(text: str) -> None:
    """Plain text that fits 80 columns, but for the one address that is to be copied."""
    assert "\x1b" not in text
    assert "\r" not in text
    wide = [line for line in text.splitlines() if cell_len(line) > 80]
    assert [line for line in wide if "/objects/" not in line] == []
    assert not re.search(r"\b(demo|rules|node|base)\.[a-z-]+\b", text), "a key was shown"


def check_reasons(text: str, language: str) -> None:
    """Why something was withheld, in the reader's words."""
    for key, arguments in (
        ("rules.tlp-missing", {}),
        ("rules.tlp-above", {"tlp": "RED", "ceiling": "AMBER"}),
        ("rules.personal-not-allowed", {"path": "identity_class"}),
        (
            "rules.narrowed-by-party",
            {
                "member": translate(say("demo.member-charlie"), language),
                "term": "tlp_ceiling",
                "allowed": "GREEN",
                "found": "AMBER",
            },
        ),
        ("demo.statement-no", {}),
    ):
        assert pressed(translate(say(key, **arguments), language)) in pressed(text)


@pytest.mark.slow
@pytest.mark.timeout(700)  # a loaded machine tells it ten times more slowly
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_runs_through_and_tells_what_happened(language: str, tmp_path: Path) -> None:
    text = tell(tmp_path, "--lang", language)
    check_form(text)
    check_facts(text, language)
    check_reasons(text, language)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_it_shows_whatever_stix_it_is_given(tmp_path: Path) -> None:
    base = {"spec_version": "2.1", "created": "2026-01-01T00:00:00.000Z"}
    base["modified"] = base["created"]
    numbers = iter(range(10))

    def campaign(**fields: object) -> str:
        name = f"campaign--00000000-0000-4000-8000-{next(numbers):012}"
        return json.dumps({"type": "campaign", "id": name, "name": "x", **base, **fields})

    red = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
    lines = [campaign(), campaign(object_marking_refs=[red]), campaign(name=7)]
    file = tmp_path / "given.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    text = tell(tmp_path, "--lang", "en", "--data", str(file))
    check_form(text)
    said(text, "en", "demo.sort-invalid", count=1)
    said(text, "en", "demo.sort-done", count=1, name="CERT Alfa")
    said(text, "en", "demo.share-done", count=1)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_whoever_stops_it_finds_nothing_left(number: signal.Signals, tmp_path: Path) -> None:
    running = subprocess.Popen(
        command("--lang", "en"), env=environment(tmp_path), stdout=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    for line in running.stdout:
        if "agreement propose" in line:
            break
    assert len(psutil.Process(running.pid).children()) == 3
    left = psutil.Process(running.pid).children(recursive=True)  # what the nodes started, too
    running.send_signal(number)
    running.communicate(timeout=90)
    assert running.returncode not in (0, -signal.SIGTERM, -signal.SIGHUP)
    assert list(tmp_path.iterdir()) == []
    assert psutil.wait_procs(left, timeout=10)[1] == []


@pytest.mark.slow
def test_its_nodes_end_with_it_however_it_ends(tmp_path: Path) -> None:
    running = subprocess.Popen(
        command("--lang", "en"), env=environment(tmp_path), stdout=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    for line in running.stdout:
        if "agreement propose" in line:
            break
    left = psutil.Process(running.pid).children(recursive=True)
    assert len(left) >= 3
    running.kill()
    running.communicate(timeout=90)
    assert psutil.wait_procs(left, timeout=60)[1] == []


def greeted(url: str) -> str:
    """Sign in with what the demonstration says; the language of the page that then opens."""
    with httpx.Client(base_url=url, trust_env=False, timeout=60) as browser:
        form = browser.get("/sign-in").text
        token = re.search(r'name="_csrf_token" value="([^"]*)"', form)
        assert token is not None
        filled = {"_csrf_token": unescape(token[1]), "name": NAME, "password": PASSWORD}
        assert browser.post("/sign-in", data=filled).status_code == httpx.codes.SEE_OTHER
        opened = browser.get("/account")
    assert opened.status_code == httpx.codes.OK
    language = re.search(r'<html lang="(\w+)', opened.text)
    assert language is not None
    return language[1]


@pytest.mark.slow
def test_it_stays_up_and_says_how_it_is_reached(tmp_path: Path) -> None:
    running = subprocess.Popen(
        command("--lang", "en"), env=environment(tmp_path), stdout=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    lines: list[str] = []
    for line in running.stdout:
        lines.append(line)
        if "Ctrl-C" in line:
            break
    addresses = re.findall(r"(http://127\.0\.0\.\d:\d+)/taxii2/", "".join(lines))
    assert len(addresses) == 4
    pages = re.findall(r"(http://127\.0\.0\.\d:\d+)/ +(\w+)", "".join(lines))
    assert {url for url, _ in pages} == set(addresses)
    for url, language in pages:
        assert greeted(url) == {"English": "en", "Russian": "ru", "Chinese": "zh"}[language]
    time.sleep(0.5)
    assert running.poll() is None
    running.send_signal(signal.SIGINT)
    rest, _ = running.communicate(timeout=90)
    assert "Nothing is left behind" in rest
    assert running.returncode == 0
    assert list(tmp_path.iterdir()) == []
