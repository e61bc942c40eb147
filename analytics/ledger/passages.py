"""Passage facts: each round of a complaint as it opened and as it ended, so that what is open on any day is a difference of sums."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from analytics.models import Passage

from .cycles import columns_of
from .history import CycleSpan, History


def fold_passages(history: History) -> Iterator[Passage]:
    if history.excluded:
        return
    for place, span in enumerate(history.cycles):
        is_first = place == 0
        yield _fact(history, 2 * place, span, span.opened, opened=1, came=int(is_first), again=int(not is_first))
        if span.ended:
            yield _fact(history, 2 * place + 1, span, _end_of(span), ended=1)


def _fact(history: History, ordinal: int, span: CycleSpan, at: datetime, **flags: int) -> Passage:
    day = history.settings.day
    row: dict[str, Any] = columns_of(history, span) | {"day": day(at), "at": at}
    ended_on = day(_end_of(span)) if span.ended else None
    return Passage(**row, ordinal=ordinal, began_at=history.began, ended_on=ended_on, **flags)


def _end_of(span: CycleSpan) -> datetime:
    """Nothing ends before it began, whatever an imported log says."""
    return max(span.opened, span.ended)
