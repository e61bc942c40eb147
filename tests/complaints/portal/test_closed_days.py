"""The banner of days off and the clock agree: both read the hours of the same calendar version."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from accounts.services import load_calendars, set_special_day
from complaints.assignment.patience import service_hours
from complaints.models import ClockRun
from complaints.sla.defaults import load_sla_defaults
from complaints.sla.policies import forget_policies
from complaints.sla.runs import used_seconds
from tests.complaints.portal.journey import answer_problem
from tests.factories import make_calendar, make_complaint

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
# Days around the holidays of 2026, with the days worked instead of them; the service works every other day of the week.
GOLDEN = {
    "2026-02-14": False,
    "2026-02-15": True,
    "2026-02-23": True,
    "2026-02-24": False,
    "2026-05-01": True,
    "2026-05-05": True,
    "2026-05-06": False,
    "2026-09-20": False,
    "2026-09-30": False,
    "2026-10-01": True,
    "2026-10-07": True,
    "2026-10-08": False,
    "2026-10-10": False,
    "2026-10-11": False,
}


@pytest.fixture(autouse=True)
def _shipped(shop):
    with time_machine.travel(datetime(2026, 1, 5, 10, tzinfo=SHANGHAI)):
        load_calendars()
        load_sla_defaults()
    forget_policies()
    yield
    forget_policies()


def banner(path: str = "/en/") -> str:
    page = Client().get(path).content.decode()
    return page.partition("Days off: ")[2].partition("<")[0]


@pytest.mark.parametrize(("day", "is_closed"), GOLDEN.items())
def test_the_banner_stands_on_the_days_on_which_no_second_counts(day, is_closed):
    noon = datetime.combine(date.fromisoformat(day), datetime.min.time(), SHANGHAI) + timedelta(hours=12)
    midnight = noon - timedelta(hours=12)
    with time_machine.travel(midnight - timedelta(minutes=1), tick=False):
        run = ClockRun.objects.get(complaint=make_complaint(), kind="resolution")
    counted = used_seconds(run, midnight + timedelta(days=1)) - used_seconds(run, midnight)

    with time_machine.travel(noon, tick=False):
        assert bool(banner()) == is_closed
    assert (counted == 0) == is_closed


def test_the_banner_names_the_days_and_when_work_goes_on():
    with time_machine.travel(datetime(2026, 10, 3, 12, tzinfo=SHANGHAI), tick=False):
        words = banner()

    assert words.startswith("Sat 3 Oct – Wed 7 Oct.")
    assert "work goes on 2026-10-08 09:00" in words
    assert service_hours().next_open(datetime(2026, 10, 3, 12, tzinfo=SHANGHAI)) == datetime(2026, 10, 8, 9, tzinfo=SHANGHAI)


def test_the_banner_stands_where_a_complaint_begins(visitor):
    with time_machine.travel(datetime(2026, 10, 3, 12, tzinfo=SHANGHAI), tick=False):
        answer_problem(visitor)
        pages = [visitor.get(path).content.decode() for path in ("/", "/file/", "/file/check/")]

    assert ["休息，投诉照常提交" in page for page in pages] == [True, True, True]


def test_another_version_of_the_calendar_moves_banner_and_clock_alike():
    calendar = make_calendar("service")
    with time_machine.travel(datetime(2026, 10, 3, 12, tzinfo=SHANGHAI), tick=False):
        set_special_day(calendar, date(2026, 10, 3), windows=[[600, 1080]], reason="大促", by=None)

        assert banner() == ""
        assert service_hours().is_open(datetime(2026, 10, 3, 12, tzinfo=SHANGHAI))
