"""The labelled lines: ``tuned.tsv`` the rules were written with, ``held_out.tsv`` was written afterwards (docs/emotion.md)."""

from pathlib import Path

from complaints.emotion.training import Example, read_examples

FOLDER = Path(__file__).parent
TUNED, HELD_OUT = FOLDER / "tuned.tsv", FOLDER / "held_out.tsv"


def tuned() -> list[Example]:
    return read_examples(TUNED)


def held_out() -> list[Example]:
    return read_examples(HELD_OUT)
