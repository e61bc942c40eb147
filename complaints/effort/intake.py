"""What pages of the desk report of an agent's work: read line by line, cut to what can be true, and kept.

A page knows no clock of ours: it says how many milliseconds ago something was. Whatever is not the agent's to report, not new or not
possible leaves nothing, and no answer tells which of these it was.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from complaints import access
from complaints.effort.shares import IDLE_MS
from complaints.effort.windows import LATEST, window_of
from complaints.models import EffortMark, WorkStretch

IDLE = timedelta(milliseconds=IDLE_MS)
# On the telephone nobody types; after so long the form of the call was forgotten.
LONGEST_HOLD = timedelta(minutes=20)
# A page speaks every 30 s. Before the first time, and between two, there is no more to tell than this.
RHYTHM = timedelta(seconds=30)
MOST_LINES = 120
LINE = re.compile(r"(\d{1,6}),(\d{1,7}),(\d{1,7}),(\d{1,9}),([01]),(|C\d{15})", re.ASCII)


class Line(NamedTuple):
    """One stretch as a page says it: its number, and how long ago it began, ended and saw the last sign of the agent."""

    number: int
    began: timedelta
    ended: timedelta
    touched: timedelta
    is_call: bool
    complaint: str


def record_stretches(user: User, *, page: UUID, lines: Sequence[str]) -> int:
    """Keep what a page reports of an agent; returns how many stretches were taken in, those that were known already among them."""
    now = timezone.now()
    read = [line for line in map(_read, lines[:MOST_LINES]) if line]
    if not read:
        return 0
    ids: dict[str, int | None] = {"": None, **dict(access.visible_ids(user, {line.complaint for line in read} - {""}))}
    earliest = _earliest(user, page, now)
    rows = [_row(line, now, earliest, agent=user, page=page, complaint_id=ids[line.complaint]) for line in read if line.complaint in ids]
    kept = WorkStretch.objects.bulk_create([row for row in rows if row.started_at < row.ended_at], ignore_conflicts=True)
    return len(kept)


def _read(text: str) -> Line | None:
    found = LINE.fullmatch(text)
    if found is None:
        return None
    number, *moments = map(int, found.groups()[:4])
    return Line(number, *(timedelta(milliseconds=each) for each in moments), found[5] == "1", found[6])


def _earliest(user: User, page: UUID, now: datetime) -> datetime:
    """From when on this page may have something to tell. What is settled stays as it is."""
    EffortMark.objects.bulk_create([EffortMark(agent=user, settled_to=window_of(now - LATEST))], ignore_conflicts=True)
    settled_to = EffortMark.objects.values_list("settled_to", flat=True).get(agent=user)
    heard_at = WorkStretch.objects.filter(agent=user, page=page).aggregate(last=Max("received_at"))["last"]
    return max(now - LATEST, (heard_at or now - RHYTHM) - RHYTHM, settled_to)


def _row(line: Line, now: datetime, earliest: datetime, **fields: Any) -> WorkStretch:
    """The stretch by our own clock: not in the future, not before ``earliest``, and not for long beyond the last sign of the agent."""
    input_at = now - line.touched
    return WorkStretch(
        number=line.number,
        is_call=line.is_call,
        started_at=max(now - line.began, earliest),
        ended_at=min(now - line.ended, input_at + (LONGEST_HOLD if line.is_call else IDLE)),
        input_at=input_at,
        received_at=now,
        **fields,
    )
