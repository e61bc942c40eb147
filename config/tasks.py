"""Tasks that belong to the whole house."""

from datetime import timedelta

from celery import shared_task
from django.contrib.sessions.models import Session
from django.utils import timezone

from config.celery import QUEUES
from foundation.heartbeats import beat
from foundation.hints import hint
from foundation.jobs import periodic
from foundation.retention import forget_everything_due, keep
from foundation.sweeps import registered_sweeps, run_sweeps, sweep


@shared_task(name="config.tick")
def tick() -> None:
    """Run every sweep once. No obligation needs this: it only helps where the sweeper is not running."""
    run_sweeps(registered_sweeps())


def _make_beat(queue: str):
    @shared_task(name=f"config.beat_{queue}", lane=queue)
    def beat_queue() -> None:
        """Note that a worker of this queue takes work, not only that it is up."""
        beat(f"worker:{queue}")

    return beat_queue


WORKER_BEATS = [_make_beat(queue) for queue in QUEUES]


@sweep("worker-beats", every=10)
def ask_workers_to_beat() -> int:
    """Send one hint through every queue; a worker that is deaf shows by its silence."""
    for task in WORKER_BEATS:
        hint(task.name)
    return len(WORKER_BEATS)


@keep("sessions")
def ended_sessions(now):
    """Log-ins that have ended."""
    return Session.objects.filter(expire_date__lt=now).order_by("pk")


@periodic("config.retention", every=timedelta(days=1))
def forget_what_is_old() -> dict[str, int]:
    """Delete whatever has been kept for its period; held complaints keep everything."""
    return forget_everything_due(now=timezone.now())
