"""The operator's pages: health, quarantine, settings, about."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.community import Community
from tests.web.conftest import Person

Client = Callable[..., Person]


@pytest.mark.parametrize("language", ["en", "ru", "zh"])
def test_the_node_tells_how_it_is(community: Community, client: Client, language: str) -> None:
    person = client("operator", language)
    assert "Bravo" in person.get("/upkeep")
    for page in ("quarantine", "quarantine/refused", "quarantine/by-others", "settings", "about"):
        assert "upkeep." not in person.get(f"/upkeep/{page}").replace("/upkeep", "")


def test_what_is_tried_again_is_named_by_its_number(client: Client) -> None:
    person = client("operator")
    person.follow(person.post("/upkeep/quarantine/retry"))
    for number in ("abc", "-1", "9" * 400):
        person.post("/upkeep/quarantine/retry", 404, number=number)


def test_who_is_no_operator_keeps_out(client: Client) -> None:
    person = client("analyst")
    for page in ("", "/quarantine", "/settings"):
        person.get(f"/upkeep{page}", 403)
    person.post("/upkeep/quarantine/retry", 403)
