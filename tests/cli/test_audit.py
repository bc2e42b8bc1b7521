"""`accord audit` at the shell."""

from __future__ import annotations

from pathlib import Path

from .conftest import Accord, Homes


def test_the_record_is_verified_exported_and_checked_offline(
    accord: Accord, homes: Homes, tmp_path: Path
) -> None:
    file = tmp_path / "record.jsonl"
    found = accord("audit", "--home", homes.alfa, "--export", file, "--judge", "--json").json
    assert found["lines"] > 0
    assert found["differences"] == []
    checked = accord("audit", "--check", file, "--noted", found["head"], "--json").json
    assert checked == {"lines": found["lines"], "head": found["head"]}
    for language in ("en", "ru", "zh"):
        shown = accord("audit", "--home", homes.alfa, "--judge", "--lang", language)
        assert (shown.code, found["head"] in shown.out.replace("\n", "")) == (0, True)
    file.write_bytes(file.read_bytes().replace(b'"seq":2', b'"seq":3'))
    assert accord("audit", "--check", file).code == 2
    assert accord("audit", "--check", tmp_path / "none").code == 2
    assert accord("audit", "--home", homes.alfa, "--noted", "seven").code == 2
