"""Addresses of stores as they may be shown."""

from __future__ import annotations

from pathlib import Path

_SECRET = ("password=", "sslpassword=")


def shown(url: str | Path) -> str:
    """An address as it may be shown: without its password."""
    scheme, mark, rest = str(url).partition("://")
    if not mark:
        return str(url)
    place, question, query = rest.partition("?")
    who, at, where = place.rpartition("@")
    user, colon, _ = who.partition(":")
    kept = [each for each in query.split("&") if not each.startswith(_SECRET)]
    hidden = f"{user}:***" if colon else user
    return f"{scheme}://{hidden}{at}{where}" + (question + "&".join(kept) if any(kept) else "")
