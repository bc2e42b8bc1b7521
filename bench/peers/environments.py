"""Where the peers are installed: under `build/`, by pip, exactly what the lists here name."""

from __future__ import annotations

import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

_LISTS = Path(__file__).parent
_BUILD = _LISTS.parent.parent / "build" / "bench"
_PATIENCE = 600.0  # seconds for an installation


class Unavailable(Exception):
    """A peer cannot be had here; the message says why, for the page."""


def environment(peer: str) -> Path:
    """The folder of an environment with `peer` in it, made where it is not there yet.

    One that was left half-way has no mark and is made again. Raises `Unavailable`.
    """
    wanted = _LISTS / f"{peer}.txt"
    digest = sha256(wanted.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = _BUILD / f"{peer}-{digest}"
    mark = folder / ".installed"
    if not mark.is_file():
        print(f"Installing {peer} into {folder} ...", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        _run([sys.executable, "-m", "venv", str(folder)], peer)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        _run([*pip, "--disable-pip-version-check", "--require-hashes", "-r", str(wanted)], peer)
        mark.touch()
    return folder


def _run(command: list[str], peer: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"{peer} could not be installed: {error}") from None
    if done.returncode:
        why = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise Unavailable(f"{peer} could not be installed: {' '.join(why)[:300] or 'pip failed'}")
