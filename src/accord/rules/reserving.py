"""Reservations: what a party declares, when it signs, that it narrows for itself.

A reservation narrows; one that widens anything, or a term that the text does not leave open to
reservations, is refused at signing and makes a signature void.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from accord.base.errors import InputError

from .fields import Field, Refused, Spec, as_input_error, checked, one_of, text
from .narrowing import NARROWABLE, Narrowing, check_narrows, narrows
from .terms import Terms

Direction = Literal["both", "given", "received"]


class Reservation(msgspec.Struct, frozen=True, kw_only=True):
    """In the member's own words, and what it does: for what it gives, receives, or both."""

    text: str
    direction: Direction = "both"
    narrows: Narrowing

    @property
    def on_given(self) -> bool:
        """Whether it narrows what its author gives."""
        return self.direction != "received"

    @property
    def on_received(self) -> bool:
        """Whether it narrows what its author receives."""
        return self.direction != "given"


RESERVATION: Spec = (
    Field("text", text(5_000)),
    Field("direction", one_of("both", "given", "received"), required=False),
    Field("narrows", narrows),
)


def reservation_of(values: Mapping[str, Any]) -> Reservation:
    """Read a reservation as a person wrote it; raises `Refused`."""
    return msgspec.convert(checked(values, RESERVATION, "reservation"), Reservation)


def reservation_from_toml(source: str) -> Reservation:
    """A reservation from its readable form; raises `InputError` that names the field."""
    try:
        return reservation_of(tomllib.loads(source))
    except tomllib.TOMLDecodeError as error:
        raise InputError("rules.toml-invalid", problem=str(error)) from None
    except RecursionError:
        raise InputError("rules.toml-invalid", problem="depth") from None
    except Refused as refused:
        raise as_input_error(refused) from None


def check_reservation(reservation: Reservation, terms: Terms) -> None:
    """Raise `Refused` where it widens a term, or narrows one that is not open to reservations."""
    named = msgspec.to_builtins(reservation.narrows)
    open_terms = NARROWABLE if terms.reservations is None else terms.reservations
    for name in named:
        if name not in open_terms:
            allowed = " | ".join(open_terms) or "-"
            raise Refused("invalid", f"reservation.narrows.{name}", allowed, name)
    check_narrows(named, msgspec.to_builtins(terms), "reservation.narrows")
