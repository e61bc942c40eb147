"""A small linear model over pieces of words: it may see displeasure or anger where the lexicon sees nothing, and no more than that.

It raises a calm reading to 1 or 2. It knows neither threats nor danger. Whether it is asked is ``settings.BIHUAN_EMOTION_MODEL``.
"""

import base64
import json
import math
import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

FILE = Path(__file__).parent / "data" / "model.json"
BUCKETS = 2048
SCALE = 32
LONGEST = 1000
DIGITS = re.compile("[0-9]+")
GAPS = re.compile(r"[\W_]+")
SHORTEST_MARK, MOST_MARKS = 2, 3


@dataclass(frozen=True, slots=True)
class Piece:
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

    def chance(self, pieces: list[Piece]) -> float:
        score = self.bias + sum(self.weights[bucket] for bucket in {piece.bucket for piece in pieces})
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, score / SCALE))))

    def says_yes(self, pieces: list[Piece]) -> bool:
        return bool(pieces) and self.chance(pieces) >= self.threshold

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

    def level(self, folded: str) -> tuple[int, list[Piece]]:
        """0, 1 (displeased) or 2 (angry) with the pieces that weighed most."""
        pieces = list(pieces_of(folded))
        if not self.displeased.says_yes(pieces):
            return 0, []
        if self.angry.says_yes(pieces):
            return 2, self.angry.heaviest(pieces)
        return 1, self.displeased.heaviest(pieces)


def pieces_of(folded: str) -> Iterator[Piece]:
    """Pairs and triples of characters within words; every number counts as the same one, so nothing personal is learnt."""
    text = DIGITS.sub(lambda found: "0" * len(found[0]), folded[:LONGEST])
    start = 0
    for gap in [*GAPS.finditer(text), None]:
        end = gap.start() if gap else len(text)
        for length in (2, 3):
            for place in range(start, end - length + 1):
                yield Piece(place, place + length, crc32(text[place : place + length].encode()) % BUCKETS)
        start = gap.end() if gap else end


def write_model(model: Model, path: Path = FILE) -> None:
    heads = {name: _as_json(getattr(model, name)) for name in ("displeased", "angry")}
    path.write_text(json.dumps({"version": model.version, "heads": heads}, indent=1) + "\n", encoding="utf-8")


def read_model(path: Path = FILE) -> Model:
    file = json.loads(path.read_text(encoding="utf-8"))
    return Model(file["version"], **{name: _from_json(head) for name, head in file["heads"].items()})


def _as_json(head: Head) -> dict:
    return {"bias": head.bias, "threshold": head.threshold, "weights": base64.b85encode(head.weights.tobytes()).decode()}


def _from_json(head: dict) -> Head:
    return Head(array("b", base64.b85decode(head["weights"])), head["bias"], head["threshold"])
