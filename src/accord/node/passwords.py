"""Passwords: what may be one, and how it is kept and compared.

Kept as Argon2id (RFC 9106) in its PHC form, with the parameters of the day it was set. What may be
one follows NIST SP 800-63B: length counts, kinds of characters do not.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from accord.base.errors import InputError, MachineFault
from accord.base.limits import Limits

T = TypeVar("T")

MOST_CHARACTERS = 256
_FEWEST_DIFFERENT = 5
_GIVEN = 16  # characters of a password that the program chooses: 80 bits
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_PATIENCE = 20.0  # seconds for which somebody waits for their turn
_WORKER = ThreadPoolExecutor(1, "passwords")  # its thread begins with the first password


def check_acceptable(limits: Limits, name: str, password: str) -> None:
    """Raise `InputError` for what is too short, too long, or no more than the name."""
    length = len(password)
    if not limits.password_characters <= length <= MOST_CHARACTERS:
        raise InputError(
            "node.password-length",
            found=length,
            least=limits.password_characters,
            most=MOST_CHARACTERS,
        )
    plain = password.casefold()
    if len(set(plain)) < _FEWEST_DIFFERENT or not plain.replace(name.casefold(), ""):
        raise InputError("node.password-simple")


def hashed(limits: Limits, password: str) -> str:
    """The password as it is kept."""
    return _alone(lambda: _hasher(limits).hash(_bytes(password)))


def is_right(limits: Limits, kept: str | None, password: str) -> bool:
    """Whether this is the password. Without one (`None`) the same work is done, and it is not."""
    return _alone(lambda: _is_of(limits, kept or _nobodys(limits), password)) and kept is not None


def _is_of(limits: Limits, kept: str, password: str) -> bool:
    try:
        return _hasher(limits).verify(kept, _bytes(password))
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(limits: Limits, kept: str) -> bool:
    """Whether it was kept with other parameters than today's."""
    return _hasher(limits).check_needs_rehash(kept)


def chosen() -> str:
    """A password for somebody who is to change it at once."""
    text = "".join(secrets.choice(_ALPHABET) for _ in range(_GIVEN))
    return "-".join(text[at : at + 4] for at in range(0, _GIVEN, 4))


def _alone(work: Callable[[], T]) -> T:
    """Do it in the one thread that has the memory for it, when those before are done.

    glibc keeps what a thread gave back for the next use by that thread: 19 MiB, and not for each.
    """
    doing = _WORKER.submit(work)
    try:
        return doing.result(_PATIENCE)
    except TimeoutError:
        doing.cancel()
        raise MachineFault("node.sign-in-busy") from None


def _bytes(password: str) -> bytes:
    """One spelling of what keyboards spell in several ways (RFC 8265, section 4.2)."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


@lru_cache(maxsize=4)
def _hasher(limits: Limits) -> PasswordHasher:
    return PasswordHasher(
        time_cost=limits.password_passes,
        memory_cost=limits.password_kib,
        parallelism=limits.password_lanes,
        type=Type.ID,
    )


@lru_cache(maxsize=4)
def _nobodys(limits: Limits) -> str:
    return _hasher(limits).hash(secrets.token_bytes(32))
