"""Text in Chinese, Russian and English as the tokens by which it is found.

The same code reads objects and questions, and looks at nothing but the text itself: what is found
does not depend on the database, nor on what else is stored. Chinese becomes single characters and
pairs, simplified; Russian and English words come whole and as their stem; names of the field
(domains, addresses, hashes, CVE and ATT&CK ids, files) whole and in their parts.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv6Address

VERSION = 3  # of these rules: an index made by other ones is made anew

TOKEN_CHARS = 200  # a longer one is cut, in texts and in questions alike

# Written together without spaces: Han, kana, Hangul.
_TOGETHER = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_TOGETHER += "\U00020000-\U0003ffff"
_LETTER = rf"[^\W_{_TOGETHER}]"
_CHINESE = re.compile(rf"[{_TOGETHER}]+")
_RUNS = re.compile(rf"{_LETTER}+(?:[._@+\-]{{1,2}}{_LETTER}+)*")
_SPACED = str.maketrans(dict.fromkeys("!\"#$%&'()*,/:;<=>?[\\]^`{|}~", " "))  # ends every run
_BEFORE_URL = re.compile(r"[a-z][a-z0-9+.\-]{1,15}\Z")
_URL_REST = re.compile(r"://[^\s<>\"'\\`|^\x00-\x20]+")
_AFTER_URL = "/.,;:!?)]}…，。；：！？）】》"  # of the sentence, or without meaning
_COLONS = re.compile(r":[0-9a-f]{0,4}:")
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?:\.\d{1,3}){0,3}(?![\w:])")
_PARTS = re.compile(r"[^._@+\-]+")
_WHOLE = re.compile(r"[.@0-9]")  # a compound with one of these is a name: all of it is meant

# Addresses and links that were made harmless, as people write them.
_DEFANGED = ("[.", "hxxp", "[:", "[@", "[dot]", "(.)", "{.}", "(dot)", "[at]", "(at)")
_REFANGS = (
    (re.compile(r"\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\[\.(?=\w)"), "."),
    (re.compile(r"\[:(//)?\]"), r":\1"),
    (re.compile(r"\[@\]|\[at\]|\(at\)"), "@"),
    (re.compile(r"\bhxxp(s?)\b"), r"http\1"),
)

# Too frequent to tell texts apart, and seldom the same in a question and in a text.
STOP_WORDS = frozenset(
    """
    a an and are as at be been but by can for from had has have he her his if in into is it its
    may not of on or our she such that the their them then there these they this to was we were
    what when which who will with you your
    а без бы был была были было быть в вам вас весь во вот все для до его ее если есть еще же за
    и из или им их к как ко когда кто ли либо мне может мы на над не него нее нет ни них но о об
    однако он она они оно от по под при с со так также такой там те тем то того тоже той только
    том ты у уже хотя чего чей чем что чтобы чье эта эти это этот я
    """.split()  # noqa: SIM905
)


def normal(text: str) -> str:
    """One spelling of what looks or means the same: width, case, ё, defanged addresses."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    text = text.casefold()
    if "ё" in text:
        text = text.replace("ё", "е")
    if any(mark in text for mark in _DEFANGED):
        for defanged, plain in _REFANGS:
            text = defanged.sub(plain, text)
    return text


def count_tokens(texts: Iterable[str]) -> dict[str, int]:
    """Every token by which one of `texts` can be found, and how often it stands there."""
    text = normal("\n".join(texts))
    others: Counter[str] = Counter()
    if "://" in text:
        others.update(_urls(text)[0])
    if _COLONS.search(text):
        others.update(map(_ipv6, _IPV6.findall(text)))
    if not text.isascii() and (chinese := _CHINESE.findall(text)):
        for run in map(simplified, chinese):
            others.update(run)
            others.update(_pairs(run))
        text = _CHINESE.sub(" ", text)
    found = dict(others)
    for piece, times in Counter(text.translate(_SPACED).split()).items():
        for token in _of_piece(piece):
            found[token] = found.get(token, 0) + times
    return found


def asked_tokens(text: str) -> list[str]:
    """What a text must have to be found by these words: of each only its narrowest token."""
    found, text = _urls(normal(text))
    found += map(_ipv6, _IPV6.findall(text))
    text = _IPV6.sub(" ", text)
    for run in map(simplified, _CHINESE.findall(text)):
        found += _pairs(run) if len(run) > 1 else [run]
    for run in _RUNS.findall(text):
        if _PARTS.fullmatch(run):
            found.append(stem(run)[:TOKEN_CHARS])
        elif _WHOLE.search(run):
            found.append(run[:TOKEN_CHARS])
        else:
            found += [stem(part) for part in _PARTS.findall(run)]
    return list(dict.fromkeys(found))


def is_pair(token: str) -> bool:
    """Whether a token is two characters of a text that is written together."""
    return len(token) == 2 and _CHINESE.fullmatch(token) is not None


def last_word(text: str) -> str:
    """The beginning of a word with which `text` ends: what somebody is still typing. Or nothing."""
    text = normal(text)
    runs = _RUNS.findall(text)
    return runs[-1][:TOKEN_CHARS] if runs and text.endswith(runs[-1]) else ""


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """A Russian or English word without its ending; anything else as it is."""
    if len(word) < 3 or not word.isalpha():
        return word
    if word.isascii():
        return _stemmer("english", word)
    if "а" <= word[0] <= "я":
        return _stemmer("russian", word)
    return word


def simplified(text: str) -> str:
    """Chinese in simplified characters.

    Each by itself, whatever stands beside it: a pair in a question has to become what the same
    pair became in a text, and a conversion by phrases sees different phrases there.
    """
    return text.translate(_SIMPLIFIED)


class _Simplified(dict[int, str]):
    """Filled as characters are met."""

    def __missing__(self, code: int) -> str:
        if not self:  # a tenth of a second to import and open: only where there is Chinese
            from opencc import OpenCC

            self._convert = OpenCC("t2s").convert
        found = self[code] = str(self._convert(chr(code)))
        return found


_SIMPLIFIED = _Simplified()


def _stemmer(language: str, word: str) -> str:
    from Stemmer import Stemmer

    # Made anew (1 µs), because one that two threads share is not safe; `stem` remembers the rest.
    return str(Stemmer(language, 0).stemWord(word))


def _pairs(run: str) -> list[str]:
    return [run[place : place + 2] for place in range(len(run) - 1)]


@lru_cache(maxsize=50_000)
def _of_piece(piece: str) -> tuple[str, ...]:
    """The tokens of what stands between two blanks. Remembered: most of it comes again."""
    found: list[str] = []
    for run in _RUNS.findall(piece):
        found += _of_run(run)
    return tuple(dict.fromkeys(found))


def _of_run(run: str) -> list[str]:
    """The tokens of a word or a compound: whole, its parts, their stems, the domains above it."""
    found: list[str] = []
    parts = _PARTS.findall(run)
    if len(parts) > 1:
        found.append(run[:TOKEN_CHARS])
        labels = run.rpartition("@")[2].split(".")
        found += [".".join(labels[start:])[:TOKEN_CHARS] for start in range(1, len(labels) - 1)]
        if "@" in run:
            found.append(".".join(labels)[:TOKEN_CHARS])
    for part in parts:
        if part not in STOP_WORDS:
            found += (part[:TOKEN_CHARS], stem(part)[:TOKEN_CHARS])
    return found


def _urls(text: str) -> tuple[list[str], str]:
    """The addresses in a text, and the text without them."""
    found: list[str] = []
    rest: list[str] = []
    done = 0
    for match in _URL_REST.finditer(text):
        start = match.start()
        scheme = _BEFORE_URL.search(text, max(done, start - 16), start)
        if scheme is not None:
            found.append((scheme[0] + match[0]).rstrip(_AFTER_URL)[:TOKEN_CHARS])
            rest.append(text[done : scheme.start()])
            done = match.end()
    return found, " ".join([*rest, text[done:]])


def _ipv6(found: str) -> str:
    try:
        return IPv6Address(found).compressed
    except ValueError:  # a time of day, an Ethernet address
        return found
