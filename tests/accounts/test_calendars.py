"""Calendars and their versions: what is published, with what, by whom, and what is read back from memory."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, transaction

from accounts import calendars
from accounts.calendars import NoCalendarError, coverage_warnings, current_version, forget_calendars, hours_of
from accounts.models import Calendar, CalendarDay, CalendarVersion, PublicDay
from accounts.months import draw_months
from accounts.public_days import read_periods
from accounts.services import import_public_days, load_calendars, publish_calendar, remove_special_day, set_special_day
from accounts.services.calendars import shipped_periods
from accounts.signals import calendar_published
from accounts.working_time import ALWAYS
from foundation.exceptions import NotAllowedError, RefusedError
from tests.factories import make_calendar, make_user

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEK = [[[540, 1080]]] * 5 + [[], []]
HEAD = "from,to,kind,name_zh,name_en,notice,year\n"
NEXT_YEAR = HEAD + "2027-01-01,2027-01-03,holiday,元旦,New Year's Day,n,2027\n2027-01-10,,make_up,元旦调休,Make-up day,n,2027\n"


def publish(calendar, *, week=WEEK, by=None, expected_version=1, follows=True, zone="Asia/Shanghai", **more):
    content = {"week": week, "zone": zone, "follows_public_days": follows}
    return publish_calendar(calendar, **content, by=by, expected_version=expected_version, **more)


def refusals(act, *args, **options) -> list[str]:
    with pytest.raises((RefusedError, NotAllowedError)) as refused:
        act(*args, **options)
    return [reason.code for reason in refused.value.reasons]


def newest(calendar) -> CalendarVersion:
    return calendar.versions.order_by("-version").first()


def test_load_calendars_adds_what_is_shipped_and_nothing_twice():
    first = load_calendars()
    second = load_calendars()

    assert first == {"public days": PublicDay.objects.count(), "calendars": 4}
    assert second == {"public days": 0, "calendars": 0}
    assert list(CalendarVersion.objects.order_by("calendar__code").values_list("calendar__code", "version", "covered_until")) == [
        ("always", 1, None),
        ("extended", 1, None),
        ("office", 1, date(2026, 12, 31)),
        ("service", 1, date(2026, 12, 31)),
    ]


def test_load_calendars_leaves_what_somebody_edited_and_brings_new_years_to_it():
    office = make_calendar("office", week=WEEK, follows_public_days=True)
    import_public_days([period for period in shipped_periods() if period.year == 2023], by=None)

    load_calendars()

    version = newest(office)
    assert (version.week, version.covered_until, len(version.days)) == (WEEK, date(2026, 12, 31), PublicDay.objects.count())


def test_hours_of_the_current_version_count_with_public_days():
    load_calendars()

    office = hours_of(current_version("office").pk)

    assert office.add(datetime(2026, 2, 13, 17, 30, tzinfo=SHANGHAI), 4 * 3600) == datetime(2026, 2, 14, 14, 0, tzinfo=SHANGHAI)


def test_hours_of_no_version_are_always_open():
    assert hours_of(None) is ALWAYS


def test_an_unknown_calendar_names_the_cure():
    with pytest.raises(NoCalendarError, match="setup_calendars"):
        current_version("nowhere")


def test_calendars_are_read_once_and_again_after_half_a_minute(django_assert_num_queries, monkeypatch):
    make_calendar()
    with django_assert_num_queries(2):
        first = current_version("service")
        hours_of(first.pk)
    with django_assert_num_queries(0):
        assert current_version("service") == first
        hours_of(first.pk)

    monkeypatch.setattr(calendars, "_current", (calendars._current[0], calendars._current[1] - 31))

    with django_assert_num_queries(1):
        current_version("service")


def test_a_published_version_is_current_at_once_here(django_capture_on_commit_callbacks):
    calendar = make_calendar()
    current_version("service")

    with django_capture_on_commit_callbacks(execute=True):
        version = publish(calendar)

    assert current_version("service") == version


def test_a_version_holds_its_days_whatever_is_edited_later():
    calendar = make_calendar("office", week=WEEK, follows_public_days=True)
    import_public_days(read_periods(NEXT_YEAR), by=None)
    version = newest(calendar)

    PublicDay.objects.all().delete()

    assert (version.version, version.covered_until) == (2, date(2027, 12, 31))
    assert version.days == {"2027-01-01": [], "2027-01-02": [], "2027-01-03": [], "2027-01-10": [[540, 1080]]}
    assert hours_of(version.pk).windows_on(date(2027, 1, 10)) == ((540, 1080),)


@pytest.mark.parametrize("act", [lambda version: version.save(), lambda version: version.delete()])
def test_the_database_lets_nobody_change_a_version(act):
    version = make_calendar().versions.get()

    with pytest.raises(DatabaseError), transaction.atomic():
        act(version)


def test_a_special_day_goes_before_a_public_day_before_the_week():
    calendar = make_calendar("office", week=WEEK, follows_public_days=True)
    import_public_days(read_periods(NEXT_YEAR), by=None)

    version = set_special_day(calendar, date(2027, 1, 1), windows=[[600, 720]], reason="值班", by=None)

    assert version.days["2027-01-01"] == [[600, 720]]
    assert version.days["2027-01-02"] == []
    assert hours_of(version.pk).windows_on(date(2027, 1, 4)) == ((540, 1080),)
    assert remove_special_day(calendar, date(2027, 1, 1), by=None).days["2027-01-01"] == []
    assert remove_special_day(calendar, date(2027, 1, 1), by=None) is None


def test_a_calendar_that_does_not_follow_public_days_has_none_and_misses_none():
    import_public_days(read_periods(NEXT_YEAR), by=None)

    version = newest(make_calendar("extended", follows_public_days=False))

    assert (version.days, version.covered_until) == ({}, None)
    assert hours_of(version.pk).covers(datetime(2050, 1, 1, tzinfo=SHANGHAI))


def test_a_make_up_day_is_worked_like_a_monday_and_never_shorter_than_its_own_weekday():
    week = [[[600, 720]], *WEEK[1:5], [], [[540, 660], [780, 900]]]
    import_public_days(read_periods(NEXT_YEAR), by=None)

    version = newest(make_calendar("office", week=week, follows_public_days=True))

    assert version.days["2027-01-10"] == [[540, 720], [780, 900]]


def test_a_year_is_replaced_as_a_whole_and_other_years_stay():
    load_calendars()
    import_public_days(read_periods(NEXT_YEAR), by=None)

    imported = import_public_days(read_periods(HEAD + "2027-01-01,,holiday,元旦,New Year's Day,n,2027\n"), by=None)

    assert (imported.added, imported.removed) == (0, 3)
    assert sorted(version.calendar.code for version in imported.versions) == ["office", "service"]
    assert list(PublicDay.objects.filter(year=2027).values_list("date", flat=True)) == [date(2027, 1, 1)]
    assert PublicDay.objects.filter(year=2026).exists()


def test_an_import_that_changes_nothing_publishes_nothing():
    load_calendars()

    imported = import_public_days(shipped_periods(), by=None)

    assert (imported.added, imported.removed, imported.versions) == (0, 0, [])


def test_a_date_of_two_notices_belongs_to_the_later_import():
    import_public_days(read_periods(HEAD + "2026-12-31,,holiday,元旦,New Year's Day,n,2027\n"), by=None)
    import_public_days(read_periods(HEAD + "2026-12-31,,make_up,元旦调休,Make-up day,n,2026\n"), by=None)

    assert list(PublicDay.objects.values_list("kind", "year")) == [("make_up", 2026)]


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        ({"week": [[]] * 7}, ["never_open"]),
        ({"week": [[[540, 540]]] * 7}, ["window"]),
        ({"week": [[[-1, 540]]] * 7}, ["window"]),
        ({"week": [[[1440, 1500]]] * 7}, ["window"]),
        ({"week": [[[540, 2881]]] * 7}, ["window"]),
        ({"week": WEEK[:6]}, ["never_open"]),
        ({"zone": "Mars/Base"}, ["unknown_zone"]),
        ({"expected_version": None}, ["newer_version"]),
        ({"expected_version": 2}, ["newer_version"]),
        ({"week": [[[540, 1260]]] * 7, "follows": False}, ["nothing_new"]),
    ],
)
def test_publishing_is_refused_with_the_reason(content, codes):
    calendar = make_calendar()

    assert refusals(publish, calendar, **content) == codes
    assert calendar.versions.count() == 1


def test_a_refused_first_version_leaves_no_calendar():
    assert refusals(publish, Calendar(code="new", name_zh="新", name_en="New"), week=[[]] * 7, expected_version=None) == ["never_open"]
    assert not Calendar.objects.exists()


@pytest.mark.parametrize(("role", "may"), [("agent", False), ("lead", False), ("finance", False), ("manager", True), ("admin", True)])
def test_managers_and_administrators_publish(role, may):
    calendar, by = make_calendar(), make_user(role)
    acts = [
        lambda: publish(calendar, by=by),
        lambda: set_special_day(calendar, date(2027, 5, 1), windows=[], reason="台风", by=by),
        lambda: remove_special_day(calendar, date(2027, 5, 1), by=by),
        lambda: import_public_days(read_periods(NEXT_YEAR), by=by),
    ]

    for act in acts:
        if may:
            act()
        else:
            assert refusals(act) == ["may_not_publish"]
    assert calendar.versions.count() == (5 if may else 1)


def test_a_new_version_is_announced(django_capture_on_commit_callbacks):
    heard = []

    def hear(sender, version, **_rest):
        heard.append((version.calendar.code, version.version))

    calendar_published.connect(hear)
    with django_capture_on_commit_callbacks(execute=True):
        publish(make_calendar())
    calendar_published.disconnect(hear)

    assert heard == [("service", 1), ("service", 2)]


@pytest.mark.parametrize(
    ("today", "days_left"),
    [(date(2026, 10, 31), None), (date(2026, 11, 1), 60), (date(2026, 11, 22), 39), (date(2026, 12, 31), 0), (date(2027, 2, 1), -32)],
)
def test_coverage_is_warned_of_from_sixty_days_before_its_end(today, days_left):
    load_calendars()

    warnings = coverage_warnings(today)

    expected = [] if days_left is None else [("office", days_left), ("service", days_left)]
    assert sorted((each.calendar.code, each.days_left) for each in warnings) == expected


def test_coverage_ends_before_the_first_year_without_a_notice():
    periods = shipped_periods()

    import_public_days([period for period in periods if period.year in (2023, 2024, 2026)], by=None)

    assert newest(make_calendar("office", follows_public_days=True)).covered_until == date(2024, 12, 31)


def test_a_following_calendar_without_any_public_day_warns():
    make_calendar("office", follows_public_days=True)

    assert [each.calendar.code for each in coverage_warnings(date(2026, 3, 1))] == ["office"]


def test_every_drawn_day_agrees_with_the_clocks():
    load_calendars()
    office = Calendar.objects.get(code="office")
    set_special_day(office, date(2026, 11, 11), windows=[[480, 1440]], reason="双十一", by=None)
    version = newest(office)
    hours = hours_of(version.pk)

    months = draw_months(version, date(2026, 1, 1), special_days=CalendarDay.objects.all(), count=14)

    days = [day for month in months for week in month.weeks for day in week if day]
    assert [day.date for day in days] == [date(2026, 1, 1) + timedelta(days=number) for number in range(424)]
    for day in days:
        midnight = datetime(day.date.year, day.date.month, day.date.day, tzinfo=SHANGHAI)
        assert sum(end - start for start, end in day.windows) * 60 == hours.between(midnight, midnight + timedelta(days=1))
        assert day.is_known == hours.covers(midnight)
    named = {day.date: (day.name, day.is_open) for day in days if day.name}
    assert named[date(2026, 2, 17)] == ("春节", False)
    assert named[date(2026, 2, 14)] == ("春节调休", True)
    assert named[date(2026, 11, 11)] == ("双十一", True)


def test_a_day_that_was_announced_after_a_version_has_no_name_in_it():
    calendar = make_calendar("office", week=WEEK, follows_public_days=True)
    version = newest(calendar)
    import_public_days(read_periods(NEXT_YEAR), by=None)

    days = [day for week in draw_months(version, date(2027, 1, 1), special_days=[], count=1)[0].weeks for day in week if day]

    assert (days[0].name, days[0].is_open, days[0].is_known) == ("", True, False)


def test_forgotten_calendars_are_read_again(django_assert_num_queries):
    make_calendar()
    current_version("service")

    forget_calendars()

    with django_assert_num_queries(1):
        current_version("service")
