"""A figure is the same from rollups, from facts and by brute force, and every mark is as large as its list."""

import random
from collections import Counter
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from analytics.ledger.families import FAMILIES
from analytics.ledger.storing import mark_days
from analytics.metrics import sources
from analytics.metrics.asking import Asked, ask, ask_all, ask_split, measure
from analytics.metrics.backlog import backlog_at
from analytics.metrics.buckets import bucket
from analytics.metrics.questions import Filters, Question, Span
from analytics.metrics.registry import Needs, all_metrics, metric
from analytics.metrics.results import Spread
from analytics.metrics.tallies import tally_of
from analytics.models import Arrival, Cycle, Delivery, Improvement, Money
from tests.analytics.builders import fill, make_past

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def past(db):
    """Three weeks of complaints with all kinds of endings."""
    return make_past(random.Random(7), days=12, complaints=24)


def brute(one, span, as_of, **filters):
    conditions = filters | {f"{name}": value for name, value in one.fixed.items()}
    facts = one.family.fact.objects.filter(source=0, **conditions)
    tally = tally_of(one.family, facts.filter(day__range=(span.first, span.last)), as_of=as_of)
    tally.beside["orders"] = Delivery.objects.filter(day__range=(span.first, span.last)).count()
    tally.usual_ms = tally["effort_ms"]  # without a split everybody is the average
    if one.family.name == "passage":
        look_at_the_stock(tally, facts, span, as_of)
    return measure(one, tally, span, as_of)


def look_at_the_stock(tally, facts, span, as_of):
    """Row by row: what had come in and not gone out again."""
    came = [fact for fact in facts if fact.opened]
    tally.standing = sum(fact.day < span.first and not (fact.ended_on and fact.ended_on < span.first) for fact in came)
    end = min(as_of, datetime.combine(span.last + timedelta(1), time.min, ZONE))
    ages = [
        int((end - fact.began_at).total_seconds())
        for fact in came
        if fact.day <= span.last and not (fact.ended_on and fact.ended_on <= span.last)
    ]
    tally.standing_ages = Spread(sum(ages), tuple(sorted(Counter(map(bucket, ages)).items())))


def test_rollups_say_what_brute_force_says(past):
    span = Span(past.first, past.last)

    found = {one.id: ask(one, span, as_of=past.now) for one in all_metrics()}

    assert found == {one.id: brute(one, span, past.now) for one in all_metrics()}


def test_facts_say_what_rollups_say(past):
    span = Span(past.first + timedelta(3), past.last - timedelta(2))
    with_everything = Filters.of({"language": ["zh-hans", "en", ""]})  # in no grain

    known = [one for one in all_metrics() if "language" in one.family.dimensions]
    found = {one.id: ask(one, span, filters=with_everything, as_of=past.now) for one in known}

    assert found == {one.id: ask(one, span, as_of=past.now) for one in known}


def test_the_middle_of_the_past_has_a_stock_of_its_own(past):
    """Rollups, rows and brute force agree on it, and it is what lay there before, with what came in and without what went out."""
    span = Span(past.first + timedelta(4), past.first + timedelta(6))
    with_everything = Filters.of({"language": ["zh-hans", "en", ""]})
    ids = ("vol_total", "backlog", "backlog_age", "inflow", "outflow")

    found = {key: ask(metric(key), span, as_of=past.now) for key in ids}

    assert found == {key: brute(metric(key), span, past.now) for key in ids}
    assert found == {key: ask(metric(key), span, filters=with_everything, as_of=past.now) for key in ids}
    before = ask(metric("backlog"), Span(past.first, span.first - timedelta(1)), as_of=past.now)
    assert found["backlog"].value == before.value + found["inflow"].value - found["outflow"].value > 0
    assert found["backlog_age"].n == found["backlog"].n


def test_the_stock_of_now_is_what_is_open_now(past):
    live = backlog_at(past.now, is_now=True)

    assert ask(metric("backlog"), Span(past.first, past.last), as_of=past.now).value == live.number
    assert ask(metric("backlog_age"), Span(past.last, past.last), as_of=past.now) == live.ages


@pytest.mark.parametrize("split", ["channel", "category", "team", "agent", "merchant"])
def test_the_parts_of_a_split_make_up_the_whole(past, split):
    span = Span(past.first, past.last)
    one = metric("vol_new")

    parts = ask_split(one, span, split, as_of=past.now)

    assert sum(part.n for part in parts.values()) == ask(one, span, as_of=past.now).n > 0


@pytest.mark.parametrize("days", [frozenset(), frozenset({"1", "3", "6"})])
def test_weekdays_are_told_apart_by_sums_by_rows_and_by_brute_force(past, days):
    one, span = metric("frt"), Span(past.first + timedelta(1), past.last)
    only = Filters.of({"weekday": days} if days else {})
    rows = one.family.fact.objects.filter(source=0, day__range=(span.first, span.last))

    sums = ask_split(one, span, "weekday", "channel", filters=only, as_of=past.now)

    assert sums == ask_split(
        one, span, "weekday", "channel", filters=only & Filters.of({"language": ["zh-hans", "en", ""]}), as_of=past.now
    )
    keys = {(str(fact.day.isoweekday()), fact.channel) for fact in rows if not days or str(fact.day.isoweekday()) in days}
    alike = {key: rows.filter(day__iso_week_day=int(key[0]), channel=key[1]) for key in keys}
    assert sums == {key: measure(one, tally_of(one.family, found, as_of=past.now), span, past.now) for key, found in alike.items()}


def test_orders_beside_a_figure_are_those_of_the_chosen_weekdays(past):
    day, other = Arrival.objects.order_by("day").distinct("day").values_list("day", flat=True)[:2]
    Delivery.objects.create(root_id=1, day=day, delivered=1)
    mark_days(FAMILIES["delivery"], 0, [day])
    fill()

    def delivered(**only) -> int:
        question = Question(FAMILIES["arrival"], (Span(past.first, past.last),), Filters.of(only))
        return sources.read_tallies(question, Needs(more=frozenset({"orders"})), as_of=past.now)[0, ()].look_up("orders")

    assert [delivered(), delivered(weekday=[day.isoweekday()]), delivered(weekday=[other.isoweekday()])] == [1, 1, 0]


def test_many_figures_of_one_family_cost_as_many_queries_as_one(past, django_assert_num_queries):
    spans = tuple(Span(past.first, past.last).parts(7))
    wanted = [Asked(metric(key), spans) for key in ("frt", "reply_rate", "vol_new", "resolve_rate", "completion_rate")]

    with django_assert_num_queries(4):  # stale nodes, sums, spreads, what is open
        ask_all(wanted, as_of=past.now)


def test_a_longer_span_costs_no_more_rows_than_its_nodes(past):
    nodes = sources.cover(*Span(past.first - timedelta(1000), past.last).indexes)

    assert len(nodes) <= 2 * 12


def test_what_is_open_counts_at_its_age(past):
    one, span = metric("frt"), Span(past.first, past.last)

    now, later = (ask(one, span, as_of=at) for at in (past.now, past.now + timedelta(days=1)))

    assert now.open > 0
    assert later.mean > now.mean
    assert now.lower_bound


def test_work_is_compared_with_what_the_same_kinds_of_problems_take_everybody(db):
    day = timezone.localdate()
    done = [("logistics.lost", 1, 100), ("logistics.lost", 2, 300), ("refund.slow", 2, 50), ("refund.slow", 2, 150)]
    rows = [
        Cycle(root_id=place, day=day, at=timezone.now(), opened_at=timezone.now(), began_at=timezone.now(), category=kind, agent=agent,
              ended=1, last=1, effort_ms=work)
        for place, (kind, agent, work) in enumerate(done, start=1)
    ]  # fmt: skip
    Cycle.objects.bulk_create(rows)
    mark_days(FAMILIES["cycle"], 0, [day])
    fill()
    one, span = metric("load_adj"), Span(day, day)

    by_agent = {key[0]: result.value for key, result in ask_split(one, span, "agent").items()}

    assert by_agent == {"1": 100 / 200, "2": 500 / 400}
    assert ask(one, span, filters=Filters.of({"agent": [2]})).value == by_agent["2"]
    assert ask_split(one, span, "category", filters=Filters.of({"agent": [2]}))["refund.slow",].value == 1
    assert (ask(one, span).value, ask(metric("load"), span).value) == (1, 600)


def test_what_was_given_is_told_for_each_thousand_orders_whatever_kind_of_problem(db):
    now, day = timezone.now(), timezone.localdate()
    given = {"kind": "compensation", "currency": "CNY", "movements": 1, "compensation": 1, "at": now, "day": day}
    Money.objects.bulk_create([Money(root_id=1, category="logistics.lost", fen=300, **given), Money(root_id=2, fen=100, **given)])
    Delivery.objects.bulk_create([Delivery(root_id=place, day=day, at=now, delivered=1, parcels=1) for place in range(1, 9)])
    for name in ("money", "delivery"):
        mark_days(FAMILIES[name], 0, [day])
    fill()
    one, span = metric("comp_per_orders"), Span(day, day)

    whole, by_kind = ask(one, span), ask_split(one, span, "category")

    assert (whole.value, whole.n) == (400 / 8 * 1000, 2)
    assert by_kind["logistics.lost",].value == 300 / 8 * 1000


def make_item(category: str, **scope) -> Improvement:
    return Improvement.objects.create(title="换更厚的内衬", department="warehouse", category=category, **scope)


def test_what_comes_after_an_effect_was_shown_is_a_repetition(db):
    day = timezone.localdate()
    item = make_item("logistics.lost", carrier="sf")
    item.steps.create(verb="conclude", at=timezone.now() - timedelta(days=3), codes={"verdict": "effective"})
    make_item("refund.slow").steps.create(verb="conclude", codes={"verdict": "no_clear_effect"})
    came = [("logistics.lost", "sf", 1), ("logistics.lost", "sf", 3), ("logistics.lost", "yto", 1), ("refund.slow", "sf", 1)]
    rows = [
        Arrival(root_id=place, category=kind, carrier=carrier, day=day - timedelta(ago), at=timezone.now(), arrived=1)
        for place, (kind, carrier, ago) in enumerate(came, start=1)
    ]
    Arrival.objects.bulk_create(rows)
    mark_days(FAMILIES["arrival"], 0, {row.day for row in rows})
    fill()
    one, span = metric("repeat_after_fix"), Span(day - timedelta(9), day)

    assert (ask(one, span).num, ask(one, span).den) == (1, 4)
    assert {key[0]: part.num for key, part in ask_split(one, span, "carrier").items()} == {"sf": 1, "yto": 0}
