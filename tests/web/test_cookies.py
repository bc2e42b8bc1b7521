"""Nodes beside each other on one host, as in a demonstration: a browser keeps a session of each."""

from __future__ import annotations

from tests.community import Community
from tests.web.conftest import OpenFor


def test_two_nodes_on_one_host_leave_each_others_cookies_alone(
    community: Community, person: OpenFor
) -> None:
    here, there = person(community["Alfa"], "operator"), person(community["Bravo"], "operator")
    for one in (here, there):
        one.get("/style")
    here.client.cookies.update(there.client.cookies)  # a browser tells hosts apart, and no ports
    there.client.cookies = here.client.cookies
    for one in (here, there):
        one.follow(one.post("/upkeep/quarantine/retry"))
        assert 'role="status"' in one.text
