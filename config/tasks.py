"""Tasks that belong to the whole house."""

from celery import shared_task

from config.celery import QUEUES
from foundation.heartbeats import beat
from foundation.hints import hint
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
