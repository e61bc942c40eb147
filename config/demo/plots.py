"""How a complaint goes: which state it is in today, and what led there."""

from bisect import bisect_right
from datetime import datetime, timedelta
from functools import cache
from itertools import accumulate
from random import Random

from complaints.lifecycle import Status

from .acts import PLOTS, choose_agent
from .corpus import person, share, texts
from .orders import DemoOrder
from .plan import CHUNK, Plan, Tables, Topic
from .rhythm import likely_moment
from .stories import Story

UNMATCHED_SHARE = 0.04
LIVE_SHARE, RECENT_SHARE, RECENT_SMALL, SMALL = 0.02, 0.45, 32, 10_000
# States of the newest complaints, over and over: a working day's mix.
TODAY = (
    "new", "open", "waiting_customer", "open", "new", "waiting_internal", "open", "resolved", "snoozed", "open", "reopened",
    "new", "waiting_customer", "open", "resolved", "merged", "open", "withdrawn", "new", "declined", "spam", "open",
    "waiting_internal", "appealed",
)  # fmt: skip
# How old, in hours, a complaint in each of these is.
AGES = {
    "new": (0.2, 14), "open": (3, 40), "waiting_customer": (6, 60), "waiting_internal": (12, 70), "snoozed": (10, 50),
    "resolved": (20, 120), "reopened": (100, 190), "merged": (5, 60), "withdrawn": (5, 80), "declined": (30, 120),
    "spam": (2, 40), "appealed": (70, 150),
}  # fmt: skip
# In a small shop, where a few complaints are a whole week.
AGES_SMALL = AGES | {
    "new": (0.2, 30), "open": (3, 90), "waiting_customer": (10, 120), "waiting_internal": (30, 200), "snoozed": (10, 80),
    "resolved": (24, 160), "reopened": (110, 220), "withdrawn": (5, 160), "declined": (30, 160), "spam": (2, 150),
}  # fmt: skip
Weights = tuple[list[str], list[float]]


def _sums(**weights: float) -> Weights:
    return list(weights), list(accumulate(weights.values()))


PAST = _sums(closed=88, declined_closed=4, withdrawn=4, merged=1.5, spam=0.5, reopened_closed=2)
PAST_SMALL = _sums(closed=75, declined_closed=5, withdrawn=5, merged=2, spam=1, reopened_closed=7, passed_on_closed=5)
TOPIC, PLOT, MATCH = 1, 2, 3
# Hours between placing an order and complaining of it.
LEADS = {"not_shipped": (75, 130), "stalled": (100, 170), "damaged": (70, 150), "lost": (120, 200), "delivered": (110, 260)}


def choose_topic(plan: Plan, number: int) -> Topic:
    """What a complaint is about."""
    codes, sums = _topic_weights()
    return plan.topics[codes[bisect_right(sums, share(plan.seed, TOPIC, number) * sums[-1])]]


def choose_plot(plan: Plan, number: int) -> str:
    """What became of a complaint: the newest ones are in work, the others are over."""
    if is_recent(plan, number):
        plot = TODAY[(plan.complaints - 1 - number) % len(TODAY)]
    else:
        names, sums = PAST if plan.is_lean else PAST_SMALL
        plot = names[bisect_right(sums, share(plan.seed, PLOT, number) * sums[-1])]
    return plot if plot != "merged" or _may_join(plan, number) else "withdrawn"


def is_recent(plan: Plan, number: int) -> bool:
    """Whether a complaint is one of the newest, which today's work is about."""
    return plan.complaints - number <= recent_count(plan)


def recent_count(plan: Plan) -> int:
    """How many complaints today's work is about; a small shop has at least one in every state."""
    wanted = plan.complaints * LIVE_SHARE if plan.complaints >= SMALL else min(RECENT_SMALL, plan.complaints * RECENT_SHARE)
    return max(len(TODAY), round(wanted))


@cache
def _topic_weights() -> tuple[list[str], list[float]]:
    said = texts()["topics"]
    return list(said), list(accumulate(topic["weight"] for topic in said.values()))


def fate_of(topic: Topic) -> str:
    """What went wrong with the parcel that a complaint of this kind is about."""
    return texts()["topics"][topic.code]["fate"]


def filing_time(plan: Plan, number: int, plot: str, placed_at: datetime, luck: Random) -> tuple[datetime, datetime]:
    """When the order was placed and when its customer complained: some days later, or for today's work as long ago as fits."""
    lead = timedelta(hours=luck.uniform(*LEADS[fate_of(choose_topic(plan, number))]))
    filed = (_filed_by_order if plan.is_lean else _filed_by_rhythm)(plan, number, plot, placed_at + lead, luck)
    filed = min(filed, plan.now - timedelta(minutes=10)).replace(microsecond=0)
    return (filed - lead).replace(microsecond=0), filed


def _filed_by_order(plan: Plan, number: int, plot: str, guess: datetime, luck: Random) -> datetime:
    """A large shop: some days after the purchase."""
    if is_recent(plan, number):
        youngest, oldest = (plan.now - timedelta(hours=hours) for hours in AGES[plot])
        if not oldest <= guess <= youngest:
            return plan.now - timedelta(hours=luck.uniform(*AGES[plot]))
    return guess


def _filed_by_rhythm(plan: Plan, number: int, plot: str, guess: datetime, luck: Random) -> datetime:
    """A small shop, whose every week is looked at: when people complain. The purchase lies some days before."""
    if is_recent(plan, number):
        youngest, oldest = (plan.now - timedelta(hours=hours) for hours in AGES_SMALL[plot])
        return likely_moment(oldest, youngest, luck)
    return plan.rhythm.moment((number + luck.random()) / (plan.complaints - recent_count(plan)), luck)


def tell_story(
    plan: Plan, tables: Tables, number: int, luck: Random, *, plot: str, order: DemoOrder, filed_at: datetime, joined: Story | None
) -> Story:
    """Write one complaint of an order with everything that happened to it."""
    is_survivor = number + 1 < plan.complaints and choose_plot(plan, number + 1) == "merged"
    is_unmatched = plot == "spam" or (
        plot not in ("merged", "closed", "passed_on_closed") and not is_survivor and share(plan.seed, MATCH, number) < UNMATCHED_SHARE
    )
    if joined is not None:
        order = joined.order
    who = person(plan.seed, luck.randrange(plan.customers)) if is_unmatched else order.person
    topic = joined.topic if joined else choose_topic(plan, number)
    story = Story(plan, tables, number, luck, topic=topic, who=who, order=None if is_unmatched else order, filed_at=filed_at)
    PLOTS[plot](story)
    if is_survivor:
        story.note("complaint.merged", {"role": "survivor", "other": story.id + 1}, by=story.agent or None)
    if plot == "merged":
        _join(story, joined)
    story.write()
    return story


def _may_join(plan: Plan, number: int) -> bool:
    """Whether a complaint can be joined into the one before it: that one is written by the same hand and is not joined itself."""
    if number == 0 or plan.order_of(number) // CHUNK != plan.order_of(number - 1) // CHUNK:
        return False
    return choose_plot(plan, number - 1) in ("open", "waiting_customer", "closed", "resolved", "waiting_internal", "snoozed")


def _join(story: Story, survivor: Story) -> None:
    row = story.row
    story.agent = survivor.agent or choose_agent(story)
    row["status_before"] = row["status"]
    story.move("merge", Status.MERGED, by=story.agent)
    row |= {"merged_into_id": survivor.id, "merged_at": story.at, "needs_reply": False, "unanswered_since": None}
    story.note("complaint.merged", {"role": "child", "other": survivor.id}, by=story.agent)
    story.tell("merged")
