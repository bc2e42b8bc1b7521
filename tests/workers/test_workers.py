"""`accord serve --workers`: one address, one history, one of them at the background work."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import psutil
import pytest
from sqlalchemy import select

from accord.base.clock import utc_now
from accord.node.founding import found_node
from accord.node.home import HomeSettings
from accord.node.node import Node, open_node
from accord.node.tokens import add_token, revoke_token
from accord.node.verifying import verify_ledgers
from accord.peers.service import FollowService
from accord.peers.signatures import sign_request
from accord.store.listings import Asked
from accord.store.tables import listings
from accord.store.transaction import Transaction
from tests.community import Community
from tests.community_fixtures import community, made_community
from tests.conftest import ROOT
from tests.node.support import body_of, entries_of, give, indicator, object_id

from .conftest import SECONDS, Served, eventually

__all__ = ["community", "made_community"]

Serve = Callable[..., Served]
LONG = (pytest.mark.slow, pytest.mark.timeout(1800))


@pytest.fixture
def home(empty_url: str, tmp_path: Path) -> Path:
    """A founded node on either store."""
    found_node(tmp_path / "home", HomeSettings(name="Alfa", db=empty_url))
    return tmp_path / "home"


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}", "accept": "application/taxii+json;version=2.1"}


def test_workers_share_an_address_and_their_counters(home: Path, serve: Serve) -> None:
    served = serve(home, "--workers", 2)
    workers = served.workers()
    assert len(workers) == 2
    assert served.threads() == 1, "only a process of one thread forks safely"
    for _ in range(30):
        assert served.get("/api/").status_code == 401
    name = 'accord_requests_denied_total{door="taxii",status="401"}'
    for _ in range(4):
        assert served.metrics()[name] == 30
    assert served.metrics()["accord_processes"] == 3
    assert served.metrics()["accord_leads"] == 1

    workers[0].kill()  # without a word
    eventually(lambda: len(served.workers()) == 2 and workers[0] not in served.workers())
    eventually(lambda: served.metrics()["accord_processes"] == 3)
    assert served.metrics()[name] == 30, "no counter falls"
    assert "worker-died" in served.events()

    workers = served.workers()
    assert served.stop() == 0
    assert not any(each.is_running() for each in workers)
    assert served.events()[0] == "start"
    assert served.events()[-2:] == ["stopping", "stopped"]


@pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
def test_workers_do_not_outlive_their_parent(home: Path, serve: Serve) -> None:
    served = serve(home, "--workers", 2)
    workers = served.workers()
    served.kill()
    _, alive = psutil.wait_procs(workers, timeout=SECONDS)
    assert alive == []


def test_a_second_host_leads_when_the_first_dies(home: Path, serve: Serve) -> None:
    first = serve(home)
    eventually(lambda: first.metrics()["accord_leads"] == 1)
    second = serve(home)
    for _ in range(3):
        assert second.metrics()["accord_leads"] == 0
    first.kill()
    eventually(lambda: second.metrics()["accord_leads"] == 1)
    assert "leading" in second.events()


def test_a_revoked_token_opens_nothing_in_any_worker(home: Path, serve: Serve) -> None:
    node = open_node(home)
    token = add_token(node, "siem", role="analyst").token
    served = serve(home, "--workers", 2)
    for _ in range(10):
        assert served.get("/api/collections/", headers=_bearer(token)).status_code == 200
    revoke_token(node, "siem")
    for _ in range(10):
        assert served.get("/api/collections/", headers=_bearer(token)).status_code == 401
    node.close()


def test_a_signed_request_is_answered_once_whichever_worker_gets_it(
    community: Community, serve: Serve
) -> None:
    alfa, bravo = community["Alfa"], community["Bravo"]
    url = alfa.settings.url + "/log/checkpoint"
    key, limits = bravo.keys.transport, bravo.limits
    served = serve(alfa.home.folder, "--workers", 2)
    signed = sign_request("GET", url, key, utc_now(), limits)
    codes = [served.get("/log/checkpoint", headers=signed).status_code for _ in range(12)]
    assert codes == [200] + [401] * 11
    again = sign_request("GET", url, key, utc_now(), limits)
    assert served.get("/log/checkpoint", headers=again).status_code == 200


@pytest.fixture
def agreed(empty_url: str, tmp_path: Path) -> Iterator[Community]:
    """Alfa on either store and Bravo on a file, with an agreement."""
    made = Community(tmp_path, ())
    for number, (name, db) in enumerate((("Alfa", empty_url), ("Bravo", ""))):
        url = f"http://127.0.0.1:{8100 + number}"
        found_node(tmp_path / name, HomeSettings(name=name, url=url, db=db))
        made.open(tmp_path / name)
    made.meet()
    made.agreement = made.agree()
    yield made
    made.close()


class Following:
    """A tool that reads a collection on from the last date that it saw."""

    def __init__(self, served: Served, collection: str, token: str) -> None:
        self._served = served
        self._path = f"/api/collections/{collection}/manifest/"
        self._headers = _bearer(token)
        self.dates: list[str] = []

    def read_on(self) -> int:
        after = {"added_after": self.dates[-1]} if self.dates else {}
        query = {"match[type]": "indicator", **after}
        page = self._served.get(self._path, params=query, headers=self._headers).json()
        found = [each["date_added"] for each in page.get("objects", [])]
        self.dates += found
        return len(found)


@pytest.mark.parametrize("count", [30, pytest.param(5000, marks=LONG)])
def test_processes_that_append_at_once_keep_one_history(
    agreed: Community, serve: Serve, count: int
) -> None:
    alfa, folder = agreed["Alfa"], agreed["Alfa"].home.folder
    before = verify_ledgers(alfa)[0].size
    served = serve(folder, "--workers", 2)
    token = add_token(alfa, "siem", role="analyst").token
    following = Following(served, agreed.agreement, token)
    command = [sys.executable, "-m", "tests.workers.appender", str(folder), agreed.agreement]
    firsts = (1, 1_000_001)
    with contextlib.ExitStack() as files:  # one for each: two writers of one would share its place
        said = [files.enter_context(tempfile.TemporaryFile("w+")) for _ in firsts]
        writers = [
            subprocess.Popen([*command, str(first), str(count)], cwd=ROOT, stdout=file)
            for first, file in zip(firsts, said, strict=True)
        ]
        while any(writer.poll() is None for writer in writers):
            following.read_on()
        assert [writer.returncode for writer in writers] == [0, 0]
        while following.read_on():
            pass
        for file in said:
            file.seek(0)
        acknowledged = {object_id(indicator(int(line))) for file in said for line in file}
    served.stop()
    assert len(acknowledged) == 2 * count
    _one_history(alfa, acknowledged, before)
    assert len(following.dates) == len(set(following.dates)) == 2 * count
    assert following.dates == sorted(following.dates)


def _one_history(node: Node, acknowledged: set[str], before: int) -> None:
    """All numbers are there, each once and in the order of the dates; the bytes bear it out."""
    (own, *_) = verify_ledgers(node)
    assert (own.size, own.faults) == (before + len(acknowledged), ())
    entries = [each for each in entries_of(node, node.member) if each.number >= before]
    assert [each.number for each in entries] == list(range(before, own.size))
    assert {object_id(body_of(node, each)) for each in entries} == acknowledged
    rows = node.read(lambda tx: tx._connection.execute(_ADDED).all())
    added = {row.holding: row.added for row in rows}
    dates = [added[each.holding] for each in entries]
    assert all(one < other for one, other in pairwise(dates))


_ADDED = select(listings.c.holding, listings.c.added)


def test_two_who_lead_at_once_do_no_harm(community: Community) -> None:
    """A leader that was cut off works on until it notices: everything durable is compared first."""
    alfa, bravo = community["Alfa"], community["Bravo"]
    twin = open_node(bravo.home.folder)
    raws = [indicator(each) for each in range(1, 200)]

    async def follow_twice() -> None:
        services = [FollowService(node, community.connect) for node in (bravo, twin)]
        for service in services:
            await service.start()
        for start in range(0, len(raws), 20):
            batch = raws[start : start + 20]
            await asyncio.to_thread(give, alfa, batch, community.agreement)
        await asyncio.to_thread(eventually, lambda: bravo.read(_has(raws)))
        for service in services:
            await service.stop()

    asyncio.run(asyncio.wait_for(follow_twice(), SECONDS))
    assert all(not each.faults for each in verify_ledgers(bravo))
    twin.close()


def _has(raws: Sequence[bytes]) -> Callable[[Transaction], bool]:
    """Whether each object is held, once."""
    wanted = {json.loads(raw)["id"] for raw in raws}

    def job(tx: Transaction) -> bool:
        question = Asked(collections=(2,), tlp=5, named=(), after=0, limit=1000)
        rows, _ = tx.listings.page(question)
        found = [row.object_id for row in rows if row.object_id in wanted]
        assert len(found) == len(set(found))
        return len(found) == len(wanted)

    return job
