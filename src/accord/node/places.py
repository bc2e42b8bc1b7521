"""In which country each member has its seat, as this node's own operator noted it.

Nobody publishes it: a card has no field for it, and a node of today refuses a card with another.
"""

from __future__ import annotations

from functools import cache

import msgspec

from accord.base.errors import InputError
from accord.store.transaction import Transaction

from .members import find_peer
from .node import Node

_PLACES = "member.places"  # JSON: member id → ISO 3166-1 alpha-2


def places(tx: Transaction) -> dict[str, str]:
    """The country (ISO 3166-1 alpha-2) of each member of which it was noted."""
    text = tx.settings.get(_PLACES)
    return {} if text is None else msgspec.json.decode(text, type=dict[str, str])


def set_place(node: Node, member: str, country: str) -> str:
    """Note the country of a member, ourselves included; "" forgets it. The country as kept.

    Raises `InputError` for what is no country code, `NotFoundError` for nobody's name.
    """
    code = country.strip().upper()
    if code and code not in country_codes().values():
        raise InputError("node.place-unknown", found=country[:40])

    def job(tx: Transaction) -> None:
        known = places(tx)
        ours = member in (node.member, node.settings.name)
        known[node.member if ours else find_peer(tx, member).member] = code
        kept = {each: where for each, where in known.items() if where}
        tx.settings.set(_PLACES, msgspec.json.encode(kept).decode())

    node.write(job)
    return code


@cache
def country_codes() -> dict[str, str]:
    """ISO 3166-1: numeric code → alpha-2, of the countries that CLDR knows."""
    from babel.core import get_global

    known = get_global("territory_aliases")
    return {number: codes[0] for number, codes in known.items() if _is_one(number, codes)}


def _is_one(number: str, codes: list[str]) -> bool:
    """What was divided has several codes; regions of the world have two-letter ones too."""
    return number.isdigit() and len(codes) == 1 and codes[0] not in ("EU", "UN", "ZZ", "XK")
