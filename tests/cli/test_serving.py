"""`accord serve` as a process of its own: ready, followed, stopped."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from accord.base.clock import utc_now
from accord.base.limits import Limits
from tests.node.support import indicator, object_id, terms_text

from .conftest import Accord, Homes

SECONDS = 30.0  # a busy machine starts slowly; how fast it is otherwise, the benchmark says


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(*words: object) -> list[str]:
    return [sys.executable, "-m", "accord", *(str(word) for word in words)]


@contextmanager
def served(home: Path, port: int, *words: object) -> Iterator[subprocess.Popen[bytes]]:
    """A serving node that answers. It is killed if the test leaves it running."""
    process = subprocess.Popen(
        command("serve", "--home", home, "--port", port, "--json", *words),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        until = time.monotonic() + SECONDS
        while process.poll() is None and time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
                    assert answer.status == 200
                    break
            except OSError:
                time.sleep(0.01)
        yield process
    finally:
        process.kill()
        process.communicate()


def stop(process: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> tuple[str, str]:
    process.send_signal(number)
    out, err = process.communicate(timeout=SECONDS)
    return out.decode(), err.decode()


LIFE = ("start", "ready", "stopping", "stopped")


def life(log: str) -> tuple[str, ...]:
    """What a served node told its log of its own life; of its peers it may tell more."""
    return tuple(event for line in log.splitlines() if (event := json.loads(line)["event"]) in LIFE)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_node_answers_and_stops_when_told(homes: Homes, number: int) -> None:
    port = free_port()
    with served(homes.alfa, port) as process:
        assert process.stdout is not None
        said = b"".join(process.stdout.readline() for _ in range(4))
        assert json.loads(said) == {"url": f"http://127.0.0.1:{port}", "member": homes.alfa_id}
        out, err = stop(process, number)
    assert out == ""
    assert life(err) == LIFE
    assert process.returncode == 0


def test_hundreds_who_hold_a_connection_do_not_keep_others_out(homes: Homes) -> None:
    """As members do that wait for news, and browsers that watch a page."""
    port = free_port()
    with served(homes.alfa, port), ExitStack() as held:
        for _ in range(400):
            held.enter_context(socket.create_connection(("127.0.0.1", port)))
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=SECONDS) as answer:
            assert answer.status == 200


def test_two_nodes_exchange_while_one_publishes_from_the_command_line(
    accord: Accord, tmp_path: Path
) -> None:
    """From nothing to an object at the other member, by commands alone."""
    ports = {name: free_port() for name in ("alfa", "bravo")}
    made: dict[str, Any] = {}
    for name, port in ports.items():
        url = f"http://127.0.0.1:{port}"
        words = ("init", "--home", tmp_path / name, "--name", name, "--url", url, "--json")
        made[name] = accord(*words).json
    with served(tmp_path / "alfa", ports["alfa"]) as alfa:
        with served(tmp_path / "bravo", ports["bravo"]) as bravo:
            _meet(accord, tmp_path, ports, made)
            _agree_and_publish(accord, tmp_path, made)
            started = time.monotonic()
            _, err = stop(bravo)
            waited = time.monotonic() - started
            assert waited < Limits().wait_seconds, "no waiting request is sat out"
            assert life(err) == LIFE
        stop(alfa)
    assert accord("ledger", "verify", "--home", tmp_path / "bravo").code == 0


def _meet(accord: Accord, folder: Path, ports: dict[str, int], made: dict[str, Any]) -> None:
    for one, other in (("alfa", "bravo"), ("bravo", "alfa")):
        home = folder / one
        shown = accord("peer", "add", f"http://127.0.0.1:{ports[other]}", "--home", home, "--json")
        assert shown.json["fingerprint"] == made[other]["fingerprint"]
        words = made[other]["fingerprint_words"]
        assert accord("peer", "confirm", other, *words, "--home", home).code == 0


def _agree_and_publish(accord: Accord, folder: Path, made: dict[str, Any]) -> None:
    terms, data = folder / "terms.toml", folder / "data.json"
    terms.write_text(terms_text([made["alfa"]["member"], made["bravo"]["member"]]))
    data.write_bytes(indicator(1))
    home = folder / "alfa"
    agreement = accord("agreement", "propose", terms, "--home", home, "--json").json["id"]
    signed = ("agreement", "sign", agreement, "--person", "P", "--office", "O")
    assert accord(*signed, "--home", home).code == 0
    _eventually(lambda: accord(*signed, "--home", folder / "bravo").code == 0)
    listed = ("agreement", "list", "--home", home, "--json")
    _eventually(lambda: accord(*listed).json[0]["state"] == "in-force")
    published = accord(
        "publish", data, "--agreement", agreement, "--tlp", "green", "--urgent", "--home", home
    )
    assert published.code == 0
    shown = ("show", object_id(indicator(1)), "--home", folder / "bravo")
    _eventually(lambda: accord(*shown).code == 0)


def _eventually(holds: Any) -> None:
    until = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_taken_port_is_told_in_one_sentence(accord: Accord, homes: Homes) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = accord("serve", "--home", homes.alfa, "--port", port)
    assert ended.code == 3
    assert f":{port}" in ended.err


def test_other_machines_are_served_with_tls_only(
    accord: Accord, homes: Homes, tmp_path: Path
) -> None:
    open_host = accord("serve", "--home", homes.alfa, "--host", "0.0.0.0")
    assert (open_host.code, "--tls-cert" in open_host.err) == (2, True)
    half = accord("serve", "--home", homes.alfa, "--tls-cert", tmp_path / "x.pem")
    assert (half.code, "belong together" in half.err) == (2, True)
    wrong = tmp_path / "x.pem"
    wrong.write_text("no certificate")
    unusable = accord(
        "serve", "--home", homes.alfa, "--tls-cert", wrong, "--tls-key", wrong, "--host", "0.0.0.0"
    )
    assert (unusable.code, str(wrong) in unusable.err) == (2, True)


def test_whoever_stops_reading_does_not_make_it_complain() -> None:
    process = subprocess.Popen(
        command("--help"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_environment()
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(SECONDS) == 141
    assert err == b""


def test_a_small_command_imports_neither_server_nor_store() -> None:
    code = (
        "import sys; from accord.cli.main import run; run(['--help']); "
        "print([name for name in ('litestar', 'granian', 'sqlalchemy', 'httpx', 'cryptography')"
        " if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stderr.strip() == b"[]"


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONUNBUFFERED": ""}


def test_a_node_with_a_certificate_answers_over_tls(homes: Homes, tmp_path: Path) -> None:
    certificate, key = _self_signed(tmp_path)
    port = free_port()
    context = ssl.create_default_context(cafile=str(certificate))
    words = ("--port", port, "--tls-cert", certificate, "--tls-key", key, "--json")
    process = subprocess.Popen(
        command("serve", "--home", homes.alfa, *words),
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"{\n"
        assert f'"https://127.0.0.1:{port}"'.encode() in process.stdout.readline()
        with urllib.request.urlopen(f"https://127.0.0.1:{port}/healthz", context=context) as answer:
            assert answer.status == 200
    finally:
        process.terminate()
        process.communicate(timeout=SECONDS)


def _self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = utc_now()
    alternative = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(alternative, critical=False)
        .sign(key, SHA256())
    )
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(Encoding.PEM))
    paths[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return paths
