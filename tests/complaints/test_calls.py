"""The call a day after a result: booked for somebody else, due in our hours, on record from end to end."""

from datetime import timedelta

import pytest
from django.contrib.postgres.expressions import ArraySubquery
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Shift
from complaints.access import promises_to_customer
from complaints.chat.callbacks import log_attempt, move_callback, promised_call
from complaints.chat.hours import Window, stretch_after
from complaints.models import Complaint, FollowUp
from complaints.portal.promises import promises_of
from complaints.scales import NOTICES
from complaints.services import (
    decline_complaint,
    give_up_complaint,
    log_call,
)
from complaints.services.clocks import run_due_clocks
from foundation.exceptions import NotAllowedError
from tests.complaints.builders import at, codes, fresh, kinds, later, nodes, survey_of
from tests.complaints.calls import ANY, NOON, book, call_about, resolve
from tests.factories import make_calendar, make_complaint, make_team, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent():
    return make_user()


@pytest.fixture
def colleague(agent):
    return make_user()


@pytest.fixture
def complaint(agent):
    return make_complaint("open", assignee=agent)


def test_a_colleague_is_to_call_a_day_after_the_result(complaint, agent, colleague):
    with at(NOON) as now:
        resolve(complaint, agent)

    call = call_about(complaint)
    assert (call.owner, call.role, call.starts_at) == (colleague, "assignee", now + timedelta(hours=24))
    assert (call.run.kind, call.run.due_at, call.run.is_promised) == ("callback", call.due_at, False)


def test_the_booking_says_all_that_a_figure_needs(complaint, agent, colleague):
    resolve(complaint, agent)

    call = call_about(complaint)
    about = {"follow_up": call.pk, "kind": "after_resolution", "cycle": 1, "due_at": call.due_at.isoformat()}
    assert codes(complaint, "callback.due") == about | {"starts_at": call.starts_at.isoformat(), "owner": colleague.pk}
    assert "callback.requested" not in kinds(complaint)


def test_what_was_declined_is_called_about_too(complaint, agent, colleague):
    decline_complaint(fresh(complaint), facts="已过期限。", reason_code="late", basis="第 4 条", by=agent, **ANY)

    assert call_about(complaint).owner == colleague


def test_who_could_not_be_reached_is_not_called_about_it(complaint, agent, colleague):
    Complaint.objects.filter(pk=complaint.pk).update(no_reply=True)
    with later(days=1):
        log_call(fresh(complaint), summary="没人接", is_reached=False, by=agent, **ANY)
        give_up_complaint(fresh(complaint), summary="联系不上", by=agent, **ANY)

    assert not FollowUp.objects.filter(kind="callback").exists()


def test_a_customer_without_phone_and_mail_cannot_be_asked(agent, colleague):
    complaint = make_complaint("open", assignee=agent, contact_phone="", contact_email="")

    resolve(complaint, agent)

    assert not FollowUp.objects.exists()
    assert codes(complaint, "callback.cancelled") == {"follow_up": None, "kind": "after_resolution", "cycle": 1, "cause": "no_contact"}


def test_history_that_was_imported_is_not_called_about(complaint, agent, colleague):
    Complaint.objects.filter(pk=complaint.pk).update(origin=Complaint.Origin.IMPORT)

    resolve(complaint, agent)

    assert codes(complaint, "callback.cancelled")["cause"] == "imported"


def test_the_one_with_the_fewest_open_calls_gets_it(agent, colleague):
    third = make_user()
    owners = []
    for _number in range(3):
        complaint = make_complaint("open", assignee=agent)
        resolve(complaint, agent)
        owners.append(call_about(complaint).owner)

    assert owners == [colleague, third, colleague]


@pytest.mark.parametrize("role", ["lead", "warehouse"])
def test_only_agents_are_chosen_and_else_it_waits_for_the_lead(complaint, agent, role):
    make_user(role, teams=[complaint.team])

    resolve(complaint, agent)

    assert (call_about(complaint).owner, call_about(complaint).role) == (None, FollowUp.Role.LEAD)


def test_nobody_of_another_team_or_on_leave_is_chosen(complaint, agent, colleague):
    make_user(teams=[make_team("quality")])
    day = timedelta(days=1)
    Shift.objects.create(user=colleague, starts_at=timezone.now() - day, ends_at=timezone.now() + day, is_leave=True)

    resolve(complaint, agent)

    assert call_about(complaint).owner is None


def test_whose_complaint_a_lead_resolves_is_not_asked_to_call(complaint, agent):
    lead = make_user("lead")

    resolve(complaint, lead)

    assert call_about(complaint).owner is None


@pytest.mark.parametrize(
    ("resolved", "starts", "ends"),
    [
        ("2026-11-24T12:00", "2026-11-25T12:00", "2026-11-25T21:00"),
        ("2026-11-24T20:30", "2026-11-26T09:00", "2026-11-26T21:00"),
        ("2026-11-24T23:00", "2026-11-26T09:00", "2026-11-26T21:00"),
        ("2026-11-24T20:00", "2026-11-25T20:00", "2026-11-25T21:00"),
    ],
)
def test_the_call_is_due_at_the_end_of_the_next_opened_stretch(settings, resolved, starts, ends):
    settings.BIHUAN_CHAT_CALENDAR = make_calendar().code

    with at(resolved) as now:
        window = stretch_after(now + timedelta(hours=24))

    assert [f"{timezone.localtime(each):%Y-%m-%dT%H:%M}" for each in (window.starts_at, window.ends_at)] == [starts, ends]


def test_where_nobody_ever_closes_there_is_a_day_for_it():
    with at(NOON) as now:
        assert stretch_after(now) == Window(now, now + timedelta(days=1))


def test_a_week_that_opens_for_minutes_only_ends_the_search(settings):
    settings.BIHUAN_CHAT_CALENDAR = make_calendar(week=[[[540, 570]]] * 7).code

    with at(NOON) as now:
        window = stretch_after(now)

    assert window.ends_at - window.starts_at == timedelta(minutes=30)


def test_the_customer_was_promised_nothing(complaint, agent, colleague):
    before = nodes(complaint)
    promised = complaint.promise_at

    resolve(complaint, agent)

    resolved = Complaint.objects.annotate(promises=ArraySubquery(promises_to_customer())).get(pk=complaint.pk)
    assert set(nodes(complaint)) - set(before) == {"resolved", NOTICES[survey_of(complaint).scale]}
    assert promised_call(complaint) is None
    assert resolved.promise_at == promised
    assert promises_of(resolved, timezone.now()) == []


def test_the_call_stands_at_the_complaint_as_its_next_debt(complaint, agent, colleague):
    resolve(complaint, agent)

    assert (fresh(complaint).due_kind, fresh(complaint).due_at) == ("callback", call_about(complaint).due_at)


def test_a_missed_call_is_on_record_and_raises_no_alarm(complaint, agent, colleague):
    make_user("lead")
    with at("2026-10-25T12:00"):
        resolve(complaint, agent)

    while run_due_clocks():
        pass

    call, after = call_about(complaint), fresh(complaint)
    assert (call.run.missed_at, call.done_at) == (call.due_at, None)
    assert kinds(complaint).count("clock.missed") == 1
    assert not FollowUp.objects.exclude(kind="callback").exists()
    assert (after.priority, after.assignee, "late" in nodes(complaint)) == (complaint.priority, agent, False)


def test_a_complaint_has_one_open_call_of_a_kind(complaint):
    call = book(complaint)
    call.pk, call.run = None, None

    with pytest.raises(IntegrityError, match="complaints_followup_one_call"), transaction.atomic():
        call.save(force_insert=True)


@pytest.mark.parametrize(("kind", "callback_kind"), [("callback", ""), ("breach", "requested")])
def test_a_call_says_where_it_comes_from_and_nothing_else_does(complaint, kind, callback_kind):
    with pytest.raises(IntegrityError, match="complaints_followup_calls_have_kind"), transaction.atomic():
        FollowUp.objects.create(complaint=complaint, kind=kind, callback_kind=callback_kind, due_at=timezone.now())


def test_reached_and_settled_keeps_the_promise(complaint, agent, colleague):
    resolve(complaint, agent)

    log_attempt(call_about(complaint), outcome="reached_ok", summary="都好", by=colleague)

    call = call_about(complaint)
    about = {"follow_up": call.pk, "kind": "after_resolution", "cycle": 1, "due_at": call.due_at.isoformat()}
    assert (call.run.state, fresh(complaint).status) == ("met", "resolved")
    assert codes(complaint, "callback.attempted") == about | {"attempt": 1, "outcome": "reached_ok", "agent": colleague.pk}
    assert codes(complaint, "callback.done") == about | {"attempts": 1, "outcome": "reached_ok", "agent": colleague.pk}


def test_not_settled_reopens_and_is_no_cancelled_call(complaint, agent, colleague):
    resolve(complaint, agent)

    log_attempt(call_about(complaint), outcome="reached_not_ok", summary="还是没收到", by=colleague)

    assert (fresh(complaint).status, fresh(complaint).assignee, fresh(complaint).cycle) == ("open", agent, 2)
    assert codes(complaint, "callback.done")["outcome"] == "reached_not_ok"
    assert codes(complaint, "callback.done")["cycle"] == 1
    assert "callback.cancelled" not in kinds(complaint)


def test_the_solver_does_not_ask_about_the_own_result(complaint, agent, colleague):
    resolve(complaint, agent)

    with pytest.raises(NotAllowedError) as refusal:
        log_attempt(call_about(complaint), outcome="reached_ok", summary="都好", by=agent)

    assert [reason.code for reason in refusal.value.reasons] == ["solver"]


def test_a_lead_without_anybody_else_asks_about_the_own_result(complaint):
    lead = make_user("lead")
    resolve(complaint, lead)

    log_attempt(call_about(complaint), outcome="reached_ok", summary="都好", by=lead)

    assert call_about(complaint).outcome == "reached_ok"


def test_who_has_no_number_is_written_to(agent, colleague):
    complaint = make_complaint("open", assignee=agent, contact_phone="")
    resolve(complaint, agent)

    log_attempt(call_about(complaint), outcome="no_answer", summary="已去信", by=colleague)

    assert complaint.contacts.order_by("-pk").first().channel == "mail"
    assert "call.logged" not in kinds(complaint)


def test_whoever_is_promised_another_time_knows_of_the_call(complaint, agent, colleague):
    resolve(complaint, agent)
    start = timezone.now() + timedelta(days=2)

    move_callback(call_about(complaint), Window(start, start + timedelta(hours=2)), by=colleague)

    call = call_about(complaint)
    assert (promised_call(complaint), call.run.is_promised, call.due_at) == (call, True, start + timedelta(hours=2))
    assert codes(complaint, "callback.due")["due_at"] == call.due_at.isoformat()
    assert nodes(complaint).count("callback") == 1


@pytest.mark.parametrize(("role", "kind"), [("agent", "promised"), ("lead", "supervisor")])
def test_a_call_that_is_booked_here_is_made_by_whoever_promised_it(role, kind):
    complaint, by = make_complaint(), make_user(role)

    call = book(complaint, by=by)

    assert (call.callback_kind, call.owner) == (kind, by)


def test_a_stranger_to_the_complaint_promises_no_call():
    with pytest.raises(NotAllowedError):
        book(make_complaint(), by=make_user(teams=[make_team("quality")]))
