"""The strip tells every minute of an obligation, and what it adds up to is what the run has counted."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest

from accounts.services import load_calendars
from accounts.working_time import ALWAYS, Hours
from complaints.models import ClockRun, Event
from complaints.services import post_customer_message, post_reply, reopen_complaint, resolve_complaint, set_priority
from complaints.sla.defaults import load_sla_defaults
from complaints.sla.policies import forget_policies
from complaints.sla.runs import used_seconds
from complaints.sla.strip import CLOSED, PAUSED, RUNNING, draw_strip
from foundation.exceptions import ReasonedError
from tests.accounts.simulator import minute_is_open
from tests.complaints.builders import at, fresh
from tests.factories import make_complaint, make_customer, make_user

MINUTE = timedelta(minutes=1)
OFFICE = [[[540, 720], [810, 1080]]] * 5 + [[], []]
NIGHT = [[[1200, 1560]]] * 7
DAYS = {date(2026, 10, 1): [], date(2026, 10, 10): [[540, 720]]}
CALENDARS = {1: (OFFICE, DAYS), 2: (NIGHT, {})}
SEEDS = range(25)


@dataclass
class Said:
    """An event as the strip reads it."""

    kind: str
    at: datetime
    codes: dict = field(default_factory=dict)
    actor_id: int | None = None


def hours_of(calendar_id: int | None) -> Hours:
    if calendar_id is None:
        return ALWAYS
    week, days = CALENDARS[calendar_id]
    pairs = [tuple(map(tuple, windows)) for windows in week]
    return Hours("Asia/Shanghai", tuple(pairs), {day: tuple(map(tuple, windows)) for day, windows in days.items()})


def is_counted(minute: datetime, calendar_id: int | None) -> bool:
    if calendar_id is None:
        return True
    week, days = CALENDARS[calendar_id]
    return minute_is_open(minute, zone="Asia/Shanghai", week=week, days=days)


def make_story(chance: Random) -> tuple[list[Said], datetime, int]:
    """A random life of one run: its events, the moment of looking, and the minutes counted one by one on the way."""
    start = datetime.fromisoformat("2026-09-29T08:00:00+00:00") + chance.randrange(5000) * MINUTE
    calendar_id, is_paused, moment, counted = chance.choice([None, 1, 2]), False, start, 0
    events = [Said("clock.started", start, {"since": start.isoformat(), "calendar": calendar_id, "target_s": 7200})]
    for _step in range(chance.randrange(6)):
        moment, counted = walk(moment, chance.randrange(3000), calendar_id, counted, is_paused)
        kind = chance.choice(["turn", "recomputed"])
        if kind == "turn":
            is_paused = not is_paused
            events.append(Said("clock.paused", moment, {"reason": "customer_info"}) if is_paused else Said("clock.resumed", moment))
        else:
            calendar_id = chance.choice([None, 1, 2])
            events.append(Said("clock.recomputed", moment, {"reason": "tightened", "calendar": calendar_id}))
    moment, counted = walk(moment, chance.randrange(3000), calendar_id, counted, is_paused)
    if chance.random() < 0.5:
        events.append(Said("clock.met", moment, {"met_at": moment.isoformat()}))
        return events, moment + timedelta(days=3), counted
    return events, moment, counted


def walk(moment: datetime, minutes: int, calendar_id: int | None, counted: int, is_paused: bool) -> tuple[datetime, int]:
    for _minute in range(minutes):
        counted += not is_paused and is_counted(moment, calendar_id)
        moment += MINUTE
    return moment, counted


@pytest.mark.parametrize("seed", SEEDS)
def test_a_strip_adds_up_to_the_minutes_that_were_counted_one_by_one(seed):
    events, moment, counted = make_story(Random(seed))  # noqa: S311 - a story, no secret

    strip = draw_strip(events, at=moment, hours=hours_of)

    assert strip.consumed_s == counted * 60
    assert all(before.end == after.start for before, after in pairwise(strip.segments))
    assert all((segment.kind == RUNNING) == (segment.seconds > 0) for segment in strip.segments)


def test_a_strip_tells_closed_hours_pauses_and_who_paused():
    start = datetime.fromisoformat("2026-09-29T10:00:00+08:00")
    events = [
        Said("clock.started", start, {"calendar": 1, "target_s": 6 * 3600, "due_at": "2026-09-29T17:30:00+08:00"}),
        Said("clock.paused", start + timedelta(hours=4), {"reason": "customer_date"}, actor_id=7),
        Said("clock.resumed", start + timedelta(hours=5), {"due_at": "2026-09-29T18:30:00+08:00"}),
    ]

    strip = draw_strip(events, at=start + timedelta(hours=6), hours=hours_of)

    told = [(each.kind, f"{each.start.astimezone(start.tzinfo):%H:%M}", each.seconds // 60, each.is_ahead) for each in strip.segments]
    assert told == [
        (RUNNING, "10:00", 120, False),
        (CLOSED, "12:00", 0, False),
        (RUNNING, "13:30", 30, False),
        (PAUSED, "14:00", 0, False),
        (RUNNING, "15:00", 60, False),
        (RUNNING, "16:00", 0, True),
        (CLOSED, "18:00", 0, True),
    ]
    assert (strip.segments[3].reason, strip.segments[3].by) == ("customer_date", 7)


def strips_of(complaint, moment: datetime) -> dict[int, int]:
    runs = ClockRun.objects.filter(complaint=complaint)
    said = Event.objects.filter(complaint=complaint, kind__startswith="clock.").order_by("id")
    return {run.pk: draw_strip([each for each in said if each.codes["run"] == run.pk], at=moment).consumed_s for run in runs}


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(8))
def test_strips_add_up_to_what_the_engine_counted_through_random_days(seed):
    chance = Random(seed)  # noqa: S311 - a story, no secret
    load_calendars()
    load_sla_defaults()
    forget_policies()
    agent = make_user()
    with at("2026-11-03 08:17") as moment:
        complaint = make_complaint(assignee=agent, customer=make_customer(tier=chance.choice(["", "vip"])))
    for _step in range(12):
        moment += timedelta(minutes=chance.randrange(1, 900), seconds=chance.randrange(60))
        with at(moment.strftime("%Y-%m-%d %H:%M:%S")) as moment:
            act_somehow(chance, fresh(complaint), agent)
        counted = {run.pk: used_seconds(run, moment) for run in ClockRun.objects.filter(complaint=complaint)}
        assert strips_of(complaint, moment) == counted


def act_somehow(chance: Random, complaint, agent) -> None:
    about = {"by": agent, "expected_version": None}
    acts = [
        lambda: post_reply(complaint, body="我们在查", **about, then=chance.choice(["", "ask_customer"])),
        lambda: post_customer_message(complaint, body="在吗"),
        lambda: set_priority(complaint, priority=chance.randrange(4), **about),
        lambda: resolve_complaint(complaint, resolution="已补发", reason_code=complaint.category.code, liability={"shop": 100}, **about),
        lambda: reopen_complaint(complaint, reason="还是坏的", as_customer=True, by=None),
    ]
    try:
        chance.choice(acts)()
    except ReasonedError:
        return
