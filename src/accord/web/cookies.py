"""What the cookies are called that are this node's own."""

from __future__ import annotations

from typing import Literal

from accord.node.node import Node

Kept = Literal["session", "form", "said"]
_MARK = 6  # hex digits of the member's id


def cookie_name(node: Node, what: Kept, *, encrypted: bool) -> str:
    """The name of a cookie of this node: another at the same host, at another port, has its own.

    Browsers tell cookies apart by host, not by port. Over TLS no other host and no plain page can
    set it.
    """
    name = f"accord-{node.member.rpartition('--')[2][:_MARK]}-{what}"
    return f"__Host-{name}" if encrypted else name
