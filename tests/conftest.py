"""What every test can ask for, and how many examples the generated ones take."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import statements

ROOT = Path(__file__).parent.parent
IN_CI = "CI" in os.environ

# A deadline per example only measures how busy the machine is.
settings.register_profile("quick", max_examples=30, deadline=None)
settings.register_profile("ci", max_examples=60, deadline=None, print_blob=True)
settings.register_profile(
    "thorough", max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci" if IN_CI else "quick")

statements.share()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real STIX, lists and published vectors that stands beside the repository.

    `ACCORD_SHARED` names another place. Where it is absent the test is skipped, but never in CI:
    there a missing folder is a failure.
    """
    folder = Path(os.environ.get("ACCORD_SHARED", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        problem = f"the shared data folder is not at {folder} (ACCORD_SHARED may name another)"
        if IN_CI:
            pytest.fail(problem)
        pytest.skip(problem)
    return folder
