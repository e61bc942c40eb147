"""What other help desks tell wrong, each as a test of the figure itself. The docstring names the line without which the test fails."""

import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override

from analytics.ledger.families import COMPLAINTS, families_of
from analytics.ledger.folding import fold
from analytics.ledger.storing import store_facts
from analytics.metrics.asking import ask, ask_split
from analytics.metrics.questions import Filters, Span
from analytics.metrics.registry import metric
from analytics.metrics.results import share
from analytics.models import Cycle
from complaints.models import Complaint
from complaints.services import (
    ask_customer,
    assign_complaint,
    give_up_complaint,
    log_call,
    merge_complaints,
    miss_answer,
    post_customer_message,
    post_reply,
    reopen_complaint,
    resolve_complaint,
    withdraw_complaint,
)
from tests.analytics.builders import fill, make_past
from tests.analytics.ledger.stories import ROOT, SETTINGS, Story
from tests.complaints.sla.conftest import agent, day  # noqa: F401 - fixtures
from tests.factories import make_complaint, make_user
from tests.journeys import SOLVED
from ui.charts.units import SECONDS

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")
ANY = {"expected_version": None}
IN_ROWS = Filters.of({"language": ["zh-hans", "en", ""]})  # in no grain, so the facts themselves are counted


def answer(complaint, agent):  # noqa: F811
    return post_reply(complaint, body="您好，已核实。", by=agent, **ANY)


def told(name: str, day, **about):  # noqa: F811
    """A figure of the month in which the test plays."""
    today = day.at.astimezone(ZONE).date()
    return ask(metric(name), Span(today - timedelta(days=30), today), as_of=day.at, **about)


def test_an_answer_at_once_is_in_the_mean_and_without_hours_there_is_no_business_value():
    """Guards: ``bucket IS NOT NULL`` in ``rolling._day_spread``, and ``if not n`` in ``results.duration``."""
    story = Story("customer", "web", has_hours=False)
    story.step(0, "replies", 0)
    facts = fold(story.end(), SETTINGS)
    store_facts([ROOT], facts, families=families_of(COMPLAINTS).values())
    fill()
    span = Span(story.at.date(), story.at.date())

    at_once, in_hours = (ask(metric(name), span, as_of=story.at) for name in ("frt", "frt_biz"))

    assert (at_once.n, at_once.mean) == (1, 0)
    assert (in_hours.n, in_hours.mean, in_hours.value) == (0, None, None)


def test_more_than_all_is_no_share():
    """Guard: ``if not 0 <= num <= den`` in ``results.share``."""
    with pytest.raises(ArithmeticError):
        share(2, 1)


def test_late_and_missing_answers_are_in_the_mean(day, agent):  # noqa: F811
    """Guards: ``_add_open`` in ``sources``, and ``Spread.n`` with what is open."""
    quick, late, _waiting = (make_complaint(assignee=agent) for _number in range(3))
    day.later(minutes=10)
    answer(quick, agent)
    day.later(days=5)
    answer(late, agent)
    day.later(hours=1)
    fill()

    found = told("frt", day)
    assert (found.n, found.open) == (3, 1)
    assert found.mean == (600 + (600 + 5 * 86_400) + (600 + 5 * 86_400 + 3600)) / 3


def test_days_add_up_to_no_more_than_there_are_complaints(day, agent):  # noqa: F811
    """Guards: ``tally["last"]`` and ``tally["first"]`` in the definitions, not ``tally["resolved"]``."""
    complaint = make_complaint(assignee=agent)
    began = day.at.astimezone(ZONE).date()
    for _time in range(3):
        day.later(hours=1)
        answer(complaint, agent)
        resolve_complaint(complaint, by=agent, **ANY, **SOLVED)
        day.later(days=1)
        reopen_complaint(complaint, as_customer=True)
    fill()

    spans = [Span(began + timedelta(days=number), began + timedelta(days=number)) for number in range(5)]
    for name in ("vol_resolved", "agent_resolved", "rt_first", "rt_full", "fcr_gross", "reopen", "pareto_reason"):
        assert sum(ask(metric(name), span, as_of=day.at).n for span in spans) == 1, name


def test_the_mean_of_full_times_takes_the_last_resolution_and_that_of_first_times_the_first(day, agent):  # noqa: F811
    """Guards: ``spread("rt_full_s")`` and ``spread("rt_first_s")`` in the definitions."""
    complaint = make_complaint(assignee=agent)
    for hours in (2, 3):
        day.later(hours=hours)
        answer(complaint, agent)
        resolve_complaint(complaint, by=agent, **ANY, **SOLVED)
        if hours == 2:
            reopen_complaint(complaint, as_customer=True)
    fill()

    assert (told("rt_first", day).mean, told("rt_full", day).mean) == (2 * 3600, 5 * 3600)


def test_ten_minutes_read_0_2_hours_on_an_axis_of_hours(day, agent):  # noqa: F811
    """Guards: ``entries.seconds`` and ``units._span``; nothing is rounded up."""
    complaint = make_complaint(assignee=agent)
    day.later(minutes=10)
    answer(complaint, agent)
    resolve_complaint(complaint, by=agent, **ANY, **SOLVED)
    fill()

    mean = told("rt_full", day).mean
    with override("en"):
        assert (SECONDS.write(mean), SECONDS.write_tick(mean, 7200)) == ("10 min", "0.2 h")


@pytest.mark.parametrize("seed", range(3))
def test_a_period_has_what_came_or_ended_in_it_by_chart_and_by_rows(db, seed):
    """Guards: ``columns_at(began)`` of arrivals, ``columns_at(span.ended)`` of rounds, and ``day__range`` in ``sources._add_facts``."""
    luck = random.Random(seed)
    past = make_past(luck, days=12, complaints=24)
    came = [local_day(at) for at in Complaint.objects.values_list("filed_at", flat=True)]
    ended = [local_day(at) for at in Cycle.objects.filter(last=1).values_list("ended_at", flat=True)]
    assert ended

    for _time in range(6):
        first, last = sorted(past.first + timedelta(days=luck.randint(0, 12)) for _end in range(2))
        for name, days in (("vol_new", came), ("frt", None), ("vol_resolved", ended), ("rt_full", ended)):
            by_sums, by_rows = (ask(metric(name), Span(first, last), as_of=past.now, filters=only) for only in (Filters(), IN_ROWS))
            assert by_sums == by_rows
            assert days is None or by_sums.n == sum(first <= one <= last for one in days)


def local_day(at: datetime):
    return at.astimezone(ZONE).date()


def test_whoever_gets_it_later_gets_no_credit_in_any_figure(day, agent):  # noqa: F811
    """Guards: as in the ledger, and that a split by colleague reads the facts' own column."""
    complaint = make_complaint(assignee=agent)
    day.later(minutes=10)
    answer(complaint, agent)
    post_customer_message(complaint, body="那什么时候到？")
    day.later(minutes=10)
    answer(complaint, agent)
    resolve_complaint(complaint, by=agent, **ANY, **SOLVED)
    fill()
    names = ("agent_resolved", "frt", "nrt", "rt_first", "rt_full", "fcr_gross", "reopen_cycles", "sla_att", "load")
    today = day.at.astimezone(ZONE).date()
    span = Span(today, today + timedelta(days=1))
    before = {name: ask_split(metric(name), span, "agent", as_of=day.at) for name in names}

    day.later(hours=1)
    assign_complaint(complaint, to=make_user("agent"), by=make_user("lead"), reason="交接", **ANY)
    fill()

    assert {name: set(found) for name, found in before.items()} == {name: {(str(agent.pk),)} for name in names}
    assert {name: ask_split(metric(name), span, "agent", as_of=day.at) for name in names} == before


def test_a_wait_goes_over_to_the_survivor_and_is_open_nowhere_else(day, agent):  # noqa: F811
    """Guards: ``*complaint_ids`` in ``reading.roots_of``, by which the joined one loses its facts, and ``rounds._ends``."""
    survivor = make_complaint(assignee=agent)
    answer(survivor, agent)
    day.later(hours=1)
    child = make_complaint(assignee=agent)
    day.later(minutes=10)
    answer(child, agent)
    day.later(minutes=10)
    post_customer_message(child, body="那什么时候到？")
    fill()
    merge_complaints(child, into=survivor, by=agent, **ANY)
    fill()
    joined = told("nrt", day)
    day.later(hours=1)
    withdraw_complaint(survivor, as_customer=True)
    day.later(days=2)
    fill()

    ended = told("nrt", day)
    assert (joined.n, joined.open) == (2, 1)
    assert (ended.n, ended.open, ended.mean) == (1, 0, 600)


def test_who_could_not_be_reached_is_in_no_rate_of_those_who_were_helped(day, agent):  # noqa: F811
    """Guards: ``share(tally["solved"], tally["resolvable"])`` in the definition, and that an end without a result is no resolution."""
    complaint = make_complaint(assignee=agent)
    ask_customer(complaint, body="请补充", by=agent, **ANY)
    miss_answer(complaint)
    day.later(days=1)
    log_call(complaint, summary="无人接听", is_reached=False, by=agent, **ANY)
    give_up_complaint(complaint, summary="多次未接", by=agent, **ANY)
    fill()

    found = told("resolve_rate", day)
    assert (found.num, found.den, found.beside["no_response"].value) == (0, 1, 1)
    assert (told("vol_resolved", day).n, told("fcr_gross", day).den, told("rt_full", day).n) == (0, 0, 0)
