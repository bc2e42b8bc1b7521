"""Whatever a member writes into its fields is shown as text, and as nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from playwright.sync_api import Browser

from tests.browser.hostile import HOST, TURNED, write_hostile
from tests.browser.looking import Looker
from tests.browser.pages import PageExample, address, all_pages, examples
from tests.browser.seeding import Story
from tests.browser.served import EVERYTHING, Site

pytestmark = pytest.mark.browser

PAGES = [
    pytest.param(page, id=f"{page.room}-{page.name}") for page in all_pages() if not page.anonymous
]

# What there must be none of, as a reader's browser sees the page.
FAULTS = """host => {
    const all = [...document.querySelectorAll('*')];
    const named = (what, list) => list.map(e => what + ': ' + e.outerHTML.slice(0, 160));
    const keeper = e => getComputedStyle(e).unicodeBidi.match(/isolate|plaintext/)
        ? e : keeper(e.parentElement);
    const alone = text => keeper(text.parentElement).textContent.trim() === text.data.trim();
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const turned = [];
    while (texts.nextNode())
        if (/[\\u202a-\\u202e\\u2066-\\u2069]/.test(texts.currentNode.data)
            && texts.currentNode.parentElement.localName !== 'textarea'
            && !alone(texts.currentNode))
            turned.push(texts.currentNode.parentElement);
    return [
        ...(window.taken === undefined ? [] : ['a script of theirs ran']),
        ...named('script', all.filter(e => e.localName === 'script' && !e.src
            && !/json/.test(e.type))),
        ...named('handler', all.filter(e => [...e.attributes].some(a => /^on/.test(a.name)))),
        ...named('link', all.filter(e => ['href', 'src', 'action', 'data'].some(
            name => /^\\s*javascript:/i.test(e.getAttribute(name) || '')
                || (e.getAttribute(name) || '').includes('//' + host)))),
        // what our own scripts draw, they style; the picture of relationships may be there by now
        ...named('style', all.filter(e => e.hasAttribute('style')
            && e.closest('svg, .graph') === null)),
        ...named('turned', turned),
        ...(document.body.innerText.includes('49{%') ? ['a template of theirs ran'] : []),
    ];
}"""


@pytest.fixture(scope="module")
def known(story: Story, members_online: Mapping[str, Site]) -> dict[str, tuple[str, ...]]:
    """The examples, with what Severia wrote in the place of what honest members did."""
    assert members_online
    return {**examples(story), **write_hostile(story)}


@pytest.fixture(scope="module")
def telephone(browser: Browser, members_online: Mapping[str, Site]) -> Iterator[Looker]:
    looker = Looker(browser, members_online["meridia"], width=360)
    looker.sign_in(EVERYTHING, "en")
    yield looker
    looker.context.close()


@pytest.mark.parametrize("page", PAGES)
def test_hostile_content_stays_text(
    page: PageExample, known: Mapping[str, tuple[str, ...]], telephone: Looker
) -> None:
    telephone.errors.clear()
    telephone.strangers.clear()
    assert telephone.open(address(page, known)) == 200
    assert telephone.page.evaluate(FAULTS, HOST) == []
    assert telephone.strangers == []
    assert telephone.errors == []
    assert telephone.overflow <= 0


def test_what_is_looked_for_is_found(telephone: Looker) -> None:
    """The same look at a page that does everything wrong."""
    telephone.page.goto("about:blank")
    telephone.page.set_content(
        f"<p onclick='1'>by <i>{TURNED}</i></p><p>by <bdi>{TURNED}</bdi></p>"
        f"<a href='javascript:1'>x</a><a href='https://{HOST}/'>y</a>"
        "<script>window.taken = 1</script><p style='color: red'>49{% raw</p>"
    )
    found = telephone.page.evaluate(FAULTS, HOST)
    kinds = sorted(str(fault).split(":")[0] for fault in found)
    assert kinds == [
        *("a script of theirs ran", "a template of theirs ran"),
        *("handler", "link", "link", "script", "style", "turned"),
    ]
