"""Clauses on a member that the text cited does not name, and a later amendment of it does."""

from __future__ import annotations

from collections.abc import Iterator

from accord.rules.case import Case, Reason, waits
from accord.rules.standing import AgreementFacts, TextFacts

ACTS = ("proposal", "signature", "objection", "withdrawal")


def reads_amended(case: Case, recipient: str) -> bool:
    """Whether an act about a text is for one whom only an amendment of that text names.

    It could not say otherwise what it is asked to sign, nor compute whether that is in force. It
    opens no object. The receiver takes the very text that an amendment waits for here: the
    amendment itself cannot count before.
    """
    cited = case.envelope.agreement
    if cited is None or case.envelope.kind not in ACTS:
        return False
    if recipient == case.facts.me and case.entry.awaited:
        return True
    known = case.facts.agreements.get(cited.id)
    return known is not None and _names_later(known, cited.sha256, recipient)


def amendment_on_its_way(case: Case, recipient: str) -> Reason | None:
    """An act about a text that reached us before the amendment for which it was opened to us."""
    if recipient != case.facts.me or case.envelope.kind not in ACTS:
        return None
    return waits("rules.amendment-not-here", recipient=recipient)


def not_yet_party(case: Case, recipient: str) -> Reason | None:
    """Not a party yet, and one once the amendment that names it is in force."""
    cited, ruling = case.envelope.agreement, case.ruling
    known = case.facts.agreements.get(cited.id) if cited is not None else None
    if known is None or ruling is None or not _names_later(known, ruling.sha256, recipient):
        return None
    return waits("rules.amendment-awaited", recipient=recipient)


def _names_later(known: AgreementFacts, sha256: str, member: str) -> bool:
    """Whether an amendment of this text, or of one in its place, names `member`."""
    return member not in known.withdrawals and any(
        sha256 in _before(known, text) for text in known.texts.values() if member in text.circle
    )


def _before(known: AgreementFacts, text: TextFacts | None) -> Iterator[str]:
    """The hashes of the texts before an amendment, back to the first."""
    while text is not None and text.proposal.terms.amends is not None:
        yield text.proposal.terms.amends
        text = known.texts.get(text.proposal.terms.amends)
