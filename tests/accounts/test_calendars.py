"""Calendars and their versions: what is published, with what, and what is read back from memory."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from accounts.calendars import current_version, hours_of
from accounts.models import CalendarVersion, PublicDay
from accounts.services import load_calendars
from accounts.working_time import ALWAYS

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


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


def test_hours_of_the_current_version_count_with_public_days():
    load_calendars()

    office = hours_of(current_version("office").pk)

    assert office.add(datetime(2026, 2, 13, 17, 30, tzinfo=SHANGHAI), 4 * 3600) == datetime(2026, 2, 14, 14, 0, tzinfo=SHANGHAI)


def test_hours_of_no_version_are_always_open():
    assert hours_of(None) is ALWAYS
