"""Whether it helped: intervals, windows, maturity, the comparison, and what comes back."""

from datetime import timedelta

import pytest
import time_machine

from analytics.improvements.effect import Effect, minus
from analytics.improvements.measuring import follow_improvements, is_above
from analytics.improvements.scopes import Rate
from analytics.improvements.verbs import conclude_improvement
from analytics.models import Improvement
from foundation.exceptions import RefusedError
from orders.models import Warehouse
from tests.analytics.improvements.builders import make_done, make_manager
from tests.analytics.spikes.builders import NOW, arrive, deliver
from tests.factories import make_merchant

ACCEPTED, DONE = NOW, NOW + timedelta(days=7)
FINAL = DONE + timedelta(days=60)


def test_far_fewer_complaints_are_effective():
    assert Effect(Rate(60, 1000), Rate(20, 1000)).verdict == "effective"


def test_far_more_are_worse():
    assert Effect(Rate(20, 1000), Rate(60, 1000)).verdict == "worse"


def test_an_interval_around_zero_is_no_clear_effect():
    assert Effect(Rate(30, 1000), Rate(25, 1000)).verdict == "no_clear_effect"


@pytest.mark.parametrize("effect", [Effect(Rate(9, 1000), Rate(0, 1000)), Effect(Rate(29, 29), Rate(0, 1000))])
def test_too_few_give_no_verdict(effect):
    assert effect.verdict == ""


def test_the_same_fall_beside_it_is_no_effect():
    alone, beside = (Rate(60, 1000), Rate(20, 1000)), (Rate(60, 1000), Rate(20, 1000))

    assert Effect(*alone, *beside).verdict == "no_clear_effect"


def test_the_interval_of_a_difference_of_differences_is_wider_than_either():
    low, high = minus((0.02, (0.01, 0.03)), (0.01, (0.0, 0.02)))

    assert (round(low, 4), round(high, 4)) == (-0.0041, 0.0241)


@pytest.mark.parametrize(("count", "is_more"), [(28, False), (40, False), (80, True)])
def test_it_has_come_back_when_clearly_more_arrive_than_after_the_change(count, is_more):
    assert is_above(count, 28, 28, 28) is is_more


def test_a_few_within_days_have_not_come_back():
    assert not is_above(4, 1, 0, 28)


@pytest.fixture
def item(db) -> Improvement:
    make_merchant()
    with time_machine.travel(ACCEPTED, tick=False):
        return make_done()


def complained(orders: list[int], at, **columns) -> None:
    for order in orders:
        arrive(1, at=at, order_id=order, **columns)


def sell(*, before: int, after: int, of: int = 400, **columns) -> None:
    """Orders in the middle of both windows, so many of them complained about two days later."""
    for moment, number in ((ACCEPTED - timedelta(days=10), before), (DONE + timedelta(days=10), after)):
        complained(deliver(of, at=moment, **columns)[:number], moment + timedelta(days=2))


def follow(at) -> Improvement:
    """All that is due until then."""
    while follow_improvements(at):
        continue
    return Improvement.objects.get()


def test_what_is_done_is_being_measured(item):
    assert follow(DONE + timedelta(hours=1)).state == "measuring"


def test_nothing_is_measured_while_complaints_can_still_come(item):
    sell(before=40, after=5)

    assert follow(FINAL - timedelta(days=2)).measured is None


def test_the_figures_are_frozen_with_definition_filters_and_interval(item):
    sell(before=40, after=5)

    measured = follow(FINAL).measured

    assert (measured["definition"], measured["filters"]) == ("complaint_rate@1", {"category": "logistics.stalled"})
    assert (measured["counts"], measured["verdict"]) == ({"before": [40, 400], "after": [5, 400]}, "effective")
    assert measured["interval"][1] < 0


def test_complaints_of_other_categories_do_not_count(item):
    sell(before=40, after=5)
    moment = DONE + timedelta(days=10)
    complained(deliver(40, at=moment), moment, category="refund.late")

    assert follow(FINAL).measured["counts"]["after"] == [5, 440]


def test_a_complaint_after_thirty_days_does_not_count(item):
    moment = ACCEPTED - timedelta(days=20)
    orders = deliver(100, at=moment)
    complained(orders[:20], moment + timedelta(days=29))
    complained(orders[20:40], moment + timedelta(days=31))
    deliver(100, at=DONE + timedelta(days=3))

    assert follow(FINAL).measured["counts"]["before"] == [20, 100]


def test_a_scope_looks_at_its_own_orders(item):
    Improvement.objects.update(carrier="sf")
    sell(before=40, after=5, carrier="sf")
    sell(before=40, after=40, carrier="yto")

    assert follow(FINAL).measured["counts"]["after"] == [5, 400]


def test_another_warehouse_in_the_same_weeks_is_the_comparison(item):
    here, there = (Warehouse.objects.create(merchant=make_merchant(), code=code, name=code) for code in ("wh1", "wh2"))
    Improvement.objects.update(warehouse=here, control_by="warehouse", control_value=str(there.pk))
    sell(before=40, after=5, warehouse=here.pk)
    sell(before=40, after=5, warehouse=there.pk)

    measured = follow(FINAL).measured

    assert (measured["verdict"], measured["control"]["warehouse"]) == ("no_clear_effect", there.pk)


def test_too_few_orders_leave_it_in_measuring(item):
    sell(before=2, after=0, of=20)
    found = follow(FINAL)

    with pytest.raises(RefusedError) as caught:
        conclude_improvement(found, note="", by=make_manager(), expected_version=None)

    assert (found.state, [reason.code for reason in caught.value.reasons]) == ("measuring", ["too_few"])


def conclude(item: Improvement, at) -> Improvement:
    with time_machine.travel(at, tick=False):
        return conclude_improvement(item, note="四周都更低", by=make_manager(), expected_version=None)


def test_another_person_closes_it_with_the_verdict_of_the_interval(item):
    sell(before=40, after=5)

    closed = conclude(follow(FINAL), FINAL)

    assert (closed.state, closed.closed_at) == ("effective", FINAL)


def test_what_comes_back_is_taken_up_again_with_a_note(item):
    sell(before=40, after=5)
    conclude(follow(FINAL), FINAL)
    arrive(60, at=FINAL + timedelta(days=5))

    again = follow(FINAL + timedelta(days=10))

    assert (again.state, again.came_back, again.measured) == ("in_progress", 1, None)
    assert again.steps.order_by("-pk").first().codes["measured"]["verdict"] == "effective"


def test_as_many_as_after_the_change_have_not_come_back(item):
    sell(before=40, after=5)
    conclude(follow(FINAL), FINAL)
    arrive(5, at=FINAL + timedelta(days=5))

    assert follow(FINAL + timedelta(days=28)).state == "effective"


def test_a_round_that_is_repeated_measures_once(item):
    sell(before=40, after=5)
    follow(FINAL)

    assert follow_improvements(FINAL + timedelta(hours=6)) == 0
