"""The files of the pages: addresses that name the content, packed bodies, and nothing else."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from accord.web.assets import Assets

LONG = b"a { color: red }\n" * 100
UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "gzip": gzip.decompress,
    "zstd": zstandard.decompress,
}


@pytest.fixture
def assets(tmp_path: Path) -> Assets:
    (tmp_path / "page.css").write_bytes(LONG)
    (tmp_path / "tiny.js").write_bytes(b"1")
    (tmp_path / "secret.key").write_bytes(b"not to be served")
    (tmp_path / "folder.js").mkdir()
    return Assets([tmp_path, tmp_path / "not-there"])


def asked(assets: Assets, url: str, accepted: str = "") -> tuple[bytes, dict[str, str]] | None:
    """What is answered at an address as `url` gives it."""
    _, beginning, digest, name = url.split("/", 3)
    assert beginning == "assets"
    return assets.answer(digest, name, accepted)


@pytest.mark.parametrize(
    "accepted, coding",
    [
        ("", ""),
        ("br", ""),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, deflate", "gzip"),
        ("zstd;q=0, gzip;q=0.5", "gzip"),
        ("gzip; q=0", ""),
    ],
)
def test_a_body_is_packed_as_the_browser_allows(assets: Assets, accepted: str, coding: str) -> None:
    answer = asked(assets, assets.url("page.css"), accepted)
    assert answer is not None
    body, fields = answer
    assert UNPACK[coding](body) == LONG
    assert fields.get("content-encoding", "") == coding
    assert fields["content-type"] == "text/css; charset=utf-8"
    assert fields["cache-control"] == "public, max-age=31536000, immutable"
    assert fields["x-content-type-options"] == "nosniff"
    assert fields["vary"] == "accept-encoding"


def test_a_small_file_is_not_packed(assets: Assets) -> None:
    answer = asked(assets, assets.url("tiny.js"), "gzip, zstd")
    assert answer is not None
    assert answer[0] == b"1"
    assert "content-encoding" not in answer[1]


def test_an_address_changes_with_the_content(assets: Assets, tmp_path: Path) -> None:
    before = assets.url("page.css")
    (tmp_path / "page.css").write_bytes(LONG + b"b {}")
    changed = Assets([tmp_path])
    assert changed.url("page.css") != before
    assert asked(changed, before) is None


@pytest.mark.parametrize(
    "name", ["secret.key", "folder.js", "none.css", "../page.css", "%2e%2e/page.css", "", "."]
)
def test_what_is_not_on_the_list_is_not_there(assets: Assets, name: str) -> None:
    digest = assets.url("page.css").split("/")[2]
    assert not assets.has(name)
    assert assets.answer(digest, name, "") is None
    with pytest.raises(KeyError):
        assets.url(name)


def test_own_files_stand_above_those_of_packages(tmp_path: Path) -> None:
    for folder in ("packages", "own"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "page.js").write_text(folder)
    both = Assets([tmp_path / "packages", tmp_path / "own"])
    answer = asked(both, both.url("page.js"))
    assert answer is not None
    assert answer[0] == b"own"
