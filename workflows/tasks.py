"""Doorways for workers and the sweeper: ids in, a service called."""

from datetime import timedelta

from celery import shared_task

from foundation.jobs import periodic
from foundation.leases import wake_or_work
from foundation.sweeps import each_apart, sweep
from workflows import retention  # noqa: F401 - registers its rules
from workflows.reconciling import tasks as reconciling  # noqa: F401 - registers its tasks
from workflows.services.case_clocks import run_due_case_clocks
from workflows.services.deliveries import decline_unanswered_quotes, follow_outbounds
from workflows.services.flow_steps import run_due_steps
from workflows.services.intake import purge_drafts, put_intake_off, take_in_by_id, waiting_for_intake
from workflows.services.refunds import release_thawed
from workflows.services.tracks import follow_parcels, read_waybill_news
from workflows.settling.rounds import due_now, settle_all, settle_due

LATE = timedelta(seconds=60)


@shared_task(name="workflows.intake", lane="clocks")
def take_case_in(case_id: int | None = None) -> int:
    """A hint that a case was submitted: its checks run at once, and the rules or a person have it next."""
    return int(take_in_by_id(case_id)) if case_id else sweep_intake()


@sweep("workflows.intake", every=2)
def sweep_intake() -> int:
    """Take in submitted cases whose hint was lost."""
    return each_apart(waiting_for_intake(), take_in_by_id, put_off=put_intake_off)


@sweep("workflows.clocks", every=2)
def sweep_case_clocks() -> int:
    """Fire the clocks of cases that are due."""
    return run_due_case_clocks()


@sweep("workflows.steps", every=2)
def sweep_steps() -> int:
    """Remind of waits in procedures, and end those whose time is over."""
    return run_due_steps()


@periodic("workflows.purge_drafts", every=timedelta(days=1))
def purge_old_drafts() -> None:
    """Delete drafts of cases that nobody sent for 30 days."""
    purge_drafts()


@shared_task(name="workflows.settle", lane="money")
def settle() -> int:
    """A hint that money is to be sent, or a provider to be asked."""
    return settle_all()


@sweep("workflows.refunds", every=30)
def sweep_refunds() -> int:
    """Wake the money worker for due refunds; work on those that are late here, because then no worker is listening."""
    return wake_or_work(due_now(), task="workflows.settle", work=settle_due, late=LATE)


@sweep("workflows.thawed", every=30)
def sweep_thawed() -> int:
    """Release refunds that waited for a payment which is frozen no longer."""
    return release_thawed()


@sweep("workflows.waybill_news", every=2)
def sweep_waybill_news() -> int:
    """Copy what carriers saw of return parcels from the feed of waybills."""
    return read_waybill_news()


@sweep("workflows.parcels", every=2)
def sweep_parcels() -> int:
    """Let parcels, and the cases in them, follow from what their carriers saw."""
    return follow_parcels()


@sweep("workflows.outbounds", every=30)
def sweep_outbounds() -> int:
    """Let goods that went out, and their cases, follow what their carriers saw."""
    return follow_outbounds()


@sweep("workflows.quotes", every=300)
def sweep_quotes() -> int:
    """Send back what a quote was made for that nobody answered."""
    return decline_unanswered_quotes()
