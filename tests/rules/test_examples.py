"""The example of each kind of agreement, the published schema, and errors that can be mended."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any, get_args

import jsonschema_rs
import pytest

from accord.base.errors import InputError
from accord.base.limits import Limits
from accord.base.messages import LANGUAGES, translate
from accord.rules.agreement_file import agreement_from_toml, agreement_to_toml, line_of
from accord.rules.areas import AREAS, area_name
from accord.rules.languages import articles, language_contents
from accord.rules.schema import agreement_schema
from accord.rules.terms import Kind, terms_of
from accord.stix.check import Checker
from accord.stix.extension import build
from tests.rules.world import AGREEMENT, ALFA

FOLDER = Path(__file__).parents[2] / "docs/examples"
FILES = sorted(FOLDER.glob("*.toml"))
SCHEMA = FOLDER / "agreement.schema.json"
MULTILATERAL = (FOLDER / "multilateral.toml").read_text("utf-8")


def test_there_is_an_example_of_each_kind() -> None:
    kinds = [agreement_from_toml(path.read_text("utf-8"))["kind"] for path in FILES]
    assert sorted(kinds) == sorted(get_args(Kind))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_example_is_read_written_and_read_again_as_the_same(path: Path) -> None:
    fields = agreement_from_toml(path.read_text("utf-8"))
    once = agreement_to_toml(fields)
    assert agreement_from_toml(once) == fields
    assert agreement_to_toml(agreement_from_toml(once)) == once


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_change_of_one_value_is_a_change_of_one_line(path: Path) -> None:
    fields = agreement_from_toml(path.read_text("utf-8"))
    before = agreement_to_toml(fields).splitlines()
    after = agreement_to_toml({**fields, "name": "Another"}).splitlines()
    assert [line for line, old in zip(after, before, strict=True) if line != old] == [
        'name = "Another"'
    ]


def test_the_published_schema_is_the_one_that_the_reader_keeps_to() -> None:
    assert json.loads(SCHEMA.read_text("utf-8")) == agreement_schema()


def valid(fields: Any) -> bool:
    schema = jsonschema_rs.validator_for(agreement_schema())
    plain = json.loads(json.dumps(fields, default=lambda moment: moment.isoformat()))
    return bool(schema.is_valid(plain))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_schema_takes_every_example(path: Path) -> None:
    assert valid(tomllib.loads(path.read_text("utf-8")))


WRONG: list[tuple[str, Any]] = [
    ("name", ""),
    ("kind", "treaty"),
    ("parties", [ALFA]),
    ("areas", ["It Crime"]),
    ("tlp_ceiling", "AMBER"),
    ("attribution", "never"),
    ("retention_days", 0),
    ("exercise", "no"),
    ("reservations", ["titles"]),
    ("titles", {"en": "only"}),
    ("evidence", {"codes": ["H4"]}),
    ("tasks", [{"id": "t"}]),
    ("embargo_days", 30),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_what_the_reader_refuses_the_schema_refuses_too(name: str, value: Any) -> None:
    fields = tomllib.loads(MULTILATERAL)
    fields[name] = value
    assert not valid(fields)
    with pytest.raises(InputError):
        agreement_to_toml(fields)


# A mistake in a nested table: what is written instead, the field, and the line it is on.
MISTAKES = [
    ('tlp_ceiling = "amber"\nonward', 'tlp_ceiling = "red"\nonward',
     "implementing_rules[0].narrows.tlp_ceiling", 'tlp_ceiling = "red"'),
    ('areas = ["terrorist-financing"]', 'areas = ["arms"]', "implementing_rules[0].areas",
     'areas = ["arms"]'),
    ('id = "seizure-form"', 'id = "Seizure Form"', "annexes[0].id", 'id = "Seizure Form"'),
    ('schemes = ["admiralty", "4x4"]', 'schemes = ["5x5"]', "evaluation.schemes[0]",
     'schemes = ["5x5"]'),
    ("Статья 2. К сведениям", "Статья 3. К сведениям", "texts.ru", 'ru = """'),
]  # fmt: skip


@pytest.mark.parametrize(("good", "bad", "field", "line"), MISTAKES)
def test_a_mistake_is_named_by_line_and_field_in_three_languages(
    good: str, bad: str, field: str, line: str
) -> None:
    assert good in MULTILATERAL
    source = MULTILATERAL.replace(good, bad, 1)
    with pytest.raises(InputError) as caught:
        agreement_from_toml(source)
    message = caught.value.message
    assert message.args["field"] == field
    assert source.splitlines()[int(message.args["line"]) - 1].startswith(line)
    for language in LANGUAGES:
        sentence = translate(message, language)
        assert field in sentence
        assert str(message.args["allowed"]) in sentence


def test_a_line_is_found_in_the_second_table_of_a_list() -> None:
    first = '[[tasks]]\nid = "a"\n[tasks.texts]\nzh = "x"\n'
    source = first + '[[tasks]]\nid = "b"\n[tasks.texts]\nru = "y"\n'
    assert line_of(source, "tasks[1].id") == 6
    assert line_of(source, "tasks[1].texts.ru") == 8
    assert line_of(source, "tasks[1].texts.en") == 7
    assert line_of(source, "tasks[0].texts.zh") == 4
    assert line_of(source, "glossary[0].zh") is None


def test_a_word_of_the_glossary_that_one_language_lacks_is_named() -> None:
    source = (FOLDER / "bilateral.toml").read_text("utf-8")
    with pytest.raises(InputError) as caught:
        agreement_from_toml(source.replace("不得用作证据", "不得使用"))
    assert caught.value.message.args["field"] == "glossary[0].zh"


def test_articles_are_counted_alike_in_three_languages() -> None:
    assert articles("第一条 x\n第十二条 y\n第一百零三条 z", "zh") == (1, 12, 103)
    assert articles("Статья 1. x\nСтатья 12. y", "ru") == (1, 12)
    assert articles("Article 1. x\n  Article 12. y", "en") == (1, 12)


def test_texts_are_shown_to_stix_tools_as_language_content_made_from_the_signed_bytes() -> None:
    fields = agreement_from_toml(MULTILATERAL)
    created = {"created": "2026-01-01T00:00:00.000000Z", "id": AGREEMENT, "created_by_ref": ALFA}
    raw = build("accord-agreement", {**fields, **created})
    agreement = Checker(Limits()).check(raw).object.fields

    made = language_contents(agreement)
    assert made == language_contents(agreement)
    checked = [Checker(Limits()).check(each).object for each in made]
    assert [next(iter(each.fields["contents"])) for each in checked] == ["zh", "ru"]
    assert all(each.fields["object_ref"] == AGREEMENT for each in checked)
    assert checked[0].fields["contents"]["zh"]["name"] == fields["titles"]["zh"]


def test_the_areas_of_the_page_are_the_built_in_ones_and_a_charter_may_rename_them() -> None:
    page = (FOLDER.parent / "reference/agreement.md").read_text("utf-8")
    for area, names in AREAS.items():
        row = f"| `{area}` | {names['zh']} | {names['ru']} | {names['en']} |"
        assert row in page.splitlines()
        assert area_name(area, "ru") == names["ru"]
    source = (FOLDER / "charter.toml").read_text("utf-8")
    renamed = agreement_from_toml(source.replace('en = "narcotics"', 'en = "drugs"'))
    charter = terms_of({"type": "accord-agreement", **renamed})
    assert area_name("narcotics", "en", charter) == "drugs"
    assert area_name("moon", "en", charter) == "moon"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_example_can_be_proposed_as_it_stands(path: Path) -> None:
    """What the reader of files takes, the check of STIX 2.1 takes: no empty lists (section 2.9)."""
    fields = agreement_from_toml(path.read_text("utf-8"))
    stamped = {
        "id": AGREEMENT,
        "created_by_ref": ALFA,
        "created": "2026-03-03T03:00:00.000Z",
        "modified": "2026-03-03T03:00:00.000Z",
    }
    raw = build("accord-agreement", {**fields, **stamped})
    assert terms_of(Checker(Limits()).check(raw).object.fields).titles


def test_an_empty_list_is_left_out_and_no_reservations_are_said() -> None:
    lines = [
        line
        for line in MULTILATERAL.splitlines()
        if not line.startswith(("reservations", "object_types"))
    ]
    place = next(n for n, line in enumerate(lines) if line.startswith("onward"))
    lines[place:place] = ["reservations = []", "object_types = []"]
    fields = agreement_from_toml("\n".join(lines))
    assert fields["reservations"] == ["none"]
    assert "object_types" not in fields
