from __future__ import annotations

import io
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from accord.base import messages
from accord.base.messages import LANGUAGES, Message, say, translate

RUSSIAN = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && "
"(n%100<10 || n%100>=20) ? 1 : 2);\\n"

msgid "trial.objects"
msgid_plural "trial.objects"
msgstr[0] "{count} объект от {name}"
msgstr[1] "{count} объекта от {name}"
msgstr[2] "{count} объектов от {name}"
"""


@pytest.fixture
def trial_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A Russian catalogue `trial` in a package folder of its own."""
    folder = tmp_path / "locale" / "ru"
    folder.mkdir(parents=True)
    (folder / "trial.po").write_text(RUSSIAN.lstrip(), "utf-8")
    monkeypatch.setattr(resources, "files", lambda package: tmp_path)
    messages._catalogue.cache_clear()
    yield folder
    messages._catalogue.cache_clear()


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "The key “modified” is given twice in one JSON object."),
        ("ru", "Ключ «modified» повторяется в одном объекте JSON."),
        ("zh", "同一个 JSON 对象中键“modified”重复出现。"),
    ],
)
def test_a_message_is_said_in_each_language(language: str, sentence: str) -> None:
    assert translate(say("base.json-duplicate-key", name="modified"), language) == sentence


@pytest.mark.parametrize(
    ("count", "sentence"),
    [
        (1, "1 объект от Alfa"),
        (3, "3 объекта от Alfa"),
        (11, "11 объектов от Alfa"),
        (21, "21 объект от Alfa"),
        (25, "25 объектов от Alfa"),
    ],
)
@pytest.mark.usefixtures("trial_catalogue")
def test_russian_has_three_plural_forms(count: int, sentence: str) -> None:
    assert translate(say("trial.objects", count=count, name="Alfa"), "ru") == sentence


def test_a_catalogue_compiled_from_the_same_text_says_the_same(trial_catalogue: Path) -> None:
    source, compiled = trial_catalogue / "trial.po", io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(source.read_bytes()), locale="ru"))
    (trial_catalogue / "trial.mo").write_bytes(compiled.getvalue())
    source.unlink()  # as in a wheel
    assert translate(say("trial.objects", count=2, name="Alfa"), "ru") == "2 объекта от Alfa"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_key_without_sentence_is_shown_and_not_swallowed(language: str) -> None:
    assert translate(say("base.no-such-key"), language) == "base.no-such-key"
    assert translate(say("base.no-such-key", name="x"), language) == "base.no-such-key (name=x)"
    assert translate(say("nowhere.no-such-key"), language) == "nowhere.no-such-key"


def test_a_missing_argument_shows_the_key_with_what_there_is() -> None:
    assert str(say("base.json-duplicate-key", other=1)) == "base.json-duplicate-key (other=1)"


def test_what_a_peer_wrote_is_never_read_as_a_sentence_of_ours() -> None:
    hostile = say("base.json-duplicate-key", name="{0.__class__} {name} %s")
    assert str(hostile) == "The key “{0.__class__} {name} %s” is given twice in one JSON object."


def test_equal_messages_are_one_in_a_set() -> None:
    assert len({say("base.a", count=1), Message("base.a", {"count": 1}), say("base.a")}) == 2
