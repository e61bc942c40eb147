"""Reading one text of a customer: how upset it sounds, which signals it holds, and which words say so.

Pure: no database, no clock. What follows from a reading is in ``effects``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, lru_cache
from typing import Any, NamedTuple

from complaints.emotion.folding import Folding
from complaints.emotion.judging import Finding, Judgement
from complaints.emotion.lexicon import Lexicon, read_lexicon
from complaints.emotion.model import Model
from complaints.emotion.punctuation import find_emphasis

CALM, DISPLEASED, ANGRY, FURIOUS, DANGER = range(5)
SIGNALS = ("safety", "threat", "repeated", "anger", "sarcasm", "disappointment", "urgency", "waiting", "emphasis")
GRAVE = frozenset({"threat", "safety"})
TEMPER = frozenset({"anger", "sarcasm"})
ANGRY_FROM, FURIOUS_FROM = 2, 7
MOST_MARKS = 20
MOST_BEFORE = 10
OFTEN, VERY_OFTEN = 3, 5
LONG_OVERDUE = timedelta(hours=24)


class Mark(NamedTuple):
    """Words of the original text that a rule went by."""

    rule: str
    signal: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What one message hints at. ``marks`` are the reason for it; a reading never says that somebody is calm for sure."""

    level: int = CALM
    signals: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()

    @property
    def rules(self) -> list[str]:
        return sorted({mark.rule for mark in self.marks})

    def as_rows(self) -> list[dict[str, Any]]:
        """The marks as ``Message.risk_marks`` keeps them."""
        return [mark._asdict() for mark in self.marks]


def read_text(
    text: str, *, before: Sequence[str] = (), contacts: int = 1, oldest_promise_age: timedelta = timedelta(0), model: Model | None = None
) -> Reading:
    """Read a customer's text together with what it follows.

    ``before`` are the customer's earlier messages, the last ten count; ``contacts`` how often the customer has come; ``oldest_promise_age``
    for how long a promise has been broken. What went before only adds weight to a text that is not calm itself. A ``model`` is asked
    about threat and danger where the lexicon finds neither, and about the mood where it finds nothing at all.
    """
    own = _read_alone(text)
    if model is not None and own.level < DANGER:
        own = _ask_model(model, text, own)
    if own.level in (CALM, DANGER):
        return own
    return _in_context(own, text, before[-MOST_BEFORE:], contacts, oldest_promise_age)


def _in_context(own: Reading, text: str, before: Sequence[str], contacts: int, overdue: timedelta) -> Reading:
    earlier = [_read_alone(each).level for each in before]
    upset = sum(level > CALM for level in earlier)
    is_echo = sum(each.strip() == text.strip() for each in before) >= OFTEN - 1
    reasons = (
        ("context.upset_before", upset >= OFTEN - 1),
        ("context.same_words", is_echo),
        ("context.contacts", contacts >= OFTEN),
        ("context.overdue", overdue >= LONG_OVERDUE),
    )
    marks = tuple(Mark(rule, "repeated", 0, 0) for rule, holds in reasons if holds)
    steps = min(len(marks), 2)
    if contacts >= VERY_OFTEN:
        steps = 2
    return _make(min(FURIOUS, own.level + steps), [*own.marks, *marks])


def _ask_model(model: Model, text: str, own: Reading) -> Reading:
    folded = _folding().fold(text)
    grave = model.grave(folded.text)
    if grave:
        marks = [Mark("model", signal, *folded.span(part.start, part.end)) for signal, parts in grave.items() for part in parts]
        return _make(DANGER, [*own.marks, *marks])
    if own.level > CALM:
        return own
    level, pieces = model.level(folded.text)
    signal = "anger" if level == ANGRY else "disappointment"
    return _make(level, [Mark("model", signal, *folded.span(piece.start, piece.end)) for piece in pieces]) if level else own


@lru_cache(maxsize=256)
def _read_alone(text: str) -> Reading:
    folded = _folding().fold(text)
    findings = Judgement(folded.text, _lexicon().find(folded.text)).findings(_lexicon().rules)
    marks = [Mark(finding.rule.id, finding.rule.signal, *folded.span(hit.start, hit.end)) for finding in findings for hit in finding.hits]
    loud = [Mark(each.rule, "emphasis", each.start, each.end) for each in find_emphasis(text)]
    return _make(_level(findings, len(loud)), marks + loud if marks else [])


def _level(findings: Iterable[Finding], loud: int) -> int:
    """0 calm, 1 displeased, 2 angry, 3 furious or repeated, 4 a threat or somebody in danger."""
    signals = {finding.rule.signal for finding in findings}
    if signals & GRAVE:
        return DANGER
    anger = sum(finding.rule.weight for finding in _once(findings) if finding.rule.signal in TEMPER)
    if anger >= ANGRY_FROM and ("repeated" in signals or anger + loud >= FURIOUS_FROM):
        return FURIOUS
    if anger >= ANGRY_FROM or (signals and loud >= 2) or (anger and loud):
        return ANGRY
    return DISPLEASED if signals else CALM


def _once(findings: Iterable[Finding]) -> Iterable[Finding]:
    """Each place counts once, by the rule that came first."""
    return {finding.hits[0][:2]: finding for finding in reversed(list(findings))}.values()


def _make(level: int, marks: Sequence[Mark]) -> Reading:
    unique = tuple(sorted(set(marks), key=lambda mark: (SIGNALS.index(mark.signal), mark.start, mark.end, mark.rule)))
    held = {mark.signal for mark in unique}
    return Reading(level, tuple(signal for signal in SIGNALS if signal in held), unique[:MOST_MARKS])


@cache
def _lexicon() -> Lexicon:
    return read_lexicon()


@cache
def _folding() -> Folding:
    return Folding(_lexicon().simple)


def fold_text(text: str) -> str:
    """A text in the form that lexicon and model are written in."""
    return _folding().fold(text).text


def lexicon_version() -> str:
    return _lexicon().version
