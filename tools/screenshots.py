"""Pictures of every page: three languages, two widths, light and dark, and contact sheets.

    make screenshots ARGS="--room publishing --lang ru"
    make screenshots ARGS=--readme                       # the pictures of README alone

A seeded community is served for it (`tests/browser`). What is made goes to `build/screenshots`:
`<lang>/<room>-<page>-<width>-<theme>.png` and `<lang>/sheet-<n>.png`.
"""

from __future__ import annotations

import argparse
import base64
import html
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import product
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Error

from accord.base.messages import LANGUAGES
from tests.browser import chromium, texts
from tests.browser.looking import NARROW, WIDE, Looker
from tests.browser.pages import PageExample, address, all_pages, examples
from tests.browser.seeding import TRIO, seed
from tests.browser.served import EVERYTHING, Site, free_urls, online

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "build" / "screenshots"
THEMES = ("light", "dark")
SHOTS = tuple(product((WIDE, NARROW), THEMES))
_HIGHEST = 4000  # CSS pixels of a page that are shown
_ROWS = 4  # pages on one sheet
README = {  # the pictures in `docs/pictures`, and the pages that they show
    "situation": "/",
    "preview": "/drafts/{draft:str}",
    "agreement": "/agreements/{agreement:str}/text",
}
_PICTURE = {"x": 0, "y": 0, "width": WIDE, "height": 760, "scale": 1}
_LAST_SAID = 2000  # characters that a node said last

_SHEET = """<!doctype html><meta charset="utf-8"><title>{title}</title>
<style>
body {{ margin: 16px; font: 14px sans-serif; background: #777; color: #fff; width: 1240px }}
h2 {{ font-size: 14px; margin: 14px 0 4px }}
div {{ display: flex; gap: 12px; align-items: flex-start }}
img {{ height: 330px; object-fit: cover; object-position: top; background: #fff }}
img.wide {{ width: 440px }} img.narrow {{ width: 160px }}
</style>{rows}"""


def main() -> int:
    wanted = _read_arguments()
    path = chromium.find()
    if path is None:
        print("There is no Chromium: python -m tests.browser.chromium", file=sys.stderr)
        return 1
    pages = [page for page in all_pages() if _is_wanted(page, wanted)]
    if not wanted.room and not wanted.page and not wanted.readme:
        shutil.rmtree(wanted.into, ignore_errors=True)
    with _served(wanted.member) as (sites, known), chromium.launched(path) as browser:
        if wanted.readme:
            return _picture(browser, sites[wanted.member], known)
        for language in wanted.lang or LANGUAGES:
            folder = wanted.into / language
            folder.mkdir(parents=True, exist_ok=True)
            taken = _take(browser, sites, wanted.member, folder, pages, known)
            sheets = _contact_sheets(browser, folder, taken)
            print(f"{folder}: {len(taken)} pages, {sheets} sheets")
    return 0


def _read_arguments() -> argparse.Namespace:
    reader = argparse.ArgumentParser(prog="make screenshots", description=__doc__)
    reader.add_argument("--lang", action="append", choices=LANGUAGES, help="only this language")
    reader.add_argument("--room", action="append", help="only this room, such as publishing")
    reader.add_argument("--page", help="only pages whose path or example contains this")
    reader.add_argument("--into", type=Path, default=TARGET, help="the folder for them")
    reader.add_argument("--readme", action="store_true", help="the pictures of README alone")
    reader.add_argument("--member", default="meridia", choices=TRIO)
    wanted = reader.parse_args()
    wanted.into = wanted.into.resolve()  # the sheets are read by the browser
    return wanted


def _is_wanted(page: PageExample, wanted: argparse.Namespace) -> bool:
    in_room = not wanted.room or page.room in wanted.room
    return in_room and (not wanted.page or wanted.page in f"{page.template} {page.example}")


@contextmanager
def _served(slug: str) -> Iterator[tuple[Mapping[str, Site], Mapping[str, tuple[str, ...]]]]:
    """All members, seeded and answering, with people at one; and what its pages may show."""
    with ExitStack() as leaving:
        folder = Path(leaving.enter_context(tempfile.TemporaryDirectory(prefix="accord-shots-")))
        story = seed(folder, free_urls(list(texts.MEMBERS)))
        leaving.callback(story.close)
        story.to_the_present()
        sites = {each: Site(each, story[each]) for each in texts.MEMBERS}
        sites[slug].add_people()
        leaving.enter_context(online(list(sites.values())))
        yield sites, examples(story)


def _picture(browser: Browser, site: Site, known: Mapping[str, tuple[str, ...]]) -> int:
    """The pictures of README, in English, as WebP: a third of what PNG needs."""
    folder = ROOT / "docs" / "pictures"
    folder.mkdir(exist_ok=True)
    person = Looker(browser, site, width=WIDE, theme="light", language="en")
    person.sign_in(EVERYTHING, "en")
    for name, template in README.items():
        page = next(each for each in all_pages() if each.template == template)
        person.open(address(page, known))
        session = person.context.new_cdp_session(person.page)
        how = {"format": "webp", "quality": 85, "clip": _PICTURE}
        taken = session.send("Page.captureScreenshot", how)
        (folder / f"{name}.webp").write_bytes(base64.b64decode(taken["data"]))
    person.context.close()
    return 0


def _take(
    browser: Browser,
    sites: Mapping[str, Site],
    member: str,
    folder: Path,
    pages: Sequence[PageExample],
    known: Mapping[str, tuple[str, ...]],
) -> dict[str, list[Path]]:
    """The pictures of each page, in the order of `SHOTS`; the folder is named as the language."""
    language = folder.name
    taken: dict[str, list[Path]] = {}
    for width, theme in SHOTS:
        how: dict[str, Any] = {"width": width, "theme": theme, "language": language}
        person = Looker(browser, sites[member], **how)
        person.sign_in(EVERYTHING, language)
        for page in pages:
            file = folder / f"{page.room}-{page.name}-{width}-{theme}.png"
            looker = Looker(browser, sites[page.at], **how) if page.anonymous else person
            if _shoot(looker, page, known, file):
                taken.setdefault(f"{page.room}: {page.template} {page.example}", []).append(file)
            if looker is not person:
                looker.context.close()
        person.context.close()
    return taken


def _shoot(
    looker: Looker, page: PageExample, known: Mapping[str, tuple[str, ...]], file: Path
) -> bool:
    """Whether there is a picture; what is a file to be saved has none, and faults are told."""
    try:
        path = address(page, known)
    except (KeyError, StopIteration, RuntimeError):
        print(f"no example “{page.example}” for {page.template}", file=sys.stderr)
        return False
    try:
        status = looker.open(path)
    except Error as error:
        if "Download is starting" not in str(error):
            print(f"{path}: {str(error).splitlines()[0]}", file=sys.stderr)
        return False
    if status >= 400:
        print(f"{path}: status {status}", file=sys.stderr)
    if status >= 500:
        print(looker.site.said[-_LAST_SAID:], file=sys.stderr)
    height = min(max(looker.page.evaluate("document.documentElement.scrollHeight"), 1), _HIGHEST)
    clip = {"x": 0, "y": 0, "width": looker.page.viewport_size["width"], "height": height}  # type: ignore[index]
    looker.page.screenshot(path=file, full_page=True, clip=clip, animations="disabled")  # type: ignore[arg-type]
    return True


def _contact_sheets(browser: Browser, folder: Path, taken: Mapping[str, Sequence[Path]]) -> int:
    """Pages below each other, a few on each sheet. How many sheets."""
    names = list(taken)
    parts = [names[first : first + _ROWS] for first in range(0, len(names), _ROWS)]
    for old in folder.glob("sheet-*.png"):
        old.unlink()
    for number, part in enumerate(parts, 1):
        source = folder / "sheet.html"
        rows = "".join(_row(name, taken[name]) for name in part)
        source.write_text(_SHEET.format(title=folder.name, rows=rows), encoding="utf-8")
        page = browser.new_page(viewport={"width": 1272, "height": 800})
        page.goto(source.as_uri(), wait_until="load")
        page.screenshot(path=folder / f"sheet-{number}.png", full_page=True)
        page.close()
        source.unlink()
    return len(parts)


def _row(name: str, files: Sequence[Path]) -> str:
    pictures = "".join(
        f'<img class="{"narrow" if f"-{NARROW}-" in file.name else "wide"}" src="{file.name}">'
        for file in files
    )
    return f"<h2>{html.escape(name)}</h2><div>{pictures}</div>"


if __name__ == "__main__":
    sys.exit(main())
