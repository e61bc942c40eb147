"""From text to terms: normalised characters, single ones and pairs of Han characters, Chinese words, English stems, model numbers.

The same way for what is indexed and for what is searched, so the two can only meet. Whoever changes what comes out of here
changes ``ANALYSIS`` too: rows that were indexed in another way are indexed anew by ``search_rebuild``.
"""

import hashlib
import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise

import snowballstemmer
from opencc import OpenCC

from knowledge.search.words import cut, cut_every

ANALYSIS = "2"
LONGEST_QUERY = 200
LONGEST_WORD = 40

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
LATIN = re.compile(rf"[^\W_{HAN}]+(?:[-_./'’][^\W_{HAN}]+)*")
RUNS = re.compile(rf"(?P<han>[{HAN}]+)|(?P<latin>{LATIN.pattern})|(?P<sign>[^\w\s])")
PARTS = re.compile(r"\d+|[^\W\d_]+")
IS_HAN = re.compile(rf"[{HAN}]")
# A sign stands for something by itself only when it is a picture: 📦, not a comma.
PICTURES = {"So", "Sk"}
JOINERS = re.compile("[\u200b-\u200d\ufe0e\ufe0f\u2060\ufeff\u00ad]|[\U0001f3fb-\U0001f3ff]")

_stemmer_of_thread = threading.local()


def normalise(text: str) -> str:
    """One way of writing for each text: full-width to half-width, lower case, Traditional to simplified, no invisible signs."""
    plain = JOINERS.sub("", unicodedata.normalize("NFKC", text).casefold())
    return _simplifier().convert(plain) if IS_HAN.search(plain) else plain


def terms_of(text: str) -> list[str]:
    """Every term of a text, in order and as often as it occurs; see the head of this module."""
    return list(terms_in(normalise(text)))


def terms_in(plain: str) -> Iterator[str]:
    """The terms of a text that is normalised already."""
    for run in RUNS.finditer(plain):
        kind, text = run.lastgroup, run.group()
        if kind == "han":
            yield from _han_terms(text)
        elif kind == "latin":
            yield from _latin_terms(text)
        elif unicodedata.category(text) in PICTURES:
            yield text


def words_in(plain: str) -> list[str]:
    """The words of a normalised text, without those of one Han character; Chinese ones may overlap."""
    found = []
    for run in RUNS.finditer(plain):
        if run.lastgroup == "han":
            found += [word for word in cut_every(run.group()) if len(word) > 1]
        elif run.lastgroup == "latin":
            found.append(run.group())
    return found


def digest_of(term: str) -> int:
    """The signed 64-bit number that a term has in the index."""
    return int.from_bytes(hashlib.blake2b(term.encode(), digest_size=8).digest(), "little", signed=True)


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The stem of an English word; other words, and those with digits, stay as they are."""
    if not word.isascii() or not word.isalpha() or len(word) < 3:
        return word
    if not hasattr(_stemmer_of_thread, "english"):
        _stemmer_of_thread.english = snowballstemmer.stemmer("english")
    return _stemmer_of_thread.english.stemWord(word)


def _han_terms(run: str) -> Iterator[str]:
    yield from run
    yield from map("".join, pairwise(run))
    yield from (word for word in cut(run) if len(word) > 2)


def _latin_terms(run: str) -> Iterator[str]:
    """``rtx-4090`` is found by rtx, by 4090, by rtx4090 and by RTX 4090."""
    parts = [part[:LONGEST_WORD] for part in PARTS.findall(run.replace("'", "").replace("’", ""))]
    yield from map(stem, parts)
    if len(parts) > 1:
        yield "".join(parts)[:LONGEST_WORD]


@cache
def _simplifier() -> OpenCC:
    return OpenCC("t2s")
