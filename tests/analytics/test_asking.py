"""A figure is the same from rollups, from facts and by brute force, and every mark is as large as its list."""

import random
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from analytics.metrics import sources
from analytics.metrics.asking import Asked, ask, ask_all, ask_split, measure
from analytics.metrics.questions import Filters, Span
from analytics.metrics.registry import all_metrics, metric
from analytics.metrics.tallies import tally_of
from tests.analytics.builders import make_past

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def past(db):
    """Three weeks of complaints with all kinds of endings."""
    return make_past(random.Random(7), days=12, complaints=24)


def brute(one, span, as_of, **filters):
    conditions = filters | {f"{name}": value for name, value in one.fixed.items()}
    facts = one.family.fact.objects.filter(day__range=(span.first, span.last), source=0, **conditions)
    return measure(one, tally_of(one.family, facts, as_of=as_of), span, as_of)


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


@pytest.mark.parametrize("split", ["channel", "category", "team", "agent", "merchant"])
def test_the_parts_of_a_split_make_up_the_whole(past, split):
    span = Span(past.first, past.last)
    one = metric("vol_new")

    parts = ask_split(one, span, split, as_of=past.now)

    assert sum(part.n for part in parts.values()) == ask(one, span, as_of=past.now).n > 0


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
