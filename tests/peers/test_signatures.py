"""Signed requests: what is verified, and each way in which one can be wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from accord.base.limits import Limits
from accord.ledger.keys import TransportKey, transport_key_id
from accord.peers.faults import BadRequest
from accord.peers.signatures import Request, key_id_of, sign_request, verify_request

LIMITS = Limits()
NOW = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)
URL = "https://alfa.example/log/openings?after=0.0&limit=500"
KEY = TransportKey.from_seed(b"k" * 32)


def verify(
    headers: dict[str, str],
    *,
    url: str = URL,
    method: str = "GET",
    now: datetime = NOW,
    body: bytes = b"",
) -> None:
    verify_request(Request(method, url, headers), KEY.public, now, LIMITS, body=body)


def test_a_signed_request_verifies_and_names_its_whole_key() -> None:
    headers = sign_request("GET", URL, KEY, NOW, LIMITS)

    verify(headers)

    lower = {name.lower(): value for name, value in headers.items()}
    assert key_id_of(lower) == transport_key_id(KEY.public)


def test_a_body_is_signed_with_its_digest() -> None:
    headers = sign_request("POST", URL, KEY, NOW, LIMITS, body=b"content")

    verify(headers, method="POST", body=b"content")
    with pytest.raises(BadRequest):
        verify(headers, method="POST", body=b"other")


def test_a_body_that_was_not_signed_is_refused() -> None:
    headers = sign_request("POST", URL, KEY, NOW, LIMITS)
    with pytest.raises(BadRequest):
        verify(headers, method="POST", body=b"slipped in")


@pytest.mark.parametrize(
    ("url", "method"),
    [
        ("https://bravo.example/log/openings?after=0.0&limit=500", "GET"),
        ("http://alfa.example/log/openings?after=0.0&limit=500", "GET"),
        ("https://alfa.example/log/openings?after=0.0&limit=501", "GET"),
        ("https://alfa.example/log/openings", "GET"),
        (URL, "DELETE"),
    ],
)
def test_another_target_or_method_is_refused(url: str, method: str) -> None:
    headers = sign_request("GET", URL, KEY, NOW, LIMITS)
    with pytest.raises(BadRequest):
        verify(headers, url=url, method=method)


@pytest.mark.parametrize("seconds", [-121, 60 + 121, 86_400])
def test_a_request_of_another_time_is_refused(seconds: int) -> None:
    headers = sign_request("GET", URL, KEY, NOW, LIMITS)
    with pytest.raises(BadRequest):
        verify(headers, now=NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [-119, 0, 60 + 119])
def test_clocks_may_differ_a_little(seconds: int) -> None:
    verify(sign_request("GET", URL, KEY, NOW, LIMITS), now=NOW + timedelta(seconds=seconds))


def test_a_signature_meant_to_hold_for_hours_is_refused() -> None:
    import msgspec

    patient = msgspec.structs.replace(LIMITS, signature_seconds=7200)
    with pytest.raises(BadRequest, match="60"):
        verify(sign_request("GET", URL, KEY, NOW, patient))


def test_the_signature_of_another_key_is_refused() -> None:
    other = TransportKey.from_seed(b"o" * 32)
    with pytest.raises(BadRequest):
        verify(sign_request("GET", URL, other, NOW, LIMITS))


@pytest.mark.parametrize("part", ["created", "expires", "nonce", "keyid", "tag", "alg"])
def test_no_parameter_may_be_missing(part: str) -> None:
    headers = sign_request("GET", URL, KEY, NOW, LIMITS)
    kept = [each for each in headers["Signature-Input"].split(";") if not each.startswith(part)]
    headers["Signature-Input"] = ";".join(kept)
    with pytest.raises(BadRequest):
        verify(headers)


@pytest.mark.parametrize("component", ['"@method" ', '"@target-uri"'])
def test_no_component_may_be_left_out(component: str) -> None:
    headers = sign_request("GET", URL, KEY, NOW, LIMITS)
    headers["Signature-Input"] = headers["Signature-Input"].replace(component, "")
    with pytest.raises(BadRequest):
        verify(headers)


@pytest.mark.parametrize(
    "text", ["", "accord", "accord=()", 'accord=("@method"', "accord=1", "a" * 5000, "é=()", "\x00"]
)
def test_what_is_no_signature_is_a_clean_refusal(text: str) -> None:
    headers = sign_request("GET", URL, KEY, NOW, LIMITS)
    for name in headers:
        with pytest.raises(BadRequest):
            verify({**headers, name: text})
