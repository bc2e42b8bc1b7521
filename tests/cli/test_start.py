"""What a command loads before it does anything."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import typer

from accord.cli.main import Top, build


def test_a_command_made_alone_is_the_one_made_with_all_others() -> None:
    whole: Any = typer.main.get_group(build())
    for name in Top.order:
        alone: Any = typer.main.get_group(build(name))
        assert _shape(alone.commands[name]) == _shape(whole.commands[name])


def _shape(command: Any) -> Any:
    """A command's own words and those below it."""
    options = [(each.name, each.opts, each.help) for each in command.params]
    below = {name: _shape(each) for name, each in getattr(command, "commands", {}).items()}
    return command.help, options, below


def test_a_node_that_asks_nobody_loads_no_client_and_only_the_command_asked_for() -> None:
    code = (
        "import sys, accord.cli.background, accord.cli.main, accord.peers.recovery;"
        "import accord.peers.routes, accord.taxii.routes;"
        "accord.cli.main.build('serve');"
        "print(sorted({'httpx', 'accord.cli.setup', 'accord.cli.members'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['accord.cli.setup']"
