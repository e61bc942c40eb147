"""Calls that were promised: their clocks and rows follow the complaint."""

from datetime import timedelta

import pytest
from django.utils import timezone

from complaints.models import ClockRun, FollowUp
from complaints.services import merge_complaints, resolve_complaint, withdraw_complaint
from complaints.services.act import Act
from foundation.exceptions import RefusedError
from tests.complaints.builders import fresh
from tests.factories import make_complaint, make_user
from tests.journeys import SOLVED

pytestmark = pytest.mark.django_db
ANY = {"expected_version": None}


def promise_call(complaint):
    act = Act(fresh(complaint), by=None)
    due_at = timezone.now() + timedelta(hours=2)
    run = act.clocks.start(ClockRun.Kind.CALLBACK, due_at=due_at)
    about = {"role": FollowUp.Role.ASSIGNEE, "callback_kind": FollowUp.Callback.REQUESTED}
    call = act.follow_up(FollowUp.Kind.CALLBACK, due_at=due_at, run=run, **about)
    act.finish(raises_version=False)
    return FollowUp.objects.get(complaint=complaint, kind=call.kind)


def test_nothing_is_resolved_while_a_call_is_promised():
    agent = make_user()
    complaint = make_complaint("open", assignee=agent)
    promise_call(complaint)

    with pytest.raises(RefusedError) as refusal:
        resolve_complaint(fresh(complaint), by=agent, **SOLVED, **ANY)

    assert [reason.code for reason in refusal.value.reasons] == ["call_promised"]


def test_who_withdraws_is_not_called():
    complaint = make_complaint()
    call = promise_call(complaint)

    withdraw_complaint(complaint, as_customer=True)

    call.refresh_from_db()
    assert (call.outcome, call.run.state) == ("cancelled", "cancelled")


def test_a_call_goes_with_what_is_joined():
    agent = make_user()
    survivor, child = make_complaint(), make_complaint()
    call = promise_call(child)

    merge_complaints(child, into=survivor, by=agent, **ANY)

    call.refresh_from_db()
    assert (call.complaint, call.run.complaint, call.run.state, call.done_at) == (survivor, survivor, "running", None)
