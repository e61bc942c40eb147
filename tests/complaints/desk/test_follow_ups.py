"""Follow-ups: seen by whom they are for, done with a note, and only then gone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from complaints import access
from complaints.models import Complaint, FollowUp, Message
from complaints.services.timers import run_timers
from tests.complaints.builders import codes
from tests.factories import make_complaint, make_merchant, make_team, make_user

pytestmark = pytest.mark.django_db


def make_follow_up(complaint, role="lead", kind="breach", **fields) -> FollowUp:
    return FollowUp.objects.create(complaint=complaint, kind=kind, role=role, due_at=timezone.now(), **fields)


def test_each_follow_up_is_seen_by_whom_it_is_for():
    agent, lead, manager = make_user(), make_user("lead"), make_user("manager", teams=[], shops=[make_merchant()])
    complaint = make_complaint("open", assignee=agent)
    roles = {role: make_follow_up(complaint, role).pk for role in ("assignee", "lead", "manager")}

    def seen(user):
        return set(access.follow_ups_for(user).values_list("pk", flat=True))

    assert seen(agent) == {roles["assignee"]}
    assert seen(lead) == {roles["lead"]}
    assert seen(manager) == {roles["lead"], roles["manager"]}
    assert seen(make_user()) == seen(make_user("lead", teams=[make_team("refund")])) == set()


def test_a_call_and_what_is_done_are_not_listed():
    agent = make_user()
    complaint = make_complaint("open", assignee=agent)
    make_follow_up(complaint, "assignee", "callback", callback_kind="requested")
    make_follow_up(complaint, "assignee", done_at=timezone.now(), outcome="done")

    assert not access.follow_ups_for(agent).exists()


def test_it_is_done_with_a_note_that_stands_in_the_thread(desk, lead, url):
    desk.login_as(lead)
    complaint = make_complaint("open", assignee=make_user())
    row = make_follow_up(complaint)

    answer = desk.post(url("follow-up-done", row.pk), {"note": "已致电客户", "request_id": "r1"})

    row.refresh_from_db()
    assert (answer.status_code, row.outcome, row.done_by) == (303, "done", lead)
    assert codes(complaint, "follow_up.done")["follow_up"] == row.pk
    assert Message.objects.filter(complaint=complaint, kind="note", body="已致电客户").count() == 1


def test_without_a_note_it_stays_open(desk, lead, url):
    desk.login_as(lead)
    row = make_follow_up(make_complaint("open", assignee=make_user()))

    assert desk.post(url("follow-up-done", row.pk), {"note": " "}).status_code == 422
    assert FollowUp.objects.get(pk=row.pk).done_at is None


def test_somebody_elses_is_not_there(desk, url):
    row = make_follow_up(make_complaint("open", assignee=make_user()))

    assert desk.post(url("follow-up-done", row.pk), {"note": "x"}).status_code == 404


def test_an_answer_that_never_came_waits_for_the_assignee():
    agent = make_user()
    complaint = make_complaint("waiting_customer", assignee=agent)
    Complaint.objects.filter(pk=complaint.pk).update(timer_at=timezone.now() - timedelta(seconds=1))

    run_timers()

    assert [row.kind for row in access.follow_ups_for(agent)] == ["no_reply"]


def test_the_workspace_lists_only_what_waits_here_for_the_person(desk, agent, url):
    complaint, other = make_complaint("open", assignee=agent), make_complaint("open", assignee=agent)
    mine, leads, elsewhere = make_follow_up(complaint, "assignee"), make_follow_up(complaint), make_follow_up(other, "assignee")

    page = desk.get(url("customer", complaint.number, "follow")).content.decode()

    assert [url("follow-up-done", row.pk) in page for row in (mine, leads, elsewhere)] == [True, False, False]
