"""A pause of a region that many carry out at once, or that is ended while it is carried out."""

from datetime import timedelta

import pytest
from django.utils import timezone

from complaints.models import ClockRun, Complaint, RegionPause, RegionPauseRun
from complaints.services.regions import carry_out, end_region, pause_region, spread_region_pauses
from tests.complaints.builders import kinds
from tests.complaints.test_concurrency import assert_whole, at_once
from tests.factories import make_complaint, make_order, make_user
from tests.faults.test_clocks import assert_clocks_agree

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lead():
    return make_user("lead")


@pytest.fixture
def struck() -> list[Complaint]:
    return [make_complaint(order=make_order(province="福建")) for _each in range(9)]


def pause(lead, **fields) -> RegionPause:
    return pause_region(provinces=["福建"], reason="台风", until=timezone.now() + timedelta(days=2), by=lead, **fields)


def states() -> set[str]:
    return set(ClockRun.objects.filter(kind="resolution").values_list("state", flat=True))


def test_whoever_meets_in_carrying_it_out_pauses_each_clock_once(lead, struck):
    pause(lead)

    outcomes = at_once(*[lambda: sum(spread_region_pauses(limit=3) for _round in range(4))] * 5)
    spread_region_pauses()

    assert [each for each in outcomes if isinstance(each, Exception)] == []
    assert [kinds(each).count("clock.paused") for each in struck] == [1] * 9
    assert RegionPauseRun.objects.count() == 9
    assert_clocks_agree()
    assert_whole(*struck)


def test_what_is_ended_while_it_is_carried_out_leaves_nothing_standing(lead, struck):
    row = pause(lead)

    at_once(lambda: carry_out(row), lambda: carry_out(row), lambda: end_region(row, by=lead), spread_region_pauses)
    while spread_region_pauses():
        pass

    assert states() == {"running"}
    assert_clocks_agree()
    assert_whole(*struck)


def test_the_same_request_at_once_is_one_pause(lead, struck):
    made = at_once(*[lambda: pause(lead, request_id="one").pk] * 4)

    assert len(set(made)) == RegionPause.objects.count() == 1
