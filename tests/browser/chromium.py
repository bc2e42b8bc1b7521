"""A Chromium to test with: which one, how it is started, and how it comes onto the machine.

    python -m tests.browser.chromium

installs Debian's `chromium` and a font with Chinese characters where this is root on a machine with
apt and neither is there; otherwise it says in one line what is missing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

PACKAGES = ("chromium", "fonts-noto-cjk")
_FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
_APT_SECONDS = 300
# No requests of its own: on a closed network each of them would be refused, at every start.
_FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
)


def find() -> str | None:
    """The browser that `ACCORD_CHROMIUM` names, else the system's, else Playwright's own."""
    named = os.environ.get("ACCORD_CHROMIUM")
    if named:
        return named if Path(named).is_file() else None
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).is_file() else None


@contextmanager
def launched(path: str) -> Iterator[Browser]:
    """The browser, running without a window."""
    with sync_playwright() as playwright:
        browser = launch(playwright, path)
        yield browser
        browser.close()


def launch(playwright: Playwright, path: str) -> Browser:
    """As root it has no sandbox: what it shows comes from our own nodes on this machine."""
    flags = [*_FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    return playwright.chromium.launch(executable_path=path, args=flags)


def install() -> str:
    """What there is to say: "" when nothing was missing or all of it was installed."""
    if find() is not None and (_FONT.is_file() or "ACCORD_CHROMIUM" in os.environ):
        return ""
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return f"Browser tests need {' and '.join(PACKAGES)} (or ACCORD_CHROMIUM); skipped."
    sys.stderr.write(f"Installing {' and '.join(PACKAGES)} for the browser tests (once) ...\n")
    for words in (("update", "-qq"), ("install", "-qq", "--no-install-recommends", *PACKAGES)):
        done = _apt(apt, *words)
        if done:
            return f"apt-get {words[0]}: {done}"
    return ""


def _apt(apt: str, *words: str) -> str:
    """Run it; "" if it went well, else its last line."""
    silent = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            [apt, words[0], "-y", *words[1:]],
            env=silent,
            capture_output=True,
            text=True,
            timeout=_APT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"no end after {_APT_SECONDS} seconds"
    said = (done.stderr or done.stdout).strip().splitlines()
    return "" if done.returncode == 0 else (said[-1] if said else str(done.returncode))


if __name__ == "__main__":
    if problem := install():
        sys.stderr.write(f"{problem}\n")
