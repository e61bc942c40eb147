"""The second voice about threats and danger: a linear model over words and pieces of words, beside the lists and independent of them.

The lists know words, this knows what lines about danger have in common, so each hears some of what the other misses. It may only raise,
and shows the pieces that weighed most, marked as estimated.
"""

import math
import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple
from zlib import crc32

BUCKETS = 8192
MASK = BUCKETS - 1
SCALE = 64
LONGEST = 1000
# Without numbers, so nothing personal is learnt.
WORDS = re.compile(r"[a-z']+|[\u4e00-\u9fff]+")
STEM = 4
SHORTEST_MARK, MOST_MARKS = 2, 3
# Of fewer words there is nothing to weigh.
FEWEST = 24


class Part(NamedTuple):
    """A word, the beginning of one, two words, or up to three Han characters, with the weight cell that it shares with others."""

    start: int
    end: int
    bucket: int


@dataclass(frozen=True)
class Alarm:
    """One grave signal: weights by bucket in units of 1/64, and the score from which on it is heard."""

    signal: str
    weights: array
    bias: int
    least: float

    def score(self, buckets: frozenset[int]) -> float:
        """Weighed by the root of the length, so that a long text is not loud by its length alone."""
        if len(buckets) < FEWEST:
            return -math.inf
        return (self.bias + sum(map(self.weights.__getitem__, buckets)) / math.sqrt(len(buckets))) / SCALE

    def hears(self, buckets: frozenset[int]) -> bool:
        return self.score(buckets) >= self.least

    def heaviest(self, parts: list[Part]) -> list[Part]:
        """The parts that speak for it the most; they are the reason that is shown."""
        weighing = [part for part in parts if self.weights[part.bucket] > 0 and part.end - part.start >= SHORTEST_MARK]
        return sorted(weighing, key=lambda part: (-self.weights[part.bucket], part.start))[:MOST_MARKS]


def buckets_of(folded: str) -> frozenset[int]:
    """The weight cells that a folded text touches."""
    latin, buckets = [], []
    for word in WORDS.findall(folded, 0, LONGEST):
        if word[0] > "z":
            buckets += _han_buckets(word.encode("utf-16-le"))
        else:
            latin.append(word)
            buckets += (_bucket(word), _bucket(word[:STEM]))
    buckets += [_bucket(f"{one} {other}") for one, other in pairwise(latin)]
    return frozenset(buckets)


def _han_buckets(run: bytes) -> list[int]:
    """All of one, two and three characters of two bytes each."""
    size = len(run)
    return [crc32(run[at : at + width]) & MASK for width in (2, 4, 6) for at in range(0, size - width + 2, 2)]


def parts_of(folded: str) -> list[Part]:
    """The same with their places, for showing a reason."""
    return [Part(start, end, _bucket(piece)) for piece, start, end in _pieces(folded)]


def _bucket(piece: str) -> int:
    return crc32(piece.encode("utf-16-le")) & MASK


def _pieces(folded: str) -> Iterator[tuple[str, int, int]]:
    latin = []
    for found in WORDS.finditer(folded, 0, LONGEST):
        word, (start, end) = found[0], found.span()
        if word[0] > "z":
            yield from ((folded[at : at + size], at, at + size) for size in (1, 2, 3) for at in range(start, end - size + 1))
        else:
            latin.append((word, start, end))
            yield from ((word, start, end), (word[:STEM], start, end))
    for (one, start, _), (other, _, end) in pairwise(latin):
        yield f"{one} {other}", start, end
