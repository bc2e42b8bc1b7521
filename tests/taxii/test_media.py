"""Content negotiation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.taxii.media import accepts, is_taxii, languages


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "application/taxii+json",
        "application/taxii+json;version=2.1",
        "application/taxii+json; version=2.1",
        "application/taxii+json ; version=2.1",
        'application/taxii+json;version="2.1"',
        "Application/TAXII+json;Version=2.1",
        "*/*",
        "application/*",
        "text/html, application/xhtml+xml, */*;q=0.8",
        "application/json, application/taxii+json;version=2.1;q=0.1",
        "application/taxii+json;version=2.0, application/taxii+json;version=2.1",
        "application/taxii+json;q=0.5;version=2.1",
        "application/taxii+json;version=2.1;charset=utf-8",
        "application/taxii+json;q=0, application/taxii+json;version=2.1",
        "nonsense, */*",
    ],
)
def test_what_admits_taxii_2_1_is_accepted(header: str | None) -> None:
    assert accepts(header)


@pytest.mark.parametrize(
    "header",
    [
        "application/json",
        "text/html",
        "application/taxii+json;version=2.0",
        "application/taxii+json;version=2.10",
        "application/taxii+json;version=",
        "application/stix+json;version=2.1",
        "application/taxii+json;q=0",
        "*/*;q=0",
        "application/taxii+json;version=2.1;q=0, */*",
        "application/taxii+json;q=2",
        "application/taxii+json;version=2.1 nonsense",
        "application/taxii+jsonx",
        "*",
        ",",
    ],
)
def test_what_does_not_admit_it_is_not(header: str) -> None:
    assert not accepts(header)


def test_a_body_is_taxii_with_or_without_its_version() -> None:
    assert is_taxii("application/taxii+json")
    assert is_taxii("application/taxii+json; version=2.1")
    assert is_taxii("application/taxii+json;version=2.1;charset=utf-8")
    for other in (None, "", "application/json", "application/taxii+json;version=2.0", "*/*"):
        assert not is_taxii(other)
    assert not is_taxii("application/taxii+json, application/json")


def test_languages_come_by_preference() -> None:
    assert list(languages("en;q=0.3, zh-CN, ru;q=0.7, fr;q=0")) == ["zh", "ru", "en"]


@given(st.text())
def test_no_header_breaks_the_reader(text: str) -> None:
    accepts(text)
    is_taxii(text)
    list(languages(text))
