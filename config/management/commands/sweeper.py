import logging
import random
import signal
import threading

from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections, connection

from foundation.heartbeats import beat
from foundation.sweeps import Sweep, registered_sweeps, run_sweeps

logger = logging.getLogger(__name__)
BEAT_SECONDS = 10
LONGEST_PAUSE = 10.0


class Command(BaseCommand):
    """Run every registered sweep at its own pace, for ever. Needs the database only; any number of sweepers may run."""

    help = "Find whatever work a lost hint left behind: outbox, assignment, clocks, feeds, periodic jobs."

    def handle(self, *args, **options) -> None:
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        threads = [threading.Thread(target=repeat, args=(each, stopping), name=each.name, daemon=True) for each in registered_sweeps()]
        for thread in threads:
            thread.start()
        keep_beating(threads, stopping)
        for thread in threads:
            thread.join(timeout=10)


def repeat(each: Sweep, stopping: threading.Event) -> None:
    """One sweep in its own thread, so that a slow mail server never delays a clock. A failing one waits longer each time."""
    failures = 0
    while not stopping.is_set():
        close_old_connections()
        outcome = run_sweeps([each])[each.name]
        failures = failures + 1 if isinstance(outcome, Exception) else 0
        stopping.wait(pause_after(each, failures=failures))
    connection.close()


def pause_after(each: Sweep, *, failures: int) -> float:
    """The period with some jitter, so that several sweepers do not meet; doubled with each failure up to ten seconds."""
    period = min(each.every * 2**failures, max(LONGEST_PAUSE, each.every)) if failures else each.every
    return period * random.uniform(0.8, 1.2)  # noqa: S311 - jitter, not a secret


def keep_beating(threads: list[threading.Thread], stopping: threading.Event) -> None:
    """Write the heartbeat row while every sweep has its thread; a sweeper that lost one falls silent and is noticed."""
    while not stopping.is_set():
        close_old_connections()
        try:
            if all(thread.is_alive() for thread in threads):
                beat("sweeper")
        except DatabaseError as error:
            logger.warning("no heartbeat: %s", error)
        stopping.wait(BEAT_SECONDS)
    connection.close()
