"""Verdict facts: each survey, credited to who had earned it when it was sent."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from analytics.models import Verdict

from .entries import Entry
from .history import History

# From which score on an answer is good, and up to which it is bad, by scale.
GOOD = {"csat": 4, "ces": 5, "nps": 9, "nps_tx": 9}
BAD = {"csat": 2, "ces": 3, "nps": 6, "nps_tx": 6}


@dataclass
class _Asked:
    """A survey as its events leave it."""

    scale: str
    wording: int
    invited: datetime
    solver: int = 0
    delivered: datetime | None = None
    score: int | None = None
    once: bool | None = None
    is_expired: bool = False
    held_back: str = ""


def fold_verdicts(history: History) -> Iterator[Verdict]:
    if history.excluded:
        return
    for ordinal, asked in enumerate(_surveys(history)):
        at = asked.delivered or asked.invited
        yield Verdict(
            **history.columns_at(at, agent=asked.solver),
            ordinal=ordinal,
            scale=asked.scale,
            wording=asked.wording,
            score=asked.score,
            **_flags(asked),
        )


def _flags(asked: _Asked) -> dict[str, Any]:
    if asked.held_back:
        return {"held_back": 1}
    if asked.delivered is None:
        return {}
    if asked.score is None or asked.is_expired:
        return {"sent": 1, "expired": int(asked.score is not None)}
    good, bad = asked.score >= GOOD[asked.scale], asked.score <= BAD[asked.scale]
    once = {"told_once": int(asked.once is not None), "once": int(asked.once is True)}
    return {"sent": 1, "answered": 1, "good": int(good), "bad": int(bad), "score_sum": asked.score, **once}


def _surveys(history: History) -> list[_Asked]:
    """In the order in which they were made. What was answered has reached its customer, even if nobody noted when."""
    surveys: dict[Any, _Asked] = {}
    for each in history.group.entries:
        if each.kind.startswith("survey."):
            codes = each.codes
            key = codes.get("survey") or (each.subject, codes.get("cycle", 1))
            asked = surveys.setdefault(key, _Asked(codes.get("scale", "csat"), codes.get("version", 1), each.at))
            _go_on(asked, each)
    return list(surveys.values())


def _go_on(asked: _Asked, entry: Entry) -> None:
    codes = entry.codes
    if entry.kind in ("survey.invited", "survey.suppressed"):  # asked anew within a cycle: what was said before counts no more
        asked.invited, asked.solver = entry.at, codes.get("solver") or entry.actor or 0
        asked.delivered = asked.score = asked.once = None
        asked.is_expired, asked.held_back = False, codes.get("reason", "other") if entry.kind == "survey.suppressed" else ""
    elif entry.kind == "survey.delivered":
        asked.delivered = entry.at
    elif entry.kind in ("survey.answered", "survey.edited"):
        asked.score, asked.once = codes["score"], codes.get("once")
        asked.delivered = asked.delivered or asked.invited
    elif entry.kind == "survey.expired":
        asked.is_expired = True
