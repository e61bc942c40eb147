"""How it is written: exclamation marks in a row, stretched words, shouting in capitals."""

import re
from typing import NamedTuple

SHORTEST_SHOUT = 12
# At most one of each kind counts, so a line of a thousand marks says no more than one of three.
RUN = re.compile(r"[!?！？]{2,}")
STRETCHED = re.compile(r"([A-Za-z\u4e00-\u9fff])\1{3,}")
LAUGHTER = frozenset("哈嘻嘿呵wWhHxX")
CAPITALS = re.compile(r"\b[A-Z]{3,}\b")


class Emphasis(NamedTuple):
    """One way of raising the voice, and where."""

    rule: str
    start: int
    end: int


def find_emphasis(text: str) -> list[Emphasis]:
    """Ways of raising the voice in the original text, at most one of each kind."""
    found = [run for run in RUN.finditer(text) if _is_loud(run[0])][:1]
    marks = [Emphasis("sign.run", *each.span()) for each in found]
    stretched = next((each for each in STRETCHED.finditer(text) if each[1] not in LAUGHTER), None)
    if stretched:
        marks.append(Emphasis("sign.stretched", *stretched.span()))
    return marks + _shouting(text)


def _is_loud(run: str) -> bool:
    """Two exclamation marks, three question marks, or both kinds together."""
    asks = run.count("?") + run.count("？")
    return len(run) - asks >= 2 or asks >= 3 or 0 < asks < len(run)


def _shouting(text: str) -> list[Emphasis]:
    letters = [letter for letter in text if "A" <= letter <= "Z" or "a" <= letter <= "z"]
    if len(letters) < SHORTEST_SHOUT or 2 * sum(letter <= "Z" for letter in letters) < len(letters):
        return []
    return [Emphasis("sign.capitals", *each.span()) for each in [CAPITALS.search(text)] if each]
