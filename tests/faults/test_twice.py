"""F18: every task and every sweep runs twice in a row and twice at once; the second run changes nothing."""

from datetime import timedelta

import pytest
from celery import current_app
from django.apps import apps
from django.db import connection
from django.utils import timezone

from complaints.models import Complaint, Outbox
from foundation.jobs import run_due_jobs
from foundation.models import PeriodicJob
from foundation.sweeps import registered_sweeps
from tests.complaints.assignment.builders import assert_loads_are_right, make_agent
from tests.complaints.test_concurrency import assert_whole, at_once
from tests.factories import make_complaint

pytestmark = pytest.mark.django_db(transaction=True)
# What says "I was here" and what is allowed to differ between two runs.
SIGNS_OF_LIFE = {"foundation_heartbeat", "foundation_periodicjob", "foundation_limitcounter", "foundation_restoremarker"}
# The sweeps of one tick make work for each other: timers write events, the feed numbers them, the ledger counts them.
ROUNDS = {"config.tick": 3}
SWEEPS = {each.name: each.run for each in registered_sweeps()}
# By name: the order in which tasks register is another in each process, and both test workers must see one list.
TASKS = {name: task for name, task in sorted(current_app.tasks.items()) if not name.startswith("celery.")}


@pytest.fixture
def work(settings, tmp_path):
    """Something for everybody: a waiting complaint, mail that is due, a state whose time is over, events without a place."""
    settings.BIHUAN_MAILBOX = tmp_path / "mailbox"
    make_agent(capacity=1000)
    for status in ("new", "waiting_customer", "snoozed", "resolved"):
        make_complaint(status)
    Complaint.objects.exclude(timer_at=None).update(timer_at=timezone.now() - timedelta(seconds=1))
    Outbox.objects.update(next_at=timezone.now() - timedelta(seconds=1))


def state_of_everything() -> dict[str, list]:
    tables = sorted(model._meta.db_table for model in apps.get_models() if model._meta.db_table not in SIGNS_OF_LIFE)
    with connection.cursor() as cursor:
        return {table: _rows(cursor, table) for table in tables}


def _rows(cursor, table: str) -> list:
    cursor.execute(f"SELECT row_to_json(t)::text FROM {table} t ORDER BY 1")
    return cursor.fetchall()


@pytest.mark.parametrize("name", SWEEPS)
def test_a_sweep_twice_in_a_row_is_a_sweep_once(work, name):
    SWEEPS[name]()
    once = state_of_everything()
    SWEEPS[name]()

    assert state_of_everything() == once


@pytest.mark.parametrize("name", TASKS)
def test_a_task_twice_in_a_row_is_a_task_once(work, name):
    for _run in range(ROUNDS.get(name, 1)):
        TASKS[name]()
    once = state_of_everything()
    TASKS[name]()

    assert state_of_everything() == once


def test_everything_twice_at_once_happens_once(work):
    outcomes = at_once(*list(SWEEPS.values()) * 2, *list(TASKS.values()) * 2)
    PeriodicJob.objects.update(next_at=timezone.now() - timedelta(seconds=1))
    outcomes += at_once(run_due_jobs, run_due_jobs)

    assert [each for each in outcomes if isinstance(each, Exception)] == []
    assert {complaint.decisions.count() for complaint in Complaint.objects.filter(assignee__isnull=False)} == {1}
    doubles = Outbox.objects.exclude(state="cancelled").values_list("complaint_id", "event_seq", "node")
    assert len(doubles) == len(set(doubles))
    assert_loads_are_right()
    assert_whole(*Complaint.objects.all())
