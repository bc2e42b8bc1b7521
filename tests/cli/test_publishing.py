"""`accord release preview` and `accord publish`."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.node.support import indicator, object_id

from .conftest import Accord, Ended, Homes

FRESH = range(100, 104)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """Four indicators that nobody has seen yet."""
    objects = [json.loads(indicator(number)) for number in FRESH]
    path = tmp_path / "bundle.json"
    path.write_text(
        json.dumps(
            {
                "type": "bundle",
                "id": "bundle--5d0092c5-5f74-4287-9642-33f4c354e56d",
                "objects": objects,
            }
        )
    )
    return path


def publish(accord: Accord, homes: Homes, *words: object, **more: Any) -> Ended:
    return accord(
        *("publish", "--home", homes.alfa, "--agreement", homes.agreement),
        *("--tlp", "green", *words),
        **more,
    )


def test_preview_says_yes_or_no_for_each_recipient_and_object(
    accord: Accord, homes: Homes, bundle: Path
) -> None:
    words = ("release", "preview", bundle, "--home", homes.alfa, "--agreement", homes.agreement)
    fine = accord(*words, "--tlp", "TLP:GREEN", "--json")
    assert fine.code == 0
    assert [row["released"] for row in fine.json["rows"]] == [True] * 4
    assert {row["recipient"] for row in fine.json["rows"]} == {homes.bravo_id}
    above = accord(*words, "--tlp", "red", "--named", "x", "--json", "--lang", "zh")
    assert above.code == 1
    assert above.json["withheld_from_all"] == 4
    assert "TLP" in above.json["rows"][0]["why"][0]
    table = accord(*words, "--tlp", "red", "--lang", "ru").out
    assert "нет" in table
    assert object_id(indicator(100)) in table


def test_preview_writes_nothing(accord: Accord, homes: Homes, bundle: Path) -> None:
    before = accord("ledger", "verify", "--home", homes.alfa, "--json").json
    accord("release", "preview", bundle, "--home", homes.alfa, "--agreement", homes.agreement)
    assert accord("ledger", "verify", "--home", homes.alfa, "--json").json == before


def test_preview_of_many_is_summed_up_by_reason(
    accord: Accord, homes: Homes, tmp_path: Path
) -> None:
    path = tmp_path / "many.jsonl"
    path.write_bytes(b"\n".join(indicator(number) for number in range(200, 240)))
    words = ("release", "preview", path, "--home", homes.alfa, "--agreement", homes.agreement)
    shown = accord(*words).out
    assert "40 × " in shown
    assert object_id(indicator(200)) not in shown
    assert object_id(indicator(200)) in accord(*words, "--all").out


def test_publish_counts_what_is_new_and_who_is_granted_it(
    accord: Accord, homes: Homes, bundle: Path
) -> None:
    first = publish(accord, homes, bundle, "--json").json
    assert (first["published"], first["already"]) == (4, 0)
    assert first["granted"] == {homes.bravo_id: 4}
    again = publish(accord, homes, bundle, "--json").json
    assert (again["published"], again["already"]) == (0, 4)
    assert "stood in the ledger already" in publish(accord, homes, bundle).out


def test_publish_reads_lines_compression_and_pipes(
    accord: Accord, homes: Homes, tmp_path: Path
) -> None:
    lines, packed = tmp_path / "a.jsonl", tmp_path / "b.json.gz"
    lines.write_bytes(indicator(300) + b"\n" + indicator(301) + b"\n")
    packed.write_bytes(gzip.compress(b"[" + indicator(302) + b"]"))
    piped = gzip.compress(indicator(303))
    done = publish(accord, homes, lines, packed, "-", "--json", stdin=piped).json
    assert done["published"] == 4


def test_publish_says_each_fault_with_its_path(
    accord: Accord, homes: Homes, tmp_path: Path
) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(indicator(400, valid_from="2026-02-30T00:00:00Z"))
    ended = publish(accord, homes, path, "--lang", "ru")
    assert ended.code == 2
    assert "valid_from" in ended.err
    assert "не соответствует STIX 2.1" in ended.err
    told = publish(accord, homes, path, "--json").error
    assert told["details"][0]["path"] == "valid_from"
    assert told["details"][0]["id"] == object_id(indicator(400))


def test_publish_refuses_what_no_one_may_have_and_groups_the_reasons(
    accord: Accord, homes: Homes, bundle: Path
) -> None:
    ended = publish(accord, homes, bundle, "--tlp", "red", "--lang", "zh")
    assert ended.code == 1
    assert ended.err.count("\n") == 2
    assert object_id(indicator(100)) in ended.err
    told = publish(accord, homes, bundle, "--tlp", "red", "--json").error
    assert len(told["details"]) == 4


@pytest.mark.parametrize(
    "words, code, said",
    [
        (("--tlp", "pink"), 2, "--tlp: “pink”"),
        (("--pap", "pink"), 2, "--pap: “pink”"),
        (("--expires", "tomorrow"), 2, "--expires: “tomorrow”"),
        (("--to", "Nobody"), 1, "No peer Nobody"),
        (("--approval", "x"), 1, "nobody's"),
        (("--retain-until", "2027-01-01"), 1, "Two different releasers"),
        (("--retain-until", "2027-01-01", "--approval", "x"), 1, "nobody's"),
    ],
)
def test_options_that_cannot_be_are_refused(
    accord: Accord, homes: Homes, bundle: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    ended = publish(accord, homes, bundle, *words)
    assert ended.code == code
    assert said in ended.err


def test_personal_data_needs_two_different_releasers(
    accord: Accord, homes: Homes, bundle: Path, tmp_path: Path
) -> None:
    tokens = {}
    for name, role in (("anna", "releaser"), ("boris", "releaser"), ("carl", "analyst")):
        made = accord("token", "add", name, "--role", role, "--home", homes.alfa, "--json").json
        tokens[name] = made["token"]
    file = tmp_path / "anna.token"
    file.write_text(tokens["anna"] + "\n")
    until = ("--retain-until", "2027-01-01")
    same = publish(
        accord, homes, bundle, *until, "--approval", tokens["anna"], "--approval", f"@{file}"
    )
    assert same.code == 1
    other = publish(
        accord, homes, bundle, *until, "--approval", tokens["anna"], "--approval", tokens["carl"]
    )
    assert "carl" in other.err
    both = publish(
        accord, homes, bundle, *until, "--approval", f"@{file}", "--approval", tokens["boris"]
    )
    assert both.code == 0


@pytest.mark.parametrize(
    "content, said",
    [
        (b"", "bad.json: "),
        (b"{", "bad.json: "),
        (b"\x1f\x8bbroken", "begins like gzip"),
        (b'{"type": "bundle", "spec_version": "2.0", "objects": []}', "2.0"),
    ],
)
def test_a_file_that_is_no_stix_is_named(
    accord: Accord, homes: Homes, tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(content)
    ended = publish(accord, homes, path)
    assert ended.code == 2
    assert said in ended.err


def test_a_file_that_is_not_there_is_named(accord: Accord, homes: Homes) -> None:
    ended = publish(accord, homes, "nowhere.json")
    assert (ended.code, ended.err) == (2, "There is no file nowhere.json.\n")


def test_a_compressed_bomb_is_not_inflated(accord: Accord, homes: Homes, tmp_path: Path) -> None:
    settings = homes.alfa / "accord.toml"
    settings.write_text(settings.read_text() + "\n[limits]\nupload_bytes = 2097152\n")
    bomb = tmp_path / "bomb.gz"
    bomb.write_bytes(gzip.compress(b" " * 50_000_000))
    ended = publish(accord, homes, bomb)
    assert ended.code == 2
    assert "more than 2 MiB" in ended.err
