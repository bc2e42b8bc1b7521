"""Limits are set by name; a name that is none is not passed over."""

from __future__ import annotations

import msgspec
import pytest

from accord.base.limits import Limits


def test_a_site_changes_one_limit_and_keeps_the_others() -> None:
    changed = msgspec.convert({"quarantine_days": 5}, Limits)
    assert changed == msgspec.structs.replace(Limits(), quarantine_days=5)


def test_a_misspelt_limit_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="quarantine_day"):
        msgspec.convert({"quarantine_day": 5}, Limits)
