"""What is taken from a source, for whom it waits, and how sources come and go."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from accord.base.errors import ConflictError, DeniedError, InputError, NotFoundError
from accord.base.limits import Limits
from accord.node import agreements
from accord.node.collections import Query, delete_private, find_collection
from accord.node.drafts import list_drafts, release_draft
from accord.node.home import SECRETS
from accord.node.node import Node
from accord.node.private import keep_private
from accord.node.publish import NotReleasable
from accord.node.showing import show_object
from accord.node.sources import (
    Secret,
    add_source,
    find_source,
    list_sources,
    remove_source,
    secret_of,
)
from accord.node.tokens import Reader, add_token, reader_of
from accord.rules.access import Scope
from accord.stix.markings import tlp_marking_id
from accord.store.records import SourceRow
from accord.taxii.client import HttpSourceClient, SourceClient, SourceFault
from accord.taxii.service import SourceService
from tests.node.support import (
    Community,
    entries_of,
    holds,
    indicator,
    indicators,
    object_id,
    terms_text,
)
from tests.taxii.elsewhere import (
    URL,
    Always,
    Server,
    fault_of,
    status,
    subscribe,
    sync,
)
from tests.taxii.support import PRIVATE, tool_of
from tests.taxii.test_agreements import PERSONS, person


def releaser_of(node: Node, name: str = "chief", role: str = "releaser") -> Reader:
    reader = reader_of(node, add_token(node, name, role=role).token)
    assert reader is not None
    return reader


def test_invalid_objects_are_counted_and_told_and_the_others_kept(node: Node) -> None:
    subscribe(node)
    broken = json.dumps({**json.loads(indicator(1)), "pattern": "[oops"}).encode()
    done = sync(node, Server([indicator(0), broken, indicator(2)]))
    assert (done.taken.new, done.taken.invalid, len(done.taken.faults)) == (2, 1, 1)
    with pytest.raises(NotFoundError):
        show_object(node, object_id(broken))
    row = find_source(node, "feed")
    assert row.invalid == 1
    assert row.last_fault == done.taken.faults[0]


def test_duplicates_are_taken_once(node: Node) -> None:
    subscribe(node)
    done = sync(node, Server([indicator(0), indicator(0), indicator(1)]))
    assert (done.taken.new, fault_of(done)) == (2, "")


def test_what_is_held_with_other_content_stands(node: Node) -> None:
    ours = node.checker.check(indicator(0, name="ours")).object
    keep_private(node, [ours], "tool")
    subscribe(node)
    done = sync(node, Server(indicators(2)))
    assert (done.taken.new, done.taken.others) == (1, 1)
    (view,) = show_object(node, ours.id)
    assert (view.body, view.came) == (ours.raw, ())  # the source did not give that one


def test_stix_20_objects_are_refused_in_a_clear_sentence(node: Node) -> None:
    old = json.loads(indicator(0))
    del old["spec_version"], old["pattern_type"]
    subscribe(node)
    done = sync(node, Server([json.dumps(old).encode()]))
    assert (done.taken.new, done.taken.invalid) == (0, 1)
    fault = find_source(node, "feed").last_fault
    assert fault is not None
    assert fault.key == "stix.version"
    assert "2.0" in str(fault)


def test_a_bundle_of_stix_20_is_refused_in_a_clear_sentence(node: Node) -> None:
    class Old(Server):
        async def answer(self, query: dict[str, str]) -> httpx.Response:
            return self.reply(b'{"type":"bundle","spec_version":"2.0","objects":[]}')

    subscribe(node)
    done = sync(node, Old())
    assert fault_of(done) == "stix.version"


def test_a_server_of_taxii_20_is_named_as_such(node: Node) -> None:
    subscribe(node)
    server = Server(indicators(1))
    server.media = "application/vnd.oasis.stix+json; version=2.0"
    assert fault_of(sync(node, server)) == "taxii.source-other-version"


def test_tlp_red_from_a_source_is_held_and_shown_to_no_token(node: Node) -> None:
    subscribe(node)
    red = indicator(1, object_marking_refs=[tlp_marking_id("red")])
    assert sync(node, Server([indicator(0), red])).taken.new == 2
    assert show_object(node, object_id(red))[0].body == red
    for name in ("desk", "feed"):
        with tool_of(node, name, "releaser", tlp="red") as tool:
            assert tool.ids() == [object_id(indicator(0))]
            assert tool.get(f"{PRIVATE}objects/{object_id(red)}/").status_code == 404


def test_an_object_erased_from_private_takes_its_provenance_along(node: Node) -> None:
    subscribe(node)
    server = Server(indicators(2))
    sync(node, server)
    writer = Reader("desk", Scope(roles=frozenset({"analyst"})))
    private = find_collection(node, writer, "private")
    assert delete_private(node, writer, private, Query(ids=(object_id(indicator(0)),))) == 1
    assert node.read(lambda tx: tx.sources.given(1, [object_id(indicator(0))])) == set()


@pytest.fixture
def agreed(allied: Community) -> tuple[Node, str]:
    """Alfa, with an agreement in force that allows personal data."""
    text = terms_text([node.member for node in allied]) + PERSONS
    proposed = agreements.propose(allied["Alfa"], text)
    allied.settle()
    for node in allied:
        agreements.sign(node, proposed.id, sha256=None, person="P. Erson", office="Desk")
    allied.settle()
    return allied["Alfa"], proposed.id


def test_what_comes_for_an_agreement_waits_until_a_releaser_lets_it_go(
    agreed: tuple[Node, str],
) -> None:
    node, agreement = agreed
    subscribe(node, agreement=agreement)
    before = len(entries_of(node, node.member))
    server = Server(indicators(3))
    done = sync(node, server)
    assert (done.taken.drafted, done.taken.withheld) == (3, 0)
    assert len(entries_of(node, node.member)) == before
    (draft,) = list_drafts(node)
    assert (draft.author, len(draft.objects)) == ("source:feed", 3)
    assert [why.key for why in draft.reasons] == ["node.draft-from-source"]
    release_draft(node, draft.id, releaser_of(node))
    assert len(entries_of(node, node.member)) == before + 3
    assert list_drafts(node) == []


def test_what_was_drafted_or_published_is_not_drafted_again(agreed: tuple[Node, str]) -> None:
    node, agreement = agreed
    subscribe(node, agreement=agreement)
    server = Server(indicators(3))
    server.dates = False
    sync(node, server)
    assert sync(node, server).taken.drafted == 0
    assert len(list_drafts(node)) == 1


def test_a_source_is_not_one_of_the_two_who_stand_by_a_person(agreed: tuple[Node, str]) -> None:
    node, agreement = agreed
    subscribe(node, agreement=agreement)
    done = sync(node, Server([person(), indicator(0)]))
    assert (done.taken.drafted, done.taken.withheld) == (2, 0)
    assert holds(node, person())
    (draft,) = list_drafts(node)
    chief = releaser_of(node)
    with pytest.raises(NotReleasable):
        release_draft(node, draft.id, chief)
    for second in (chief, releaser_of(node, "analyst", "analyst")):
        with pytest.raises(DeniedError):
            release_draft(node, draft.id, chief, second=second)
    assert release_draft(node, draft.id, chief, second=releaser_of(node, "deputy")).published == 2


def test_an_agreement_that_is_over_stops_its_source_and_loses_nothing(
    allied: Community,
) -> None:
    node, agreement = allied["Alfa"], allied.agree().id
    subscribe(node, agreement=agreement)
    agreements.withdraw(node, agreement, reason="over")
    done = sync(node, Server(indicators(3)))
    assert fault_of(done) == "node.source-not-in-force"
    assert find_source(node, "feed").pages == 0


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://feed.example/root/collections/a/", "node.url-plain"),
        ("ftp://feed.example/a/", "node.url-invalid"),
        ("https://user:secret@feed.example/a/", "node.url-invalid"),
        ("https://feed.example/a/?b=c", "node.url-invalid"),
        ("https://feed.example/", "node.source-no-collection"),
    ],
)
def test_an_address_that_is_no_collection_is_refused(node: Node, url: str, key: str) -> None:
    with pytest.raises(InputError) as refused:
        add_source(node, url)
    assert refused.value.message.key == key
    assert "secret" not in str(refused.value)


def test_the_address_of_the_objects_is_taken_for_that_of_the_collection(node: Node) -> None:
    row = add_source(node, "https://feed.example/root/collections/a/objects")
    assert (row.url, row.name) == ("https://feed.example/root/collections/a/", "feed.example")


def test_a_name_is_given_once_and_free_again_after_removal(node: Node) -> None:
    subscribe(node)
    with pytest.raises(ConflictError):
        subscribe(node)
    sync(node, Server(indicators(1)))
    remove_source(node, "feed")
    assert list_sources(node) == []
    subscribe(node)
    assert find_source(node, "feed").objects == 0
    (view,) = show_object(node, object_id(indicator(0)))
    assert [came.source for came in view.came] == ["feed"]  # it stays on record


def test_a_source_that_is_removed_in_the_middle_of_a_round_gives_nothing_more(node: Node) -> None:
    class Removed(Server):
        async def answer(self, query: dict[str, str]) -> httpx.Response:
            if len(self.asked) == 2:
                await asyncio.to_thread(remove_source, node, "feed")
            return await super().answer(query)

    subscribe(node)
    done = sync(node, Removed(indicators(9)))
    assert (fault_of(done), done.taken.new) == ("node.source-moved", 3)
    assert not holds(node, indicator(3))


def test_a_secret_is_in_a_file_for_its_owner_alone_and_nowhere_else(node: Node) -> None:
    row = subscribe(node, secret=Secret(user="accord", password="пароль-55aa"))
    path = node.home.key_path(SECRETS + "feed")
    assert path.stat().st_mode & 0o777 == 0o600
    assert secret_of(node, row) == Secret(user="accord", password="пароль-55aa")
    for file in node.home.folder.glob("accord.db*"):
        assert b"55aa" not in file.read_bytes()
    path.chmod(0o644)
    assert node.home.loose_keys() == [path]
    with pytest.raises(InputError) as refused:
        secret_of(node, row)
    assert refused.value.message.key == "node.key-loose"
    remove_source(node, "feed")
    assert not path.exists()


@pytest.mark.parametrize(
    ("secret", "sent"),
    [
        (Secret(token="t0ken"), "Bearer t0ken"),
        (Secret(user="u", password="p:w"), "Basic dTpwOnc="),
    ],
)
def test_what_we_sign_in_with_goes_with_each_request_and_into_no_fault(
    node: Node, secret: Secret, sent: str
) -> None:
    subscribe(node)
    server = Server(indicators(4))
    sync(node, server, secret)
    assert {headers["authorization"] for headers in server.headers} == {sent}
    done = sync(node, Always(status(401)), secret)
    assert done.fault is not None
    assert "t0ken" not in str(done.fault)
    assert "p:w" not in str(done.fault)


def test_an_agreement_that_is_not_in_force_takes_no_source(allied: Community) -> None:
    proposed = allied.proposed()
    with pytest.raises(DeniedError):
        subscribe(allied["Alfa"], agreement=proposed.id)
    with pytest.raises(NotFoundError):
        subscribe(allied["Alfa"], agreement="accord-agreement--none")


def test_what_is_no_collection_says_so(node: Node) -> None:
    server = Server()
    server.resource = {"title": "Discovery", "api_roots": []}

    async def look() -> None:
        client = HttpSourceClient(URL, Limits(), None, server)
        with pytest.raises(SourceFault) as refused:
            await client.collection()
        assert refused.value.message.key == "taxii.source-not-a-collection"

    asyncio.run(look())


def test_a_serving_node_takes_on_schedule_and_stops_at_once(lone: Community) -> None:
    node = lone["Alfa"]
    subscribe(node, minutes=10)
    server = Server(indicators(3))

    def connect(node: Node, row: SourceRow) -> SourceClient:
        return HttpSourceClient(row.url, node.limits, None, server)

    async def serve() -> None:
        service = SourceService(node, connect, look=0.01)
        await service.start()
        await _until(lambda: find_source(node, "feed").objects == 3)
        await asyncio.sleep(0.1)
        assert len(server.asked) == 1  # and no more until ten minutes are over
        server.objects += indicators(1, first=3)
        lone.clock.advance(minutes=11)
        await _until(lambda: find_source(node, "feed").objects == 4)
        await service.stop()

    asyncio.run(serve())


def test_a_source_at_fault_is_left_alone_ever_longer(lone: Community) -> None:
    node = lone["Alfa"]
    subscribe(node, minutes=60)
    server = Always(status(503))

    def connect(node: Node, row: SourceRow) -> SourceClient:
        return HttpSourceClient(row.url, node.limits, None, server)

    async def serve() -> None:
        service = SourceService(node, connect, look=0.01)
        await service.start()
        for minutes, count in ((0, 1), (1.1, 2), (1.1, 2), (1.1, 3), (2.1, 3), (2.1, 4)):
            lone.clock.advance(minutes=minutes)
            await asyncio.sleep(0.15)
            assert len(server.asked) == count
        await service.stop()

    asyncio.run(serve())


async def _until(there: Any) -> None:
    async with asyncio.timeout(10):
        while not await asyncio.to_thread(there):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
