"""Compiles the message catalogues, `.po` to `.mo`, whenever the package is built or installed.

Run as a program it does the same in the work tree.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent


def compile_catalogues(root: Path) -> list[Path]:
    """Write every `.mo` that is missing or older than its `.po`; the paths written."""
    written = []
    for source in sorted(root.glob("src/accord/locale/*/*.po")):
        compiled = source.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as po, compiled.open("wb") as mo:
            write_mo(mo, read_po(po, locale=source.parent.name, abort_invalid=True))
        written.append(compiled)
    return written


class CompileCatalogues(BuildHookInterface):  # type: ignore[type-arg]
    """The hook that `[tool.hatch.build.hooks.custom]` names."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        compile_catalogues(Path(self.root))


if __name__ == "__main__":
    compile_catalogues(ROOT)
