"""What can be wrong with what another ledger shows: each a `PeerFault` of its own, so that the
caller can tell damage in transit from misconduct that must be shown to people."""

from __future__ import annotations

from accord.base.errors import PeerFault


class LedgerFault(PeerFault):
    """Something in a ledger, a note or an opening is not as `docs/reference/wire.md` says."""


class Malformed(LedgerFault):
    """The bytes are not of the form expected, or not in their one canonical writing."""


class TooLarge(LedgerFault):
    """More bytes, records or signatures than this node takes."""


class BadSignature(LedgerFault):
    """A signature that the form demands is missing, or does not verify with the full known key."""


class WrongOrigin(LedgerFault):
    """What is shown belongs to another ledger."""


class WrongCommitment(LedgerFault):
    """An opening that is not the one this place of the ledger committed to."""


class BadProof(LedgerFault):
    """An inclusion or consistency proof that does not lead to the signed root."""


class WrongKeys(LedgerFault):
    """A member card whose keys do not follow from the identity, or from the keys confirmed."""


class Misconduct(LedgerFault):
    """Two signed statements of one author that cannot both be honest: kept as evidence."""


class RolledBack(Misconduct):
    """An older state was shown after a newer one."""


class ForkedHistory(Misconduct):
    """Two histories of one ledger of which neither continues the other."""


class WitnessContradiction(Misconduct):
    """Two co-signatures of one witness that contradict each other."""


class BackdatedCosignature(Misconduct):
    """A co-signature whose time cannot be true."""
