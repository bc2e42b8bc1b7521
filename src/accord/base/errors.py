"""The kinds of error, never mixed, each carrying a message that is translated at the edge.

A bug of the calling code is a plain `ValueError` or `TypeError` and is none of these.
"""

from __future__ import annotations

from .messages import Arg, Message, say


class AccordError(Exception):
    """Something a person can be told in one sentence: what was expected and what was found."""

    def __init__(self, key: str, /, **args: Arg) -> None:
        self.message: Message = say(key, **args)
        super().__init__(self.message)

    def __str__(self) -> str:
        return str(self.message)


class InputError(AccordError):
    """What a person or a tool handed in is not what is accepted. Nothing was done."""


class NotFoundError(InputError):
    """What was named is not here, or not for the asker: the two are not told apart."""


class DeniedError(AccordError):
    """The rules, or the asker's role, say no. Nothing was done."""


class ConflictError(AccordError):
    """The state changed under the request, or already is what was asked for. Nothing was done."""


class PeerFault(AccordError):
    """What another member's node sent is wrong, too large, too slow or contradicts itself."""


class MachineFault(AccordError):
    """This machine failed: disk, clock, permissions, database. What was acknowledged is kept."""
