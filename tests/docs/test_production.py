"""docs/run-in-production.md, line by line, below another root and without a service manager."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.docs.pages import blocks, section, table, text_of

PAGE = "docs/run-in-production.md"
SECONDS = 60.0
FOLDERS = ("/var/lib/accord", "/etc", "/opt/accord", "/usr/local")
SKIPPED = ("useradd ", "podman ", "install -m 644 deploy/accord.service")
PIP = ("python3 -m venv", "/opt/accord/bin/pip ")


class Machine:
    """A machine below a folder: its commands, and what systemd would do with the unit."""

    def __init__(self, root: Path, *, real: bool) -> None:
        self.root = root
        self.real = real
        self.port = _free_port()
        self.log = root / "accord.log"
        self.said: dict[str, str] = {}
        self._service: subprocess.Popen[bytes] | None = None
        for folder in ("etc/bash_completion.d", "usr/local/share/man/man1", "var/lib"):
            (root / folder).mkdir(parents=True)
        if not real:
            self._pretend_installed()
        kept = {name: value for name, value in os.environ.items() if name != "ACCORD_HOME"}
        self._environment = kept | {
            "ACCORD_HOME": f"{root}/var/lib/accord",
            "PATH": f"{root}/opt/accord/bin:{os.environ['PATH']}",
        }

    def do(self, line: str) -> None:
        """Run one line of the page."""
        if line.startswith("systemctl "):
            self._systemctl(line.split()[1])
        elif not line.startswith(SKIPPED) and (self.real or not line.startswith(PIP)):
            command = self._here(line.removeprefix("runuser -u accord -- "))
            done = subprocess.run(
                ["sh", "-ec", command],
                cwd=ROOT,
                env=self._environment,
                capture_output=True,
                text=True,
                timeout=600,
            )
            assert done.returncode == 0, (line, done.stdout, done.stderr)
            self.said[line] = done.stdout

    def stop(self) -> None:
        if self._service is not None:
            self._service.send_signal(signal.SIGTERM)
            self._service.communicate(timeout=SECONDS)
            assert self._service.returncode == 0
            self._service = None

    def _systemctl(self, verb: str) -> None:
        if verb == "stop":
            self.stop()
        elif verb in ("enable", "start"):
            self._start()

    def _start(self) -> None:
        """Start what the unit starts, with the credentials it loads, its log appended to a file."""
        unit = re.sub(r"\\\n\s*", " ", (ROOT / "deploy/accord.service").read_text("utf-8"))
        (line,) = re.findall(r"^ExecStart=(.+)$", unit, re.MULTILINE)
        given = self.root / "credentials"
        given.mkdir(exist_ok=True)
        for name, source in re.findall(r"^LoadCredential=(\S+?):(\S+)$", unit, re.MULTILINE):
            shutil.copy(self._here(source), given / name)
        words = shlex.split(self._here(line.replace("${CREDENTIALS_DIRECTORY}", str(given))))
        with self.log.open("ab") as log:
            self._service = subprocess.Popen(
                words, env=self._environment, stdout=subprocess.PIPE, stderr=log
            )
        assert self._service.stdout is not None
        assert b"answers at" in self._service.stdout.readline()

    def _here(self, line: str) -> str:
        line = line.replace("-o accord -g accord ", "").replace("8100", str(self.port))
        for folder in FOLDERS:
            line = re.sub(rf"(?<![\w./]){folder}\b", f"{self.root}{folder}", line)
        return line

    def _pretend_installed(self) -> None:
        program = self.root / "opt/accord/bin/accord"
        program.parent.mkdir(parents=True)
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -m accord "$@"\n', encoding="utf-8")
        program.chmod(0o755)


@pytest.fixture(params=[False, pytest.param(True, marks=pytest.mark.slow)], ids=["quick", "pip"])
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Machine]:
    for program in ("openssl", "curl"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    made = Machine(tmp_path, real=request.param)
    yield made
    made.stop()


@pytest.mark.timeout(1200)
def test_the_page_works_as_it_stands(machine: Machine) -> None:
    for block in blocks(text_of(PAGE), "sh"):
        for line in block.splitlines():
            machine.do(line)
    answers = [said for line, said in machine.said.items() if line.endswith("/readyz")]
    assert all(json.loads(said) == {"ready": True, "lacks": []} for said in answers)
    (scraped,) = (said for line, said in machine.said.items() if line.endswith("/metrics"))
    assert "\naccord_entries_appended_total 0\n" in scraped
    assert (machine.root / "usr/local/share/man/man1/accord.1").stat().st_size > 5000
    _rotate(machine.log)
    machine.stop()
    events = [json.loads(line)["event"] for line in machine.log.read_text("utf-8").splitlines()]
    assert events == ["stopping", "stopped"]


def _rotate(log: Path) -> None:
    """What `copytruncate` of logrotate does."""
    until = time.monotonic() + SECONDS
    while log.read_text("utf-8").count('"ready"') < 2:
        assert time.monotonic() < until
        time.sleep(0.05)
    shutil.copy(log, log.with_suffix(".1"))
    os.truncate(log, 0)


def test_every_metric_there_is_stands_in_the_table() -> None:
    rows = table(section(PAGE, "Metrics"))
    named = {name for row in rows for name in row[1].split(", ")}
    sources = (ROOT / "src/accord/monitoring").glob("*.py")
    text = "".join(path.read_text("utf-8") for path in sources)
    made = set(re.findall(r'"((?:accord|process)_[a-z_]+)"', text))
    made |= {f"accord_peer_{name}" for name in re.findall(r'gauge\(\s+"([a-z_]+)",', text)}
    assert named == made


def test_every_event_there_is_stands_in_the_table() -> None:
    named = {name for row in table(section(PAGE, "Log")) for name in row[0].split(", ")}
    calls = re.compile(
        r'(?:\btell\(\s*log,\s*[\w.]+,\s*|logging\.\w+, |facts\["event"\] = )"([a-z-]+)"'
    )
    made = {
        name
        for path in (ROOT / "src/accord").rglob("*.py")
        for name in calls.findall(path.read_text("utf-8"))
    }
    assert named == made


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
