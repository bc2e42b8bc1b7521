from __future__ import annotations

import pytest

from accord.base.errors import (
    AccordError,
    ConflictError,
    DeniedError,
    InputError,
    MachineFault,
    NotFoundError,
    PeerFault,
)
from accord.base.messages import say, translate

KINDS = [InputError, DeniedError, ConflictError, PeerFault, MachineFault]


@pytest.mark.parametrize("kind", [*KINDS, NotFoundError])
def test_an_error_carries_a_message_that_is_translated_later(kind: type[AccordError]) -> None:
    error = kind("base.json-too-deep", limit=64)
    assert error.message == say("base.json-too-deep", limit=64)
    assert str(error) == "The JSON is nested more than 64 levels deep."
    assert translate(error.message, "zh") == "JSON 嵌套超过 64 层。"


@pytest.mark.parametrize("kind", KINDS)
def test_the_kinds_of_error_are_never_mixed(kind: type[AccordError]) -> None:
    others = [other for other in KINDS if other is not kind]
    assert not any(issubclass(kind, other) for other in others)


def test_a_bug_of_the_calling_code_is_none_of_ours() -> None:
    assert not issubclass(AccordError, ValueError | TypeError)
