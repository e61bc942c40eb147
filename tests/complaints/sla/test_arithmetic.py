"""One obligation through random pauses, tightenings and recounts against a simulator that knows minutes and nothing else.

BIHUAN_LONG=1 tries 100,000 cases instead of a few hundred.
"""

import os
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import calendars
from accounts.working_time import Hours

CASES = 100_000 if os.environ.get("BIHUAN_LONG") else 200
MINUTE = timedelta(minutes=1)
START = datetime(2026, 3, 2, tzinfo=ZoneInfo("Asia/Shanghai"))
HORIZON = 120 * 1440  # minutes
DAILY, WORKDAYS = 7 * [True], 5 * [True] + 2 * [False]


@dataclass(frozen=True)
class Place:
    """Windows of a day in minutes, the weekdays on which they start, and days on which none does."""

    windows: tuple[tuple[int, int], ...]
    days: tuple[bool, ...]
    closed: frozenset[int] = frozenset()

    def hours(self) -> Hours:
        week = tuple(self.windows if is_worked else () for is_worked in self.days)
        return Hours("Asia/Shanghai", week, {(START + timedelta(days=day)).date(): () for day in self.closed})

    def minutes(self) -> bytearray:
        """One byte per minute of the horizon: open or not."""
        found = bytearray(HORIZON)
        for day in range(-1, HORIZON // 1440):
            if self.days[(START + timedelta(days=day)).weekday()] and day not in self.closed:
                for start, end in self.windows:
                    for minute in range(max(0, day * 1440 + start), min(HORIZON, day * 1440 + end)):
                        found[minute] = 1
        return found


PLACES = [
    Place(((0, 1440),), tuple(DAILY)),
    Place(((540, 1260),), tuple(DAILY)),
    Place(((480, 1380),), tuple(DAILY), frozenset({3, 4, 9})),
    Place(((540, 720), (810, 1080)), tuple(WORKDAYS)),
    Place(((540, 720), (810, 1080)), tuple(WORKDAYS), frozenset({2, 8, 9, 10, 21})),
    Place(((1200, 1560),), tuple(DAILY)),  # through the night
    Place(((600, 601), (900, 1000)), (True, False, False, True, False, False, False)),
]
OPEN = [place.minutes() for place in PLACES]


@pytest.fixture
def places(monkeypatch):
    """The calendars of the cases, as if they had been read."""
    for number, place in enumerate(PLACES):
        monkeypatch.setitem(calendars._hours, -1 - number, place.hours())


@dataclass
class Simulated:
    """Counts seconds minute by minute. ``fired`` holds (rung, second since the start of the horizon)."""

    place: int
    target: int
    now: int  # minute
    used: int = 0
    is_running: bool = True
    fired: list[tuple[int, int]] = field(default_factory=list)

    @property
    def waiting(self) -> list[int]:
        return [rung for rung in (50, 80, 100, 150, 200) if rung not in [fired for fired, _at in self.fired]]

    def look(self, used: int, second: int) -> None:
        """Fire what this much used time means; in the minute that begins at a second."""
        for rung in self.waiting:
            need = self.target * rung // 100
            if used < need:
                break
            self.fired.append((rung, second + max(0, need - self.used)))

    def go(self, to: int) -> None:
        while self.now < to:
            if self.is_running and OPEN[self.place][self.now]:
                self.look(self.used + 60, self.now * 60)
                self.used += 60
            self.now += 1
        if self.is_running:
            self.look(self.used, self.now * 60)

    def deadline(self) -> int:
        """The second at which the time is used up if nothing happens any more; of what stands still, if it went on now."""
        for rung, second in self.fired:
            if rung == 100:
                return second
        return reached(self.place, self.target - self.used, self.now)


def reached(place: int, left: int, minute: int) -> int:
    while left > 0:
        if OPEN[place][minute]:
            if left <= 60:
                return minute * 60 + left
            left -= 60
        minute += 1
    return minute * 60


moves = st.lists(
    st.tuples(
        st.sampled_from(["pause", "resume", "tighten", "recount", "look", "end and revive"]),
        st.integers(0, 2000),
        st.integers(0, len(PLACES) - 1),
        st.integers(1, 60).map(lambda number: number * 1200),
    ),
    max_size=8,
)


@given(start=st.integers(0, 20_000), place=st.integers(0, len(PLACES) - 1), target=st.integers(1, 120).map(lambda n: n * 1200), moves=moves)
@settings(max_examples=CASES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_run_is_due_when_a_simulator_of_minutes_says_so(places, start, place, target, moves):
    from complaints.models import ClockRun, Complaint
    from complaints.sla import runs
    from complaints.sla.policies import Target

    def instant(second: int) -> datetime:
        return START + timedelta(seconds=second)

    def second_of(at: datetime) -> int:
        return round((at - START).total_seconds())

    def fire(run: ClockRun, until: datetime) -> None:
        while run.state == "running" and (rung := runs.next_rung(run)) is not None and (at := runs.rung_at(run, rung)) <= until:
            run.reached = rung
            if rung == 100:
                run.missed_at = at
            fired.append((int(rung), second_of(at)))

    fired: list[tuple[int, int]] = []
    simulated = Simulated(place, target, start)
    at = instant(start * 60)
    due_at = instant(reached(place, target, start))
    run = runs.start_run(Complaint(), "resolution", Target(target, due_at, None, -1 - place), at=at, promise_at=due_at)
    promises = [run.promise_at]
    for what, minutes, other, seconds in moves:
        simulated.go(simulated.now + minutes)
        at = instant(simulated.now * 60)
        fire(run, at)
        if what == "pause" and run.state == "running":
            runs.pause_run(run, at=at, reason="customer_info")
            simulated.is_running = False
        elif what == "resume" and run.state == "paused":
            runs.resume_run(run, at=at)
            simulated.is_running = True
        elif what == "tighten":
            sooner = reached(other, seconds, simulated.now)
            runs.tighten_run(run, Target(seconds, instant(sooner), None, -1 - other), at=at)
            if 100 in simulated.waiting and sooner < simulated.deadline():
                simulated.place, simulated.target = other, simulated.used + seconds
        elif what == "recount":
            promise = run.promise_at
            runs.recount_run(run, calendar_id=-1 - other, at=at)
            simulated.place = other
            assert run.promise_at <= promise
        elif what == "end and revive" and run.state == "running":
            runs.end_run(run, at=at, state="met")
            runs.revive_run(run, at=at + timedelta(minutes=0))
        promises.append(run.promise_at)
        fire(run, at)
        simulated.go(simulated.now)
        if run.state == "running":
            assert second_of(run.due_at) == simulated.deadline()

    assert fired == simulated.fired
    assert (run.missed_at and second_of(run.missed_at)) == dict(simulated.fired).get(100)
    assert runs.used_seconds(run, at) == simulated.used


def test_the_simulator_and_the_calendars_agree_about_what_is_open(places):
    for number in range(len(PLACES)):
        hours = calendars.hours_of(-1 - number)
        assert [minute for minute in range(0, HORIZON, 7) if hours.is_open(START + minute * MINUTE) != bool(OPEN[number][minute])] == []


def test_the_days_of_the_simulator_are_those_of_the_calendar():
    assert START.date() == date(2026, 3, 2) and START.weekday() == 0
