"""Help: what each page is for, and what the words mean."""

from __future__ import annotations

from litestar import Response

from accord.web.room import Needs, page
from accord.web.visit import Visit

# The words of the field as the pages use them, in the order in which one meets them.
WORDS = (
    "member", "peer", "fingerprint", "agreement", "charter", "signature", "reservation",
    "objection", "accession", "amendment", "withdrawal", "area", "purpose", "tlp", "pap",
    "marking", "handling", "object", "release", "draft", "passing-on", "permission", "recall",
    "receipt", "hold", "ledger", "entry", "envelope", "commitment", "opening", "checkpoint",
    "witness", "evidence", "fork", "quarantine", "sighting", "answer", "correction", "motion",
    "ballot", "electorate", "tally", "outcome", "group", "token", "backup", "recovery",
)  # fmt: skip

# What somebody wants to do, what it takes, and where it is done.
TASKS: tuple[tuple[str, Needs, str], ...] = (
    ("publish", "draft", "/publish"),
    ("search", "read", "/intelligence/search"),
    ("release", "approve", "/drafts"),
    ("recall", "recall", "/recalls/new"),
    ("sign", "sign", "/agreements"),
    ("vote", "vote", "/council"),
    ("acquaint", "peers", "/members/add"),
    ("inspect", "transfers", "/inspection"),
    ("look-after", "health", "/upkeep"),
    ("accounts", "accounts", "/accounts"),
)


@page("/help", "signed-in")
def help_page(visit: Visit) -> Response[bytes]:
    """Where to begin with what one wants to do; only what the visitor may do."""
    tasks = [(name, path) for name, needs, path in TASKS if visit.may(needs)]
    roles = sorted(visit.reader.scope.roles)
    return visit.show("help/help.html", tab="help", tasks=tasks, roles=roles)


@page("/help/words", "signed-in")
def words_page(visit: Visit) -> Response[bytes]:
    """The glossary in the visitor's language, by the alphabet of that language."""
    words = [
        (word, visit.t(f"help.word-{word}"), visit.t(f"help.meaning-{word}")) for word in WORDS
    ]
    # GB 18030 keeps the common characters in the order of their sounds, as a dictionary does.
    encoding = "gb18030" if visit.language == "zh" else "utf-8"
    ordered = sorted(words, key=lambda each: each[1].casefold().encode(encoding))
    return visit.show("help/words.html", tab="words", words=ordered)
