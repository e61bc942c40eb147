"""What other help desks count wrong, each as a test. The docstring names the line without which the test fails."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.ledger.filling import refold
from analytics.ledger.folding import fold
from analytics.models import Arrival, ArrivalRollup, Cycle, Effort, Fact, Round, Target
from complaints.models import Complaint
from complaints.services import (
    assign_complaint,
    begin_complaint,
    correct_effort,
    hand_over,
    merge_complaints,
    post_customer_message,
    post_note,
    post_reply,
    reopen_complaint,
    resolve_complaint,
    retract_message,
    set_category,
    snooze_complaint,
    unmerge_complaint,
    wake_complaint,
    withdraw_complaint,
)
from complaints.services.act import Act
from complaints.services.writing import write_message
from foundation.verbs import lock
from tests.analytics.builders import fill
from tests.analytics.ledger.house import digests
from tests.analytics.ledger.stories import SETTINGS, Story
from tests.complaints.sla.conftest import agent, day  # noqa: F401 - fixtures
from tests.factories import make_category, make_complaint, make_order, make_user
from tests.journeys import SOLVED

pytestmark = pytest.mark.django_db
ANY = {"expected_version": None}


def arrival(complaint) -> Arrival:
    fill()
    return Arrival.objects.get(root_id=complaint.pk, ordinal=0)


def cycles(complaint) -> list[Cycle]:
    fill()
    return list(Cycle.objects.filter(root_id=complaint.pk).order_by("ordinal"))


def answer(complaint, agent):  # noqa: F811
    return post_reply(complaint, body="您好，已核实。", by=agent, **ANY)


def test_neither_a_snooze_nor_a_click_nor_a_reopening_touches_the_first_response(day, agent):  # noqa: F811
    """Guards: ``history._said`` knows public messages and calls of people only, and ``history.began`` is the first contact."""
    complaint = make_complaint(assignee=agent)
    begin_complaint(complaint, by=agent, **ANY)
    day.later(minutes=5)
    post_note(complaint, body="先查物流", by=agent)
    snooze_for_a_while(complaint, day, agent)
    day.later(minutes=5)
    answer(complaint, agent)
    day.later(minutes=5)
    snooze_for_a_while(complaint, day, agent)
    resolve_complaint(complaint, by=agent, **ANY, **SOLVED)
    day.later(hours=1)
    reopen_complaint(complaint, as_customer=True)
    day.later(hours=3)
    answer(complaint, agent)

    assert arrival(complaint).frt_s == 20 * 60


def snooze_for_a_while(complaint, day, agent) -> None:  # noqa: F811
    snooze_complaint(complaint, until=day.at + timedelta(minutes=30), reason="等回电", by=agent, **ANY)
    day.later(minutes=10)
    wake_complaint(complaint, by=agent, **ANY)


def test_a_robot_answers_nobody(day, agent):  # noqa: F811
    """Guard: ``each.who == "human"`` in ``history.human``."""
    complaint = make_complaint(assignee=agent)
    day.later(minutes=1)
    act = Act(lock(complaint, "category", "customer"), by=None)
    write_message(act, "您好，我是智能客服。", author_kind="auto")
    act.finish(raises_version=False)
    unanswered = arrival(complaint)
    day.later(minutes=29)
    answer(complaint, agent)

    assert (unanswered.waiting, unanswered.answered) == (1, 0)
    assert arrival(complaint).frt_s == 30 * 60


def test_late_answers_stay_in_the_mean(day, agent):  # noqa: F811
    """Guard: ``"frt_s": until and …`` in ``arrivals._response`` asks for no limit."""
    quick, late, waiting = (make_complaint(assignee=agent) for _number in range(3))
    day.later(minutes=10)
    answer(quick, agent)
    day.later(days=5)
    answer(late, agent)
    fill()

    row = ArrivalRollup.objects.get(grain=0, level=12, merchant=-1)
    assert (row.waits, row.answered, row.waiting, row.frt_s) == (3, 2, 1, 600 + 600 + 5 * 86_400)
    assert arrival(waiting).frt_s is None


def test_a_complaint_that_is_resolved_often_is_counted_once(day, agent):  # noqa: F811
    """Guard: ``if … span is first`` and ``span is last`` in ``fold_cycles``."""
    complaint = make_complaint(assignee=agent)
    for _time in range(3):
        day.later(hours=1)
        answer(complaint, agent)
        resolve_complaint(complaint, by=agent, **ANY, **SOLVED)
        day.later(days=1)
        reopen_complaint(complaint, as_customer=True)

    found = cycles(complaint)
    assert [(each.first, each.last, each.resolved) for each in found] == [(1, 0, 1), (0, 0, 1), (0, 1, 1), (0, 0, 0)]


def test_the_first_and_the_last_resolution_are_both_kept(day, agent):  # noqa: F811
    """Guard: ``spans.append`` in ``history._go_on``: a reopening begins another cycle and leaves the one before."""
    complaint = make_complaint(assignee=agent)
    for hours in (2, 3, 4):
        day.later(hours=hours)
        answer(complaint, agent)
        resolve_complaint(complaint, by=agent, **ANY, **SOLVED)
        reopen_complaint(complaint, as_customer=True)
    day.later(hours=5)
    answer(complaint, agent)
    resolve_complaint(complaint, by=agent, **ANY, **SOLVED)

    found = cycles(complaint)
    assert [each.rt_first_s for each in found] == [2 * 3600, None, None, None]
    assert [each.rt_full_s for each in found] == [None, None, None, 14 * 3600]


def test_without_hours_there_is_no_time_of_business_and_an_answer_at_once_counts():
    """Guard: ``None if self.hours is None`` in ``history.business``."""
    story = Story("customer", "web", has_hours=False)
    story.step(0, "replies", 0)

    fact = next(each for each in fold(story.end(), SETTINGS) if isinstance(each, Arrival))
    assert (fact.frt_s, fact.frt_biz_s, fact.answered) == (0, None, 1)


def test_at_night_the_time_of_business_stands_still(day, agent):  # noqa: F811
    """Guard: ``self.hours.between`` in ``history.business``; calendar seconds go on."""
    day.go(day.at.replace(hour=20, minute=50))
    complaint = make_complaint(assignee=agent)
    day.go(day.at.replace(hour=9, minute=5) + timedelta(days=1))
    answer(complaint, agent)

    fact = arrival(complaint)
    assert (fact.frt_s, fact.frt_biz_s) == (12 * 3600 + 15 * 60, 15 * 60)


def test_an_answer_is_in_time_by_its_own_moment_though_no_worker_ran(day, agent):  # noqa: F811
    """Guard: ``_meet`` in ``targets``: what was answered is owed no more when the worker comes at last."""
    complaint = make_complaint(assignee=agent)
    day.later(hours=3, minutes=59, seconds=59)
    message = answer(complaint, agent)
    day.later(hours=1)
    day.sweep()
    fill()

    first = Target.objects.get(root_id=complaint.pk, kind="first")
    assert (first.met, first.missed, first.met_at) == (1, 0, message.created_at)


@pytest.mark.parametrize(("late", "met"), [(-1, 1), (0, 1), (1, 0)])
def test_what_is_noted_an_hour_later_was_kept_at_its_own_moment(late, met):
    """Guards: ``entry.codes["met_at"]`` in ``targets._meet``, ``met <= due`` in ``was_kept``, ``or run.met`` in ``_flags``."""
    story = Story("customer", "web", has_hours=False)
    due = story.at + timedelta(hours=4)
    story.note("clock.started", run=1, kind="first", cycle=1, due_at=due.isoformat())
    story.at = due + timedelta(hours=1)
    kept_at = due + timedelta(seconds=late)
    story.note("clock.met", run=1, met_at=kept_at.isoformat())

    (first,) = [each for each in fold(story.end(), SETTINGS) if isinstance(each, Target)]
    assert (first.due, first.met, first.missed, first.met_at) == (1, met, 1 - met, kept_at)


def test_ten_minutes_are_ten_minutes(day, agent):  # noqa: F811
    """Guard: ``entries.seconds``: whole seconds, nothing is rounded up to a day or an hour."""
    complaint = make_complaint(assignee=agent)
    day.later(minutes=10)
    answer(complaint, agent)
    resolve_complaint(complaint, by=agent, **ANY, **SOLVED)

    assert [each.rt_full_s for each in cycles(complaint)] == [600]


def test_the_first_response_is_the_first_one(day, agent):  # noqa: F811
    """Guard: ``history.human[0]`` in ``arrivals._counted``."""
    complaint = make_complaint(assignee=agent)
    day.later(minutes=10)
    answer(complaint, agent)
    day.later(hours=10)
    answer(complaint, agent)

    assert arrival(complaint).frt_s == 600


def test_an_answer_that_was_taken_back_answered_nobody(day, agent):  # noqa: F811
    """Guard: ``said.message not in taken_back`` in ``history.said``."""
    complaint = make_complaint(assignee=agent)
    day.later(minutes=10)
    retract_message(answer(complaint, agent), by=agent)

    assert (arrival(complaint).waiting, arrival(complaint).frt_s) == (1, None)


def test_joining_keeps_all_work_and_the_earliest_contact(day, agent):  # noqa: F811
    """Guard: ``history.of`` and ``history.began`` look at the whole group."""
    child = make_complaint(assignee=agent)
    day.later(hours=2)
    survivor = make_complaint(assignee=agent)
    for complaint in (child, survivor):
        contact = complaint.contacts.get().pk
        correct_effort(complaint, agent=agent, contact=contact, delta=timedelta(minutes=7), reason="线下处理", by=agent)
    merge_complaints(child, into=survivor, by=agent, **ANY)
    day.later(hours=1)
    answer(survivor, agent)

    assert arrival(survivor).frt_s == 3 * 3600
    assert sum(Effort.objects.filter(root_id=survivor.pk).values_list("effort_ms", flat=True)) == 14 * 60_000
    assert list(Arrival.objects.filter(out_merged=1).values_list("root_id", "ordinal", "arrived")) == [(survivor.pk, 1, 0)]


def test_joining_and_separating_restores_what_was_counted(day, agent):  # noqa: F811
    """Guards: ``at not in joined`` in ``arrivals._is_misjudged``, and ``*complaint_ids`` in ``roots_of``: what is joined has no facts."""
    child = make_complaint(assignee=agent, priority=3)
    day.later(hours=2)
    survivor = make_complaint(assignee=agent)
    answer(survivor, agent)
    fill()
    before = counted(child, survivor)

    merge_complaints(child, into=survivor, by=agent, **ANY)
    fill()
    joined = counted(child, survivor)
    assert not any(counted(child))
    unmerge_complaint(child, by=agent, **ANY)
    fill()

    assert counted(child, survivor) == before != joined


def counted(*complaints: Complaint) -> list[list[tuple]]:
    """Facts of all families but of clocks: those of what is joined are really ended, and others begin after it."""
    families: list[type[Fact]] = [Arrival, Round, Effort, Cycle]
    rows = [list(each.objects.filter(root_id__in=[row.pk for row in complaints]).values_list()) for each in families]
    return [sorted(map(str, each)) for each in rows]


def test_a_period_is_cut_by_one_column(day, agent):  # noqa: F811
    """Guard: ``day - FIRST_DAY AS idx`` in ``rolling._key``: a fact is grouped by the day that it is found by."""
    for gone in (0, 1, 3):
        day.later(days=gone)
        complaint = make_complaint(assignee=agent)
        day.later(hours=16)
        answer(complaint, agent)
        resolve_complaint(complaint, by=agent, **ANY, **SOLVED)
    fill()

    for family in (Arrival, Cycle):
        rollup = ArrivalRollup if family is Arrival else Cycle._meta.apps.get_model("analytics", "CycleRollup")
        kept = dict(rollup.objects.filter(grain=0, level=0, merchant=-1).values_list("idx", "facts"))
        days = family.objects.filter(day__isnull=False).values_list("day", flat=True)
        assert kept == {(one - date(2000, 1, 1)).days: list(days).count(one) for one in days}


def test_whoever_gets_it_later_gets_no_credit(day, agent):  # noqa: F811
    """Guard: ``agent=span.solver`` in ``cycles._fact`` and ``agent=first.actor`` in ``arrivals._counted``."""
    complaint = make_complaint(assignee=agent)
    day.later(minutes=10)
    answer(complaint, agent)
    resolve_complaint(complaint, by=agent, **ANY, **SOLVED)
    day.later(hours=1)
    assign_complaint(complaint, to=make_user("agent"), by=make_user("lead"), reason="交接", **ANY)

    assert (arrival(complaint).agent, [each.agent for each in cycles(complaint)]) == (agent.pk, [agent.pk])
    assert {each.agent for each in Target.objects.filter(root_id=complaint.pk, due=1)} == {agent.pk}


def test_no_wait_goes_on_after_the_end(day, agent):  # noqa: F811
    """Guard: ``rounds._ends``."""
    complaint = make_complaint(assignee=agent)
    answer(complaint, agent)
    day.later(hours=1)
    post_customer_message(complaint, body="那什么时候到？")
    day.later(hours=1)
    withdraw_complaint(complaint, as_customer=True)
    day.later(days=3)
    fill()

    last = Round.objects.filter(root_id=complaint.pk).order_by("ordinal").last()
    assert (last.unanswered, last.later_waiting, last.stopped_at - last.started_at) == (1, 0, timedelta(hours=1))


def test_who_could_not_be_reached_was_not_helped():
    """Guard: ``RESOLVED`` in ``history`` holds no ``no_response``."""
    story = Story("customer", "web", has_hours=False)
    for verb, number in (("replies", 0), ("resolves", 3), ("confirms", 0)):
        story.step(60, verb, number)

    facts = fold(story.end(), SETTINGS)
    (fact,), (cycle,) = ([each for each in facts if isinstance(each, family)] for family in (Arrival, Cycle))
    assert (fact.solved, fact.no_response, fact.completed) == (0, 1, 1)
    assert (cycle.resolved, cycle.last, cycle.gave_up) == (0, 0, 1)


def test_a_correction_within_minutes_is_no_reopening(day, agent):  # noqa: F811
    """Guard: ``codes.get("correction")`` in ``history._go_on``."""
    complaint = make_complaint(assignee=agent)
    answer(complaint, agent)
    resolve_complaint(complaint, by=agent, **ANY, **SOLVED)
    day.later(minutes=5)
    reopen_complaint(complaint, by=agent, **ANY)
    day.later(minutes=5)
    resolve_complaint(complaint, by=agent, **ANY, **SOLVED)

    assert [(each.number, each.resolved, each.reopened, each.back) for each in cycles(complaint)] == [(1, 1, 0, 0)]


def test_a_relabelled_complaint_moves_with_all_its_facts(day, agent):  # noqa: F811
    """Guard: ``history.category`` is the latest one."""
    complaint = make_complaint(assignee=agent)
    answer(complaint, agent)
    resolve_complaint(complaint, by=agent, **ANY, **SOLVED)
    fill()

    set_category(complaint, category=make_category("logistics.lost"), by=agent, **ANY)
    fill()

    assert {each.category for family in (Arrival, Round, Cycle, Target) for each in family.objects.all()} == {"logistics.lost"}
    assert not ArrivalRollup.objects.filter(key=["logistics.stalled"]).exists()


def test_waiting_for_others_is_part_of_the_whole_time(day, agent):  # noqa: F811
    """Guard: ``history.waiting_parts`` begins every part where the one before ends."""
    complaint = make_complaint(assignee=agent)
    day.later(minutes=10)
    answer(complaint, agent)
    hand_over(complaint, department="warehouse", owner="小陈", expected_on=day.at.date(), by=agent, **ANY)
    day.later(hours=3)
    resolve_complaint(complaint, by=agent, **ANY, **SOLVED)

    (cycle,) = cycles(complaint)
    assert (cycle.us_s, cycle.warehouse_s, cycle.rt_full_s) == (600, 3 * 3600, 3 * 3600 + 600)


def test_one_statement_more_for_each_complaint_would_be_too_many(day):  # noqa: F811
    """Guard: ``reading.read_groups`` and ``storing.store_facts`` ask for all groups at once."""
    numbers = [make_complaint(order=make_order()).pk for _number in range(30)]
    fill()

    assert statements(set(numbers[:3])) == statements(set(numbers)) <= 60


def statements(complaint_ids: set[int]) -> int:
    with CaptureQueriesContext(connection) as queries:
        refold(complaint_ids)
    return len(queries)


def test_reading_the_same_news_again_changes_nothing(day, agent):  # noqa: F811
    """Guard: ``storing._replace`` writes the difference."""
    complaint = make_complaint(assignee=agent)
    answer(complaint, agent)
    fill()
    before = digests()

    for _time in range(2):
        refold({complaint.pk})
    fill()

    assert digests() == before
