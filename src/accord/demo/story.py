"""The demonstration: three nodes of an imaginary community live through a story on this machine.

Everything it says is measured from what happened. What does not happen as it must ends it with one
sentence; the processes end and the folder goes in any case.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from accord.base.messages import say
from accord.node.prepare import Order
from accord.node.tokens import NewToken

from .calling_back import call_back
from .community import community
from .deciding import LAG, decide_together
from .ending import ended_by_signals, signals_as_before
from .joining import accede, admit
from .meeting import agree, meet, start_nodes
from .moments import alert, for_bravo_alone, suspend
from .pacing import Pace
from .proving import prove, read_by_taxii, verify
from .reserving import reserve
from .scenario import write_scenario
from .sharing import first_warning, share, sort_out
from .stage import Choice, Stage
from .telling import Teller
from .welcoming import open_pages, show_pages


def run(
    *,
    once: bool,
    language: str,
    objects: Sequence[bytes] | None = None,
    pace: float | None = None,
) -> int:
    """Tell the story and, unless `once`, stay until Ctrl-C; 0, or an `AccordError`.

    `objects` are STIX objects to be shared in the place of those of the story; they are given
    TLP:GREEN where they state no level. `pace`: for how many seconds the story rests between two
    chapters; None: on a terminal until Enter, unless `once`; elsewhere it does not rest.
    """
    teller = Teller(language)
    teller.between = Pace(teller, pace, once=once).rest
    teller.title("demo.title", "demo.about")
    with signals_as_before(), community(LAG, language) as there, ended_by_signals():
        stage = Stage(teller, there)
        tokens = _tell(stage, objects)
        teller.title("demo.end-title", "demo.end-about")
        if not once:
            _stay(stage, tokens)
    if not once:
        teller.done(say("demo.stay-ended"))
    return 0


def _tell(stage: Stage, objects: Sequence[bytes] | None) -> dict[str, NewToken]:
    scenario = write_scenario(stage.teller.language)
    start_nodes(stage)
    open_pages(stage, stage.members)
    meet(stage)
    agree(stage)
    plain = Choice(Order(agreement=stage.agreement))
    choice = plain
    if objects is not None:
        choice = Choice(Order(agreement=stage.agreement, tlp="green"), ("--tlp green",))
    first_warning(stage, scenario.first, plain)
    released = sort_out(stage, objects if objects is not None else scenario.bulk, choice)
    share(stage, released, choice)
    for_bravo_alone(stage, scenario.for_one)
    alert(stage, scenario.alert)
    suspend(stage, scenario.update)
    call_back(stage, scenario.update)
    decide_together(stage)
    admit(stage)
    view = reserve(stage, scenario.later)
    accede(stage, view)
    tokens = read_by_taxii(stage)
    verify(stage)
    prove(stage)
    return tokens


def _stay(stage: Stage, tokens: dict[str, NewToken]) -> None:
    """Leave the nodes running, say how they are reached, and wait for Ctrl-C."""
    teller = stage.teller
    teller.between = lambda: None
    teller.chapter("demo.stay-title", "demo.stay-about")
    teller.table(
        ("demo.col-member", "demo.col-address"),
        [
            (each.name, f"{each.url}/taxii2/\n{made.name}:{made.token}")
            for each in stage.members
            for made in (tokens[each.slug],)
        ],
    )
    show_pages(stage, stage.members)
    teller.say("demo.stay-home")
    teller.link(f"{_program()} peer list --home {stage.charlie.folder}")
    teller.say("demo.stay-until")
    sys.stdout.flush()
    try:
        while True:
            signal.pause()
    except KeyboardInterrupt:
        teller.line_break()


def _program() -> str:
    """How `accord` is called from here."""
    beside = Path(sys.executable).with_name("accord")
    if not beside.exists():
        return f"{sys.executable} -m accord"
    here = Path.cwd()
    return str(beside.relative_to(here) if beside.is_relative_to(here) else beside)
