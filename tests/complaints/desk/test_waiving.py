"""The clock that was missed says who left it out of the figures, and offers that to those who may."""

import pytest
from django.utils import timezone

from complaints.models import ClockRun
from complaints.services.waiving import waive_target
from tests.complaints.builders import kinds
from tests.factories import make_complaint, make_merchant, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def missed():
    complaint = make_complaint()
    ClockRun.objects.filter(complaint=complaint, kind="first").update(missed_at=timezone.now())
    return ClockRun.objects.select_related("complaint").get(complaint=complaint, kind="first")


def answers(clock, **changes) -> dict:
    version = {"expected_version": clock.complaint.version, "request_id": "r1"}
    return {"run": clock.pk, "cause": "outage", "reason": "停电", **version, **changes}


def test_a_lead_leaves_it_out_at_the_clock_and_reads_that_there(desk, url, lead, missed):
    number = missed.complaint.number
    desk.login_as(lead)
    offered = desk.get(url("clocks", number)).content.decode()

    done = desk.post(url("act", number, "waive"), answers(missed))
    shown = desk.get(url("clocks", number)).content.decode()

    assert f"{url('act', number, 'waive')}?run={missed.pk}" in offered
    assert (done.status_code, kinds(missed.complaint)[-1]) == (303, "clock.excluded")
    assert "不计入指标" in shown and lead.name in shown and "我方系统故障" in shown
    assert f"{url('act', number, 'count_target')}?run={missed.pk}" in shown


def test_the_form_opens_with_the_clock_that_was_pressed(desk, url, lead, missed):
    desk.login_as(lead)

    page = desk.get(url("act", missed.complaint.number, "waive") + f"?run={missed.pk}").content.decode()

    assert f'<option value="{missed.pk}" selected' in page


def test_an_agent_is_not_offered_it(desk, url, missed):
    assert url("act", missed.complaint.number, "waive") not in desk.get(url("clocks", missed.complaint.number)).content.decode()


def test_an_agent_is_refused(desk, url, missed):
    assert desk.post(url("act", missed.complaint.number, "waive"), answers(missed)).status_code == 403


@pytest.mark.parametrize("gap", [{"reason": ""}, {"cause": ""}, {"run": ""}, {"run": "0"}])
def test_a_gap_is_said_at_its_field_and_nothing_is_lost(desk, url, lead, missed, gap):
    desk.login_as(lead)

    answer = desk.post(url("act", missed.complaint.number, "waive"), answers(missed, **gap))

    assert answer.status_code == 422 and f'id="id_{next(iter(gap))}' in answer.content.decode()
    assert "clock.excluded" not in kinds(missed.complaint)


def test_it_counts_again_from_the_same_place(desk, url, lead, missed):
    complaint = waive_target(
        missed.complaint, run=missed.pk, cause="outage", reason="停电", by=make_user("manager", shops=[make_merchant()])
    )
    desk.login_as(lead)

    done = desk.post(url("act", complaint.number, "count_target"), answers(missed, expected_version=complaint.version))

    assert (done.status_code, kinds(complaint)[-1]) == (303, "clock.included")


def test_the_record_tells_it_in_words(desk, url, lead, missed):
    waive_target(missed.complaint, run=missed.pk, cause="outage", reason="停电", by=lead)

    page = desk.get(url("complaint", missed.complaint.number)).content.decode()

    assert "错过的时限不计入指标" in page and "停电" in page
