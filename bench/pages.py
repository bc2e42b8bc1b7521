"""The pages on a large node: the time of each at the server, what the first one costs a browser,
and how soon and how cheaply many people see what is new.

The node is Meridia of the seeded community that the tests of pages use, with many more objects,
members and agreements. A page is asked for by one client in a row, and read whole. The members
have no nodes, so that nobody is followed meanwhile: this process leads, and does nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from playwright.sync_api import Browser

from accord.base.clock import utc_now
from accord.ledger.card import encode_card
from accord.ledger.keys import RecoveryKey
from accord.node import agreements
from accord.node.founding import first_card
from accord.node.home import HomeSettings, new_keys
from accord.node.indexing import catch_up
from accord.node.indexing import settle as settle_index
from accord.node.members import add_peer, confirm_peer
from accord.node.node import Node
from accord.node.prepare import check_all
from accord.node.private import keep_private
from tests.browser import chromium, texts
from tests.browser.looking import Looker
from tests.browser.pages import address, all_pages, examples
from tests.browser.seeding import Story, seed, settle, terms_from
from tests.browser.served import EVERYTHING, Site, free_urls, online

from . import corpora
from .figures import Bar, Figure, of_runs
from .processes import scratch
from .results import Skipped
from .scale import Scale
from .watching import watched

MEDIAN = Bar(text="≤ 30 ms", at_most=30)
WORST = Bar(text="≤ 80 ms", at_most=80)
TRANSFERRED = Bar(text="≤ 150 kB", at_most=150)
PAINTED = Bar(text="≤ 0.5 s", at_most=500)
SHIFTED = Bar(text="≤ 0.02", at_most=0.02)
_BATCH = 1000  # objects kept in one commit
_TRIES = 9  # of each page, after one that is not counted
_VISITS = 5
_NAMED = 4  # of the slowest pages

# First contentful paint (ms), the sum of layout shifts, and bytes that came over the line.
_PAINT = """async () => {
    let shifted = 0;
    const add = list => list.getEntries().forEach(each => { shifted += each.value; });
    new PerformanceObserver(add).observe({type: 'layout-shift', buffered: true});
    await new Promise(done => setTimeout(done, 500));
    const came = ['navigation', 'resource'].flatMap(kind => performance.getEntriesByType(kind));
    const painted = performance.getEntriesByName('first-contentful-paint')[0].startTime;
    return [painted, shifted, came.reduce((sum, each) => sum + each.transferSize, 0)];
}"""


def measure(folder: Path, scale: Scale) -> list[Figure]:
    """One community, made large, served, and looked at; then made ten times as large."""
    path = chromium.find()
    if path is None:
        raise Skipped("there is no Chromium")
    with scratch() as homes:
        story = seed(homes, free_urls(list(texts.MEMBERS)))
        try:
            _make_large(story, scale)
            story.to_the_present()
            site = Site("meridia", story["meridia"])
            site.add_people()
            supply = corpora.mixed(folder)
            _fill(site.node, islice(supply, scale.indicators))
            with _leading(site.node), online([site]):
                few = _server_times(story, site)
                figures = _times(few, scale)
                with chromium.launched(path) as browser:
                    figures += _first_page(browser, site)
                figures += asyncio.run(watched(story, site, scale.watchers))
                _fill(site.node, islice(supply, scale.huge - scale.indicators))
                return figures + _grown(few, _server_times(story, site), scale)
        finally:
            story.close()


def _make_large(story: Story, scale: Scale) -> None:
    """Members first: whoever is confirmed later has all that is there judged for it."""
    meridia, haichuan = story["meridia"], story["haichuan"]
    for number in range(scale.members - len(texts.MEMBERS)):
        _befriend(meridia, number)
    for number in range(scale.agreements):
        text = terms_from(story, "agreement", ("meridia", "haichuan"), name=f"Text {number}")
        view = agreements.propose(meridia, text)
        agreements.sign(meridia, view.id, sha256=None, person="A. Okoro", office="Director")
    settle(story, ("meridia", "haichuan"))
    for view in agreements.list_agreements(haichuan):
        if view.standing.state == "proposed" and len(view.terms.parties) == 2:
            agreements.sign(haichuan, view.id, sha256=None, person="H. Lin", office="Director")
    settle(story, ("meridia", "haichuan"))


def _fill(node: Node, raws: Iterator[bytes]) -> None:
    """Objects of this member's own, indexed."""
    while batch := list(islice(raws, _BATCH)):
        keep_private(node, check_all(node, batch)[0], "desk")
    catch_up(node)
    settle_index(node)


def _befriend(node: Node, number: int) -> None:
    """A confirmed member whose address nobody answers at."""
    keys = new_keys()
    settings = HomeSettings(name=f"Member {number}", url=f"http://127.0.0.1:1/{number}")
    card = first_card(settings, keys, RecoveryKey.generate(), utc_now())
    raw = encode_card(card, keys.ledger, keys.witness, keys.transport)
    add_peer(node, settings.url, raw)
    confirm_peer(node, card.member, card.fingerprint.hex())


@contextmanager
def _leading(node: Node) -> Iterator[None]:
    """No process that serves the node follows, indexes or purges meanwhile."""
    lead = node.store.try_lead()
    if lead is None:
        raise RuntimeError("another process leads")
    try:
        yield
    finally:
        lead.release()


def _server_times(story: Story, site: Site) -> dict[str, float]:
    """Every page by its path, with its milliseconds."""
    known, cookie = examples(story), site.cookie(EVERYTHING, "en")
    paths = [address(page, known) for page in all_pages() if not page.anonymous]
    return {path: _asked(site, path, cookie) for path in dict.fromkeys(paths)}


def _times(taken: dict[str, float], scale: Scale) -> list[Figure]:
    slowest, *others = sorted(taken, key=lambda path: -taken[path])[:_NAMED]
    stored = f"{scale.indicators:,} objects, {scale.members} members, {scale.agreements} agreements"
    about = f"{len(taken)} pages at {stored}"
    return [
        of_runs("page", f"{about}, median page", "ms", MEDIAN, [median(taken.values())]),
        of_runs(
            *("page-worst", "the worst of these pages", "ms", WORST, [taken[slowest]]),
            note=f"it is {_called(slowest)}; then {', '.join(map(_called, others))}",
        ),
    ]


def _grown(few: dict[str, float], many: dict[str, float], scale: Scale) -> list[Figure]:
    """What ten times the objects cost: the median page and the worst against those of before."""
    bar = Bar(text=f"≤ 1.5 × at {scale.indicators:,}", at_most=1.5)
    figures = []
    for name, which in (("median page", median), ("worst page", max)):
        before, after = which(few.values()), which(many.values())
        figures.append(
            of_runs(
                *(f"grown {name}", f"{name} at {scale.huge:,} objects", "×", bar, [after / before]),
                note=f"{after:.1f} ms beside {before:.1f}",
            )
        )
    return figures


def _called(path: str) -> str:
    """A page without the ids of what it shows."""
    return f"`{path.partition('?')[0].split('--')[0]}`"


def _asked(site: Site, path: str, cookie: str) -> float:
    """Milliseconds until a page is read whole, the median of several tries."""
    connection = HTTPConnection(urlsplit(site.url).netloc)
    taken = []
    for _ in range(_TRIES + 1):
        start = time.perf_counter()
        connection.request("GET", path, headers={"Cookie": f"{site.session}={cookie}"})
        answer = connection.getresponse()
        answer.read()
        taken.append((time.perf_counter() - start) * 1000)
        if answer.status != 200:
            raise RuntimeError(f"{path}: status {answer.status}")
    connection.close()
    return median(taken[1:])


def _first_page(browser: Browser, site: Site) -> list[Figure]:
    """The home page in a browser that has never been there."""
    seen: list[Sequence[float]] = []
    for _ in range(_VISITS):
        looker = Looker(browser, site)
        looker.sign_in(EVERYTHING, "en")
        looker.open("/")
        seen.append(looker.page.evaluate(_PAINT))
        looker.context.close()
    painted, shifted, moved = zip(*seen, strict=True)
    return [
        of_runs(
            "first-page", "first page, transferred", "kB", TRANSFERRED, [m / 1000 for m in moved]
        ),
        of_runs("first-paint", "first page, first contentful paint", "ms", PAINTED, list(painted)),
        of_runs("first-shift", "first page, layout shift", "", SHIFTED, list(shifted)),
    ]
