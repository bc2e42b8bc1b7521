"""What was measured, kept under `build/`: a part measured again replaces only its own figures."""

from __future__ import annotations

import subprocess
from pathlib import Path

import msgspec

from .figures import Figure, Grown

_ROOT = Path(__file__).parent.parent


class Skipped(Exception):
    """A part cannot be measured here or yet; the message says why, for the page."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One part: when it was measured, by which program on what, and what came out.

    `run` is the moment at which its run began: parts of one run have the same. `load` is that of
    the machine when the part began, and `commit` the milliseconds of a synchronous commit then.
    `skipped`: why nothing came out.
    """

    run: str
    measured: str
    revision: str
    machine: tuple[str, ...]
    load: float
    commit: float
    seconds: float
    figures: tuple[Figure, ...] = ()
    growth: tuple[Grown, ...] = ()
    skipped: str = ""


class Results:
    """The parts of one scale, by name."""

    def __init__(self, scale: str) -> None:
        self._file = _ROOT / "build" / "bench" / f"results-{scale}.json"

    def parts(self) -> dict[str, Part]:
        """Everything that was measured so far, by whichever runs; nothing of another form."""
        if not self._file.is_file():
            return {}
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=dict[str, Part])
        except msgspec.ValidationError:
            return {}

    def keep(self, name: str, part: Part) -> None:
        """Put one part in the place of its former figures."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        written = msgspec.json.format(msgspec.json.encode(self.parts() | {name: part}))
        self._file.with_suffix(".new").write_bytes(written)
        self._file.with_suffix(".new").replace(self._file)


def revision() -> str:
    """The commit that is measured, marked when files differ from it; "unknown" without git."""
    asked = ["git", "-C", str(_ROOT), "describe", "--always", "--dirty=, changed since"]
    done = subprocess.run(asked, capture_output=True, text=True)
    return done.stdout.strip() or "unknown"
