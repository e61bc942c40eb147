"""Doorways for workers and the sweeper: ids in, a service called."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from celery import shared_task

from complaints.assignment.claim import ROUND, assign_waiting
from complaints.assignment.load import correct_loads
from complaints.assignment.take_back import BATCH as BACK
from complaints.assignment.take_back import check_begun, take_back_after_shift, take_back_from_gone
from complaints.channels.relay import BATCH, drain_mail, due_mail, relay_mail
from complaints.chat.timers import run_chat_timers
from complaints.effort.settling import ROUND as EFFORT
from complaints.effort.settling import settle_effort
from complaints.intake.rematch import rematch_orders
from complaints.intake.uploads import forget_unclaimed_files
from complaints.models import Event, EventFeed
from complaints.privacy import retention  # noqa: F401 - registers its rules
from complaints.search.indexing import index_news
from complaints.services.clocks import ROUND as CLOCKS
from complaints.services.clocks import recount_uncovered, run_due_clocks
from complaints.services.evidence import forget_stale_drafts
from complaints.services.invitations import ROUND as SURVEYS
from complaints.services.invitations import expire_due_surveys
from complaints.services.regions import ROUND as REGIONS
from complaints.services.regions import spread_region_pauses
from complaints.services.timers import run_timers
from foundation.events import sequence_feed
from foundation.hints import hint
from foundation.jobs import periodic
from foundation.leases import wake_or_work
from foundation.sweeps import sweep

FEED_BATCH = 1000
MOST_ROUNDS = 20


@shared_task(name="complaints.relay", lane="mail")
def relay() -> int:
    """A hint that mail is due."""
    return drain_mail()


@sweep("complaints.outbox", every=2)
def sweep_outbox() -> int:
    """Wake the mail worker for due rows; send those that are late here, because then no worker is listening."""
    return wake_or_work(due_mail(), task="complaints.relay", work=partial(_in_rounds, relay_mail, BATCH))


@sweep("complaints.timers", every=2)
def sweep_timers() -> int:
    """End states whose time has come."""
    return run_timers()


@sweep("complaints.chats", every=2)
def sweep_chats() -> int:
    """Move conversations on: offers that nobody took, lines that stay dead, agents who are gone."""
    return run_chat_timers()


@shared_task(name="complaints.clocks", lane="clocks")
def fire_clocks() -> int:
    """A hint that many clocks are due at once, so that the sweeper need not do it alone."""
    return _in_rounds(run_due_clocks, CLOCKS)


@sweep("complaints.clocks", every=2)
def sweep_clocks() -> int:
    """Fire what is due; where that is much, the workers help."""
    done = run_due_clocks()
    if done < CLOCKS:
        return done
    hint("complaints.clocks")
    return done + _in_rounds(run_due_clocks, CLOCKS)


@shared_task(name="complaints.recount", lane="clocks")
def recount(calendar_id: int | None = None) -> int:
    """A hint that a calendar knows more days now."""
    return _in_rounds(partial(recount_uncovered, calendar_id), CLOCKS)


@sweep("complaints.recount", every=30)
def sweep_uncovered() -> int:
    """Find clocks that were counted beyond known days and need not be any more."""
    return _in_rounds(recount_uncovered, CLOCKS)


@shared_task(name="complaints.regions", lane="clocks")
def pause_regions() -> int:
    """A hint that somebody decided something about a region."""
    return _in_rounds(spread_region_pauses, REGIONS)


@sweep("complaints.regions", every=30)
def sweep_regions() -> int:
    """Carry out pauses of regions, also for what was filed or matched with its order since."""
    return _in_rounds(spread_region_pauses, REGIONS)


@sweep("complaints.surveys", every=30)
def sweep_surveys() -> int:
    """End questions that nobody answered in 14 days."""
    return _in_rounds(expire_due_surveys, SURVEYS)


@sweep("complaints.feed", every=2)
def sweep_feed() -> int:
    """Give new events their place in the feed."""
    return _in_rounds(partial(sequence_feed, Event, EventFeed, limit=FEED_BATCH), FEED_BATCH)


@sweep("complaints.effort", every=60)
def sweep_effort() -> int:
    """Settle the time that agents spent once nothing more can come of it."""
    return _in_rounds(settle_effort, EFFORT)


@sweep("complaints.search", every=2)
def sweep_search() -> int:
    """Make what was filed or said lately findable. One round: the customer's request never waits for it, nor does another sweep."""
    return index_news()


def _in_rounds(work: Callable[[], int], full: int) -> int:
    """Repeat as long as there is a full round of work, at most twenty times, so that a sweep ends; returns how much was done."""
    total = 0
    for _round in range(MOST_ROUNDS):
        done = work()
        total += done
        if done < full:
            break
    return total


@shared_task(name="complaints.assign", lane="clocks")
def assign() -> None:
    """A hint that somebody waits for an agent, or that an agent has room again."""
    while assign_waiting() == ROUND:
        continue


@sweep("complaints.assign", every=2)
def sweep_assignment() -> int:
    """Find complaints whose hint was lost, all of them: while Valkey is away nobody else does."""
    return _in_rounds(assign_waiting, ROUND)


@sweep("complaints.begun", every=2)
def sweep_untouched() -> int:
    """Remind agents of work that they have not begun, then take it back."""
    return _in_rounds(check_begun, BACK)


@sweep("complaints.absent", every=30)
def sweep_absent() -> int:
    """Put the work of people who are gone, or whose shift is over, back into the queue."""
    return _in_rounds(take_back_from_gone, BACK) + _in_rounds(take_back_after_shift, BACK)


@periodic("complaints.correct_loads", every=timedelta(minutes=10))
def correct_counted_loads() -> None:
    """Bring the counted loads in line after a category became harder or easier."""
    correct_loads()


@sweep("complaints.rematch", every=2)
def sweep_unmatched() -> int:
    """Try unmatched complaints again with what is new about orders."""
    return rematch_orders()


@periodic("complaints.forget_drafts", every=timedelta(hours=1))
def forget_drafts() -> int:
    """Delete visitors' drafts after their seven days."""
    return forget_stale_drafts()


@periodic("complaints.forget_files", every=timedelta(hours=6))
def forget_files() -> int:
    """Delete files that no complaint and no draft has claimed for a day."""
    return forget_unclaimed_files()
