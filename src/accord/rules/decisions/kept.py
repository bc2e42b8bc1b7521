"""The form in which a council is kept between two runs, motion by motion.

Of each motion there is a *gist*, which says what the fold must know of all of them, and the record,
which is packed and read only when somebody asks for it. So taking a council up again costs what its
gists do, and keeping it what has changed since.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from .bodies import BodyState
from .effects import Effect
from .rule import CouncilRules, Verdict


class Final(msgspec.Struct, frozen=True, array_like=True, order=True):
    """A motion's outcome that will not change, the findings it follows from, and when it closed."""

    findings: str
    verdict: Verdict
    closes: datetime


class Gist(msgspec.Struct, frozen=True, array_like=True):
    """What is known of a motion without its record. `ids`: every id that its text is named with.

    `base` and `effect` are null where the motion itself has not come.
    """

    base: str | None
    effect: Effect | None
    ids: tuple[str, ...]
    finals: tuple[Final, ...]


class Frame(msgspec.Struct, frozen=True):
    """What is no motion's own. Maps of `Council`, under the same names."""

    roots: dict[str, str] = {}
    heads: dict[str, str] = {}
    states: dict[str, BodyState] = {}
    texts: dict[str, CouncilRules] = {}


class Kept(msgspec.Struct, frozen=True):
    """A council at rest, not to be changed. A motion without a record here has one elsewhere."""

    frame: Frame = Frame()
    gists: Mapping[str, Gist] = {}  # of all motions
    records: Mapping[str, bytes] = {}  # packed


encode_gist = msgspec.msgpack.Encoder().encode
decode_gist = msgspec.msgpack.Decoder(Gist).decode
encode_frame = msgspec.json.Encoder().encode
decode_frame = msgspec.json.Decoder(Frame).decode
