"""Planning shifts: whose, when, never two at once; and the week that is copied from the one before."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Shift
from accounts.services import plan_shift, plan_week, put_on_leave, remove_shift
from accounts.shifts import next_shift_of, shifts_of_week, shifts_visible_to
from accounts.signals import shifts_changed
from foundation.exceptions import NotAllowedError, RefusedError
from tests.factories import make_team, make_user
from tests.stack import wait_for

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 23)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


def plan(user, start=None, end=None, **overrides):
    return plan_shift(user, starts_at=start or at(23, 9), ends_at=end or at(23, 18), **{"by": None, **overrides})


def refusal(act, *args, **options) -> str:
    with pytest.raises((RefusedError, NotAllowedError)) as refused:
        act(*args, **options)
    return refused.value.reasons[0].code


def test_a_lead_plans_for_the_members_of_the_own_team():
    agent = make_user("agent")
    lead = make_user("lead")

    shift = plan(agent, by=lead, capacity=60)

    assert (shift.user, shift.starts_at, shift.ends_at, shift.capacity, shift.is_leave) == (agent, at(23, 9), at(23, 18), 60, False)


@pytest.mark.parametrize("role", ["agent", "lead", "warehouse", "finance"])
def test_nobody_plans_for_people_of_other_teams(role):
    agent = make_user("agent")
    stranger = make_user(role, teams=[make_team("other")])

    assert refusal(plan, agent, by=stranger) == "may_not_plan"
    assert refusal(put_on_leave, agent, starts_at=at(23, 9), ends_at=at(24, 9), by=stranger) == "may_not_plan"
    assert not Shift.objects.exists()


def test_an_agent_plans_nothing_not_even_the_own_shifts():
    agent = make_user("agent")
    shift = plan(agent)

    assert refusal(plan, agent, at(24, 9), at(24, 18), by=agent) == "may_not_plan"
    assert refusal(remove_shift, shift, by=agent) == "may_not_plan"
    assert list(Shift.objects.all()) == [shift]


def test_shifts_of_one_person_never_overlap():
    agent = make_user("agent")
    plan(agent)

    assert refusal(plan, agent, at(23, 17, 59), at(23, 22)) == "overlap"
    assert refusal(plan, agent, at(22, 20), at(23, 9, 1)) == "overlap"
    plan(agent, at(23, 18), at(23, 22))
    plan(make_user("agent"), at(23, 9), at(23, 18))
    assert Shift.objects.count() == 3


@pytest.mark.parametrize(("hours", "code"), [(0, "length"), (-1, "length"), (25, "length")])
def test_a_shift_ends_after_it_starts_and_lasts_a_day_at_most(hours, code):
    agent = make_user("agent")

    assert refusal(plan, agent, at(23, 9), at(23, 9) + timedelta(hours=hours)) == code


@pytest.mark.parametrize("capacity", [0, 1001])
def test_a_shift_has_room_within_reason(capacity):
    assert refusal(plan, make_user("agent"), capacity=capacity) == "capacity"


def test_leave_lies_over_shifts_but_not_over_leave():
    agent = make_user("agent")
    shift = plan(agent)

    leave = put_on_leave(agent, starts_at=at(23, 0), ends_at=at(27, 0), by=None)

    assert list(Shift.objects.order_by("pk")) == [shift, leave]
    assert refusal(put_on_leave, agent, starts_at=at(26, 0), ends_at=at(28, 0), by=None) == "overlap"


def test_remove_shift_twice_is_no_error():
    shift = plan(make_user("agent"))
    again = Shift.objects.get(pk=shift.pk)

    remove_shift(shift, by=None)
    remove_shift(again, by=None)

    assert not Shift.objects.exists()


def test_plan_week_copies_working_hours_at_the_same_local_times():
    lead, agent = make_user("lead"), make_user("agent")
    plan(agent, at(16, 9), at(16, 18), capacity=80)
    plan(agent, at(22, 20), at(23, 2))
    put_on_leave(agent, starts_at=at(17, 0), ends_at=at(18, 0), by=None)

    planned = plan_week(make_team(), monday=MONDAY, by=lead)

    assert [(shift.user, shift.starts_at, shift.ends_at, shift.capacity) for shift in planned] == [
        (agent, at(23, 9), at(23, 18), 80),
        (agent, at(29, 20), at(30, 2), None),
    ]
    assert plan_week(make_team(), monday=MONDAY, by=lead) == []


def test_plan_week_leaves_out_whoever_is_planned_then_and_whoever_left():
    agent, busy, closed = make_user("agent"), make_user("agent"), make_user("agent")
    for user in (agent, busy, closed):
        plan(user, at(16, 9), at(16, 18))
    plan(busy, at(22, 22), at(23, 10))
    type(closed).objects.filter(pk=closed.pk).update(is_active=False)

    planned = plan_week(make_team(), monday=MONDAY, by=None)

    assert [(shift.user, shift.starts_at) for shift in planned] == [(agent, at(23, 9)), (busy, at(29, 22))]


def test_plan_week_is_refused_for_a_team_of_others():
    plan(make_user("agent"), at(16, 9), at(16, 18))
    stranger = make_user("lead", teams=[make_team("other")])

    assert refusal(plan_week, make_team(), monday=MONDAY, by=stranger) == "may_not_plan"


def test_plan_week_asks_as_much_for_three_people_as_for_one(django_assert_num_queries):
    team = make_team()
    for _each in range(3):
        plan(make_user("agent"), at(16, 9), at(16, 18))
    lead = make_user("lead")
    lead.led_team_ids  # noqa: B018 - read once per request

    with django_assert_num_queries(7):
        plan_week(team, monday=MONDAY, by=lead)


def test_whoever_was_planned_anew_is_announced(django_capture_on_commit_callbacks):
    agent, heard = make_user("agent"), []

    def hear(sender, user, **_rest):
        heard.append(user.pk)

    shifts_changed.connect(hear)
    with django_capture_on_commit_callbacks(execute=True):
        shift = plan(agent)
        remove_shift(shift, by=None)
    shifts_changed.disconnect(hear)

    assert heard == [agent.pk, agent.pk]


def test_everybody_sees_the_own_shifts_and_leads_those_of_their_teams():
    lead, agent, outsider = make_user("lead"), make_user("agent"), make_user("agent", teams=[make_team("other")])
    own, foreign = plan(agent), plan(outsider)

    assert list(shifts_visible_to(agent)) == [own]
    assert list(shifts_visible_to(outsider)) == [foreign]
    assert list(shifts_visible_to(lead)) == [own]
    assert set(shifts_visible_to(make_user("admin"))) == {own, foreign}


def test_the_shifts_of_a_week_touch_it():
    agent = make_user("agent")
    plan(agent, at(22, 9), at(22, 18))
    night = plan(agent, at(22, 20), at(23, 2))
    last = plan(agent, at(29, 20), at(30, 2))
    plan(agent, at(30, 9), at(30, 18))

    assert list(shifts_of_week(Shift.objects.all(), MONDAY)) == [night, last]


def test_the_next_shift_is_one_without_leave():
    agent = make_user("agent")
    plan(agent, at(23, 9), at(23, 18))
    monday_off = put_on_leave(agent, starts_at=at(24, 0), ends_at=at(25, 0), by=None)
    plan(agent, at(24, 9), at(24, 18))
    later = plan(agent, at(25, 9), at(25, 18))

    assert next_shift_of(agent, after=at(23, 18)) == later
    remove_shift(monday_off, by=None)
    assert next_shift_of(agent, after=at(23, 18)).starts_at == at(24, 9)
    assert next_shift_of(agent, after=at(25, 18)) is None


def test_plan_week_keeps_the_time_on_the_wall_when_the_clocks_change():
    agent, new_york = make_user("agent"), ZoneInfo("America/New_York")

    with timezone.override(new_york):
        plan(agent, datetime(2026, 3, 4, 9, tzinfo=new_york), datetime(2026, 3, 4, 17, tzinfo=new_york))
        planned = plan_week(make_team(), monday=date(2026, 3, 9), by=None)

    assert [shift.starts_at for shift in planned] == [datetime(2026, 3, 11, 9, tzinfo=new_york)]


@pytest.mark.django_db(transaction=True)
def test_two_leads_who_plan_the_same_hours_at_once_get_one_shift():
    agent = make_user("agent")

    def plan_meanwhile() -> str:
        try:
            return str(plan(agent))
        except RefusedError as error:
            return error.reasons[0].code
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first = plan(agent)
            second = pool.submit(plan_meanwhile)
            wait_for(lambda: second.done() or is_somebody_waiting(), within=20)
        assert second.result(timeout=20) == "overlap"

    assert list(Shift.objects.all()) == [first]


def is_somebody_waiting() -> bool:
    """Whether another connection waits for a row that this one has locked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))")
        return cursor.fetchone()[0] > 0
