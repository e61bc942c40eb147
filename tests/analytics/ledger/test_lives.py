"""The ledger beside the services: whatever complaints live through, and however their news arrive, it is what their events say.

BIHUAN_LONG=1 lives many more lives.
"""

import os
from collections import Counter

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.calendars import hours_of
from analytics.ledger.families import FAMILIES, families_of
from analytics.ledger.filling import fill_from_complaints, fill_from_orders, fill_sums
from analytics.ledger.rebuilding import verify
from analytics.models import AnalyticsCursor
from complaints.models import Complaint, EventFeed
from complaints.models import Event as Told
from foundation import failpoints
from foundation.events import sequence_feed
from orders.models import Order
from tests.analytics.builders import fill
from tests.analytics.ledger.house import digests
from tests.analytics.ledger.lives import VERBS, House
from tests.analytics.ledger.slowly import Case, Event, clean, reference
from tests.analytics.ledger.test_folds import figures
from tests.complaints.sla.builders import moment
from tests.complaints.sla.conftest import day  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
LIVES = int(os.environ.get("BIHUAN_LIVES", 300 if os.environ.get("BIHUAN_LONG") else 8))
# Spring Festival with its days off and the days that are worked for them, and a plain week.
BEGINNINGS = ("2026-02-12 10:00", "2026-03-10 21:40")
KILLS = ("ledger.stored", "ledger.filled", "ledger.rolled", "none")
# A failing life is shortened only where there is time for it: that takes minutes.
PHASES = tuple(Phase) if os.environ.get("BIHUAN_LONG") else (Phase.explicit, Phase.reuse, Phase.generate)
seconds = st.one_of(st.integers(0, 9), st.integers(0, 600), st.integers(0, 20_000), st.integers(0, 400_000))
lives = st.lists(st.tuples(st.sampled_from(VERBS), seconds, st.integers(0, 59)), min_size=5, max_size=30)
arrivals = st.lists(st.tuples(st.integers(0, 9), st.sampled_from(KILLS), st.integers(0, 30)), min_size=30, max_size=30)


@given(beginning=st.sampled_from(BEGINNINGS), steps=lives, news=arrivals)
@settings(max_examples=LIVES, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
def test_the_ledger_is_what_its_events_say(day, beginning, steps, news):  # noqa: F811
    with transaction.atomic():
        day.go(moment(beginning))
        house = House(day)
        for step, arrival in zip(steps, news, strict=False):
            house.live(*step)
            let_news_arrive(*arrival)

        fill()

        assert verify() == []
        for complaint in Complaint.objects.filter(merged_into__isnull=True):
            assert stored_figures(complaint) == expected_figures(complaint)
        assert_sums_are_those_of_facts()
        transaction.set_rollback(True)


def let_news_arrive(rarely: int, kill: str, again: int) -> None:
    """Now and then the fill does a round, dies at some point of it, or reads again what it has read before."""
    if rarely > 3:
        return
    sequence_feed(Told, EventFeed)
    AnalyticsCursor.objects.filter(pos__gt=again).update(pos=again) if rarely == 0 else None
    if kill != "none":
        die_at(kill)
    fill_from_complaints()
    fill_from_orders()
    fill_sums()


def die_at(name: str) -> None:
    failpoints.ARMED[name] = "raise"
    try:
        with transaction.atomic():
            fill_from_complaints()
            fill_sums()
    except RuntimeError:
        return
    finally:
        del failpoints.ARMED[name]


def stored_figures(complaint: Complaint) -> dict[str, list[dict]]:
    """What the tables hold of a complaint, without who it is credited to in calls that nobody has made."""
    families = families_of("complaints").values()
    facts = [fact for family in families for fact in family.fact.objects.filter(source=0, root_id=complaint.pk).order_by("ordinal")]
    return without_callers(figures(facts))


def expected_figures(complaint: Complaint) -> dict[str, list[dict]]:
    members = Complaint.objects.filter(merged_into=complaint).order_by("pk").values_list("pk", flat=True)
    rows = Told.objects.filter(complaint__in=[complaint.pk, *members])
    columns = ("at", "complaint_id", "seq", "kind", "actor_id", "author_kind", "codes")
    events = sorted((Event(*row) for row in rows.values_list(*columns)), key=lambda each: (each.at, each.complaint, each.seq))
    pinned = [each.codes["calendar"] for each in events if each.kind == "clock.started" and each.codes.get("calendar")]
    business = hours_of(pinned[0]).between if pinned else None
    found = reference(Case(complaint.pk, events, tuple(members), kin_of(complaint), business))
    return without_callers({name: [clean(row) for row in rows] for name, rows in found.items() if rows})


def kin_of(complaint: Complaint) -> tuple:
    """When the same customer came later about the same matter, or somebody about the same order, within 120 days."""
    found = []
    for other in Complaint.objects.exclude(pk=complaint.pk).exclude(status__in=["merged", "spam"]).select_related("category"):
        is_same = other.customer_id and other.customer_id == complaint.customer_id
        is_same = is_same or (other.order_id and other.order_id == complaint.order_id)
        is_later = (complaint.filed_at, complaint.pk) < (other.filed_at, other.pk) and (other.filed_at - complaint.filed_at).days < 120
        if is_same and is_later and other.category.code.split(".")[0] == complaint.category.code.split(".")[0]:
            found.append(other.filed_at)
    return tuple(found)


def without_callers(found: dict[str, list[dict]]) -> dict[str, list[dict]]:
    for row in found.get("call", ()):
        row.pop("agent", None)
    return found


def assert_sums_are_those_of_facts() -> None:
    """Every stored sum of every span, against the facts themselves; each complaint and each order is in them once."""
    for family in FAMILIES.values():
        for grain in (0, len(family.grains) - 1):
            facts = list(family.fact.objects.filter(source=0, day__isnull=False))
            names = [name for name in family.fact.__dict__ if name in ("arrived", "rounds", "ended", "last", "due", "sent", "talks", "fen")]
            for level in (0, 3, 12):
                kept = family.rollup.objects.filter(source=0, grain=grain, level=level, merchant=-1)
                counted = Counter({name: sum(getattr(fact, name) for fact in facts) for name in names})
                assert Counter({name: sum(getattr(row, name) for row in kept) for name in names}) == counted
    firsts = Counter(FAMILIES["cycle"].fact.objects.filter(first=1).values_list("root_id", flat=True))
    assert set(firsts.values()) <= {1}
    assert FAMILIES["delivery"].fact.objects.filter(source=0).count() <= Order.objects.count()


def test_reading_everything_a_second_time_changes_nothing(day):  # noqa: F811
    house = House(day)
    for place, verb in enumerate(VERBS * 2):
        house.live(verb, 700, place * 7 % 60)
    fill()
    before = digests()

    AnalyticsCursor.objects.update(pos=0)
    fill()

    assert digests() == before
