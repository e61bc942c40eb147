"""The plan of a week: leads plan for their own teams, everybody else sees when they work."""

from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Shift
from complaints.desk.shifts import days_of, times_on
from tests.factories import make_team, make_user

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 23)
WEEK = f"?week={MONDAY}"


def make_shift(user, day: date = MONDAY, begin: int = 9, end: int = 18, **fields) -> Shift:
    return Shift.objects.create(user=user, **times_on(day, time(begin), time(end)), **fields)


def answers(person, *days: date, **changes) -> dict:
    given = {"person": person.pk, "days": [day.isoformat() for day in days], "what": "work", "starts": "09:00", "ends": "18:00"}
    return given | changes


def planned() -> list[tuple]:
    """Everything in the plan, in the shop's time."""
    return [(row.user.name, *(f"{timezone.localtime(at):%m-%d %H:%M}" for at in (row.starts_at, row.ends_at))) for row in rows()]


def rows():
    return Shift.objects.select_related("user").order_by("starts_at", "user_id")


@pytest.fixture
def plans(desk, lead):
    """The desk of a lead of the logistics team."""
    desk.login_as(lead)
    return desk


def test_a_lead_plans_several_days_at_once(plans, url):
    agent = make_user(name="陈一")

    answer = plans.post(url("shift-plan") + WEEK, answers(agent, MONDAY, MONDAY + timedelta(days=2), capacity=80))

    assert (answer.status_code, answer["Location"]) == (303, url("shifts") + WEEK)
    assert planned() == [("陈一", "11-23 09:00", "11-23 18:00"), ("陈一", "11-25 09:00", "11-25 18:00")]
    assert set(rows().values_list("capacity", flat=True)) == {80}


def test_a_shift_that_ends_before_it_begins_ends_on_the_next_day(plans, url):
    plans.post(url("shift-plan") + WEEK, answers(make_user(name="陈一"), MONDAY, starts="20:00", ends="02:00"))

    assert planned() == [("陈一", "11-23 20:00", "11-24 02:00")]


def test_a_leave_is_no_shift(plans, url):
    plans.post(url("shift-plan") + WEEK, answers(make_user(), MONDAY, what="leave", starts="00:00", ends="23:59"))

    assert Shift.objects.get().is_leave


def test_one_day_that_cannot_be_planned_plans_none(plans, url):
    agent = make_user(name="陈一")
    make_shift(agent, MONDAY + timedelta(days=1), 12, 20)

    answer = plans.post(url("shift-plan") + WEEK, answers(agent, MONDAY, MONDAY + timedelta(days=1)))

    assert answer.status_code == 409
    assert planned() == [("陈一", "11-24 12:00", "11-24 20:00")]


@pytest.mark.parametrize(
    "changes", [{"days": []}, {"starts": "25:00"}, {"ends": ""}, {"capacity": "viel"}, {"person": "0"}, {"days": ["2027-01-01"]}]
)
def test_a_wrong_answer_comes_back_with_the_page(changes, plans, url):
    agent = make_user()

    answer = plans.post(url("shift-plan") + WEEK, answers(agent, MONDAY) | changes)

    assert answer.status_code == 422
    assert 'class="summary' in answer.content.decode()
    assert planned() == []


def test_nobody_of_another_team_is_planned(plans, url):
    stranger = make_user(teams=[make_team("refunds", name_zh="退款组", name_en="Refunds")])

    assert plans.post(url("shift-plan") + WEEK, answers(stranger, MONDAY)).status_code == 422
    assert planned() == []


def test_last_week_is_copied_once(plans, url):
    agent = make_user(name="陈一")
    make_shift(agent, MONDAY - timedelta(days=7))

    for _time in range(2):
        plans.post(url("shift-copy") + WEEK)

    assert planned()[1:] == [("陈一", "11-23 09:00", "11-23 18:00")]


def test_a_lead_takes_a_shift_out(plans, url):
    shift = make_shift(make_user())

    assert plans.post(url("shift-remove", shift.pk) + WEEK)["Location"] == url("shifts") + WEEK
    assert planned() == []


def test_a_shift_of_another_team_is_not_found(plans, url):
    shift = make_shift(make_user(teams=[make_team("refunds", name_zh="退款组", name_en="Refunds")]))

    assert plans.post(url("shift-remove", shift.pk) + WEEK).status_code == 404
    assert Shift.objects.exists()


@pytest.mark.parametrize("name", ["shift-plan", "shift-copy"])
def test_an_agent_plans_nothing(name, desk, url, agent):
    assert desk.post(url(name) + WEEK, answers(agent, MONDAY)).status_code == 403
    assert planned() == []


def test_an_agent_sees_their_own_shifts_and_nobody_elses(desk, url, agent):
    make_shift(agent, begin=9, end=17)
    make_shift(make_user(name="陈一"), begin=11, end=19)

    page = desk.get(url("shifts") + WEEK).content.decode()

    assert "09:00–17:00" in page and "11:00–19:00" not in page
    assert "<form" not in page.split("<main")[1].split("</main>")[0]


def test_the_grid_shows_people_days_and_how_many_work(plans, url, lead):
    one, other = make_user(name="陈一"), make_user(name="周二")
    make_shift(one)
    make_shift(other, capacity=40)
    make_shift(other, MONDAY, 0, 23, is_leave=True)

    page = plans.get(url("shifts") + WEEK).content.decode()

    assert page.index("周二") and page.index("陈一")
    assert "· 40" in page
    assert page.split("<tfoot>")[1].split("<td>")[1].startswith("1<")


def test_a_leave_of_several_days_stands_on_each_of_them(plans, url):
    agent = make_user()
    begin = timezone.make_aware(datetime.combine(MONDAY, time(0)))
    Shift.objects.create(user=agent, starts_at=begin, ends_at=begin + timedelta(days=3), is_leave=True)

    page = plans.get(url("shifts") + WEEK).content.decode()

    assert page.count("plan__shift--leave") == 3


@pytest.mark.parametrize("week", ["", "nonsense", "9999-12-31", "0001-01-01"])
def test_an_odd_week_is_this_one(week, plans, url):
    today = timezone.localdate()

    page = plans.get(url("shifts"), {"week": week}).content.decode()

    assert f"{days_of(today - timedelta(days=today.weekday()))[0]:%Y-%m-%d}" in page


def test_the_week_asks_as_much_for_many_as_for_few(plans, url):
    make_shift(make_user())
    few = asked(plans, url("shifts") + WEEK)

    for number in range(6):
        make_shift(make_user(), begin=8 + number)

    assert asked(plans, url("shifts") + WEEK) == few


def asked(desk, path: str) -> int:
    desk.get(path)  # what a process reads once is not the page's
    with CaptureQueriesContext(connection) as queries:
        assert desk.get(path).status_code == 200
    return len(queries)
