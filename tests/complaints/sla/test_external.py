"""Deadlines of authorities and platforms: counted as the law counts, and out of everybody's reach."""

from datetime import datetime, timedelta
from random import Random

import pytest
from django.utils import timezone

from accounts.services import load_calendars
from complaints.models import ClockRun, Complaint, ExternalRecord, LegalRule
from complaints.privacy.erasure import erase_rows
from complaints.services import post_customer_message, post_reply, resolve_complaint, set_priority, withdraw_complaint
from complaints.services.external import answer_external, due_by, note_external
from complaints.sla.defaults import load_sla_defaults
from complaints.sla.policies import forget_policies
from foundation.exceptions import NotAllowedError, ReasonedError, RefusedError
from tests.complaints.builders import codes, fresh
from tests.factories import make_complaint, make_team, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _shipped(db):
    load_calendars()
    load_sla_defaults()
    forget_policies()
    yield
    forget_policies()


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


def rule_of(code: str) -> LegalRule:
    return LegalRule.objects.get(code=code)


def note(complaint: Complaint, **changes) -> ExternalRecord:
    fields = {"rule": rule_of("12315.notice"), "external_no": "31200", "received_at": timezone.now() - timedelta(hours=1), "by": None}
    return note_external(complaint, **(fields | changes))


@pytest.mark.parametrize(
    ("code", "received", "due"),
    [
        ("12315.acceptance", "2026-09-28T16:00", "2026-10-13T23:59"),
        ("12315.acceptance", "2026-09-28T00:05", "2026-10-13T23:59"),
        ("heimao.end", "2026-09-28T23:59", "2026-10-13T23:59"),
        ("heimao.first", "2026-09-28T16:20", "2026-09-29T16:20"),
        ("wechat.pay", "2026-09-30T16:20", "2026-10-02T16:20"),
    ],
)
def test_a_deadline_follows_the_rule_where_the_notice_names_none(code, received, due):
    assert due_by(rule_of(code), shanghai(received)) == shanghai(due)


def test_a_notice_starts_a_clock_raises_the_priority_and_names_its_source():
    complaint = make_complaint()

    record = note(complaint)

    run = ClockRun.objects.get(complaint=complaint, external=record)
    assert (run.kind, run.due_at, run.started_at) == (ClockRun.Kind.LEGAL, record.due_at, record.received_at)
    assert fresh(complaint).priority == Complaint.Priority.HIGH
    assert codes(complaint, "external.changed")["step"] == "noted"


def test_the_date_of_the_notice_goes_before_the_rule():
    due_at = timezone.now() + timedelta(days=2)

    record = note(make_complaint(), due_at=due_at)

    assert (record.due_at, ClockRun.objects.get(external=record).due_at) == (due_at, due_at)


def test_two_deadlines_of_one_notice_run_beside_each_other():
    complaint, received_at = make_complaint(), timezone.now() - timedelta(hours=1)

    note(complaint, received_at=received_at)
    note(complaint, received_at=received_at, rule=rule_of("12315.acceptance"))

    assert ClockRun.objects.filter(complaint=complaint, kind=ClockRun.Kind.LEGAL).count() == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"external_no": " "}, "external_no"),
        ({"received_at": timezone.now() + timedelta(days=1)}, "received_at"),
        ({"due_at": timezone.now() - timedelta(days=9)}, "due_at"),
    ],
)
def test_a_notice_that_cannot_be_is_refused_at_its_field(changes, field):
    with pytest.raises(RefusedError) as refused:
        note(make_complaint(), **changes)

    assert field in {reason.code for reason in refused.value.reasons}
    assert ExternalRecord.objects.count() == 0


def test_a_number_is_noted_once():
    note(make_complaint())

    with pytest.raises(RefusedError):
        note(make_complaint())


def test_somebody_who_does_not_see_the_complaint_notes_nothing():
    with pytest.raises(NotAllowedError):
        note(make_complaint(), by=make_user(teams=[make_team("refund")]))


def test_an_answer_with_proof_ends_the_clock():
    complaint = make_complaint()
    record = note(complaint)

    with pytest.raises(RefusedError):
        answer_external(complaint, record=record, proof=" ", by=None)
    answer_external(complaint, record=record, proof="回执 8831", by=None)

    run = ClockRun.objects.get(external=record)
    assert (run.state, ExternalRecord.objects.get().stage) == ("met", "answered")


@pytest.mark.parametrize("seed", range(6))
def test_no_act_of_anybody_moves_a_statutory_clock_or_stops_it(seed):
    chance, agent = Random(seed), make_user()  # noqa: S311 - a story, no secret
    complaint = make_complaint(assignee=agent)
    run = ClockRun.objects.get(external=note(complaint))
    due_at = run.due_at

    for _step in range(8):
        act_somehow(chance, fresh(complaint), agent)

    run.refresh_from_db()
    assert (run.due_at, run.promise_at, run.state, run.pauses) == (due_at, due_at, "running", 0)


def act_somehow(chance: Random, complaint: Complaint, agent) -> None:
    about = {"by": agent, "expected_version": None}
    acts = [
        lambda: post_reply(complaint, body="我们在查", **about, then=chance.choice(["", "ask_customer"])),
        lambda: post_customer_message(complaint, body="在吗"),
        lambda: set_priority(complaint, priority=chance.randrange(4), **about),
        lambda: resolve_complaint(complaint, resolution="已补发", reason_code=complaint.category.code, liability={"shop": 100}, **about),
        lambda: withdraw_complaint(complaint, reason="电话里撤回", **about),
    ]
    try:
        chance.choice(acts)()
    except ReasonedError:
        return


def test_an_erased_complaint_keeps_neither_the_number_nor_the_proof():
    complaints = [make_complaint("closed"), make_complaint("closed")]
    for number, complaint in enumerate(complaints):
        record = note(complaint, external_no=f"3120{number}")
        answer_external(complaint, record=record, proof="回执 8831", by=None)

    erase_rows([fresh(each) for each in complaints], [], by=None)

    rows = ExternalRecord.objects.values_list("external_no", "proof")
    assert not any("3120" in number or proof for number, proof in rows)
