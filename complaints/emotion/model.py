"""A small linear model over pieces of words: it may see displeasure, anger or danger where the lexicon sees none.

It raises a calm reading to 1 or 2. What it knows of threats and danger is in ``alarm``. Whether it is asked is
``settings.BIHUAN_EMOTION_MODEL``.
"""

import base64
import json
import math
import re
import zlib
from array import array
from collections.abc import Iterator, Set
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from complaints.emotion.alarm import Alarm, Part, buckets_of, parts_of

FILE = Path(__file__).parent / "data" / "model.json"
BUCKETS = 2048
SCALE = 32
LONGEST = 1000
DIGITS = re.compile("[0-9]+")
GAPS = re.compile(r"[\W_]+")
SHORTEST_MARK, MOST_MARKS = 2, 3


class Piece(NamedTuple):
    """A run of characters of the folded text and the weight cell that it shares with others."""

    start: int
    end: int
    bucket: int


@dataclass(frozen=True)
class Head:
    """One yes-or-no question: weights by bucket in units of 1/32, and from which chance on the answer is yes."""

    weights: array
    bias: int
    threshold: float

    def chance(self, buckets: Set[int]) -> float:
        score = self.bias + sum(map(self.weights.__getitem__, buckets))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, score / SCALE))))

    def says_yes(self, buckets: Set[int]) -> bool:
        return bool(buckets) and self.chance(buckets) >= self.threshold

    def heaviest(self, pieces: list[Piece]) -> list[Piece]:
        """The pieces that speak for yes the most; they are the reason that is shown."""
        weighing = [piece for piece in pieces if self.weights[piece.bucket] > 0]
        return sorted(weighing, key=lambda piece: (-self.weights[piece.bucket], piece.start))[:MOST_MARKS]


@dataclass(frozen=True)
class Model:
    """What ``manage.py train_emotion`` has learnt."""

    version: int
    displeased: Head
    angry: Head
    alarms: tuple[Alarm, ...] = ()

    def grave(self, folded: str) -> dict[str, list[Part]]:
        """Threat and danger as far as they are heard, with the parts that weighed most."""
        buckets = buckets_of(folded)
        heard = [alarm for alarm in self.alarms if alarm.hears(buckets)]
        return {alarm.signal: alarm.heaviest(parts_of(folded)) for alarm in heard}

    def level(self, folded: str) -> tuple[int, list[Piece]]:
        """0, 1 (displeased) or 2 (angry) with the pieces that weighed most."""
        buckets = mood_buckets(folded)
        if not self.displeased.says_yes(buckets):
            return 0, []
        if self.angry.says_yes(buckets):
            return 2, self.angry.heaviest(list(pieces_of(folded)))
        return 1, self.displeased.heaviest(list(pieces_of(folded)))


def mood_buckets(folded: str) -> set[int]:
    """The weight cells that a folded text touches: pairs and triples of characters within words."""
    text = _countless(folded)
    places = [(at, at + size) for start, end in _words(text) for size in (2, 3) for at in range(start, end - size + 1)]
    return {crc32(text[start:end].encode()) % BUCKETS for start, end in places}


def pieces_of(folded: str) -> Iterator[Piece]:
    """The same with their places, for showing a reason."""
    text = _countless(folded)
    for start, end in _words(text):
        for size in (2, 3):
            for at in range(start, end - size + 1):
                yield Piece(at, at + size, crc32(text[at : at + size].encode()) % BUCKETS)


def _countless(folded: str) -> str:
    """The beginning of a long text, every number as the same one, so nothing personal is learnt."""
    return DIGITS.sub(lambda found: "0" * len(found[0]), folded[:LONGEST])


def _words(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for gap in GAPS.finditer(text):
        yield start, gap.start()
        start = gap.end()
    yield start, len(text)


def write_model(model: Model, path: Path = FILE) -> None:
    heads = {name: _as_json(getattr(model, name)) for name in ("displeased", "angry")}
    alarms = {each.signal: {"bias": each.bias, "least": each.least, "weights": _as_text(each.weights)} for each in model.alarms}
    path.write_text(json.dumps({"version": model.version, "heads": heads, "alarms": alarms}, indent=1) + "\n", encoding="utf-8")


def read_model(path: Path = FILE) -> Model:
    file = json.loads(path.read_text(encoding="utf-8"))
    alarms = [Alarm(signal, _from_text(each["weights"]), each["bias"], each["least"]) for signal, each in file["alarms"].items()]
    return Model(file["version"], **{name: _from_json(head) for name, head in file["heads"].items()}, alarms=tuple(alarms))


def _as_json(head: Head) -> dict:
    return {"bias": head.bias, "threshold": head.threshold, "weights": _as_text(head.weights)}


def _from_json(head: dict) -> Head:
    return Head(_from_text(head["weights"]), head["bias"], head["threshold"])


def _as_text(weights: array) -> str:
    return base64.b85encode(zlib.compress(weights.tobytes(), 9)).decode()


def _from_text(text: str) -> array:
    return array("b", zlib.decompress(base64.b85decode(text)))
