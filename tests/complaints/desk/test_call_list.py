"""The list of calls and the calls beside a complaint: whose they are, what they show, one tap for what came of them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from complaints.chat.access import calls_for
from complaints.chat.callbacks import book_callback, log_attempt
from complaints.chat.hours import Window
from complaints.desk.filters import Filter
from complaints.desk.queues import QUEUES, count_queues, page_of
from complaints.desk.scope import Scope
from complaints.models import Complaint, FollowUp
from complaints.services import resolve_complaint
from tests.complaints.builders import fresh, nodes
from tests.factories import make_complaint, make_team, make_user
from tests.journeys import SOLVED

pytestmark = pytest.mark.django_db


@pytest.fixture
def solver(db):
    return make_user()


def text_of(response) -> str:
    return response.content.decode()


def solved(solver, **overrides) -> Complaint:
    """A complaint that the solver has resolved; the call about it is the agent's."""
    complaint = make_complaint("open", assignee=solver, **overrides)
    return resolve_complaint(fresh(complaint), by=solver, expected_version=None, **SOLVED)


def call_of(complaint) -> FollowUp:
    return FollowUp.objects.get(complaint=complaint, callback_kind=FollowUp.Callback.AFTER_RESOLUTION)


def booked(complaint) -> FollowUp:
    start = timezone.now() - timedelta(minutes=5)
    return book_callback(complaint, Window(start, start + timedelta(hours=2)))


def due_now(*calls) -> None:
    FollowUp.objects.filter(pk__in=[call.pk for call in calls]).update(starts_at=timezone.now())


def test_a_call_shows_whom_about_what_and_which_result(desk, url, agent, solver):
    complaint = solved(solver)

    page = text_of(desk.get(url("callbacks")))

    assert complaint.number in page
    assert SOLVED["resolution"] in page
    assert url("reveal", complaint.number, "complaint", "contact_phone") in page
    assert complaint.contact_phone not in page
    assert complaint.contact_name not in page


def test_personal_words_in_a_result_are_masked(desk, url, agent, solver):
    complaint = solved(solver)
    Complaint.objects.filter(pk=complaint.pk).update(resolution="已致电 13800001234 说明")

    assert "13800001234" not in text_of(desk.get(url("callbacks")))


def test_who_has_no_number_is_to_be_written_to(desk, url, agent, solver):
    complaint = solved(solver, contact_phone="")

    page = text_of(desk.get(url("callbacks")))

    assert url("reveal", complaint.number, "complaint", "contact_phone") not in page
    assert "没有电话号码" in page


def test_an_agent_sees_the_own_calls_and_those_of_nobody(agent, solver):
    other = make_user()
    mine, loose, others = solved(solver), make_complaint(), make_complaint("open", assignee=other)
    call_of(mine), booked(loose), booked(others)

    assert {call.complaint for call in calls_for(agent)} == {mine, loose}


def test_what_the_assignee_got_meanwhile_is_theirs(agent):
    complaint = make_complaint()
    call = booked(complaint)
    Complaint.objects.filter(pk=complaint.pk).update(assignee=make_user())

    assert not calls_for(agent).exists()
    assert list(calls_for(fresh(complaint).assignee)) == [call]


def test_a_lead_sees_the_calls_of_the_teams_they_lead(agent, solver, lead):
    quality = make_team("quality")
    foreign = make_complaint()
    Complaint.objects.filter(pk=foreign.pk).update(team=quality)
    own = solved(solver)
    booked(foreign)

    assert [call.complaint for call in calls_for(lead)] == [own]


def test_a_call_of_nobody_in_a_foreign_team_is_not_listed(agent):
    complaint = make_complaint()
    booked(complaint)
    Complaint.objects.filter(pk=complaint.pk).update(team=make_team("quality"))

    assert not calls_for(agent).exists()


def test_a_call_that_waits_for_a_lead_is_no_agents(solver):
    call = call_of(solved(solver))

    assert call.role == FollowUp.Role.LEAD
    assert not calls_for(solver).exists()
    assert list(calls_for(make_user("lead"))) == [call]


def test_what_was_erased_is_not_listed(agent, solver):
    Complaint.objects.filter(pk=solved(solver).pk).update(erased_at=timezone.now())

    assert not calls_for(agent).exists()


def test_a_colleagues_call_is_not_logged_from_here(desk, url, agent, solver):
    call = call_of(solved(solver))
    FollowUp.objects.update(owner=make_user())

    assert desk.post(url("callback-log", call.pk), {"outcome": "no_answer"}).status_code == 404


def test_one_tap_reopens_with_the_customers_words(desk, url, agent, solver):
    complaint = solved(solver)
    page = text_of(desk.get(url("callbacks")))

    answer = desk.post(url("callback-log", call_of(complaint).pk), {"outcome": "reached_not_ok", "summary": "还是没收到"})

    assert "未解决，重新打开" in page
    assert (answer.status_code, fresh(complaint).status) == (303, "open")
    assert complaint.events.get(kind="reopened").payload == {"reason": "还是没收到"}


def test_a_refused_tap_keeps_the_words_and_says_why(desk, url, agent, solver):
    call = call_of(solved(solver))

    answer = desk.post(url("callback-log", call.pk), {"outcome": "unreachable", "summary": "一直没人接"})

    assert answer.status_code == 409
    assert "一直没人接" in text_of(answer)
    assert "请在两天内的不同时段至少尝试三次" in text_of(answer)


def test_no_outcome_is_no_try(desk, url, agent, solver):
    call = call_of(solved(solver))

    assert desk.post(url("callback-log", call.pk), {"summary": "打了"}).status_code == 409
    call.refresh_from_db()
    assert call.attempts == 0


def test_giving_up_is_offered_from_the_third_try_on(desk, url, agent, solver):
    complaint = solved(solver)
    for _try in range(2):
        assert "无人接听，不再拨打" not in text_of(desk.get(url("callbacks")))
        log_attempt(call_of(complaint), outcome="no_answer", by=agent)

    assert "无人接听，不再拨打" in text_of(desk.get(url("callbacks")))


def test_tries_are_told_with_their_moment_and_who_made_them(desk, url, agent, solver):
    complaint = solved(solver)
    log_attempt(call_of(complaint), outcome="no_answer", by=agent)

    listed, beside = text_of(desk.get(url("callbacks"))), text_of(desk.get(url("customer", complaint.number, "calls")))

    for page in (listed, beside):
        assert "无人接听" in page
        assert agent.name in page


def test_beside_the_complaint_a_colleagues_call_can_be_taken_over(desk, url, agent, solver):
    complaint = solved(solver)
    third = make_user()
    FollowUp.objects.update(owner=third)
    beside = text_of(desk.get(url("customer", complaint.number, "calls")))

    answer = desk.post(url("callback-take", call_of(complaint).pk))

    assert third.name in beside
    assert url("callback-take", call_of(complaint).pk) in beside
    assert f'{url("callback-log", call_of(complaint).pk)}"' not in beside
    assert (answer.status_code, call_of(complaint).owner) == (303, agent)


def test_a_call_about_a_foreign_complaint_is_not_taken(desk, url, agent, solver):
    complaint = solved(solver)
    Complaint.objects.filter(pk=complaint.pk).update(team=make_team("quality"), assignee=None)

    assert desk.post(url("callback-take", call_of(complaint).pk)).status_code == 404


def test_beside_the_complaint_stands_what_came_of_earlier_calls(desk, url, agent, solver):
    complaint = solved(solver)
    log_attempt(call_of(complaint), outcome="refused", by=agent)

    beside = text_of(desk.get(url("customer", complaint.number, "calls")))

    assert "不愿沟通" in beside
    assert f'{url("callback-log", call_of(complaint).pk)}"' not in beside


def test_without_calls_both_say_so(desk, url):
    complaint = make_complaint()

    assert "目前没有要打的电话" in text_of(desk.get(url("callbacks")))
    assert "没有要打或打过的电话" in text_of(desk.get(url("customer", complaint.number, "calls")))


@pytest.mark.parametrize("place", ["callbacks", "customer"])
def test_pages_ask_as_much_for_three_calls_as_for_one(desk, url, agent, solver, place):
    def count(complaint) -> int:
        address = url("callbacks") if place == "callbacks" else url("customer", complaint.number, "calls")
        desk.get(address)
        with CaptureQueriesContext(connection) as asked:
            desk.get(address)
        return len(asked)

    complaint = solved(solver)
    log_attempt(call_of(complaint), outcome="no_answer", by=agent)
    few = count(complaint)
    for _more in range(2):
        log_attempt(call_of(solved(solver)), outcome="no_answer", by=agent)
        booked(complaint).delete()
    log_attempt(booked(complaint), outcome="refused", by=make_user("lead"))

    assert count(complaint) == few


def test_the_list_goes_on_behind_its_first_page(desk, url, agent, solver, monkeypatch):
    monkeypatch.setattr("complaints.desk.callbacks.PAGE_SIZE", 2)
    calls = [call_of(solved(solver)) for _each in range(3)]

    first = desk.get(url("callbacks"))
    second = desk.get(url("callbacks"), {"after": first.context["page"].next_cursor})
    broken = desk.get(url("callbacks"), {"after": "x"})

    listed = [[row["call"] for row in page.context["rows"]] for page in (first, second, broken)]
    assert listed == [calls[:2], calls[2:], calls[:2]]


def held(user) -> list[str]:
    scope = Scope(user)
    page, [number] = page_of(QUEUES["calls"], Filter(), scope), count_queues([(QUEUES["calls"], Filter())], scope)
    assert number == len(page.rows)
    return [row.number for row in page.rows]


def test_the_queue_holds_what_is_to_be_called_about_now(agent, solver):
    now, tomorrow = solved(solver), solved(solver)
    due_now(call_of(now))

    assert held(agent) == [now.number]
    assert call_of(tomorrow).owner == agent


def test_the_queue_holds_what_is_nobodys_and_for_a_lead_what_waits_for_one(agent, solver):
    complaint = solved(solver)
    due_now(call_of(complaint))
    FollowUp.objects.update(owner=None, role=FollowUp.Role.LEAD)

    assert held(make_user("lead")) == [complaint.number]
    assert held(solver) == []


def test_an_agent_promises_a_call_in_a_window(desk, url, agent):
    complaint = make_complaint("open", assignee=agent)
    form = desk.get(url("act", complaint.number, "callback")).context["form"]
    window = next(iter(form.windows))

    sent = {"window": window, "request_id": "w1", "expected_version": complaint.version}
    answer = desk.post(url("act", complaint.number, "callback"), sent)

    call = FollowUp.objects.get(complaint=complaint, kind="callback")
    assert (answer.status_code, call.callback_kind, call.owner) == (303, "promised", agent)
    assert "callback" in nodes(complaint)
