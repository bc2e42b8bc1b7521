from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from accord.base.errors import InputError
from accord.base.messages import LANGUAGES, translate
from accord.rules import terms, terms_spec
from accord.rules.agreement_file import agreement_from_toml, agreement_to_toml
from accord.rules.facts import Fact, ProposalSeen, decode_fact, encode_fact
from accord.rules.fields import Field, whole
from accord.rules.terms import Terms, reread, terms_of
from tests.rules.world import AGREEMENT, ALFA, BETA, proposal

EXAMPLE = (Path(__file__).parents[2] / "docs/examples/agreement.toml").read_text("utf-8")


def fields(**changes: Any) -> dict[str, Any]:
    return {**agreement_from_toml(EXAMPLE), **changes}


def stix(**changes: Any) -> dict[str, Any]:
    return {
        "type": "accord-agreement",
        "spec_version": "2.1",
        "id": AGREEMENT,
        "created_by_ref": ALFA,
        **fields(**changes),
    }


def test_the_example_is_an_agreement() -> None:
    terms = terms_of(stix())

    assert terms.tlp_ceiling == "amber"
    assert terms.personal_data is not None
    assert terms.personal_data.max_days == 90
    assert set(terms.texts) == {"zh", "ru", "en"}
    assert terms.valid_from.isoformat() == "2026-01-01T00:00:00+00:00"


def test_the_example_survives_being_written_and_read_again() -> None:
    once = agreement_to_toml(fields())
    assert agreement_from_toml(once) == fields()
    assert agreement_to_toml(agreement_from_toml(once)) == once


words = st.text(min_size=1, max_size=60).filter(lambda text: text.strip() and "\0" not in text)
tokens = st.from_regex(r"[a-z0-9](?:[a-z0-9_-]{0,8}[a-z0-9])?", fullmatch=True)


@given(
    words.map(lambda text: text.replace("\r", " ")).filter(str.strip),
    st.lists(tokens, min_size=1, max_size=5, unique=True),
    st.datetimes().map(lambda moment: moment.strftime("%Y").zfill(4)),
    st.sampled_from(["none", "agreement", "public"]),
    st.booleans(),
)
def test_any_agreement_survives_being_written_and_read_again(
    text: str, areas: list[str], year: str, onward: str, exercise: bool
) -> None:
    changed = fields(
        name=text[:200],
        areas=areas,
        onward=onward,
        exercise=exercise,
        valid_from=f"{year}-03-01T10:00:00.250000Z",
        texts={"zh": text, "ru": f"{text}\n\n{text}", "en": f'"""\\{text}\t\x7f\n"'},
    )
    changed.pop("valid_until")

    assert agreement_from_toml(agreement_to_toml(changed)) == changed


def test_a_field_of_a_newer_version_is_kept_and_named() -> None:
    newer = stix(embargo_days=30)
    newer["personal_data"] = {**newer["personal_data"], "sealed": True}
    newer["tasks"] = [{"id": "t", "texts": dict.fromkeys(("zh", "ru", "en"), "x"), "by": "night"}]
    terms = terms_of(newer)

    assert set(terms.unknown) == {"embargo_days", "personal_data.sealed", "tasks[0].by"}
    assert terms.unread is not None
    assert terms.unread["embargo_days"] == 30
    assert reread(terms) == terms  # and after an upgrade, the version that runs then reads it


def test_a_stored_text_is_read_anew_by_a_version_that_knows_its_fields(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = replace(proposal(terms_of(stix(embargo_days=30))), agreement=AGREEMENT)
    stored = encode_fact(Fact(seq=1, recorded_at=said.issued, what=said))
    newer = (*terms.AGREEMENT, Field("embargo_days", whole(1, 100), required=False))

    monkeypatch.setattr(terms, "AGREEMENT", newer)
    monkeypatch.setattr(terms_spec, "AGREEMENT", newer)
    again = decode_fact(stored).what
    assert isinstance(again, ProposalSeen)
    assert (again.terms.unknown, again.terms.unread) == ((), None)


def test_a_field_that_is_unknown_in_a_file_is_refused_at_once() -> None:
    with pytest.raises(InputError) as caught:
        agreement_from_toml("embargo_days = 30\n" + EXAMPLE)
    assert caught.value.message.args["field"] == "embargo_days"


BAD_FIELDS: list[tuple[str, str, Any]] = [
    ("type", "accord-agreement", {"type": "report"}),
    ("name", '"…" (1–200)', {"name": " "}),
    ("tlp_ceiling", "clear | green | amber | amber+strict | red", {"tlp_ceiling": "AMBER"}),
    ("onward", "none | agreement | public", {"onward": True}),
    ("parties", "[identity--UUID, …] (2–200)", {"parties": [ALFA]}),
    ("parties[1]", "identity--UUID", {"parties": [ALFA, "CERT Beta"]}),
    ("parties[2]", "[identity--UUID, …] (2–200), ≠", {"parties": [ALFA, BETA, ALFA]}),
    ("areas", "[a-z 0-9 - _ (1–64), …] (1–100)", {"areas": []}),
    ("retention_days", "1 … 36500", {"retention_days": True}),
    ("valid_from", "2026-03-01T00:00:00Z", {"valid_from": "2026-02-30T00:00:00Z"}),
    ("valid_until", "> 2026-01-01T00:00:00.000000Z", {"valid_until": "2026-01-01T00:00:00Z"}),
    ("exercise", "true | false", {"exercise": "no"}),
    ("titles", "{zh, ru, en}", {"titles": "Agreement"}),
    ("personal_data.purposes", "detection | defence | investigation",
     {"personal_data": {"allowed": True, "purposes": ["marketing"], "max_days": 1}}),
    ("adoption", "all-sign", {"adoption": "majority"}),
]  # fmt: skip


@pytest.mark.parametrize(("field", "allowed", "changes"), BAD_FIELDS)
def test_a_wrong_field_is_named_with_what_is_allowed(
    field: str, allowed: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(InputError) as caught:
        terms_of(stix(**changes))

    message = caught.value.message
    assert (message.key, message.args["field"], message.args["allowed"]) == (
        "rules.field-invalid",
        field,
        allowed,
    )
    for language in LANGUAGES:
        assert field in translate(message, language)


def line(beginning: str) -> int:
    return next(
        number
        for number, text in enumerate(EXAMPLE.splitlines(), start=1)
        if text.startswith(beginning)
    )


BAD_FILES = [
    ("rules.line-invalid", 'tlp_ceiling = "amber"', 'tlp_ceiling = "purple"', "tlp_ceiling"),
    ("rules.line-invalid", "max_days = 90", "max_days = 0", "personal_data.max_days"),
    ("rules.line-invalid", '  "identity--0b7e43d5', '  "identity-0b7e43d5', "parties[1]"),
    ("rules.line-invalid", "valid_from = 2026-01-01T00:00:00Z", "valid_from = 2026-01-01",
     "valid_from"),
    ("rules.line-unknown", "exercise = false", "excercise = false", "excercise"),
    ("rules.line-missing", 'ru = "Согла', '# ru = "Согла', "titles.ru"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "good", "bad", "field"), BAD_FILES)
def test_a_wrong_line_is_named_with_its_number(key: str, good: str, bad: str, field: str) -> None:
    assert good in EXAMPLE
    with pytest.raises(InputError) as caught:
        agreement_from_toml(EXAMPLE.replace(good, bad, 1))

    message = caught.value.message
    where = {"parties[1]": "parties", "titles.ru": "[titles]"}.get(field, bad.split(" =")[0])
    expected = line("exercise") if field == "excercise" else line(where)
    assert (message.key, message.args["field"]) == (key, field)
    assert message.args["line"] == expected


def test_words_inside_a_text_are_not_taken_for_fields() -> None:
    source = EXAMPLE.replace('en = """\n', 'en = """\nretention_days = 0\n').replace(
        "retention_days = 365", "retention_days = 0"
    )
    with pytest.raises(InputError) as caught:
        agreement_from_toml(source)
    assert caught.value.message.args["line"] == line("retention_days")


def test_a_missing_field_and_broken_toml_are_said() -> None:
    with pytest.raises(InputError, match="Field onward is missing"):
        agreement_from_toml(EXAMPLE.replace("onward =", "# onward ="))
    with pytest.raises(InputError, match="line 3"):
        agreement_from_toml('name = "x"\n\nonward = none\n')


def test_what_is_no_agreement_is_not_written() -> None:
    with pytest.raises(InputError, match="onward"):
        agreement_to_toml(fields(onward="everywhere"))


def test_terms_are_values() -> None:
    assert terms_of(stix()) == terms_of(stix())
    assert isinstance(terms_of(stix()), Terms)
