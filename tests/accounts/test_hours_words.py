"""Hours in words, and closed days that agree with the clock."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override

from accounts.calendars import hours_of
from accounts.hours_words import closed_days, is_closed_day, say_week
from accounts.working_time import ALWAYS, Hours
from tests.accounts.test_working_time import shipped_hours

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAILY = ((540, 1260),)


def hours(*week) -> Hours:
    return Hours("Asia/Shanghai", tuple(week))


@pytest.mark.parametrize(
    ("week", "words"),
    [
        ([DAILY] * 7, "every day 09:00–21:00"),
        ([((540, 720), (810, 1080))] * 5 + [(), ()], "Mon–Fri 09:00–12:00, 13:30–18:00"),
        ([DAILY] * 5 + [((600, 960),), ()], "Mon–Fri 09:00–21:00, Sat 10:00–16:00"),
        ([((1200, 1560),)] * 7, "every day 20:00–02:00"),
        ([((0, 1440),)] * 7, "day and night"),
    ],
)
def test_a_week_in_words(week, words):
    with override("en"):
        assert say_week(hours(*week)) == words


def test_hours_that_never_close_need_no_calendar():
    with override("en"):
        assert say_week(hours_of(None)) == "day and night"
    assert closed_days(ALWAYS, datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC)) == []


def test_a_night_shift_leaves_the_next_day_open_in_its_small_hours():
    friday_nights = hours((), (), (), (), ((1200, 1560),), (), ())

    assert not is_closed_day(friday_nights, date(2026, 3, 14))
    assert is_closed_day(friday_nights, date(2026, 3, 15))


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2026-09-30 12:00", "2026-10-08 12:00", [("2026-10-01", "2026-10-07")]),
        ("2026-02-13 17:30", "2026-02-14 14:00", []),
        ("2026-02-14 17:00", "2026-02-24 12:00", [("2026-02-15", "2026-02-23")]),
        ("2026-04-30 20:00", "2026-05-06 11:00", [("2026-05-01", "2026-05-05")]),
        ("2026-10-09 09:00", "2026-10-12 10:00", [("2026-10-11", "2026-10-11")]),
    ],
)
def test_closed_days_of_golden_stretches(start, end, days):
    start, end = (datetime.fromisoformat(text).replace(tzinfo=SHANGHAI) for text in (start, end))
    found = closed_days(shipped_hours(), start, end)

    assert [(str(each.first), str(each.last)) for each in found] == days


def test_no_second_of_a_closed_day_counts_and_one_of_every_other_does():
    clock, first = shipped_hours(), date(2026, 1, 1)
    for number in range(365):
        day = first + timedelta(days=number)
        midnight = datetime.combine(day, datetime.min.time(), SHANGHAI)
        assert is_closed_day(clock, day) == (not clock.windows(midnight, midnight + timedelta(days=1)))
