"""A node under load, from all its sides; and the site that it stands on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from accord.base.errors import AccordError, MachineFault
from accord.node.founding import found_node
from accord.node.home import HomeSettings
from accord.node.node import Node
from accord.node.tokens import add_token
from accord.peers.sync import sync_once
from tests.community import Community
from tests.node.support import assert_sound, give, holds, indicator, ledger_of, object_id

from .conftest import Served, eventually, free_port

TAXII = "application/taxii+json;version=2.1"


# Steps of each until a load goes on; a peer's is long, for it catches up with all that comes.
MORE = (4, 4, 4, 1)


@contextmanager
def made_site(folder: Path, db: str) -> Iterator[Community]:
    """Alfa with its store at `db` and Bravo on a file, with an agreement."""
    made = Community(folder, ())
    for name, place in (("Alfa", db), ("Bravo", "")):
        url = f"http://127.0.0.1:{free_port()}"
        found_node(folder / name, HomeSettings(name=name, url=url, db=place))
        made.open(folder / name)
    made.meet()
    made.agree()
    yield made
    made.close()


def port_of(node: Node) -> int:
    return int(node.settings.url.rpartition(":")[2])


class Load:
    """Somebody publishes, two tools write and read by TAXII, a peer follows: each in a thread."""

    def __init__(self, site: Community, served: Served, another: Node) -> None:
        self._alfa, self._bravo = another, site["Bravo"]
        self._served, self._agreement = served, site.agreement
        self._token = add_token(another, "siem", role="analyst").token
        self.published: list[int] = []
        self.stored: list[int] = []
        self.seen: list[dict[str, Any]] = []
        self.answers: list[httpx.Response] = []
        self.faults: list[str] = []
        self.cut: list[str] = []  # requests that were not answered
        self.followed = 0
        self._ended = threading.Event()
        works = (self._publish, self._store, self._read, self._follow)
        self._threads = [threading.Thread(target=self._again, args=(work,)) for work in works]
        for thread in self._threads:
            thread.start()

    def goes_on(self) -> None:
        """Returns when each has got further than now by some steps."""
        before = self._steps()
        wanted = [done + more for done, more in zip(before, MORE, strict=True)]
        eventually(lambda: all(a >= b for a, b in zip(self._steps(), wanted, strict=True)))

    def is_refused(self) -> bool:
        return any(each.status_code == 503 for each in self.answers[-2:])

    def end(self) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def read_on(self) -> int:
        """How many more objects of the agreement's collection there are than were read."""
        last = {"added_after": self.seen[-1]["date_added"]} if self.seen else {}
        path = f"/api/collections/{self._agreement}/manifest/"
        answer = self._served.get(path, params=last, headers=self._headers())
        self.answers.append(answer)
        found = answer.json().get("objects", []) if answer.status_code == 200 else []
        self.seen += found
        return len(found)

    def _steps(self) -> tuple[int, int, int, int]:
        well = sum(each.status_code == 200 for each in self.answers)
        return len(self.published), len(self.stored), well, self.followed

    def _again(self, work: Callable[[], None]) -> None:
        while not self._ended.is_set():
            try:
                work()
                self._ended.wait(0.01)
            except httpx.TransportError as error:
                self.cut.append(repr(error))
                self._ended.wait(0.1)

    def _publish(self) -> None:
        number = len(self.published)
        try:
            give(self._alfa, [indicator(number)], self._agreement)
        except MachineFault as fault:
            self.faults.append(fault.message.key)
            self._ended.wait(0.1)
        else:
            self.published.append(number)

    def _store(self) -> None:
        number = 1_000_000 + len(self.stored)
        answer = httpx.post(
            f"{self._served.url}/api/collections/private/objects/",
            content=b'{"objects":[%b]}' % indicator(number),
            headers=self._headers() | {"content-type": TAXII},
            timeout=60,
        )
        self.answers.append(answer)
        if answer.status_code == 202 and answer.json()["success_count"] == 1:
            self.stored.append(number)

    def _read(self) -> None:
        self.read_on()

    def _follow(self) -> None:
        with suppress(AccordError):
            reports = sync_once(self._bravo, self._alfa.member)
            self.followed += all(report.fault is None for report in reports)

    def _headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self._token}", "accept": TAXII}


def all_is_told(load: Load) -> None:
    """A refusal says what is wrong; a date never comes twice, or late."""
    assert {each.status_code for each in load.answers} <= {200, 202, 503}
    refusals = [each.json() for each in load.answers if each.status_code == 503]
    assert all(each["title"] and each["http_status"] == "503" for each in refusals)
    assert set(load.faults) <= {"store.unreachable"}
    dates = [each["date_added"] for each in load.seen]
    assert dates == sorted(set(dates))


def all_is_there(site: Community, load: Load, node: Node) -> None:
    """Nothing acknowledged is lost, to the last byte of the ledgers; the peer gets it all."""
    for number in (*load.published, *load.stored):
        assert holds(node, indicator(number))
    given = {object_id(indicator(number)) for number in load.published}
    assert given <= {each["id"] for each in load.seen}
    sync_once(site["Bravo"], node.member)
    assert all(holds(site["Bravo"], indicator(number)) for number in load.published)
    own, followed = (ledger_of(each, node.member) for each in (node, site["Bravo"]))
    assert (own.size, own.root) == (followed.size, followed.root)
    assert_sound(node, site["Bravo"])
