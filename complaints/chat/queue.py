"""Where somebody stands in the queue and how long it will take, as far as it can be said."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from accounts.models import Presence
from complaints.assignment.load import CHAT, IN_WORK
from complaints.chat.hours import closes_soon
from complaints.chat.waiting import LONG_WAIT, MOST_GAPS, Range, usual_wait, wait_at
from complaints.models import AssignmentRequest, ChatSession

RECENT = timedelta(minutes=30)
MOST_WAITS = 500
FRESH_SECONDS = 5.0

# How many wait before a request, in the order in which they are served.
AHEAD = """
    SELECT count(*) FROM complaints_assignmentrequest r JOIN complaints_assignmentrequest mine ON mine.id = %s
    WHERE r.state = 'waiting' AND r.chat_id IS NOT NULL AND r.team_id = mine.team_id AND (r.rank_at, r.id) < (mine.rank_at, mine.id)
"""
# Who is there, and for how many of them one more conversation fits.
PEOPLE = """
    SELECT count(*), count(*) FILTER (WHERE COALESCE(l.used, 0) + %(units)s <= p.capacity)
    FROM accounts_membership m JOIN accounts_presence p ON p.user_id = m.user_id LEFT JOIN complaints_agentload l ON l.user_id = m.user_id
    WHERE m.team_id = %(team)s AND p.state = 'ready' AND p.heartbeat_at > now() - make_interval(secs => %(silence)s)
"""


@dataclass(frozen=True)
class Outlook:
    """What can be said of a wait: the place (1 is next), a range or None, how many are there, and whether one of them is free."""

    place: int
    wait: Range | None
    present: int
    is_free: bool
    closes_soon: bool

    @property
    def is_long(self) -> bool:
        """Whether a message or a call would be the better offer."""
        return self.closes_soon or not self.present or (self.wait is not None and self.wait.is_long)


def outlook_of(session: ChatSession, at) -> Outlook:
    """The outlook of somebody who waits."""
    request = AssignmentRequest.objects.filter(chat=session, state=AssignmentRequest.State.WAITING).values_list("pk", flat=True).first()
    ahead = _ask(AHEAD, [request])[0] if request else 0
    return _outlook(session.complaint.team_id, ahead + 1, at)


def outlook_for_newcomer(team_id: int, at) -> Outlook:
    """The outlook of somebody who would join the queue of a team now."""
    waiting = AssignmentRequest.objects.filter(state=AssignmentRequest.State.WAITING, chat__isnull=False, team=team_id)
    return _outlook(team_id, _fresh(("waiting", team_id), waiting.count) + 1, at)


def recent_wait() -> Range | None:
    """What people waited in the last half hour; None outside our hours or when too few came."""
    return _fresh("waits", _read_recent_wait, seconds=30.0)


def forget_outlooks() -> None:
    """Make the next reader ask the database."""
    _kept.clear()


def _outlook(team_id: int, place: int, at) -> Outlook:
    present, free = _fresh(("people", team_id), lambda: _people(team_id))
    is_free = place <= free
    wait = None if is_free else wait_at(place, _fresh(("gaps", team_id), lambda: _gaps(team_id)))
    return Outlook(place, wait, present, is_free, closes_soon(at, wait.high if wait else LONG_WAIT))


def _people(team_id: int) -> tuple[int, int]:
    values = {"team": team_id, "units": CHAT + IN_WORK, "silence": Presence.HEARTBEAT_SECONDS}
    return _ask(PEOPLE, values)


def _gaps(team_id: int) -> list[float]:
    """Seconds between places freed while somebody waited, the newest first."""
    taken = ChatSession.objects.filter(complaint__team=team_id, accepted_at__isnull=False, freed_gap_ms__isnull=False)
    return [gap / 1000 for gap in taken.order_by("-accepted_at").values_list("freed_gap_ms", flat=True)[:MOST_GAPS]]


def _read_recent_wait() -> Range | None:
    taken = ChatSession.objects.filter(accepted_at__gt=Now() - RECENT).annotate(waited=F("accepted_at") - F("queued_at"))
    return usual_wait([each.total_seconds() for each in taken.values_list("waited", flat=True)[:MOST_WAITS]])


def _ask(statement: str, values: Any) -> tuple:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()


def _fresh(name: Any, read: Callable[[], Any], *, seconds: float = FRESH_SECONDS) -> Any:
    """Something that every visitor may ask for, read anew only when it is older than this."""
    known = _kept.get(name)
    if known is None or time.monotonic() - known[0] > seconds:
        known = _kept[name] = time.monotonic(), read()
    return known[1]


_kept: dict[Any, tuple[float, Any]] = {}
