"""`deploy/`: a service unit that systemd takes, a container file that fits the program."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from accord.cli.main import build
from tests.conftest import ROOT

UNIT = ROOT / "deploy/accord.service"
CONTAINER = ROOT / "deploy/Containerfile"


def _text(path: Path) -> str:
    """A file with its continued lines joined."""
    return re.sub(r"\\\n\s*", " ", path.read_text("utf-8"))


def _assert_understood(words: list[str]) -> None:
    """`accord` has this command, with these options, each with its value."""
    program: Any = typer.main.get_command(build())
    command = program.commands[words[0]]
    known = {option for param in command.params for option in param.opts}
    assert set(words[1::2]) <= known
    assert len(words) % 2 == 1


def _systemd_analyze(*words: object) -> subprocess.CompletedProcess[str]:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed")
    return subprocess.run(
        [program, *(str(word) for word in words)], capture_output=True, text=True, timeout=60
    )


def test_systemd_finds_no_fault_in_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "accord.service"
    text = UNIT.read_text("utf-8").replace("/opt/accord/bin/accord", sys.executable)
    unit.write_text(text, encoding="utf-8")
    done = _systemd_analyze("verify", unit)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_unit_is_hardened() -> None:
    done = _systemd_analyze("security", "--offline=yes", UNIT)
    found = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
    if found is None:
        pytest.skip("this systemd-analyze cannot look at a unit file that is not loaded")
    assert float(found[1]) < 2.0


def test_the_unit_starts_a_command_that_there_is() -> None:
    (line,) = re.findall(r"^ExecStart=(.+)$", _text(UNIT), re.MULTILINE)
    program, *words = shlex.split(line)
    assert program == "/opt/accord/bin/accord"
    _assert_understood(words)


def test_the_container_runs_a_command_that_there_is_and_not_as_root() -> None:
    text = _text(CONTAINER)
    (line,) = re.findall(r"^CMD \[(.+)\]$", text, re.MULTILINE)
    _assert_understood(re.findall(r'"([^"]+)"', line))
    final = text.rpartition("\nFROM ")[2]
    assert final.index("\nUSER accord\n") < final.index("\nENTRYPOINT ")
    assert "\nHEALTHCHECK " in final
    assert set(re.findall(r"^FROM (\S+)", text, re.MULTILINE)) == {"python:3.11-slim"}


def test_the_container_copies_what_there_is() -> None:
    for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", _text(CONTAINER), re.MULTILINE):
        for name in sources.split():
            assert (ROOT / name).exists(), name


def test_the_health_check_of_the_container_is_a_program() -> None:
    (line,) = re.findall(r"^HEALTHCHECK .+ CMD (\[.+\])$", _text(CONTAINER), re.MULTILINE)
    _, _, program = re.findall(r'"([^"]+)"', line)
    compile(program, "HEALTHCHECK", "exec")
