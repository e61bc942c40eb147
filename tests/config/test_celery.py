"""Hints reach the right queue, and every queue has its worker."""

import pytest

from config.celery import QUEUES, app, choose_queue
from config.tasks import WORKER_BEATS
from foundation.models import Heartbeat
from foundation.sweeps import registered_sweeps
from tests.house_rules import FLOORS


def house_tasks() -> dict:
    return {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}


def test_messages_are_json_only():
    assert (app.conf.accept_content, app.conf.task_serializer, app.conf.result_backend) == (["json"], "json", None)


def test_time_limits_stay_below_the_visibility_timeout():
    assert app.conf.task_soft_time_limit < app.conf.task_time_limit < app.conf.broker_transport_options["visibility_timeout"]


def test_every_task_goes_to_a_queue_that_has_a_worker():
    assert {choose_queue(name, (), {}, {})["queue"] for name in house_tasks()} <= set(QUEUES)


def test_a_hint_by_name_follows_its_task():
    assert choose_queue("config.beat_mail", (), {}, {}) == {"queue": "mail"}
    assert choose_queue("unknown.task", (), {}, {}) == {"queue": "clocks"}


def test_every_task_is_named_after_its_app():
    assert {name.split(".")[0] for name in house_tasks()} <= set(FLOORS)


@pytest.mark.django_db
def test_a_worker_that_takes_a_hint_leaves_its_heartbeat():
    for task in WORKER_BEATS:
        task()

    assert set(Heartbeat.objects.values_list("kind", flat=True)) == {f"worker:{queue}" for queue in QUEUES}


@pytest.mark.django_db
def test_tick_runs_every_sweep():
    assert "worker-beats" in {each.name for each in registered_sweeps()}
    app.tasks["config.tick"]()
