"""Copies what the web pages use in the browser from npm packages into the package.

    python tools/copy_assets.py STAMP

Installs what `package-lock.json` names (`npm ci`, no install scripts) and copies the files below,
with their licences, to `src/accord/web/assets/`, which git ignores and the wheel carries. The file
STAMP is written when all are there. The pages work without them, so it always exits 0: where Node
is missing or the registry cannot be reached, it says so in one line.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "src" / "accord" / "web" / "assets"
SECONDS = 120.0  # for all of npm

FILES = {  # in node_modules: as it is called here
    "cytoscape/dist/cytoscape.min.js": "cytoscape.js",
    "cytoscape/LICENSE": "cytoscape.LICENSE.txt",
    "htmx-ext-sse/dist/sse.min.js": "sse.js",
    "htmx-ext-sse/LICENSE": "htmx-ext-sse.LICENSE.txt",
    "htmx.org/dist/htmx.min.js": "htmx.js",
    "htmx.org/LICENSE": "htmx.LICENSE.txt",
    "world-atlas/LICENSE": "world-atlas.LICENSE.txt",
    "world-atlas/countries-50m.json": "countries-50m.json",
    "world-atlas/land-110m.json": "land-110m.json",
}


def install(root: Path) -> str:
    """Lay `node_modules`; "" when it is there, else why not, in one line."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return "Node.js and npm are not installed"
    quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    patience = ("--prefer-offline", "--fetch-retries=1", "--fetch-timeout=20000")
    try:
        done = subprocess.run(
            [npm, "ci", *quiet, *patience],
            cwd=root,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"npm did not end in {SECONDS:.0f} seconds"
    if done.returncode == 0:
        return ""
    said = [line.strip() for line in (done.stderr + done.stdout).splitlines() if line.strip()]
    return f"npm: {said[0] if said else done.returncode}"


def copy(modules: Path, target: Path) -> str:
    """Copy every file, or none; "" when all are there, else which one is missing."""
    missing = [name for name in FILES if not (modules / name).is_file()]
    if missing:
        return f"not in the npm packages: {missing[0]}"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for name, called in FILES.items():
        shutil.copyfile(modules / name, target / called)
    return ""


def main(stamp: Path) -> int:
    problem = install(ROOT) or copy(ROOT / "node_modules", TARGET)
    if problem:
        print(f"The pages do without live updates, graph and map: {problem}.")
    else:
        stamp.touch()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
