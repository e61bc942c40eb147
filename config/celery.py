"""The Celery application. Its messages are hints: every obligation is a row, and a sweep finds what a lost message left."""

import os

from celery import Celery, signals
from django.conf import settings

from foundation.failpoints import failpoint

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

QUEUES = ("money", "mail", "clocks", "bulk")
DEFAULT_QUEUE = "clocks"

app = Celery("bihuan", broker=settings.REDIS_URL)
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,  # the hint of a killed child comes back; attempts are counted in the database
    worker_prefetch_multiplier=1,  # nothing hoarded by a dead worker
    task_publish_retry=False,  # a hint is not worth a wait
    task_time_limit=300,
    task_soft_time_limit=240,
    visibility_timeout=900,  # the limits stay well below it, or a task would run twice
    broker_transport_options={
        "visibility_timeout": 900,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 1,
        "socket_timeout": 5,
        "health_check_interval": 10,
    },
    result_backend=None,
    task_ignore_result=True,
    result_backend_transport_options={"visibility_timeout": 900},  # results are rows; the shortest visibility timeout wins
    accept_content=["json"],
    result_accept_content=["json"],
    task_serializer="json",
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,  # a worker may start before Valkey
    worker_soft_shutdown_timeout=30,
    worker_enable_soft_shutdown_on_idle=True,
    worker_max_tasks_per_child=500,
    worker_max_memory_per_child=400_000,
    worker_cancel_long_running_tasks_on_connection_loss=False,  # fencing makes a double run harmless
    beat_schedule={"tick": {"task": "config.tick", "schedule": 10.0}},
    task_default_queue=DEFAULT_QUEUE,
    task_create_missing_queues=True,
    worker_hijack_root_logger=False,
    timezone="UTC",
)


def choose_queue(name: str, args, kwargs, options, task=None, **_) -> dict:
    """A hint is published by name only, so the queue is looked up in its task: ``@shared_task(lane="mail")``."""
    return {"queue": getattr(app.tasks.get(name), "lane", None) or DEFAULT_QUEUE}


app.conf.task_routes = (choose_queue,)
app.set_default()


@signals.task_prerun.connect
def reach_failpoint(**_) -> None:
    failpoint("task.start")
