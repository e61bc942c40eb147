"""Learning the weights of the model from labelled lines: logistic regression by gradient descent, the same result every time."""

import math
import random
from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from complaints.emotion.model import BUCKETS, SCALE, Head, Model, pieces_of
from complaints.emotion.reading import fold_text

ROUNDS = 100
RATE = 0.3
DECAY = 0.02
# The model speaks only where it is sure: a false alarm costs an agent's attention.
THRESHOLD = 0.85
HEAVIEST = 127


class Example(NamedTuple):
    """A line of a labelled file: level, signal that it must show (threat, safety or none), text."""

    level: int
    signal: str
    text: str


def read_examples(path: Path) -> list[Example]:
    """The lines of a file: level, signal and text with tabs between them."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line]
    return [Example(int(level), signal, text) for level, signal, text in rows]


def train(examples: Iterable[Example], *, version: int = 1) -> Model:
    """Learn from texts without threat and danger, whose mood is not labelled."""
    rows = [(tuple({piece.bucket for piece in pieces_of(fold_text(each.text))}), each.level) for each in examples if not each.signal]
    return Model(version, displeased=_learn(rows, from_level=1), angry=_learn(rows, from_level=2))


def _learn(rows: Sequence[tuple[tuple[int, ...], int]], *, from_level: int) -> Head:
    weights, bias = [0.0] * BUCKETS, 0.0
    order, shuffled = list(range(len(rows))), random.Random(0)  # noqa: S311 - the order of examples, nothing secret
    for turn in range(ROUNDS):
        shuffled.shuffle(order)
        rate = RATE / (1 + turn / 10)
        for row in order:
            buckets, level = rows[row]
            wrong = (level >= from_level) - _chance(bias + sum(weights[bucket] for bucket in buckets))
            bias += rate * wrong / 10
            for bucket in buckets:
                weights[bucket] += rate * (wrong / math.sqrt(len(buckets)) - DECAY * weights[bucket])
    return Head(array("b", [_rounded(weight) for weight in weights]), round(bias * SCALE), THRESHOLD)


def _rounded(weight: float) -> int:
    return max(-HEAVIEST, min(HEAVIEST, round(weight * SCALE)))


def _chance(score: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))
