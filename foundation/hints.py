"""Hints to Celery: "there is work", never the work itself. Losing one costs seconds, because a sweep finds the row.

No request waits for the broker (see ``foundation.couriers``). This is the only module that publishes to Celery.
"""

from functools import partial

from celery import Celery, current_app
from django.db import transaction

from foundation.couriers import Courier

MOST_WAITING = 1000
REST = 0.05
Hint = tuple[str, tuple[int | str, ...]]


class Publisher(Courier[Hint]):
    """Carries hints to the broker."""

    name = "hints"
    rest = REST

    def __init__(self, app: Celery = current_app) -> None:
        self.app = app
        super().__init__(MOST_WAITING)

    def put(self, task_name: str, ids: tuple[int | str, ...]) -> bool:
        return self.put_news((task_name, ids))

    def carry(self, news: list[Hint]) -> None:
        for task_name, ids in news:
            self.app.send_task(task_name, args=ids, retry=False, ignore_result=True)


_publisher = Publisher()


def hint(task_name: str, *ids: int | str) -> None:
    """Tell a worker, after the commit, that there is work; ids or a queue name only. Without a transaction it is queued now."""
    transaction.on_commit(partial(_put, task_name, ids), robust=True)


def seconds_failing() -> float:
    """For how long this process has failed to publish; 0 while hints get through."""
    return _publisher.seconds_failing()


def _put(task_name: str, ids: tuple[int | str, ...]) -> None:
    _publisher.put(task_name, ids)
