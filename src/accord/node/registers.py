"""What is read of agreements: the register of parties, the notices of a depositary, the file."""

from __future__ import annotations

import msgspec

from accord.base.errors import NotFoundError
from accord.rules.agreement_file import agreement_to_toml
from accord.rules.depositary import Notification, notifications
from accord.rules.register import PartyStatus, register
from accord.rules.terms import Terms

from .agreements import AgreementView, show
from .node import Node


class RegisterView(msgspec.Struct, frozen=True):
    """One text of an agreement, and a line for each member of its circle."""

    text: AgreementView
    parties: tuple[PartyStatus, ...]


def register_of(node: Node, agreement: str) -> list[RegisterView]:
    """The register of each text of an agreement, as of now. Raises `NotFoundError`."""
    views, now = show(node, agreement), node.now()
    known = node.facts_now().agreements[agreement]
    return [RegisterView(view, register(known, view.sha256, now)) for view in views]


def notices(node: Node, agreement: str | None = None) -> list[Notification]:
    """What this member is to be notified of, in the order of time; of one agreement, or of all."""
    if agreement is not None:
        show(node, agreement)
    found = notifications(node.facts_now(), node.member, node.now())
    return [each for each in found if agreement in (None, each.agreement)]


def as_file(node: Node, agreement: str, sha256: str | None = None) -> str:
    """A text as the TOML file that would propose it again. Raises `NotFoundError`."""
    views = show(node, agreement)
    if sha256 is None:
        return _file_of(views[-1].terms)
    for view in views:
        if view.sha256 == sha256:
            return _file_of(view.terms)
    raise NotFoundError("node.text-unknown", agreement=agreement, sha256=sha256)


def _file_of(terms: Terms) -> str:
    """Without what is as it would be if nothing were said."""
    plain = {field.name: field.default for field in msgspec.structs.fields(Terms)}
    said = {
        name: value
        for name, value in msgspec.structs.asdict(terms).items()
        if value != plain[name] and name not in ("unknown", "unread")
    }
    return agreement_to_toml(_without_nothing(msgspec.to_builtins(said)))


def _without_nothing(value: object) -> dict[str, object]:
    """Nested optional fields are left out where nothing is said."""
    if not isinstance(value, dict):
        raise TypeError("the terms of an agreement are a table")
    return {name: _plain(inner) for name, inner in value.items() if inner is not None}


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return _without_nothing(value)
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
