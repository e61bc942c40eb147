"""Telling another server something that may get lost: whoever has news never waits for that server.

News go to a bounded queue of this process, served by one daemon thread. When the queue is full they are dropped; news that say
the same as some that still wait are those. A forked child starts with an empty queue and a thread of its own.
"""

import logging
import os
import queue
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Hashable
from typing import Generic, TypeVar
from weakref import WeakSet

logger = logging.getLogger(__name__)
MOST_WAITING = 1000
News = TypeVar("News", bound=Hashable)


class Courier(ABC, Generic[News]):
    """The queue of one kind of news and the thread that carries them, up to ``batch`` at a time.

    ``rest``: seconds that news wait for equal ones, with which they become one. ``failing_since`` (monotonic) is None while they
    get through.
    """

    name: str
    rest = 0.0
    batch = 1

    def __init__(self, most: int = MOST_WAITING) -> None:
        self.most = most
        self._start_lock = threading.Lock()
        self.start_afresh()
        _couriers.add(self)

    @abstractmethod
    def carry(self, news: list[News]) -> None:
        """Hand them over; any exception means that they are lost."""

    def start_afresh(self) -> None:
        self.waiting: queue.Queue[tuple[float, News]] = queue.Queue(self.most)
        self.failing_since: float | None = None
        self._queued: set[News] = set()
        self._thread: threading.Thread | None = None

    def put_news(self, news: News) -> bool:
        """Queue news, or let equal ones that still wait speak for them; False when they were dropped."""
        self._start()
        if news in self._queued:
            return True
        self._queued.add(news)
        try:
            self.waiting.put_nowait((time.monotonic(), news))
        except queue.Full:
            self._queued.discard(news)
            return False
        return True

    def seconds_failing(self) -> float:
        """For how long nothing got through; 0 while it does."""
        return 0.0 if self.failing_since is None else time.monotonic() - self.failing_since

    def _start(self) -> None:
        if self._thread is None:
            with self._start_lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._serve, name=self.name, daemon=True)
                    self._thread.start()

    def _serve(self) -> None:
        while True:
            put_at, first = self.waiting.get()
            # This thread has nothing else to do, and no request waits for it.
            time.sleep(max(0.0, put_at + self.rest - time.monotonic()))
            taken = [first, *self._take_more()]
            # Before they leave: what is committed from now on needs news of its own.
            self._queued.difference_update(taken)
            try:
                self._carry_safely(taken)
            finally:
                for _each in taken:
                    self.waiting.task_done()

    def _take_more(self) -> list[News]:
        more: list[News] = []
        while len(more) < self.batch - 1:
            try:
                more.append(self.waiting.get_nowait()[1])
            except queue.Empty:
                break
        return more

    def _carry_safely(self, taken: list[News]) -> None:
        try:
            self.carry(taken)
        except Exception as error:  # any fault at all is only lost news
            if self.failing_since is None:
                self.failing_since = time.monotonic()
                logger.warning("%s are lost until the broker is back: %s", self.name, error)
            return
        self.failing_since = None


_couriers: "WeakSet[Courier]" = WeakSet()


def _start_all_afresh() -> None:
    for courier in _couriers:
        courier._start_lock = threading.Lock()
        courier.start_afresh()


os.register_at_fork(after_in_child=_start_all_afresh)
