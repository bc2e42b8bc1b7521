"""A shell that asks how a line goes on is told, in the reader's language."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from accord.cli.completing import SHELLS

from .conftest import Accord


def _asked(**variables: str) -> str:
    kept = {name: value for name, value in os.environ.items() if name != "ACCORD_HOME"}
    done = subprocess.run(
        [sys.executable, "-m", "accord"],
        env={**kept, "LC_ALL": "ru_RU.UTF-8", **variables},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert "Traceback" not in done.stderr
    return done.stdout


def test_commands_and_options_are_offered() -> None:
    bash = {"_ACCORD_COMPLETE": "complete_bash"}
    assert _asked(**bash, COMP_WORDS="accord token ", COMP_CWORD="2").split() == [
        *("add", "list", "revoke"),
    ]
    assert "--role" in _asked(**bash, COMP_WORDS="accord token add --r", COMP_CWORD="3").split()


def test_what_a_command_does_is_told_in_the_readers_language() -> None:
    said = _asked(_ACCORD_COMPLETE="complete_zsh", _TYPER_COMPLETE_ARGS="accord tok")
    assert '"token"' in said
    assert "cli." not in said
    assert any("а" <= char <= "я" for char in said)


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_understands_its_script(accord: Accord, shell: str, tmp_path: Path) -> None:
    script = accord("completion", shell).out
    assert "_ACCORD_COMPLETE=complete_" in script
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    file = tmp_path / "script"
    file.write_text(script, encoding="utf-8")
    subprocess.run([program, "-n", file], check=True)


def test_another_shell_is_refused(accord: Accord) -> None:
    ended = accord("completion", "tcsh")
    assert (ended.code, "tcsh" in ended.err) == (2, True)
