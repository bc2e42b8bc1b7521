"""The manual page names every command, in three languages, and `man` can draw it."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from accord.base.messages import LANGUAGES

from .conftest import Accord


def test_every_command_and_its_options_stand_in_the_page(accord: Accord) -> None:
    page = accord("manual").out.replace("\\-", "-")
    for text in (".SS accord publish FILE...", ".B --tls-cert FILE", ".SS accord token add NAME"):
        assert text in page
    assert page.index("accord init") < page.index("accord doctor")


@pytest.mark.parametrize("language", LANGUAGES)
def test_groff_draws_it_without_a_warning(accord: Accord, language: str) -> None:
    groff = shutil.which("groff")
    if groff is None:
        pytest.skip("groff is not installed")
    page = accord("manual", "--lang", language).out
    words = [groff, "-man", "-Tutf8", "-Kutf8", "-ww", "-z"]
    drawn = subprocess.run(words, input=page.encode(), capture_output=True, check=True)
    problems = drawn.stderr.decode().splitlines()
    assert not [line for line in problems if "break" not in line and "adjust" not in line]
