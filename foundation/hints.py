"""Hints to Celery: "there is work", never the work itself. Losing one costs seconds, because a sweep finds the row.

No request waits for the broker: a hint goes to a bounded queue of this process, served by one thread. When the queue is full
the hint is dropped. This is the only module that publishes to Celery.
"""

import logging
import os
import queue
import threading
import time
from functools import partial

from celery import Celery, current_app
from django.db import transaction

logger = logging.getLogger(__name__)
MOST_WAITING = 1000
REST = 0.05  # seconds that a hint waits for equal ones, with which it becomes one
Hint = tuple[str, tuple[int | str, ...]]


class Publisher:
    """The queue of hints of one process and the daemon thread that empties it."""

    def __init__(self, app: Celery = current_app) -> None:
        self.app = app
        self.waiting: queue.Queue[tuple[float, Hint]] = queue.Queue(MOST_WAITING)
        self._queued: set[Hint] = set()
        self.failing_since: float | None = None
        self._start_lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def put(self, task_name: str, ids: tuple[int | str, ...]) -> bool:
        """Queue a hint, or let one that says the same and still waits speak for it; False when it was dropped."""
        self._start()
        hint = (task_name, ids)
        if hint in self._queued:
            return True
        self._queued.add(hint)
        try:
            self.waiting.put_nowait((time.monotonic(), hint))
        except queue.Full:
            self._queued.discard(hint)
            return False
        return True

    def _start(self) -> None:
        if self._thread is None:
            with self._start_lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._serve, name="hints", daemon=True)
                    self._thread.start()

    def _serve(self) -> None:
        while True:
            put_at, hint = self.waiting.get()
            # This thread has nothing else to do, and no request waits for it.
            time.sleep(max(0.0, put_at + REST - time.monotonic()))
            # Before it leaves: what is committed from now on needs a hint of its own.
            self._queued.discard(hint)
            try:
                self._publish(*hint)
            finally:
                self.waiting.task_done()

    def _publish(self, task_name: str, ids: tuple[int | str, ...]) -> None:
        try:
            self.app.send_task(task_name, args=ids, retry=False, ignore_result=True)
        except Exception as error:  # any broker fault at all is only a lost hint
            if self.failing_since is None:
                self.failing_since = time.monotonic()
                logger.warning("hints are lost until the broker is back: %s", error)
            return
        self.failing_since = None


_publisher = Publisher()


def hint(task_name: str, *ids: int | str) -> None:
    """Tell a worker, after the commit, that there is work; ids or a queue name only. Without a transaction it is queued now."""
    transaction.on_commit(partial(_put, task_name, ids), robust=True)


def seconds_failing() -> float:
    """For how long this process has failed to publish; 0 while hints get through."""
    since = _publisher.failing_since
    return 0.0 if since is None else time.monotonic() - since


def _put(task_name: str, ids: tuple[int | str, ...]) -> None:
    _publisher.put(task_name, ids)


def _start_afresh() -> None:
    """A forked child has no thread: it needs a publisher of its own."""
    global _publisher
    _publisher = Publisher()


os.register_at_fork(after_in_child=_start_afresh)
