"""A day that stands still for the application and the database alike, and short ways to read what runs on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import time_machine
from django.db import connection

from complaints.models import Clock, ClockRun, Complaint
from complaints.services.clocks import run_due_clocks

SHOP = ZoneInfo("Asia/Shanghai")
ANY = {"expected_version": None}
# The same names earlier in the search path than PostgreSQL's own: every statement that asks for the time is told this one.
FREEZE = """
    CREATE SCHEMA frozen;
    CREATE FUNCTION frozen.now() RETURNS timestamptz LANGUAGE sql STABLE AS $$ SELECT current_setting('frozen.at')::timestamptz $$;
    CREATE FUNCTION frozen.statement_timestamp() RETURNS timestamptz LANGUAGE sql STABLE AS $$ SELECT frozen.now() $$;
    SET LOCAL search_path = frozen, pg_catalog, public;
"""


def moment(text: str) -> datetime:
    """``2026-03-10 10:00`` in the shop's zone."""
    return datetime.fromisoformat(text).replace(tzinfo=SHOP)


class Day:
    """Stands at one moment until it is told to go on. For use within the transaction of a test, with which it ends."""

    def __init__(self, traveller: Any, at: datetime):
        self._traveller = traveller
        with connection.cursor() as cursor:
            cursor.execute(FREEZE)
        self.go(at)

    def go(self, to: datetime | timedelta) -> datetime:
        """Let it be another moment, or so much later."""
        self.at = self.at + to if isinstance(to, timedelta) else to
        self._traveller.move_to(self.at)
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('frozen.at', %s, true)", [self.at.isoformat()])
        return self.at

    def later(self, **duration: float) -> datetime:
        return self.go(timedelta(**duration))

    def sweep(self) -> int:
        """Sweep until nothing is due; how many complaints were looked at."""
        total = 0
        while done := run_due_clocks():
            total += done
        return total


@contextmanager
def frozen(at: datetime) -> Iterator[Day]:
    with time_machine.travel(at, tick=False) as traveller:
        yield Day(traveller, at)


def runs_of(complaint: Complaint, *kinds: str) -> list[ClockRun]:
    """What the customer was promised; the call after a result is none of it (``tests/complaints/test_calls.py``)."""
    runs = ClockRun.objects.filter(complaint=complaint, is_promised=True).order_by("id")
    return list(runs.filter(kind__in=kinds) if kinds else runs)


def run_of(complaint: Complaint, kind: str) -> ClockRun:
    """The newest run of a kind."""
    return runs_of(complaint, kind)[-1]


def states(complaint: Complaint) -> dict[str, str]:
    """The state of the newest run of every kind."""
    return {run.kind: run.state for run in runs_of(complaint)}


def notes(complaint: Complaint, *kinds: str) -> list[tuple]:
    """(kind, kind of clock, moment) of the events about clocks, in order."""
    events = complaint.events.filter(kind__in=kinds) if kinds else complaint.events.filter(kind__startswith="clock.")
    return [(event.kind, event.codes["kind"], event.at) for event in events.order_by("seq")]


def rungs(run: ClockRun, **conditions: Any) -> dict[int, datetime | None]:
    """Rungs of a run with the moment at which each is due."""
    return dict(Clock.objects.filter(run=run, **conditions).order_by("threshold").values_list("threshold", "due_at"))


def pending(complaint: Complaint) -> list[Clock]:
    """What the sweep would still look at."""
    return list(Clock.objects.filter(complaint=complaint, run__is_promised=True, fired_at__isnull=True, due_at__isnull=False))
