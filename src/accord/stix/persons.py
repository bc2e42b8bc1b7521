"""Does an object describe a natural person? The list of triggers is exact, and short on purpose.

It decides at release, not at storage. E-mail addresses and account names, as indicators, are not
on it; neither are display names, which attackers choose.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import Any

from .references import outline

# An identity of class individual with this role, and with contact information, is how to reach an
# office: the person is named because of the office.
OFFICE_CONTACT = "office-contact"

# Property names that hold what identifies a natural person. A prefix such as `x_opencti_` does not
# hide one.
_NAMES = frozenset(
    {
        "firstname",
        "first_name",
        "given_name",
        "middle_name",
        "patronymic",
        "lastname",
        "last_name",
        "family_name",
        "surname",
        "maiden_name",
        "full_name",
        "person_name",
    }
)
_BIRTH = frozenset(
    {
        "date_of_birth",
        "birth_date",
        "birthdate",
        "dob",
        "place_of_birth",
        "birth_place",
        "birthplace",
    }
)
_DOCUMENTS = frozenset(
    {
        "passport",
        "passport_number",
        "identity_document",
        "identity_document_number",
        "identity_card_number",
        "national_id",
        "national_id_number",
        "driving_licence",
        "driving_licence_number",
        "driver_license",
        "driver_license_number",
        "social_security_number",
        "ssn",
        "redress_number",
        "visa_number",
    }
)
_FACES = frozenset(
    {"face", "face_image", "facial_image", "photo", "photograph", "portrait", "mugshot"}
)
PERSON_FIELDS = _NAMES | _BIRTH | _DOCUMENTS | _FACES

_MOST_PASSED, _SHORT = 4096, 64  # how many names are remembered; characters of such a name
_passed: set[str] = set()  # names that were looked at and are not on the list


def person_triggers(fields: Mapping[str, Any], names: Set[str] | None = None) -> tuple[str, ...]:
    """The paths in an object that describe a natural person; empty when nothing does.

    `names` are those of all its properties, at any depth, where the caller has them (`outline`).
    """
    if names is None:
        names = outline(fields).names
    found = list(_walk("", fields)) if _names_person_field(names) else []
    if (
        fields.get("type") == "identity"
        and fields.get("identity_class") == "individual"
        and not _is_office_contact(fields)
    ):
        found.insert(0, "identity_class")
    return tuple(found)


def _is_office_contact(fields: Mapping[str, Any]) -> bool:
    roles = fields.get("roles")
    return (
        isinstance(roles, list)
        and OFFICE_CONTACT in roles
        and bool(fields.get("contact_information"))
    )


def _names_person_field(names: Set[str]) -> bool:
    """Whether any of the names is on the list: by far most objects bear known names only."""
    if names <= _passed:
        return False
    if any(map(_is_person_field, names)):
        return True
    if len(_passed) < _MOST_PASSED:
        _passed.update(name for name in names if len(name) <= _SHORT)
    return False


def _walk(path: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            here = f"{path}.{name}" if path else name
            if _is_person_field(name) and inner not in ("", [], {}, None):
                yield here
            elif isinstance(inner, (dict, list)):
                yield from _walk(here, inner)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, (dict, list)):
                yield from _walk(f"{path}[{index}]", item)


def _is_person_field(name: str) -> bool:
    """Whether the name, or what follows one of its underscores, is on the list."""
    rest = name.lower().replace("-", "_")
    while rest not in PERSON_FIELDS:
        _, underscore, rest = rest.partition("_")
        if not underscore:
            return False
    return True
