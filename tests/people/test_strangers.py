"""The pages before strangers: what an attacker types, plants or forges comes to nothing."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from litestar.testing import RequestFactory

from accord.node.accounts import NewAccount, add_account, find_account
from accord.node.node import Node
from accord.web.people.places import place_of

from .browsing import Browser, words
from .support import GOOD, OPERATORS_PAGES, OTHER, OWN_PAGES, person


@pytest.mark.parametrize(
    "onward",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "/%0d%0aSet-Cookie:x=y\r\nx: y",
        "accounts",
        "/" + "x" * 3000,
        "",
    ],
)
def test_the_way_on_never_leads_elsewhere(node: Node, browser: Browser, onward: str) -> None:
    person(node)
    answer = browser.sign_in("ann", GOOD, next=onward[:1900])
    assert answer.status_code == 303
    target = urlsplit(answer.headers["location"])
    assert (target.scheme, target.netloc) == ("", "")
    assert target.path.startswith("/")
    assert not target.path.startswith(("//", "/\\"))
    assert not any(each.startswith("x=") for each in answer.headers.get_list("set-cookie"))


def test_the_log_tells_of_a_refusal_and_not_of_whom(
    node: Node, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    person(node)
    browser.get("/sign-in")
    browser.post("/sign-in", {"name": "ann", "password": OTHER})
    (record,) = (each for each in caplog.records if each.msg == "sign-in-refused")
    assert vars(record)["about"] == {"reason": "node.sign-in-failed"}


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(node: Node) -> None:
    person(node)
    for encrypted in (False, True):
        browser = Browser(node, encrypted=encrypted)
        name = browser.session
        assert name.startswith("__Host-") is encrypted
        browser.get("/sign-in")
        answer = browser.post("/sign-in", {"name": "ann", "password": GOOD})
        (cookie,) = (
            each for each in answer.headers.get_list("set-cookie") if each.startswith(f"{name}=")
        )
        parts = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"httponly", "samesite=lax", "path=/"} <= parts
        assert ("secure" in parts) is encrypted
        assert not any(part.startswith(("domain", "max-age", "expires")) for part in parts)
        assert browser.get("/account").status_code == 200
        browser.close()


def test_every_answer_forbids_what_pages_do_not_need(signed_in: Browser) -> None:
    for path in ("/sign-in", "/account", "/nowhere"):
        headers = signed_in.get(path).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"


def test_no_page_holds_a_script_or_a_style_of_its_own(node: Node, signed_in: Browser) -> None:
    pages = [signed_in.get(path).text for path in (*OWN_PAGES, *OPERATORS_PAGES)]
    pages.append(signed_in.post("/account/second-step", {"password": GOOD}).text)
    for page in pages:
        assert "<style" not in page
        assert not re.search(r"<script(?![^>]*\bsrc=)", page)
        assert not re.search(r"<[^>]*\s(?:style|on\w+)=", page)


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}],
)
def test_a_form_of_another_site_does_nothing(
    node: Node, signed_in: Browser, headers: dict[str, str]
) -> None:
    answer = signed_in.post("/account", {"display": "Mallory"}, **headers)
    assert answer.status_code == 403
    assert find_account(node, "ann").display == "ann"
    answer = signed_in.post("/sign-in", {"name": "ann", "password": GOOD}, **headers)
    assert answer.status_code == 403


def test_a_form_without_the_mark_of_the_session_does_nothing(
    node: Node, signed_in: Browser
) -> None:
    for token in ("", "x", "0" * 64):
        answer = signed_in.post("/account", {"_csrf_token": token, "display": "Mallory"})
        assert answer.status_code == 403
        assert "nothing was done" in words(answer)
    assert find_account(node, "ann").display == "ann"


HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% raise %}",
    "\u202eevil",
    "\x00",
    "x" * 600,
    "' OR 1=1 --",
    "../../etc/passwd",
    "%00%ff",
    "\r\nSet-Cookie: a=b",
    "👩🏽‍🚀",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_any_field_is_refused_in_words_and_stays_text(
    node: Node, signed_in: Browser, text: str
) -> None:
    for path, fields in (
        ("/account", {"display": text, "language": text, "zone": text, "theme": text}),
        ("/account/password", {"old": text, "new": text, "again": text}),
        ("/account/second-step", {"password": text}),
        ("/account/second-step/confirm", {"code": text}),
        ("/accounts/new", {"name": text, "display": text, "roles": [text], "tlp": text}),
        ("/accounts/ann", {"roles": [text], "tlp": text, "agreements": [text], "reach": "some"}),
        ("/tokens/new", {"name": text, "role": text, "tlp": text, "owner": text}),
        ("/sign-in", {"name": text, "password": text, "next": text}),
        ("/sign-in/code", {"code": text, "next": text}),
        ("/setup", {"name": text, "code": text, "password": text, "again": text}),
    ):
        answer = signed_in.post(path, fields)
        assert answer.status_code < 500, (path, words(answer))
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text
        assert "49" not in words(answer) or "{{" not in text
        assert "set-cookie: a=b" not in str(answer.headers).lower()


def test_hostile_bytes_in_a_cookie_or_an_address_make_nobody(node: Node, browser: Browser) -> None:
    person(node)
    for value in ("x" * 4000, "%00", '"', "\x7f"):
        answer = browser.get("/account", cookie=f"{browser.session}={value}")
        assert answer.status_code == 303
    for path in ("/accounts/%00", "/accounts/%ff", "/accounts/" + "x" * 3000, "/accounts/..%2f"):
        assert browser.get(path).status_code in (303, 400, 404)


def test_what_somebody_called_themselves_stays_text(node: Node, signed_in: Browser) -> None:
    person(node, "bea", "analyst")
    name = "<b>Bea</b> & “co”"
    add_account(node, NewAccount(name="carl", roles=("duty",), display=name))
    page = signed_in.get("/accounts")
    assert "&lt;b&gt;Bea" in page.text
    assert "<b>Bea" not in page.text


@pytest.mark.parametrize(
    "client, forwarded, counted",
    [
        ("127.0.0.1", "198.51.100.9, 192.0.2.7", "192.0.2.7"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("203.0.113.5", "192.0.2.7", "203.0.113.5"),
    ],
)
def test_only_a_proxy_on_this_machine_is_believed_whom_it_speaks_for(
    client: str, forwarded: str, counted: str
) -> None:
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    request = RequestFactory().get("/", headers=headers)
    request.scope["client"] = (client, 40_000)
    assert place_of(request).address == counted
