"""One form for the many ways of writing the same words, with the way back to the original places."""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
# Letters and digits in circles, in bold, in script: one character each, so places stay.
FANCY = {code: unicodedata.normalize("NFKC", chr(code)) for code in [*range(0x2460, 0x2469), *range(0x1D400, 0x1D800)]}
CAPITALS = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
SIGNS = {0x3000: " ", 0x2019: "'", 0x2018: "'", 0x02BC: "'", 0x09: " ", 0xA0: " ", 0x0D: "\n"}
# What no eye sees, what is put between the characters of a word to hide it, and what is written longer than it is.
INVISIBLE = "[\u00ad\u034f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]+"
BETWEEN_HAN = r"(?<=[\u4e00-\u9fff])[ *·._/|~\-]{1,2}(?=[\u4e00-\u9fff])"
BETWEEN_DIGITS = r"(?<![0-9])[0-9](?:[ .·*\-][0-9]){4}(?![0-9])"
STRETCHED = r"([a-z\u4e00-\u9fff])\1{2,}"
LONG_SPACE = "  +"
LOOSE = re.compile(f"{INVISIBLE}|{BETWEEN_HAN}|{BETWEEN_DIGITS}|{STRETCHED}|{LONG_SPACE}")


class Folded(NamedTuple):
    """Folded text; ``origin[i]`` is where its character ``i`` stands in the original, which has one place more for the end."""

    text: str
    origin: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place of folded characters in the original text."""
        return self.origin[start], self.origin[end - 1] + 1


class Folding:
    """Half width, lower case, simplified characters (``simple`` maps them), nothing invisible or stretched."""

    def __init__(self, simple: dict[str, str]) -> None:
        folded = {code: word.lower() for code, word in FANCY.items() if len(word) == 1}
        lower_wide = {code: CAPITALS.get(half, half) for code, half in FULL_WIDTH.items()}
        self._table = {**str.maketrans(simple), **folded, **lower_wide, **CAPITALS, **SIGNS}

    def fold(self, text: str) -> Folded:
        plain = text.translate(self._table)
        places: list[int] = []
        done = 0
        for found in LOOSE.finditer(plain):
            places += range(done, found.start())
            places += _kept(plain, found)
            done = found.end()
        if not done:
            return Folded(plain, range(len(plain)))
        places += range(done, len(plain))
        return Folded("".join([plain[place] for place in places]), places)


def _kept(plain: str, found: re.Match) -> list[int]:
    """The places of what stays of something loose: one of a stretched run or of spaces, the digits of a spaced number."""
    start, end = found.span()
    first = plain[start]
    if first.isdecimal():
        return list(range(start, end, 2))
    if end - start > 1 and plain[end - 1] == first and (first.isalpha() or first == " "):
        is_word = first.isascii() and first.isalpha() and not _is_letter(plain, start - 1) and not _is_letter(plain, end)  # as in BBB
        return list(range(start, end)) if is_word else [start]
    return []


def _is_letter(plain: str, place: int) -> bool:
    return 0 <= place < len(plain) and "a" <= plain[place] <= "z"
