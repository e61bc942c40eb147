"""Thousands of made-up lives: the fold and somebody who counts slowly agree on every flag and every duration.

BIHUAN_LONG=1 lives many more.
"""

import os
import random
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from functools import cache
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from analytics.ledger.cycles import PARTIES
from analytics.ledger.entries import Entry, Group, Settings
from analytics.ledger.families import FAMILIES
from analytics.ledger.folding import fold
from analytics.ledger.history import ENDED, WAITING
from analytics.ledger.storing import row_of
from analytics.metrics.opens import count_open
from analytics.metrics.registry import Metric, all_metrics
from analytics.metrics.tallies import Tally
from analytics.models import Arrival, Cycle, Effort, Fact, Money, Round, Target, durations_of, sums_of
from tests.analytics.ledger.slowly import clean, reference
from tests.analytics.ledger.stories import AGENTS, SETTINGS, Story, as_case, stories

LIVES = int(os.environ.get("BIHUAN_LIVES", 20_000)) if os.environ.get("BIHUAN_LONG") else 400
lives = settings(max_examples=LIVES, deadline=None, suppress_health_check=list(HealthCheck))
# Figures that only say who it was or where; the others must be found by whoever counts slowly.
CREDITED = ("arrival", "round", "effort", "cycle", "verdict", "talk", "call")


def figures(facts: list[Fact]) -> dict[str, list[dict]]:
    """What facts say, as the reference says it."""
    found = defaultdict(list)
    for fact in facts:
        names = [*sums_of(type(fact)), *(["agent"] if fact._meta.model_name in CREDITED else [])]
        row = {name: getattr(fact, name) for name in names}
        nulls = [name for name in durations_of(type(fact)) if row[name] is None]
        found[fact._meta.model_name].append(clean({name: value for name, value in row.items() if name not in nulls}))
    return dict(found)


@given(story=stories())
@lives
def test_a_fold_says_what_somebody_who_counts_slowly_says(story):
    group = story.end()

    found = figures(fold(group, SETTINGS))

    expected = {name: [clean(row) for row in rows] for name, rows in reference(as_case(group)).items() if rows}
    if "call" in found:  # whose call it was before anybody called is not asked
        for mine, theirs in zip(found["call"], expected["call"], strict=True):
            if "agent" not in theirs:
                mine.pop("agent", None)
    assert found == expected


@given(story=stories())
@lives
def test_what_is_counted_is_part_of_what_it_is_counted_of(story):
    """The same conditions as the constraints of the tables, so that a ratio cannot pass 100 %."""
    for fact in fold(story.end(), SETTINGS):
        pairs = [pair for constraint in fact._meta.constraints for pair in constraint.condition.children]
        assert [(part, whole.name) for part, whole in pairs if getattr(fact, part.removesuffix("__lte")) > getattr(fact, whole.name)] == []


def lived(*steps: tuple[str, int]) -> Story:
    """A life of certain steps, one each minute."""
    story = Story("customer", "chat", has_hours=True)
    for verb, number in steps:
        story.step(60, verb, number)
    return story


NOT_REACHED_AND_BACK = (("replies", 0), ("resolves", 3), ("reopens", 1))
LEFT_OUT_AND_KEPT = (("is timed", 20), ("is timed", 25), ("is timed", 1))


@example(story=lived(*NOT_REACHED_AND_BACK))
@example(story=lived(*LEFT_OUT_AND_KEPT))
@given(story=stories())
@lives
def test_no_share_counts_a_row_that_its_whole_does_not_count(story):
    """Every share of every single row: so what it counts is a part of what it is counted of, as sets."""
    for fact in fold(story.end(), SETTINGS):
        family = FAMILIES[fact._meta.model_name]
        row = Tally(family, {name: getattr(fact, name) or 0 for name in sums_of(type(fact))})
        count_open(row, fact, story.at)
        for one in shares_of(family.name):
            result = one.measure(row)
            assert [each for each in (result, *result.beside.values()) if each.den is not None and each.num > each.den] == [], one.id


@cache
def shares_of(family: str) -> list[Metric]:
    return [one for one in all_metrics() if one.unit == "share" and one.family.name == family]


@given(story=stories())
@lives
def test_no_wait_is_open_after_the_end(story):
    """Guard: ``rounds._ends``. Only what the customer wrote after the end can still wait."""
    group = story.end()
    if story.root.status not in ENDED:
        return
    end = [each.at for each in group.entries if each.subject == group.root and each.kind == "status.changed"][-1]

    assert [each for each in fold(group, SETTINGS) if isinstance(each, Round) and not each.stopped_at and each.started_at <= end] == []


@given(story=stories())
@lives
def test_parts_add_up_to_the_whole(story):
    group = story.end()

    facts = fold(group, SETTINGS)

    for fact in [each for each in facts if isinstance(each, Cycle) and each.last]:
        assert sum(getattr(fact, f"by_{party}") for party in (*PARTIES, "nobody")) == 100
        assert sum(getattr(fact, f"{who}_s") for who in WAITING) == fact.rt_full_s
        assert fact.effort_ms == sum(each.effort_ms for each in facts if isinstance(each, Effort))
    states = ("solved", "declined", "no_response", "withdrawn", "unresolved", "out_spam", "out_merged", "out_other")
    arrivals = [each for each in facts if isinstance(each, Arrival)]
    assert [sum(getattr(each, state) for state in states) for each in arrivals] == [1] * (1 + len(group.members))
    firsts, lasts = (sum(getattr(each, name) for each in facts if isinstance(each, Cycle)) for name in ("first", "last"))
    assert firsts == lasts <= sum(each.arrived for each in arrivals)


@given(story=stories())
@lives
def test_joining_and_separating_leaves_every_fact_as_it_was(story):
    if story.merged or story.root.status not in ("new", "open", "resolved"):
        return
    before = rows(fold(story.end(), SETTINGS))

    story.at += timedelta(hours=3)
    for _time in range(2 if story.other else 3):
        story.meets_another(6)

    assert rows(fold(story.end(), SETTINGS)) == before


@given(story=stories(), luck=st.randoms(use_true_random=False))
@lives
def test_what_machines_say_answers_nobody(story, luck):
    """Words of robots, rules and the house itself, at any moment: every figure of a response is the same."""
    group = story.end()
    noise = [somewhere(group, luck, "message.posted", author="auto", author_kind=who, **SAID) for who in ("auto", "bot", "system") * 3]

    louder = with_entries(group, noise)

    names = ("Arrival", "Round", "Cycle")
    quiet, loud = ([row for row in rows(fold(each, SETTINGS), without="first_update_s") if row[0] in names] for each in (group, louder))
    assert loud == quiet


@given(story=stories(), luck=st.randoms(use_true_random=False))
@lives
def test_moving_a_complaint_about_neither_answers_nor_restarts_the_wait(story, luck):
    if story.root.status == "withdrawn":
        return
    group = story.end()
    clicks = [("snooze", "snoozed"), ("wake", "open"), ("begin", "open"), ("hand_over", "waiting_internal"), ("ask", "waiting_customer")]
    walk = [
        somewhere(group, luck, "status.changed", actor=AGENTS[0], author="human", verb=verb, to=to, **{"from": "open", "cycle": 1})
        for verb, to in luck.choices(clicks, k=8)
    ]
    walk += [somewhere(group, luck, "assigned", agent=luck.choice(AGENTS), team=1) for _time in range(3)]

    walked = with_entries(group, walk)

    assert [waits(each) for each in fold(walked, SETTINGS)] == [waits(each) for each in fold(group, SETTINGS)]


def waits(fact: Fact) -> tuple | None:
    return (fact.frt_s, fact.frt_biz_s, fact.stopped_at, fact.waiting, fact.answered) if isinstance(fact, Arrival) else None


@given(story=stories(), number=st.integers(1, 50))
@lives
def test_who_gets_a_complaint_after_its_end_gets_no_figure_of_it(story, number):
    if story.root.status not in ("resolved", "closed", "withdrawn"):
        return
    group = story.end()

    late = story.at + timedelta(hours=number)
    given_on = [Entry(late, group.root, 9000, "assigned", None, "system", {"agent": 999, "team": 9})]

    after, before = (fold(each, SETTINGS) for each in (with_entries(group, given_on), group))
    assert [credit(each) for each in after] == [credit(each) for each in before]


def credit(fact: Fact) -> tuple:
    """To whom a fact is credited; nobody yet has what is still owed, and money is not credited to people."""
    is_owed = getattr(fact, "pending", 0) or isinstance(fact, Money) or (isinstance(fact, Target) and fact.waived)
    return (type(fact).__name__, None if is_owed else (fact.agent, fact.team))


@given(story=stories(), luck=st.randoms(use_true_random=False))
@lives
def test_the_order_in_which_events_are_read_does_not_matter(story, luck):
    group = story.end()
    shuffled = list(group.entries)
    luck.shuffle(shuffled)

    assert rows(fold(with_entries(replace(group, entries=()), shuffled), SETTINGS)) == rows(fold(group, SETTINGS))


@given(story=stories())
@lives
def test_where_clocks_are_changed_days_are_cut_otherwise_and_no_time_is_longer(story):
    """The lives go through the night of 29 March, which has 23 hours in Berlin."""
    group, berlin = story.end(), ZoneInfo("Europe/Berlin")

    there, here = fold(group, Settings(zone=berlin)), fold(group, SETTINGS)

    assert [each.day for each in there] == [each.at and each.at.astimezone(berlin).date() for each in there]
    assert [durations(each) for each in there] == [durations(each) for each in here]


def durations(fact: Fact) -> list[int | None]:
    return [getattr(fact, name) for name in durations_of(type(fact))]


SAID = {"message": 0, "contact": None, "public": True, "thanks": False}


def somewhere(group: Group, luck: random.Random, kind: str, *, actor=None, author="system", **codes) -> Entry:
    """An event of the surviving complaint at any moment between its first and its last one."""
    own = [each for each in group.entries if each.subject == group.root]
    span = (own[-1].at - own[0].at).total_seconds()
    return Entry(own[0].at + timedelta(seconds=luck.uniform(0, span)), group.root, luck.randint(10**6, 10**9), kind, actor, author, codes)


def with_entries(group: Group, more: list[Entry]) -> Group:
    return replace(group, entries=tuple(sorted([*group.entries, *more], key=lambda each: each[:3])))


def rows(facts: list[Fact], *, without: str = "") -> list[tuple]:
    """Facts as they are stored."""
    found = []
    for fact in facts:
        if without and hasattr(fact, without):
            setattr(fact, without, None)
        found.append((type(fact).__name__, *row_of(fact)))
    return found
