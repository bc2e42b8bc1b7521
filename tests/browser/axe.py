"""The accessibility checker (axe-core), run in a page: WCAG 2.2 A and AA, and no violation."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.conftest import ROOT

FILE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@cache
def _source(path: Path) -> str:
    return path.read_text("utf-8")


def violations(page: Page) -> list[str]:
    """One line for each element at fault: rule, what it asks, where.

    The script is handed to the browser by its debugger, so the page's policy stays as it is.
    """
    page.evaluate(_source(FILE))
    asked = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
    found: dict[str, Any] = page.evaluate("options => axe.run(document, options)", asked)
    return [
        f"{rule['id']}: {rule['help']}: {node['target'][0]}: {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
