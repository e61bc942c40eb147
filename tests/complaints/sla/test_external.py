"""Deadlines of authorities and platforms: counted as the law counts, and out of everybody's reach."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random

import pytest
from django.utils import timezone

from accounts.calendars import newest_version
from accounts.models import Calendar, CalendarDay, User
from accounts.services import load_calendars, publish_calendar
from complaints.models import Clock, ClockRun, Complaint, ExternalRecord, LegalRule, SlaPolicy
from complaints.privacy.erasure import erase_rows
from complaints.services import (
    hand_back,
    hand_over,
    mark_spam,
    merge_complaints,
    post_customer_message,
    post_reply,
    release_complaint,
    reopen_complaint,
    resolve_complaint,
    restore_complaint,
    resume_complaint,
    set_priority,
    set_risk,
    snooze_complaint,
    transfer_complaint,
    unmerge_complaint,
    withdraw_complaint,
)
from complaints.services.clocks import recount_uncovered, run_due_clocks
from complaints.services.external import answer_external, due_by, note_external
from complaints.services.pauses import pause_clock, resume_clock
from complaints.services.timers import run_timers
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


@pytest.mark.parametrize(("platform", "kind"), [("12315", "legal"), ("12345", "legal"), ("heimao", "platform"), ("wechat", "platform")])
def test_authorities_start_the_laws_clock_and_platforms_their_own(platform, kind):
    LegalRule.objects.filter(code="12315.notice").update(platform=platform)

    assert ClockRun.objects.get(external=note(make_complaint())).kind == kind


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


@pytest.mark.parametrize("seed", range(12))
def test_no_act_of_anybody_moves_a_statutory_clock_or_stops_it(seed):
    chance, people = Random(seed), [make_user(), make_user("lead"), make_user("manager", teams=[make_team()])]  # noqa: S311 - a story
    complaint, other = make_complaint(assignee=people[0]), make_complaint(assignee=people[1])
    for number, rule in enumerate(("12315.notice", "heimao.first")):
        note(complaint, rule=rule_of(rule), external_no=f"no {number}")
    before = statutory_clocks()

    for _step in range(16):
        act_somehow(chance, fresh(complaint), fresh(other), people)

    assert statutory_clocks() == before
    assert [run[1] for run in before[:2]] == ["running", "running"]


def statutory_clocks() -> list[tuple]:
    """What nobody may change of them, and when the sweep looks at them next."""
    runs = ClockRun.objects.filter(kind__in=ClockRun.STATUTORY).order_by("id")
    fields = runs.values_list("pk", "state", "started_at", "due_at", "promise_at", "target_s", "consumed_s", "pauses", "calendar")
    armed = Clock.objects.filter(kind__in=ClockRun.STATUTORY, fired_at__isnull=True, due_at__isnull=False).order_by("id")
    return [*fields, *armed.values_list("pk", "threshold", "due_at", "run__state")]


def act_somehow(chance: Random, complaint: Complaint, other: Complaint, people: list[User]) -> None:
    """One act that is accepted, of whichever person may do it, and sometimes one of the customer or of the house."""
    until, result = timezone.now() + timedelta(hours=chance.randint(1, 160)), {"reason_code": "x", "liability": {"shop": 100}}
    acts = [
        lambda **by: post_reply(complaint, body="我们在查", then=chance.choice(["", "ask_customer"]), **by),
        lambda **by: set_priority(complaint, priority=chance.randrange(4), **by),
        lambda **by: set_risk(complaint, level=chance.randrange(5), reason="电话里说的", **by),
        lambda **by: resolve_complaint(complaint, resolution="已补发", **result, **by),
        lambda **by: reopen_complaint(complaint, reason="又坏了", **by),
        lambda **by: withdraw_complaint(complaint, reason="电话里撤回", **by),
        lambda **by: resume_complaint(complaint, **by),
        lambda **by: pause_clock(complaint, reason=chance.choice(ClockRun.Pause.values), until=until, **by),
        lambda **by: resume_clock(complaint, **by),
        lambda **by: snooze_complaint(complaint, until=timezone.now() + timedelta(minutes=1), reason="等回电", **by),
        lambda **by: hand_over(complaint, department="warehouse", owner="小陈", expected_on=until.date(), **by),
        lambda **by: hand_back(complaint, summary="已找到", **by),
        lambda **by: transfer_complaint(complaint, team=complaint.category.team, **by),
        lambda **by: release_complaint(complaint, **by),
        lambda **by: merge_complaints(complaint, into=other, reason="同一件事", **by),
        lambda **by: unmerge_complaint(complaint, **by),
        lambda **by: mark_spam(complaint, reason="测试", **by),
        lambda **by: restore_complaint(complaint, **by),
    ]
    happenings = [
        lambda: post_customer_message(complaint, body=chance.choice(["在吗", "再不处理我就去12315投诉！"])),
        lambda: close_office(until.date()),
        lambda: (run_timers(), run_due_clocks(), recount_uncovered()),
    ]
    tried = ((act, person) for act in chance.sample(acts, len(acts)) for person in people)
    next(True for act, person in tried if is_accepted(act, by=person, expected_version=None))
    is_accepted(chance.choice([*happenings, *[lambda: None] * 6]))


def is_accepted(act: Callable[..., object], **by) -> bool:
    try:
        act(**by)
    except ReasonedError:
        return False
    return True


def close_office(day: date) -> None:
    """Somebody publishes a day off, and a looser promise."""
    newest = newest_version(Calendar.objects.get(code="office"))
    content = {"week": newest.week, "zone": newest.zone, "follows_public_days": True, "expected_version": newest.version, "by": None}
    publish_calendar(newest.calendar, special_days=[CalendarDay(date=day, windows=[], reason="台风")], **content)
    SlaPolicy.objects.filter(code="standard").update(targets={"first": 6000, "next": 6000, "resolution": 60000})
    forget_policies()


def test_an_erased_complaint_keeps_neither_the_number_nor_the_proof():
    complaints = [make_complaint("closed"), make_complaint("closed")]
    for number, complaint in enumerate(complaints):
        record = note(complaint, external_no=f"3120{number}")
        answer_external(complaint, record=record, proof="回执 8831", by=None)

    erase_rows([fresh(each) for each in complaints], [], by=None)

    rows = ExternalRecord.objects.values_list("external_no", "proof")
    assert not any("3120" in number or proof for number, proof in rows)
