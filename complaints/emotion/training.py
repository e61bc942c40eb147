"""Learning the weights of the model from labelled lines: logistic regression by gradient descent, the same result every time."""

import math
import random
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from complaints.emotion import alarm
from complaints.emotion.alarm import Alarm, buckets_of
from complaints.emotion.model import BUCKETS, SCALE, Head, Model, mood_buckets
from complaints.emotion.reading import fold_text

ROUNDS = 100
RATE = 0.3
DECAY = 0.02
# The model speaks only where it is sure: a false alarm costs an agent's attention.
THRESHOLD = 0.85
HEAVIEST = 127
ALARM_ROUNDS = 40
ALARM_RATE = 0.5
ALARM_DECAY = 0.002
# From which score on an alarm is heard: about one in a hundred real reviews of shops was louder, mostly about novels and accidents.
LEAST = {"threat": -0.8, "safety": -0.4}


class Example(NamedTuple):
    """A line of a labelled file: level, signal that it must show (threat, safety or none), text."""

    level: int
    signal: str
    text: str


def read_examples(path: Path) -> list[Example]:
    """The lines of a file: level, signal and text with tabs between them."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line]
    return [Example(int(level), signal, text) for level, signal, text in rows]


def train(examples: Sequence[Example], grave: Sequence[Example] = (), *, version: int = 2) -> Model:
    """Learn moods from ``examples`` without threat and danger, whose mood is not labelled; threat and danger from them and ``grave``."""
    rows = [(tuple(mood_buckets(fold_text(each.text))), each.level) for each in examples if not each.signal]
    heads = {"displeased": _learn(rows, from_level=1), "angry": _learn(rows, from_level=2)}
    return Model(version, **heads, alarms=tuple(_learn_alarm([*examples, *grave], signal) for signal in LEAST))


def _learn_alarm(examples: Sequence[Example], signal: str) -> Alarm:
    rows = [(buckets_of(fold_text(each.text)), each.signal == signal) for each in examples]
    weights, bias = [0.0] * alarm.BUCKETS, 0.0
    order, shuffled = list(range(len(rows))), random.Random(0)  # noqa: S311 - the order of examples, nothing secret
    for turn in range(ALARM_ROUNDS):
        shuffled.shuffle(order)
        rate = ALARM_RATE / (1 + turn / 10)
        for row in order:
            buckets, is_so = rows[row]
            root = math.sqrt(len(buckets) or 1)
            wrong = rate * (is_so - _chance(bias + sum(map(weights.__getitem__, buckets)) / root))
            bias += wrong / 10
            for bucket in buckets:
                weights[bucket] += wrong / root - ALARM_DECAY * rate * weights[bucket]
    return Alarm(signal, array("b", [_rounded(weight * alarm.SCALE) for weight in weights]), round(bias * alarm.SCALE), LEAST[signal])


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
    return Head(array("b", [_rounded(weight * SCALE) for weight in weights]), round(bias * SCALE), THRESHOLD)


def _rounded(weight: float) -> int:
    return max(-HEAVIEST, min(HEAVIEST, round(weight)))


def _chance(score: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))
