"""The desk shows every clock of a complaint, by what it counts and where each minute went."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from complaints.models import ClockRun, LegalRule
from complaints.services import post_reply
from complaints.services.external import note_external
from tests.factories import make_complaint, make_user

pytestmark = pytest.mark.django_db


def test_open_clocks_stand_beside_the_complaint_with_their_basis(desk, url):
    complaint = make_complaint()

    page = desk.get(url("customer", complaint.number, "clocks")).content.decode()

    first, resolution = (ClockRun.Kind(kind).label for kind in ("first", "resolution"))
    assert str(first) in page and str(resolution) in page
    assert url("clocks", complaint.number) in page


def test_a_clock_that_ended_tells_how_and_leaves_the_open_list(desk, url, agent):
    complaint = make_complaint()
    post_reply(complaint, body="我们在查", by=agent, expected_version=None)

    page = desk.get(url("clocks", complaint.number)).content.decode()
    beside = desk.get(url("customer", complaint.number, "clocks")).content.decode()

    assert str(ClockRun.State.MET.label) in page and "strip__bar--running" in page
    assert str(ClockRun.Kind.FIRST.label) not in beside


def test_strips_ask_as_much_for_many_clocks_as_for_one(desk, url):
    complaint = make_complaint()
    few = count(desk, url("clocks", complaint.number))
    run = ClockRun.objects.filter(complaint=complaint).first()
    for cycle in range(2, 6):
        run.pk, run.cycle = None, cycle
        run.save(force_insert=True)

    assert count(desk, url("clocks", complaint.number)) == few


def count(desk, address) -> int:
    desk.get(address)  # what a process reads once is not the page's
    with CaptureQueriesContext(connection) as asked:
        assert desk.get(address).status_code == 200
    return len(asked)


def test_a_notice_is_noted_and_answered_from_the_clocks(desk, url, agent):
    rule = LegalRule.objects.create(
        code="heimao.first", platform="heimao", name_zh="黑猫首次回复", name_en="Black Cat", amount=24, unit="hours", source="规则"
    )
    complaint = make_complaint()
    received = timezone.localtime(timezone.now() - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")

    answers = {"rule": rule.pk, "external_no": "8831", "received_at": received, "expected_version": complaint.version, "request_id": "r1"}
    noted = desk.post(url("act", complaint.number, "external"), answers)
    beside = desk.get(url("customer", complaint.number, "clocks")).content.decode()
    record = complaint.external_records.get()
    answers = {"record": record.pk, "expected_version": complaint.version + 1, "request_id": "r2"}
    drafted = desk.post(url("act", complaint.number, "external_draft"), answers | {"reply": "已补发，11月20日签收。"})
    own = desk.post(url("act", complaint.number, "external_approve"), answers | {"expected_version": complaint.version + 2})
    desk.login_as(make_user())
    read = desk.get(url("act", complaint.number, "external_approve")).content.decode()
    approved = desk.post(url("act", complaint.number, "external_approve"), answers | {"expected_version": complaint.version + 2})
    answers |= {"proof": "回执", "expected_version": complaint.version + 3}
    answered = desk.post(url("act", complaint.number, "external_answer"), answers)

    record.refresh_from_db()
    assert (noted.status_code, drafted.status_code, own.status_code, approved.status_code) == (303, 303, 403, 303)
    assert "已补发，11月20日签收。" in read
    assert (answered.status_code, record.stage) == (303, "answered")
    assert "黑猫首次回复" in beside and "i-legal" in beside and url("act", complaint.number, "external_answer") in beside


@pytest.mark.parametrize("is_confirmed", [True, False])
def test_a_deadline_that_nobody_confirmed_says_so(desk, url, is_confirmed):
    confirmed_at = timezone.now() if is_confirmed else None
    rule = LegalRule.objects.create(code="x", platform="12315", name_zh="答复", amount=24, source="办法第 8 条", confirmed_at=confirmed_at)
    complaint = make_complaint()
    note_external(complaint, rule=rule, external_no="8831", received_at=timezone.now(), due_at=timezone.now() + timedelta(days=1), by=None)

    pages = [desk.get(url(*where)).content.decode() for where in (("customer", complaint.number, "clocks"), ("clocks", complaint.number))]

    assert ["待确认" in page for page in pages] == [not is_confirmed] * 2
    assert "办法第 8 条" in pages[1]


@pytest.mark.parametrize("changes", [{"external_no": ""}, {"rule": ""}, {"received_at": "gestern"}])
def test_a_notice_with_a_gap_is_asked_for_again_with_everything_kept(desk, url, changes):
    complaint = make_complaint()
    answers = {"external_no": "8831", "received_at": "2026-11-01T10:00", "expected_version": complaint.version, "request_id": "r1"}

    answer = desk.post(url("act", complaint.number, "external"), answers | changes)

    assert answer.status_code == 422 and complaint.external_records.count() == 0
