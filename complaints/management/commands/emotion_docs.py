"""``manage.py emotion_docs``: how what customers write is read, and how well, measured on the labelled lines."""

from collections import Counter
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import translation

from complaints.emotion.model import FILE, read_model
from complaints.emotion.reading import fold_text, read_text
from complaints.emotion.training import Example, read_examples
from complaints.emotion.words import LEVELS, SIGNALS

TARGET, TEXT = "docs/emotion.md", "complaints/emotion/data/emotion.md"
LINES = "tests/complaints/emotion"
HALVES = {"tuned": "tuned.tsv", "held out": "held_out.tsv"}


class Command(BaseCommand):
    """Write docs/emotion.md: the text beside the lexicon, with the tables that it has places for."""

    help = "Write docs/emotion.md."

    def handle(self, *args, **options):
        (settings.BASE_DIR / TARGET).write_text(describe(), encoding="utf-8")
        self.stdout.write(f"{TARGET} written")


def describe(folder: Path | None = None) -> str:
    """The whole document."""
    folder = folder or settings.BASE_DIR / LINES
    halves = {name: read_examples(folder / file) for name, file in HALVES.items()}
    tables = {
        "names": list_names(),
        "matrices": "\n".join(draw_matrix(name, examples) for name, examples in halves.items()),
        "shares": draw_shares(halves),
        "model": draw_model(halves["held out"]),
    }
    text = (settings.BASE_DIR / TEXT).read_text(encoding="utf-8")
    for name, table in tables.items():
        text = text.replace(f"<!-- {name} -->", table)
    return text


def list_names() -> str:
    """Levels and signals in both languages."""
    rows = [f"| {level} | {in_both(name)} |" for level, name in LEVELS.items()]
    signals = [f"| `{signal}` | {in_both(name)} |" for signal, name in SIGNALS.items()]
    return "\n".join(["| level | name |", "|--|--|", *rows, "", "| signal | name |", "|--|--|", *signals])


def draw_matrix(name: str, examples: list[Example]) -> str:
    """Rows: what a person says of a line. Columns: what the reading says."""
    counted = Counter((each.level, read_text(each.text).level) for each in examples)
    rows = [f"| **{level}** | {' | '.join(str(counted[level, read]) for read in LEVELS)} |" for level in LEVELS]
    head = " | ".join(f"read as {level}" for level in LEVELS)
    title = f"### {name.capitalize()}: {len(examples)} lines"
    return "\n".join([title, "", f"| labelled | {head} |", f"|--|{'--|' * len(LEVELS)}", *rows, ""])


def draw_shares(halves: dict[str, list[Example]]) -> str:
    """The figures that the gates look at."""
    rows = [f"| {name} | {found(lines, 'threat')} | {found(lines, 'safety')} | {alarms(lines)} |" for name, lines in halves.items()]
    head = ["| lines | threats found (≥ 95 %) | danger found (≥ 98 %) | calm lines taken for a threat (≤ 5 %) |", "|--|--|--|--|"]
    return "\n".join([*head, *rows])


def found(examples: list[Example], signal: str) -> str:
    asked = [each for each in examples if each.signal == signal]
    return share(sum(signal in read_text(each.text).signals for each in asked), len(asked))


def alarms(examples: list[Example]) -> str:
    calm = [each for each in examples if each.level == 0]
    return share(sum("threat" in read_text(each.text).signals for each in calm), len(calm))


def draw_model(unseen: list[Example]) -> str:
    """What the model alone makes of lines that it was not trained on."""
    model = read_model()
    levels = [(each.level, model.level(fold_text(each.text))[0]) for each in unseen if not each.signal]
    calm, upset = ([read for level, read in levels if (level > 0) == is_upset] for is_upset in (False, True))
    size = f"{FILE.stat().st_size / 1000:.1f} kB"
    return (
        f"| size | upset lines that it sees by itself | calm lines that it takes for upset |\n|--|--|--|\n"
        f"| {size} | {share(sum(map(bool, upset)), len(upset))} | {share(sum(map(bool, calm)), len(calm))} |"
    )


def share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({100 * part / whole:.1f} %)"


def in_both(name) -> str:
    """A name in English and Chinese."""
    with translation.override("en"):
        english = str(name)
    with translation.override("zh-hans"):
        return f"{english}, {name}"
