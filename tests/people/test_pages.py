"""The pages of this room through HTTP, as people use them."""

from __future__ import annotations

import re

import pytest

from accord.base.messages import LANGUAGES
from accord.node.accounts import NewAccount, add_account, find_account, list_accounts
from accord.node.entering import list_sessions, sign_in
from accord.node.node import Node
from accord.node.setting_up import offer_set_up
from accord.node.tokens import add_token, list_tokens, reader_of
from tests.node.support import HandClock

from .browsing import Browser, words
from .support import GOOD, OPERATORS_PAGES, OTHER, OWN_PAGES, App, person, with_app


def test_whoever_is_not_signed_in_is_led_to_it_and_back(node: Node, browser: Browser) -> None:
    person(node)
    away = browser.get("/accounts/ann?x=1")
    assert away.status_code == 303
    assert away.headers["location"] == "/sign-in?next=%2Faccounts%2Fann%3Fx%3D1"
    page = browser.get(away.headers["location"])
    assert 'value="/accounts/ann?x=1"' in page.text
    answer = browser.post(
        "/sign-in", {"name": "ann", "password": GOOD, "next": "/accounts/ann?x=1"}
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/accounts/ann?x=1")


def test_a_wrong_password_says_so_and_keeps_the_name(node: Node, browser: Browser) -> None:
    person(node)
    browser.get("/sign-in")
    answer = browser.post("/sign-in", {"name": "ann", "password": OTHER})
    assert answer.status_code == 403
    assert "Name or password are wrong" in words(answer)
    assert 'value="ann"' in answer.text
    assert OTHER not in answer.text
    for _ in range(5):
        answer = browser.post("/sign-in", {"name": "ann", "password": OTHER})
    assert "Try again in" in words(answer)


def test_the_code_of_the_app_is_asked_for_after_the_password(
    node: Node, clock: HandClock, browser: Browser
) -> None:
    person(node)
    app, codes = with_app(node, clock)
    clock.advance(seconds=30)
    answer = browser.sign_in("ann", GOOD, next="/tokens")
    assert answer.headers["location"] == "/sign-in/code?next=%2Ftokens"
    half = browser.cookies[browser.session]
    assert browser.get("/account").headers["location"] == "/sign-in?next=%2Faccount"
    browser.get("/sign-in/code?next=/tokens")
    wrong = browser.post("/sign-in/code", {"code": "abc", "next": "/tokens"})
    assert wrong.status_code == 403
    assert "The code is wrong" in words(wrong)
    right = browser.post("/sign-in/code", {"code": app.code(), "next": "/tokens"})
    assert right.headers["location"] == "/tokens"
    assert browser.cookies[browser.session] != half
    assert browser.get("/account").status_code == 200
    browser.post("/sign-out")
    browser.sign_in("ann", GOOD)
    assert browser.post("/sign-in/code", {"code": codes[0]}).status_code == 303
    assert find_account(node, "ann").recovery_left == len(codes) - 1


def test_the_second_step_without_the_first_leads_back(browser: Browser) -> None:
    assert browser.get("/sign-in/code").headers["location"] == "/sign-in"
    answer = browser.post("/sign-in/code", {"code": "123456"})
    assert answer.headers["location"] == "/sign-in"


def test_signing_out_ends_the_session_in_the_store_too(node: Node, signed_in: Browser) -> None:
    cookie = signed_in.cookies[signed_in.session]
    assert signed_in.post("/sign-out").headers["location"] == "/sign-in"
    assert list_sessions(node) == []
    signed_in.cookies.set(signed_in.session, cookie)
    assert signed_in.get("/account").status_code == 303


def test_the_first_account_is_made_with_the_printed_code(node: Node, browser: Browser) -> None:
    assert "/setup" in browser.get("/sign-in").text
    code = offer_set_up(node)
    assert browser.get("/setup").status_code == 200
    given = {"code": "wrong", "name": "ann", "display": "Анна", "password": GOOD, "again": GOOD}
    wrong = browser.post("/setup", {**given, "roles": ["analyst"]})
    assert wrong.status_code == 400
    assert "set-up code is wrong" in words(wrong)
    assert "Анна" in wrong.text
    given["code"] = str(code)
    differs = browser.post("/setup", {**given, "again": OTHER, "roles": ["analyst"]})
    assert "two passwords differ" in words(differs)
    assert list_accounts(node) == []
    done = browser.post("/setup", {**given, "roles": ["analyst"]})
    assert (done.status_code, done.headers["location"]) == (303, "/")
    (account,) = list_accounts(node)
    assert account.roles == ("analyst", "operator")
    assert browser.get("/accounts").status_code == 200
    assert browser.get("/setup").headers["location"] == "/sign-in"
    again = browser.post("/setup", {**given, "name": "bea"})
    assert again.status_code == 409
    assert len(list_accounts(node)) == 1


def test_whoever_was_given_a_password_changes_it_before_anything_else(
    node: Node, browser: Browser
) -> None:
    person(node)
    _, given = add_account(node, NewAccount(name="bea", roles=("operator",)))
    browser.sign_in("bea", given)
    for path in OPERATORS_PAGES:
        assert browser.get(path).headers["location"] == "/account/password"
    page = browser.get("/account/password")
    assert "Somebody else chose this password" in words(page)
    for fields, said in (
        ({"old": given, "new": "short", "again": "short"}, "12 to 256 are expected"),
        ({"old": given, "new": OTHER, "again": GOOD}, "two passwords differ"),
        ({"old": GOOD, "new": OTHER, "again": OTHER}, "password is wrong"),
        ({"old": given, "new": given, "again": given}, "is the old one"),
        ({"old": given}, "has to be filled in"),
    ):
        answer = browser.post("/account/password", fields)
        assert answer.status_code == 400
        assert said in words(answer)
    done = browser.post("/account/password", {"old": given, "new": OTHER, "again": OTHER})
    assert done.headers["location"] == "/"
    assert browser.get("/accounts").status_code == 200


def test_language_zone_and_name_are_changed_on_ones_own_page(
    node: Node, signed_in: Browser
) -> None:
    given = {"display": "安娜", "language": "zh", "zone": "Asia/Shanghai", "theme": "dark"}
    assert signed_in.post("/account", given).status_code == 303
    page = signed_in.get("/account")
    assert 'lang="zh-Hans"' in page.text
    assert "安娜" in page.text
    assert 'data-theme="dark"' in page.text
    refused = signed_in.post("/account", {**given, "zone": "Mars/Olympus"})
    assert refused.status_code == 400
    assert "Mars/Olympus" in words(refused)


def test_a_second_step_is_set_up_confirmed_renewed_and_taken_away(
    node: Node, clock: HandClock, signed_in: Browser
) -> None:
    wrong = signed_in.post("/account/second-step", {"password": OTHER})
    assert "password is wrong" in words(wrong)
    shown = signed_in.post("/account/second-step", {"password": GOOD})
    assert '<svg viewBox="' in shown.text
    secret = re.search(r"<pre[^>]*>((?:[A-Z2-7]{4} ?)+)</pre>", shown.text)
    assert secret is not None
    assert secret[1] not in signed_in.get("/account/second-step").text
    app = App(secret[1].replace(" ", ""), clock)
    assert signed_in.post("/account/second-step/confirm", {"code": "1"}).status_code == 400
    done = signed_in.post("/account/second-step/confirm", {"code": app.code()})
    codes = re.findall(r"\b[a-z0-9]{5}-[a-z0-9]{5}\b", words(done))
    assert len(codes) == 10
    assert find_account(node, "ann").second_step
    assert "10 recovery codes are left" in words(signed_in.get("/account/second-step"))
    renewed = signed_in.post("/account/second-step/codes", {"password": GOOD})
    assert not set(codes) & set(re.findall(r"\b[a-z0-9]{5}-[a-z0-9]{5}\b", words(renewed)))
    assert signed_in.post("/account/second-step/drop", {"password": OTHER}).status_code == 400
    assert find_account(node, "ann").second_step
    assert signed_in.post("/account/second-step/drop", {"password": GOOD}).status_code == 303
    assert not find_account(node, "ann").second_step


def test_one_ends_ones_own_sessions_and_nobody_elses(node: Node, signed_in: Browser) -> None:
    person(node, "bea", "analyst")
    sign_in(node, "bea", GOOD)
    sign_in(node, "ann", GOOD)
    (theirs,) = list_sessions(node, "bea")
    assert signed_in.post("/account/sessions/end", {"session": str(theirs.id)}).status_code == 404
    for text in ("x", "-1", "9" * 30, "１"):
        assert signed_in.post("/account/sessions/end", {"session": text}).status_code == 404
    assert len(list_sessions(node, "bea")) == 1
    assert signed_in.post("/account/sessions/end").status_code == 303
    assert len(list_sessions(node, "ann")) == 1
    assert signed_in.get("/account").status_code == 200


def test_an_operator_adds_changes_resets_and_disables(node: Node, signed_in: Browser) -> None:
    chosen = rf'<option value="{node.settings.language}" selected>'
    assert chosen in signed_in.get("/accounts/new").text, "the language of the node, until one asks"
    blank = signed_in.post("/accounts/new", {"name": "bea"})
    assert blank.status_code == 400
    assert "at least one role" in words(blank)
    fields = {"name": "bea", "roles": ["duty"], "tlp": "green", "language": "ru", "reach": "all"}
    made = signed_in.post("/accounts/new", fields)
    password = re.search(r"<pre[^>]*>([a-z0-9-]{19})</pre>", made.text)
    assert password is not None
    assert sign_in(node, "bea", password[1]).complete
    assert find_account(node, "bea").language == "ru"
    page = signed_in.get("/accounts/bea")
    assert re.search(r'value="duty" checked', page.text)
    changed = {"roles": ["analyst", "delegate"], "tlp": "amber", "reach": "some"}
    assert signed_in.post("/accounts/bea", changed).status_code == 303
    account = find_account(node, "bea")
    assert (account.roles, account.tlp, account.agreements) == (
        ("analyst", "delegate"),
        "amber",
        (),
    )
    assert signed_in.post("/accounts/bea/sessions").status_code == 303
    assert list_sessions(node, "bea") == []
    reset = signed_in.post("/accounts/bea/password")
    assert password[1] not in reset.text
    assert signed_in.post("/accounts/bea/disable").status_code == 303
    assert find_account(node, "bea").disabled is not None
    assert signed_in.post("/accounts/bea/enable").status_code == 303
    assert signed_in.post("/accounts/bea/second-step").status_code == 409
    last = signed_in.post("/accounts/ann/disable")
    assert last.status_code == 403
    assert "no operator would be left" in words(last)
    kept = signed_in.post("/accounts/ann", {"roles": ["analyst"], "tlp": "green", "reach": "all"})
    assert kept.status_code == 400
    assert find_account(node, "ann").roles == ("operator",)


def test_an_operator_adds_and_revokes_tokens(node: Node, signed_in: Browser) -> None:
    refused = signed_in.post("/tokens/new", {"name": "a b", "role": "duty", "tlp": "green"})
    assert refused.status_code == 400
    fields = {"name": "tool", "role": "analyst", "tlp": "green", "owner": "ann", "reach": "all"}
    made = signed_in.post("/tokens/new", fields)
    token = re.search(r"<pre[^>]*>(accord_[\w-]+)</pre>", made.text)
    assert token is not None
    reader = reader_of(node, token[1])
    assert reader is not None
    assert reader.person == "ann"
    assert token[1] not in signed_in.get("/tokens").text
    assert signed_in.post("/tokens/tool/revoke").status_code == 303
    assert reader_of(node, token[1]) is None
    assert signed_in.post("/tokens/tool/revoke").status_code == 404
    assert [row.name for row in list_tokens(node)] == ["tool"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_speaks_the_readers_language(
    node: Node, signed_in: Browser, language: str
) -> None:
    add_token(node, "tool", role="analyst", owner="ann")
    signed_in.post("/manner", {"language": language})
    for path in (*OWN_PAGES, *OPERATORS_PAGES, "/sign-in"):
        answer = signed_in.get(path)
        text = words(answer)
        assert answer.status_code == (303 if path == "/sign-in" else 200)
        assert not re.search(r"\b(?:people|web|node)\.[a-z]+", text), (path, text)
