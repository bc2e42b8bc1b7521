"""The clauses of the release rule: one question each, and the tables that list them in order."""

from .tables import (
    ANY_ENTRY,
    ANY_RECIPIENT,
    CONTROL_ENTRY,
    DESCRIBES_A_PERSON,
    FOR_A_GROUP,
    ORDINARY_ENTRY,
    PARTY_RECIPIENT,
    PASSED_ON,
    UNKNOWN_ENTRY,
    Clause,
    RecipientClause,
)

__all__ = [
    "ANY_ENTRY",
    "ANY_RECIPIENT",
    "CONTROL_ENTRY",
    "DESCRIBES_A_PERSON",
    "FOR_A_GROUP",
    "ORDINARY_ENTRY",
    "PARTY_RECIPIENT",
    "PASSED_ON",
    "UNKNOWN_ENTRY",
    "Clause",
    "RecipientClause",
]
