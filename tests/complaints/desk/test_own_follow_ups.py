"""The view of what is one's own to do about a complaint: which it holds, how many, and how a row says so."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from complaints.chat.callbacks import book_callback
from complaints.chat.hours import Window
from complaints.desk.filters import Filter
from complaints.desk.queues import QUEUES, count_queues, page_of
from complaints.desk.scope import Scope
from complaints.models import FollowUp
from complaints.services import resolve_complaint
from tests.factories import make_complaint, make_team, make_user
from tests.journeys import SOLVED

pytestmark = pytest.mark.django_db


@pytest.fixture
def complaint(agent):
    return make_complaint("open", assignee=agent)


def owe(complaint, kind=FollowUp.Kind.NO_REPLY, **overrides) -> FollowUp:
    return FollowUp.objects.create(complaint=complaint, kind=kind, due_at=timezone.now() + timedelta(hours=1), **overrides)


def call(complaint, **ahead):
    start = timezone.now() + timedelta(**ahead)
    return book_callback(complaint, Window(start, start + timedelta(hours=2)))


def held(user) -> list[str]:
    scope = Scope(user)
    page, [number] = page_of(QUEUES["follow"], Filter(), scope), count_queues([(QUEUES["follow"], Filter())], scope)
    assert number == len(page.rows)
    return [row.number for row in page.rows]


def test_what_the_assignee_must_do_is_theirs_whoever_it_was_before(agent, complaint):
    owe(complaint, owner=make_user())

    assert held(agent) == [complaint.number]


def test_what_somebody_was_given_is_theirs_while_another_has_the_complaint(agent):
    complaint = make_complaint("open", assignee=make_user())
    owe(complaint, owner=agent, role=FollowUp.Role.LEAD)

    assert held(agent) == [complaint.number]


def test_nothing_of_others(agent):
    colleague = make_user()
    owe(make_complaint("open", assignee=colleague), owner=colleague)

    assert held(agent) == []


def test_what_is_done_is_gone(agent, complaint):
    owe(complaint, owner=agent, done_at=timezone.now(), outcome="done")

    assert held(agent) == []


def test_a_call_counts_from_shortly_before_its_time(agent, complaint):
    call(complaint, hours=3)
    too_early = held(agent)
    FollowUp.objects.update(starts_at=timezone.now() + timedelta(minutes=10))

    assert (too_early, held(agent)) == ([], [complaint.number])


def test_a_call_after_the_result_is_there_too(agent, complaint):
    call(resolve_complaint(complaint, by=agent, expected_version=None, **SOLVED), minutes=-5)

    assert held(agent) == [complaint.number]


def test_what_went_to_a_team_out_of_reach_is_not_seen(agent):
    complaint = make_complaint("open", assignee=make_user())
    owe(complaint, owner=agent)
    type(complaint).objects.filter(pk=complaint.pk).update(team=make_team("quality"))

    assert held(agent) == []


def test_twice_owed_is_one_row(agent, complaint):
    owe(complaint, owner=agent)
    call(complaint, minutes=-5)

    assert held(agent) == [complaint.number]


def test_the_rail_counts_it_and_the_row_says_what_waits(desk, url, complaint):
    call(complaint, minutes=-5)

    page = desk.get(url("queue"), {"view": "follow"})

    [view] = [each for each in page.context["views"] if each["queue"].key == "follow"]
    assert (view["count"], view["is_open"]) == ("1", True)
    assert "致电客户" in str(page.context["rows"][0].facts)


def test_the_counts_are_one_statement(agent, complaint):
    queues = [(queue, Filter()) for queue in QUEUES.values() if queue.has_count]
    count_queues(queues, Scope(agent))

    with CaptureQueriesContext(connection) as asked:
        count_queues(queues, Scope(make_user()))
    assert len([query for query in asked if "count(*)" in query["sql"] or "EXECUTE" in query["sql"]]) == 1
