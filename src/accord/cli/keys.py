"""`accord key change`: new keys for this member when the old ones are lost or stolen."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from accord.base.errors import InputError
from accord.base.limits import KIB
from accord.base.messages import say

from .commands import Command, group
from .desk import Desk, at
from .inputs import STDIN, read_text
from .naming import word_list

app = group("cli.help-key")


@app.callback()
def key() -> None:
    """Keeps `change` a command of its own."""


@app.command("change", cls=Command, help="cli.help-key-change")
def change(
    context: typer.Context,
    words: Annotated[str, typer.Option("--words", metavar="FILE", help="cli.opt-words")] = "",
) -> None:
    """Replace ledger, witness and transport key; the recovery key signs the change."""
    from accord.ledger.keys import fingerprint_hex, fingerprint_words
    from accord.node.keychange import change_keys

    desk = at(context)
    with desk.node(lost_keys=True) as node:
        card = change_keys(node, _recovery_words(desk, words))
    in_words = fingerprint_words(card.fingerprint, word_list(desk.language))
    desk.answer(
        {
            "member": card.member,
            "fingerprint": card.fingerprint.hex(),
            "fingerprint_words": in_words,
            "key_changes": len(card.key_changes),
        }
    )
    desk.tell(say("cli.key-changed"))
    desk.details(
        [
            ("cli.col-fingerprint", fingerprint_hex(card.fingerprint)),
            ("cli.col-in-words", " ".join(in_words)),
        ]
    )


def _recovery_words(desk: Desk, file: str) -> str:
    """From a file, the standard input, or a person who types them; never from the command line."""
    if file:
        return read_text(file, 4 * KIB)
    if sys.stdin.isatty():
        return str(typer.prompt(desk.word("cli.ask-words"), hide_input=True))
    if desk.as_json:
        raise InputError("cli.usage-missing", name="--words")
    return read_text(STDIN, 4 * KIB)
