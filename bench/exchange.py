"""Three nodes on loopback: what one publishes, two verify, validate and store.

Publishing is the call that `accord publish` makes, in a process of its own beside the server, as
that command is; the clock runs from handing it the raw objects until both followers have them all.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from accord.node.agreements import list_agreements, propose, sign
from accord.node.members import add_peer, confirm_peer
from accord.node.prepare import Order
from accord.node.publish import publish
from accord.store.tables import OWN_LEDGER

from . import corpora
from .client import Taxii
from .figures import Bar, Figure, Grown, of_runs, of_tries
from .nodes import Served
from .one_thread import ingest
from .processes import scratch
from .scale import Scale

EXCHANGE = Bar(text="≥ 2,500 objects/s each", at_least=2500)
URGENT_IDLE = Bar(text="p99 ≤ 300 ms", at_most=300)
URGENT_BUSY = Bar(text="p99 ≤ 1 s", at_most=1000)
_PATIENCE = 300.0  # seconds
_LOOK = 0.02  # seconds between two looks at a follower's store
_ASK = 0.004  # seconds between two questions whether an object is visible
_CORES = 2
_NODES = 3

_AGREEMENT = """
name = "Benchmark"
parties = [{parties}]
areas = ["cyber"]
purposes = ["defence"]
tlp_ceiling = "amber"
onward = "none"
valid_from = "2026-01-01T00:00:00Z"
[titles]
zh = "基准"
ru = "Замер"
en = "Benchmark"
[texts]
zh = "基准"
ru = "Замер"
en = "Benchmark"
"""


class Community:
    """One publisher, two followers, one agreement in force."""

    def __init__(self, served: Sequence[Served]) -> None:
        self.publisher, *self.followers = served
        self.all = served
        self._meet()
        for each in served:
            each.start()
        self.agreement = self._agree()

    def order(self, *, urgent: bool = False) -> Order:
        return Order(agreement=self.agreement, tlp="green", urgent=urgent)

    def settle(self) -> None:
        for each in self.all:
            each.settle()

    def arrived(self, follower: Served) -> int:
        """How many entries a follower holds, by the number of the last one: a cheap look."""
        return follower.node.read(lambda tx: tx.entries.last_seq())

    def _meet(self) -> None:
        for one in self.all:
            for other in self.all:
                if one is not other:
                    card = add_peer(one.node, other.url, other.node.card_bytes())
                    confirm_peer(one.node, card.member, card.fingerprint.hex())

    def _agree(self) -> str:
        parties = ", ".join(f'"{each.node.member}"' for each in self.all)
        view = propose(self.publisher.node, _AGREEMENT.format(parties=parties))
        for each in self.all:
            until(lambda each=each: list_agreements(each.node))  # type: ignore[misc]
            sign(each.node, view.id, sha256=None, person="Bench", office="Bench")
        for each in self.all:
            until(
                lambda each=each: list_agreements(each.node)[0].standing.state == "in-force"  # type: ignore[misc]
            )
        return view.id


@contextmanager
def community() -> Iterator[Community]:
    """Three fresh nodes that serve and follow each other."""
    with scratch() as folder, ExitStack() as closing:
        yield Community(
            [
                closing.enter_context(Served(folder / name, name))
                for name in ("alfa", "bravo", "charlie")
            ]
        )


def exchange(group: Community, raws: list[bytes]) -> float:
    """Objects per second at the slower follower, from the call of `publish`."""
    start = {each.name: group.arrived(each) for each in group.followers}
    began = time.perf_counter()
    publish(group.publisher.node, raws, group.order())
    for each in group.followers:
        until(lambda each=each: group.arrived(each) >= start[each.name] + len(raws))  # type: ignore[misc]
    return len(raws) / (time.perf_counter() - began)


def measure(raws: list[bytes], folder: Path, scale: Scale) -> tuple[list[Figure], list[Grown]]:
    """The exchange in fresh communities, then urgent objects and growth in the last of them."""
    speeds: list[float] = []
    limits: list[float] = []
    for left in reversed(range(scale.exchanges)):
        with scratch() as place:
            limits.append(ingest(raws, place) * _CORES / _NODES)
        with community() as group:
            speeds.append(exchange(group, raws))
            if not left:
                figures, growth = _in_use(group, folder, scale)
    title = f"publish {len(raws):,} objects until both followers have stored them"
    note = "limit: the ingest limit, three times the work on two cores"
    first = of_runs("exchange", title, "objects/s", EXCHANGE, speeds, limits, note)
    return [first, *figures], growth


def _in_use(group: Community, folder: Path, scale: Scale) -> tuple[list[Figure], list[Grown]]:
    supply = _Supply(folder)
    group.settle()
    small = [exchange(group, supply.take(scale.part)) for _ in range(scale.parts)]
    group.settle()
    idle = [urgent(group, supply.take(1)[0]) for _ in range(scale.tries)]
    busy = _while_busy(group, supply, scale)
    missing = scale.large - group.arrived(group.followers[0])
    if missing > 0:
        exchange(group, supply.take(missing))
    group.settle()
    large = [exchange(group, supply.take(scale.part)) for _ in range(scale.parts)]
    group.settle()
    late = [urgent(group, supply.take(1)[0]) for _ in range(scale.tries)]
    idle_title = "urgent object, publish → visible at a follower, idle"
    busy_title = f"the same during publishes of {scale.bulk:,} objects"
    return (
        [
            of_tries("urgent", idle_title, "ms", URGENT_IDLE, idle),
            of_tries("urgent-busy", busy_title, "ms", URGENT_BUSY, busy),
        ],
        [
            _grown("publish until both have stored", "objects/s", small, large, more=True),
            _grown("urgent object, idle", "ms", idle, late, more=False),
        ],
    )


def _grown(title: str, unit: str, small: list[float], large: list[float], *, more: bool) -> Grown:
    middle = [sorted(values)[len(values) // 2] for values in (small, large)]
    return Grown(title=title, unit=unit, small=middle[0], large=middle[1], more_is_better=more)


def urgent(group: Community, raw: bytes) -> float:
    """Milliseconds from the call of `publish` until a follower's TAXII shows the object."""
    follower = group.followers[0]
    with Taxii(follower.url, follower.authorization) as taxii:
        path = taxii.collection(title="Benchmark") + id_of(raw) + "/"
        began = time.perf_counter()
        publish(group.publisher.node, [raw], group.order(urgent=True))
        while taxii.get(path).status != 200:
            if time.perf_counter() > began + _PATIENCE:
                raise RuntimeError("an urgent object did not arrive")
            time.sleep(_ASK)
        return (time.perf_counter() - began) * 1000


def _while_busy(group: Community, supply: _Supply, scale: Scale) -> list[float]:
    """Urgent objects for as long as a bulk publish by the command is under way, and again."""
    taken: list[float] = []
    while len(taken) < scale.tries:
        file = group.publisher.folder / "bulk.jsonl"
        file.write_bytes(b"\n".join(supply.take(scale.bulk)))
        before = _own_size(group)
        goal = group.arrived(group.followers[0]) + scale.bulk
        with _publishing(group, file):
            until(lambda: _own_size(group) > before)  # noqa: B023
            while group.arrived(group.followers[0]) < goal and len(taken) < scale.tries:
                taken.append(urgent(group, supply.take(1)[0]))
                goal += 1
        until(lambda: group.arrived(group.followers[0]) >= goal)  # noqa: B023
    return taken


@contextmanager
def _publishing(group: Community, file: Path) -> Iterator[None]:
    """`accord publish FILE`, which must have ended well at the end."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "accord", "publish", str(file)),
            *("--home", str(group.publisher.folder), "--agreement", group.agreement),
            *("--tlp", "green"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        yield
    finally:
        _, said = process.communicate(timeout=_PATIENCE)
    if process.returncode:
        raise RuntimeError(said.decode(errors="replace")[-2000:])


class _Supply:
    """Indicators that were not used yet."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stock: list[bytes] = []
        self._used = 0

    def take(self, count: int) -> list[bytes]:
        if len(self._stock) < count:
            more = max(50_000, count)
            self._stock += corpora.indicators(self._folder, more, self._used + len(self._stock))
        taken, self._stock = self._stock[:count], self._stock[count:]
        self._used += count
        return taken


def _own_size(group: Community) -> int:
    row = group.publisher.node.read(lambda tx: tx.ledgers.get(OWN_LEDGER))
    assert row is not None
    return row.size


def id_of(raw: bytes) -> str:
    start = raw.index(b"indicator--")
    return raw[start : raw.index(b'"', start)].decode()


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + _PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError("nothing came in time")
        time.sleep(_LOOK)
