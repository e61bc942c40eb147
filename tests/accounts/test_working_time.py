"""Working time against a simulator that walks through every minute, and against rows worked out by hand."""

import os
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.calendars import fold_days
from accounts.models import CalendarDay, PublicDay
from accounts.services.calendars import shipped_periods
from accounts.working_time import ALWAYS, Hours
from tests.accounts.simulator import Tape

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
OFFICE = [[[540, 720], [810, 1080]]] * 5 + [[], []]
DAILY = [[[540, 1260]]] * 7
# 2,000 cases in every run; with BIHUAN_LONG the 100,000 that deadlines must equal the simulator on.
CALENDARS = 2000 if os.environ.get("BIHUAN_LONG") else 40
CASES = 50
TAPE_DAYS = 18
# Zones whose clocks change at two in the morning, at midnight, by half an hour, or never.
ZONES = ["Asia/Shanghai", "America/New_York", "Europe/London", "Africa/Cairo", "America/Santiago", "Australia/Lord_Howe", "Asia/Kathmandu"]
LATE_2026 = ((8, 30), (9, 28), (10, 20), (10, 25), (12, 24))
AROUND_CHANGES = [date(2026, month, day) for month, day in ((3, 1), (3, 22), (4, 1), (4, 18), *LATE_2026)]  # of the clock or the year


def shanghai(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)


def make_hours(week=OFFICE, zone="Asia/Shanghai", days=None, covered_until=None) -> Hours:
    pairs = [tuple(map(tuple, windows)) for windows in week]
    return Hours(zone, tuple(pairs), {day: tuple(map(tuple, windows)) for day, windows in (days or {}).items()}, covered_until)


def shipped_hours(week=OFFICE) -> Hours:
    rows = [row for period in shipped_periods() for row in period.rows()]
    folded = fold_days(week, public_days=rows, special_days=[])
    return make_hours(week, days={date.fromisoformat(day): windows for day, windows in folded.items()})


@st.composite
def windows(draw) -> list[list[int]]:
    """Up to three windows, overlapping as they come, some of them into the next night."""
    found = []
    for start in draw(st.lists(st.integers(0, 1439), max_size=3)):
        longest = 2880 - start
        found.append([start, start + draw(st.integers(1, longest) | st.integers(1, min(longest, 600)))])
    return found


@st.composite
def calendars(draw) -> dict:
    """A calendar and the first day to look at it on."""
    first = draw(st.sampled_from(AROUND_CHANGES) | st.dates(date(2023, 1, 1), date(2036, 12, 1)))
    week = draw(st.lists(windows(), min_size=7, max_size=7).filter(any))
    dates = st.integers(-2, TAPE_DAYS + 1).map(lambda number: first + timedelta(days=number))
    days = draw(st.dictionaries(dates, windows(), max_size=5))
    return {"first": first, "zone": draw(st.sampled_from(ZONES)), "week": week, "days": days}


@given(calendars(), st.integers(0, 2**32))
@settings(max_examples=CALENDARS, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_deadlines_equal_those_of_the_simulator(calendar, seed):
    hours = make_hours(calendar["week"], calendar["zone"], calendar["days"])
    tape = Tape(calendar.pop("first"), TAPE_DAYS, **calendar)
    random = Random(seed)

    for _case in range(CASES):
        number, minutes = random.randrange(len(tape.minutes)), int(random.paretovariate(0.5)) % 6000
        expected = tape.deadline(number, minutes)
        counted = hours.add(tape.at(number), minutes * 60)
        assert counted == expected or (expected is None and counted > tape.at(len(tape.minutes)))


@given(calendars(), st.integers(0, 2**32))
@settings(max_examples=max(10, CALENDARS // 20), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_everything_else_that_is_asked_equals_the_simulator(calendar, seed):
    hours = make_hours(calendar["week"], calendar["zone"], calendar["days"])
    tape = Tape(calendar.pop("first"), TAPE_DAYS, **calendar)
    random = Random(seed)

    for _case in range(5):
        number, until = sorted(random.sample(range(len(tape.minutes)), 2))
        start, end = tape.at(number), tape.at(until)
        assert hours.between(start, end) == tape.open_minutes(number, until) * 60
        assert hours.windows(start, end) == tape.stretches(number, until)
        assert hours.is_open(start) == tape.minutes[number]
        assert tape.next_open(number) in (hours.next_open(start), None)


@given(calendars(), st.datetimes(datetime(2023, 1, 1), datetime(2036, 1, 1)), st.integers(1, 40 * 86400))
@settings(max_examples=60, deadline=None)
def test_exactly_the_added_seconds_lie_before_a_deadline(calendar, start, seconds):
    hours = make_hours(calendar["week"], calendar["zone"], calendar["days"])
    start = start.replace(tzinfo=UTC)

    due = hours.add(start, seconds)

    assert hours.between(start, due) == seconds
    assert hours.between(start, due - timedelta(microseconds=1)) == seconds - 1


@given(calendars(), st.integers(-1, 12), st.integers(0, 15 * 1440), st.integers(1, 6000))
@settings(max_examples=200, deadline=None)
def test_a_holiday_never_moves_a_deadline_earlier_and_a_make_up_day_never_later(calendar, day, start, minutes):
    base = datetime(calendar["first"].year, calendar["first"].month, calendar["first"].day, tzinfo=UTC)
    added = calendar["first"] + timedelta(days=day)
    special = [CalendarDay(date=date, windows=windows) for date, windows in calendar["days"].items()]

    def due(*public_days):
        folded = fold_days(calendar["week"], public_days=public_days, special_days=special)
        days = {date.fromisoformat(day): windows for day, windows in folded.items()}
        return make_hours(calendar["week"], calendar["zone"], days).add(base + timedelta(minutes=start), minutes * 60)

    ordinary = due()
    assert due(PublicDay(date=added, kind=PublicDay.Kind.HOLIDAY)) >= ordinary
    assert due(PublicDay(date=added, kind=PublicDay.Kind.MAKE_UP)) <= ordinary


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        (shanghai(2026, 2, 13, 17, 30), 4, shanghai(2026, 2, 14, 14, 0)),  # the Saturday is a make-up day
        (shanghai(2026, 2, 14, 17, 0), 4, shanghai(2026, 2, 24, 12, 0)),  # over the whole Spring Festival
        (shanghai(2026, 4, 30, 20, 0), 2, shanghai(2026, 5, 6, 11, 0)),
        (shanghai(2026, 9, 28, 18, 0), 7 * 7.5, shanghai(2026, 10, 13, 18, 0)),  # seven working days; 10-10 is one of them
        (shanghai(2025, 1, 25, 10, 0), 1, shanghai(2025, 1, 26, 10, 0)),
        (shanghai(2025, 9, 30, 17, 0), 2, shanghai(2025, 10, 9, 10, 0)),
        (shanghai(2024, 9, 30, 17, 0), 2, shanghai(2024, 10, 8, 10, 0)),
        (shanghai(2023, 4, 21, 17, 0), 2, shanghai(2023, 4, 23, 10, 0)),
        (shanghai(2022, 12, 30, 17, 0), 2, shanghai(2023, 1, 3, 10, 0)),
    ],
)
def test_golden_deadlines_of_the_office(start, hours, due):
    assert shipped_hours().add(start, int(hours * 3600)) == due


# Weekdays that were free and weekend days that were worked, by the notices of the State Council's General Office.
FREE_WEEKDAYS = {
    2022: "",
    2023: "01-02 01-23 01-24 01-25 01-26 01-27 04-05 05-01 05-02 05-03 06-22 06-23 09-29 10-02 10-03 10-04 10-05 10-06",
    2024: "01-01 02-12 02-13 02-14 02-15 02-16 04-04 04-05 05-01 05-02 05-03 06-10 09-16 09-17 10-01 10-02 10-03 10-04 10-07",
    2025: "01-01 01-28 01-29 01-30 01-31 02-03 02-04 04-04 05-01 05-02 05-05 06-02 10-01 10-02 10-03 10-06 10-07 10-08",
    2026: "01-01 01-02 02-16 02-17 02-18 02-19 02-20 02-23 04-06 05-01 05-04 05-05 06-19 09-25 10-01 10-02 10-05 10-06 10-07",
}
WORKED_WEEKENDS = {
    2022: "",
    2023: "01-28 01-29 04-23 05-06 06-25 10-07 10-08",
    2024: "02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12",
    2025: "01-26 02-08 04-27 09-28 10-11",
    2026: "01-04 02-14 02-28 05-09 09-20 10-10",
}


@pytest.mark.parametrize("year", [2022, 2023, 2024, 2025, 2026])
def test_golden_table_of_state_council_days(year):
    hours = shipped_hours()
    december = [date(year, 12, 31)] if year == 2022 else []
    days = december or [date(year, 1, 1) + timedelta(days=number) for number in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]

    free = [f"{day:%m-%d}" for day in days if day.weekday() < 5 and not hours.windows_on(day)]
    worked = [f"{day:%m-%d}" for day in days if day.weekday() >= 5 and hours.windows_on(day)]

    assert free == FREE_WEEKDAYS[year].split()
    assert worked == WORKED_WEEKENDS[year].split()


def test_every_shipped_day_has_its_name_and_its_notice():
    rows = [row for period in shipped_periods() for row in period.rows()]

    assert [row.date for row in rows if row.kind == "holiday"][0] == date(2022, 12, 31)
    assert {row.year: row.notice for row in rows} == {
        2023: "国办发明电〔2022〕16号",
        2024: "国办发明电〔2023〕7号",
        2025: "国办发明电〔2024〕12号",
        2026: "国办发明电〔2025〕7号",
    }
    assert [sum(row.year == year and row.kind == "holiday" for row in rows) for year in (2023, 2024, 2025, 2026)] == [27, 28, 28, 33]


def test_the_hour_that_a_clock_change_leaves_out_is_not_counted():
    night = make_hours([[[60, 240]]] * 7, "America/New_York")  # 01:00-04:00; at 02:00 it is 03:00

    assert night.windows(datetime(2026, 3, 8, tzinfo=NEW_YORK), datetime(2026, 3, 9, tzinfo=NEW_YORK)) == [
        (datetime(2026, 3, 8, 6, tzinfo=UTC), datetime(2026, 3, 8, 8, tzinfo=UTC))
    ]


def test_a_window_that_starts_in_a_missing_hour_starts_when_it_would_have_begun():
    early = make_hours([[[150, 240]]] * 7, "America/New_York")  # 02:30-04:00

    assert early.next_open(datetime(2026, 3, 8, tzinfo=NEW_YORK)) == datetime(2026, 3, 8, 7, tzinfo=UTC)
    assert early.between(datetime(2026, 3, 8, tzinfo=NEW_YORK), datetime(2026, 3, 9, tzinfo=NEW_YORK)) == 3600


def test_an_hour_that_comes_twice_counts_once():
    night = make_hours([[[60, 240]]] * 7, "America/New_York")  # 01:00-04:00; at 02:00 it is 01:00 again

    assert night.between(datetime(2026, 11, 1, tzinfo=NEW_YORK), datetime(2026, 11, 2, tzinfo=NEW_YORK)) == 3 * 3600
    assert night.is_open(datetime(2026, 11, 1, 5, 30, tzinfo=UTC))
    assert not night.is_open(datetime(2026, 11, 1, 6, 30, tzinfo=UTC))


def test_a_window_is_open_from_its_first_minute_and_no_longer_at_its_end():
    office = make_hours()

    assert office.is_open(shanghai(2026, 3, 2, 9, 0))
    assert not office.is_open(shanghai(2026, 3, 2, 12, 0))
    assert office.next_open(shanghai(2026, 3, 2, 12, 0)) == shanghai(2026, 3, 2, 13, 30)


def test_overlapping_windows_count_once():
    twice = make_hours([[[540, 720], [600, 780], [600, 660]]] * 7)

    assert twice.between(shanghai(2026, 3, 2), shanghai(2026, 3, 3)) == 4 * 3600


def test_a_window_past_midnight_belongs_to_the_day_it_starts_on():
    closed = date(2026, 3, 3)
    nights = make_hours([[[1200, 1560]]] * 7, days={closed: []})  # 20:00-02:00

    assert nights.is_open(shanghai(2026, 3, 3, 1, 0))
    assert not nights.is_open(shanghai(2026, 3, 3, 21, 0))
    assert not nights.is_open(shanghai(2026, 3, 4, 1, 0))


def test_two_nights_that_overlap_count_once():
    long = make_hours([[[1200, 2880]]] + [[[60, 120]]] + [[]] * 5)

    assert long.between(shanghai(2026, 3, 2), shanghai(2026, 3, 5)) == (2880 - 1200) * 60


def test_always_counts_every_second():
    start = shanghai(2026, 12, 31, 23, 59, 30)

    assert ALWAYS.add(start, 90) == start + timedelta(seconds=90)
    assert ALWAYS.between(start, start + timedelta(days=800)) == 800 * 86400
    assert ALWAYS.windows(start, start + timedelta(days=800)) == [(start, start + timedelta(days=800))]
    assert ALWAYS.covers(start + timedelta(days=8000))


def test_deadlines_are_found_ten_years_ahead():
    start = shanghai(2026, 1, 1, 9, 0)

    assert make_hours(DAILY).add(start, 10 * 365 * 12 * 3600) == shanghai(2035, 12, 29, 21, 0)


def test_a_night_in_the_zone_is_whole_when_the_year_of_utc_ends_in_it():
    nights = make_hours([[[1200, 2040]]] * 7)  # 20:00-10:00; in UTC the new year begins at 08:00

    assert nights.windows(shanghai(2026, 12, 31, 12, 0), shanghai(2027, 1, 1, 12, 0)) == [
        (shanghai(2026, 12, 31, 20, 0), shanghai(2027, 1, 1, 10, 0))
    ]
    assert nights.add(shanghai(2026, 12, 31, 20, 0), 13 * 3600) == shanghai(2027, 1, 1, 9, 0)


def test_a_deadline_at_the_last_open_second_of_a_year_stays_in_it():
    assert make_hours().add(shanghai(2026, 12, 31, 17, 0), 3600) == shanghai(2026, 12, 31, 18, 0)


def test_nothing_to_add_is_over_at_once_even_when_it_is_closed():
    start = shanghai(2026, 3, 1, 12, 0)

    assert make_hours().add(start, 0) == start
    assert make_hours().between(start, start - timedelta(days=1)) == 0
    assert make_hours().windows(start, start) == []


def test_fractions_of_a_second_are_kept():
    start = shanghai(2026, 3, 2, 9, 0) + timedelta(microseconds=250)

    assert make_hours().add(start, 60) == start + timedelta(seconds=60)


def test_public_days_are_known_until_the_end_of_the_last_day_of_the_zone():
    hours = make_hours(covered_until=date(2026, 12, 31))

    assert hours.covers(shanghai(2026, 12, 31, 23, 59))
    assert not hours.covers(shanghai(2027, 1, 1, 0, 0))


def test_a_calendar_that_is_never_open_is_refused():
    with pytest.raises(ValueError, match="open on at least one"):
        make_hours([[]] * 7)
