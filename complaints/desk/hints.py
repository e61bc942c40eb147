"""Hints at anger and risk as the desk shows them: never without their reason."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from django.template.defaultfilters import linebreaks_filter
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from complaints.emotion.reading import ANGRY, CALM, DANGER
from complaints.emotion.words import CONTEXT, SAFETY_STEPS, SIGNALS, name_level, name_risk, name_signals, steps_for
from complaints.models import Complaint, Message
from ui.icons import icon
from ui.markup import join_markup


@dataclass(frozen=True)
class Hint:
    """One reason: what the customer hints at, and the words or the past that say so."""

    signal: str
    words: str
    is_guess: bool = False


@dataclass(frozen=True)
class Empathy:
    """The strip above the composer."""

    signals: list[str]
    steps: list[str]
    is_danger: bool


def risk_of(complaint: Complaint) -> dict[str, str] | None:
    """The hint in the head of a complaint, from displeasure on."""
    if complaint.risk_level == CALM:
        return None
    named = name_signals(complaint.risk_signals)
    return {
        "title": name_level(complaint.risk_level),
        "reason": ", ".join(named) if named else _("set by a colleague"),
        "tone": "bad" if complaint.risk_level == DANGER else "warn" if complaint.risk_level >= ANGRY else "",
    }


def empathy_for(complaint: Complaint) -> Empathy | None:
    """Hints for the answer to somebody who is angry or in danger."""
    if complaint.risk_level < ANGRY or not complaint.is_live:
        return None
    is_danger = "safety" in complaint.risk_signals.split()
    steps = [str(step) for step in SAFETY_STEPS] if is_danger else steps_for(complaint.risk_signals)
    return Empathy(name_signals(complaint.risk_signals) or [name_level(complaint.risk_level)], steps, is_danger)


def draw_risk(complaint: Complaint) -> SafeString | str:
    """The hint in a row of the queue, from anger on."""
    return _badge(complaint.risk_level, complaint.risk_signals, get_language()) if complaint.risk_level >= ANGRY else ""


@lru_cache(maxsize=512)
def _badge(level: int, signals: str, _language: str | None) -> SafeString:
    tone, reasons = "bad" if level == DANGER else "warn", name_signals(signals) or [_("set by a colleague")]
    title = f"{name_level(level)}: {', '.join(reasons)}"
    return format_html(
        '<span class="tag tag--{} tag--risk" title="{}">{}{}</span>', tone, title, icon("alert", 16), name_risk(level, signals)
    )


def hints_of(message: Message, shown: str) -> list[Hint]:
    """Why a message counts as more than calm, by signal, in the words of its masked text."""
    kinds = dict.fromkeys((mark["signal"], mark["rule"] == "model") for mark in message.risk_marks)
    found = (Hint(str(SIGNALS.get(kind[0], "")), " · ".join(filter(None, _words_of(message, shown, *kind))), kind[1]) for kind in kinds)
    return [hint for hint in found if hint.words]


def _words_of(message: Message, shown: str, signal: str, is_guess: bool) -> Iterator[str]:
    """Neighbouring words as one, then what went before the message."""
    marks = [mark for mark in message.risk_marks if (mark["signal"], mark["rule"] == "model") == (signal, is_guess)]
    is_moved = len(shown) != len(message.body)
    for start, end in _merged((mark["start"], mark["end"]) for mark in marks):
        words = (message.body if is_moved else shown)[start:end]
        # Digits may be a part of what masking hides, once it has moved the words.
        yield "…" if is_moved and any(map(str.isdecimal, words)) else words
    yield from (str(CONTEXT[mark["rule"]]) for mark in marks if mark["rule"] in CONTEXT)


def draw_marked(message: Message, shown: str) -> SafeString:
    """A customer's text with the words marked that a hint goes by; unmarked where masking has moved them."""
    if len(shown) != len(message.body):
        return linebreaks_filter(shown)
    spans = _merged((mark["start"], mark["end"]) for mark in message.risk_marks)
    return linebreaks_filter(join_markup(_pieces(shown, spans)))


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _pieces(text: str, spans: list[tuple[int, int]]) -> Iterator[SafeString]:
    edges = [0, *(edge for span in spans for edge in span), len(text)]
    for place, (start, end) in enumerate(pairwise(edges)):
        yield format_html('<mark class="hint">{}</mark>', text[start:end]) if place % 2 else escape(text[start:end])
