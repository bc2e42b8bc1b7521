"""`accord agreement`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.node.support import indicator, terms_text

from .conftest import Accord, Homes


@pytest.fixture
def terms(homes: Homes, tmp_path: Path) -> Path:
    path = tmp_path / "terms.toml"
    path.write_text(terms_text([homes.alfa_id, homes.bravo_id], name="Second"))
    return path


def test_list_has_the_collection_of_each_agreement(accord: Accord, homes: Homes) -> None:
    (row,) = accord("agreement", "list", "--home", homes.alfa, "--json").json
    assert row["id"] == homes.agreement
    assert row["collection"].count("-") == 4
    assert row["state"] == "in-force"
    assert set(row["signed"]) == {homes.alfa_id, homes.bravo_id}


def test_propose_then_sign_says_whose_signature_is_missing(
    accord: Accord, homes: Homes, terms: Path
) -> None:
    proposed = accord("agreement", "propose", terms, "--home", homes.alfa, "--json").json
    assert proposed["state"] == "proposed"
    signed = accord(
        *("agreement", "sign", proposed["id"], "--home", homes.alfa),
        *("--person", "A. Person", "--office", "Head"),
    )
    assert signed.code == 0
    assert "signatures of: Bravo" in signed.out
    again = accord(
        *("agreement", "sign", proposed["id"], "--home", homes.alfa),
        *("--person", "A. Person", "--office", "Head"),
    )
    assert again.code == 1


def test_the_text_may_be_piped_in(accord: Accord, homes: Homes, terms: Path) -> None:
    ended = accord("agreement", "propose", "-", "--home", homes.alfa, stdin=terms.read_bytes())
    assert ended.code == 0


def test_a_mistake_in_the_file_is_named_by_line_and_field(
    accord: Accord, homes: Homes, terms: Path
) -> None:
    lines = terms.read_text().splitlines()
    place = next(at for at, line in enumerate(lines) if line.startswith("tlp_ceiling"))
    lines[place] = 'tlp_ceiling = "pink"'
    terms.write_text("\n".join(lines))
    ended = accord("agreement", "propose", terms, "--home", homes.alfa, "--lang", "ru")
    assert ended.code == 2
    assert f"строка {place + 1}" in ended.err.lower()
    assert "tlp_ceiling" in ended.err


def test_a_party_that_is_no_peer_is_refused(accord: Accord, homes: Homes, tmp_path: Path) -> None:
    stranger = "identity--0b7e43d5-88a6-5f19-a2c0-94d1be5f7a12"
    path = tmp_path / "terms.toml"
    path.write_text(terms_text([homes.alfa_id, stranger]))
    ended = accord("agreement", "propose", path, "--home", homes.alfa)
    assert ended.code == 2
    assert stranger in ended.err


def test_a_program_that_signs_must_say_who(accord: Accord, homes: Homes, terms: Path) -> None:
    proposed = accord("agreement", "propose", terms, "--home", homes.alfa, "--json").json
    ended = accord("agreement", "sign", proposed["id"], "--home", homes.alfa)
    assert ended.code == 2
    assert "--person" in ended.err


@pytest.mark.parametrize(
    "language, said", [("en", "in force"), ("ru", "действует"), ("zh", "生效")]
)
def test_show_has_the_text_and_each_partys_signature(
    accord: Accord, homes: Homes, language: str, said: str
) -> None:
    shown = accord(
        "agreement", "show", homes.agreement, "--home", homes.alfa, "--lang", language
    ).out
    assert said in shown
    assert shown.count("P. Erson") == 2
    assert homes.bravo_id in shown
    assert all(len(line) <= 80 for line in shown.splitlines())


def test_show_gives_a_program_terms_and_signatures(accord: Accord, homes: Homes) -> None:
    (text,) = accord("agreement", "show", homes.agreement, "--home", homes.bravo, "--json").json
    assert text["terms"]["tlp_ceiling"] == "amber"
    assert text["signatures"][homes.alfa_id]["office"] == "Desk"


def test_withdraw_ends_it_for_this_member(accord: Accord, homes: Homes) -> None:
    ended = accord(
        "agreement", "withdraw", homes.agreement, "--home", homes.alfa, "--reason", "over"
    )
    assert ended.code == 0
    (row,) = accord("agreement", "list", "--home", homes.alfa, "--json").json
    assert row["state"] == "withdrawn"
    shown = accord("agreement", "show", homes.agreement, "--home", homes.alfa).out
    assert "withdrew" in shown


def test_an_unknown_agreement_is_not_found(accord: Accord, homes: Homes) -> None:
    ended = accord("agreement", "show", "accord-agreement--0", "--home", homes.alfa)
    assert ended.code == 1


RESERVATION = """text = "Our law"
direction = "received"

[narrows]
tlp_ceiling = "{ceiling}"
"""


def test_signing_with_a_reservation_is_shown_in_the_register_and_one_that_widens_is_refused(
    accord: Accord, homes: Homes, terms: Path, tmp_path: Path
) -> None:
    proposed = accord("agreement", "propose", terms, "--home", homes.alfa, "--json").json
    who = ("--person", "A. Person", "--office", "Head", "--home", homes.alfa)
    wide, narrow = tmp_path / "wide.toml", tmp_path / "narrow.toml"
    wide.write_text(RESERVATION.format(ceiling="red"))
    narrow.write_text(RESERVATION.format(ceiling="green"))

    refused = accord("agreement", "sign", proposed["id"], "--reservation", wide, *who)
    assert refused.code == 2
    assert "reservation.narrows.tlp_ceiling" in refused.err
    assert accord("agreement", "sign", proposed["id"], "--reservation", narrow, *who).code == 0
    shown = accord("agreement", "register", proposed["id"], "--home", homes.alfa)
    assert "reservation: Our law" in shown.out
    (text,) = accord("agreement", "register", proposed["id"], "--home", homes.alfa, "--json").json
    assert [line["state"] for line in text["register"]] == ["signed", "invited"]


def test_an_amendment_is_proposed_from_the_file_that_export_wrote(
    accord: Accord, homes: Homes, tmp_path: Path
) -> None:
    home = ("--home", homes.alfa)
    written = accord("agreement", "export", homes.agreement, *home, "--json").json["toml"]
    path = tmp_path / "changed.toml"
    path.write_text(written.replace('name = "', 'retention_days = 30\nname = "', 1))
    row = accord("agreement", "amend", homes.agreement, path, *home, "--json").json
    assert (row["id"], row["state"]) == (homes.agreement, "proposed")
    told = accord("agreement", "notices", "--agreement", homes.agreement, *home, "--json").json
    assert "rules.notify-amendment" in [each["key"] for each in told]
    for language in ("en", "ru", "zh"):
        spoken = accord("agreement", "notices", *home, "--lang", language)
        assert spoken.code == 0
        assert "rules." not in spoken.out


def test_an_objection_needs_to_know_whose_and_is_on_the_register(
    accord: Accord, homes: Homes
) -> None:
    home = ("--home", homes.alfa, "--reason", "too narrow")
    about = ("agreement", "object", homes.agreement, "--about")
    assert accord(*about, "reservation", *home).code == 2
    assert accord(*about, "weather", *home).code == 2
    assert accord(*about, "renewal", *home).code == 2
    assert accord(*about, "reservation", "--member", "Bravo", "--precludes", *home).code == 0
    (text,) = accord("agreement", "register", homes.agreement, "--home", homes.alfa, "--json").json
    (objection,) = text["register"][1]["objections"]
    assert (objection["reason"], objection["precludes"]) == ("too narrow", True)
    shown = accord("agreement", "register", homes.agreement, "--home", homes.alfa)
    assert "objection of Alfa" in shown.out


def test_an_evaluation_and_codes_are_published_with_the_object(
    accord: Accord, homes: Homes, tmp_path: Path
) -> None:
    path = tmp_path / "one.json"
    path.write_bytes(indicator(77))
    set_up = ("--agreement", homes.agreement, "--home", homes.alfa, "--tlp", "green")
    words = ("release", "preview", path, *set_up)
    assert accord(*words, "--grade", "admiralty:B2").code == 0
    assert accord(*words, "--code", "H1", "--grade", "admiralty:B2").code == 1  # two people needed
    assert accord(*words, "--code", "H7").code == 1
    assert accord(*words, "--grade", "B2").code == 2
    assert accord(*words, "--review", "no politics").code == 1


def test_a_reservation_is_taken_back_alone_and_the_register_says_when(
    accord: Accord, homes: Homes, terms: Path, tmp_path: Path
) -> None:
    proposed = accord("agreement", "propose", terms, "--home", homes.alfa, "--json").json["id"]
    narrow = tmp_path / "narrow.toml"
    narrow.write_text(RESERVATION.format(ceiling="green"))
    who = ("--person", "A. Person", "--office", "Head", "--home", homes.alfa)
    accord("agreement", "sign", proposed, "--reservation", narrow, *who)
    back = ("agreement", "take-back", proposed)
    why = ("--reason", "Our law has changed.", "--home", homes.alfa)
    assert accord(*back, "signature", *why).code == 2
    assert accord(*back, "objection", *why).code == 2
    never = ("--about", "reservation", "--member", "Bravo")
    assert "takes back what it did not declare" in accord(*back, "objection", *never, *why).err
    assert accord(*back, "reservation", *why).code == 0
    assert accord(*back, "reservation", *why).code == 2
    shown = accord("agreement", "register", proposed, "--home", homes.alfa).out
    assert "took its" in shown
    notices = accord("agreement", "notices", "--agreement", proposed, "--home", homes.alfa).out
    assert "takes back its" in notices
