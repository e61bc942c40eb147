"""The hourly round on facts: what becomes a spike, what it is compared with, what is folded, and that it can be repeated."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.services import publish_calendar
from analytics.models import Spike, SpikeStep
from analytics.spikes.finding import find_spikes
from analytics.spikes.verbs import acknowledge_spike, explain_spike
from foundation import failpoints
from tests.analytics.spikes.builders import NOW, arrive, live_through_weeks, resolve
from tests.factories import make_calendar, make_category, make_merchant, make_user

pytestmark = pytest.mark.django_db


def found() -> list[tuple]:
    return list(Spike.objects.order_by("pk").values_list("kind", "code", "cross", "value"))


def listed() -> list[str]:
    return [str(spike) for spike in Spike.objects.filter(folded_under=None).order_by("pk")]


def test_many_more_than_in_the_same_hours_of_other_weeks_are_a_spike():
    category = make_category()
    live_through_weeks(9)
    arrive(37)

    assert find_spikes(NOW) == 1

    spike = Spike.objects.get()
    assert (spike.kind, spike.code, spike.count, spike.median, spike.team) == ("category", "logistics.stalled", 37, 9.0, category.team)
    assert [count for _until, count in spike.history] == [9] * 8
    assert list(spike.steps.values_list("verb", flat=True)) == ["found"]


def test_as_many_as_ever_are_none():
    live_through_weeks(9)
    arrive(11)

    assert find_spikes(NOW) == 0


def test_four_complaints_are_not_judged():
    live_through_weeks(0)
    arrive(4)

    assert find_spikes(NOW) == 0


def test_a_house_of_two_weeks_has_no_verdict():
    live_through_weeks(1, weeks=2)
    arrive(60)

    assert find_spikes(NOW) == 0


def test_complaints_that_count_nowhere_count_here_neither():
    live_through_weeks(1)
    arrive(60, arrived=0, excluded="spam")

    assert find_spikes(NOW) == 0


def test_what_came_more_than_a_day_ago_is_not_in_the_window():
    live_through_weeks(1)
    arrive(60, at=NOW - timedelta(hours=24, seconds=1))

    assert find_spikes(NOW) == 0


def test_a_reason_counts_when_it_becomes_known():
    live_through_weeks(5, of=resolve)
    resolve(40)

    find_spikes(NOW)

    assert found() == [("reason", "logistics.stalled", "", "")]


def test_the_article_behind_a_category_stands_for_it():
    live_through_weeks(20, sku="TEA2")
    arrive(20, sku="TEA2")
    arrive(40, sku="TEA1")

    find_spikes(NOW)

    assert listed() == ["category logistics.stalled sku TEA1"]
    assert Spike.objects.filter(folded_under__isnull=False).count() == 1


def test_a_category_that_grows_everywhere_stands_for_itself():
    for number in range(6):
        live_through_weeks(8, sku=f"TEA{number}")
        arrive(20, sku=f"TEA{number}")

    find_spikes(NOW)

    assert "category logistics.stalled" in listed()


def test_a_round_that_is_repeated_changes_nothing():
    live_through_weeks(9)
    arrive(37, sku="TEA1", carrier="sf", province="浙江")
    find_spikes(NOW)
    before = list(Spike.objects.order_by("pk").values())

    assert find_spikes(NOW) == 0

    assert list(Spike.objects.order_by("pk").values()) == before
    assert SpikeStep.objects.count() == len(before)


def test_a_round_that_dies_half_way_has_done_nothing(monkeypatch):
    live_through_weeks(9)
    arrive(37)
    monkeypatch.setitem(failpoints.ARMED, "spikes.written", "raise:OSError")
    with pytest.raises(OSError):
        find_spikes(NOW)
    left = Spike.objects.count()
    monkeypatch.delitem(failpoints.ARMED, "spikes.written")

    assert (left, find_spikes(NOW)) == (0, 1)


def test_a_spike_that_lasts_keeps_its_first_figures_and_tells_the_latest():
    live_through_weeks(9)
    arrive(37)
    find_spikes(NOW)
    arrive(10, at=NOW)

    find_spikes(NOW + timedelta(hours=1))

    spike = Spike.objects.get()
    assert (spike.count, spike.latest_count, spike.calmed_at) == (37, 47, None)


def test_a_series_that_is_quiet_again_says_so():
    live_through_weeks(9)
    arrive(37)
    find_spikes(NOW)

    find_spikes(NOW + timedelta(days=2))

    assert Spike.objects.get().calmed_at == NOW + timedelta(days=2)


def test_on_a_promotion_day_only_promotions_are_compared():
    make_promotions(NOW, *(NOW - timedelta(days=days) for days in (30, 60, 90)))
    live_through_weeks(9, weeks=14)
    for days in (30, 60, 90):
        arrive(35, at=NOW - timedelta(days=days, hours=2))
    arrive(37)

    assert find_spikes(NOW) == 0


def test_promotions_are_no_history_of_an_ordinary_day():
    make_promotions(*(NOW - timedelta(weeks=week) for week in (1, 2, 3, 4, 5, 6)))
    live_through_weeks(9)
    arrive(60)

    assert find_spikes(NOW) == 0  # two weeks are left


def make_promotions(*moments) -> None:
    calendar = make_calendar("promotions")
    special = [{"date": moment.date(), "windows": [[0, 1440]], "reason": "大促"} for moment in moments]
    calendar.days.bulk_create([calendar.days.model(calendar=calendar, **day) for day in special])
    newest = calendar.versions.get()
    content = {"week": newest.week, "zone": newest.zone, "follows_public_days": False}
    publish_calendar(calendar, by=None, expected_version=newest.version, **content)


def test_the_shop_is_watched_where_there_are_several():
    shop, _other = make_merchant(), make_merchant("other")
    live_through_weeks(9, merchant=shop.pk)
    arrive(37, merchant=shop.pk)

    find_spikes(NOW)

    assert Spike.objects.get(cross="merchant").merchant == shop


def test_nobody_looking_for_four_working_hours_rouses_the_managers():
    make_calendar()  # 9 to 21 o'clock
    live_through_weeks(9)
    arrive(37)
    find_spikes(NOW)

    find_spikes(NOW + timedelta(hours=3, minutes=59))
    early = Spike.objects.get().escalated_at
    find_spikes(NOW + timedelta(hours=4))

    assert (early, Spike.objects.get().escalated_at) == (None, NOW + timedelta(hours=4))


def test_what_somebody_looks_into_rouses_nobody():
    make_calendar()
    make_category()
    live_through_weeks(9)
    arrive(37)
    find_spikes(NOW)
    acknowledge_spike(Spike.objects.get(), by=make_user("lead"), expected_version=1)

    find_spikes(NOW + timedelta(hours=10))

    assert Spike.objects.get().escalated_at is None


def test_what_is_explained_and_quiet_for_three_days_is_closed():
    make_category()
    live_through_weeks(9)
    arrive(37)
    find_spikes(NOW)
    explain_spike(Spike.objects.get(), cause="known", explanation="台风过后补投", by=make_user("lead"), expected_version=1)

    find_spikes(NOW + timedelta(days=2))
    find_spikes(NOW + timedelta(days=5))

    assert Spike.objects.get().state == "closed"


def test_after_closing_the_next_jump_is_a_spike_of_its_own():
    test_what_is_explained_and_quiet_for_three_days_is_closed()
    later = NOW + timedelta(weeks=1)
    arrive(150, at=later - timedelta(hours=1))

    find_spikes(later)

    assert list(Spike.objects.order_by("pk").values_list("state", flat=True)) == ["closed", "open"]


def test_a_round_asks_as_many_questions_for_one_spike_as_for_three():
    live_through_weeks(1)
    arrive(40, category="logistics.c0")
    find_spikes(NOW)
    find_spikes(NOW)
    with CaptureQueriesContext(connection) as one:
        find_spikes(NOW)
    for number in (1, 2):
        arrive(40, category=f"logistics.c{number}")
    find_spikes(NOW)

    with CaptureQueriesContext(connection) as three:
        find_spikes(NOW)

    # What is common to several spikes is asked for once more.
    assert len(three) == len(one) + 1
