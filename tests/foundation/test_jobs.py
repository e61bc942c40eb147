from datetime import timedelta

import pytest
from django.db.models.functions import Now

from foundation import jobs
from foundation.jobs import periodic, run_due_jobs
from foundation.models import PeriodicJob


@pytest.fixture(autouse=True)
def _only_our_jobs(monkeypatch, db):
    monkeypatch.setattr(jobs, "_registered", {})


@pytest.fixture
def runs():
    """A job that notes its runs and fails as long as ``failing`` is set."""

    class Runs(list):
        failing = False

    runs = Runs()

    @periodic("tests.note", every=timedelta(hours=1))
    def note():
        runs.append(1)
        if runs.failing:
            raise RuntimeError("broken")

    return runs


def make_due():
    PeriodicJob.objects.update(next_at=Now() - timedelta(seconds=1))


def waits_at_most(minutes):
    return PeriodicJob.objects.filter(next_at__lte=Now() + timedelta(minutes=minutes)).exists()


def test_a_new_job_runs_at_once_and_then_after_its_period(runs):
    assert [run_due_jobs(), run_due_jobs()] == [1, 0]
    assert (waits_at_most(59), waits_at_most(60)) == (False, True)


def test_a_job_runs_again_when_it_is_due(runs):
    run_due_jobs()
    make_due()

    run_due_jobs()

    assert len(runs) == 2


def test_a_job_that_went_well_says_when(runs):
    run_due_jobs()

    assert PeriodicJob.objects.filter(name="tests.note", last_ok_at__isnull=False, last_error="", claimed_by="").exists()


def test_a_failing_job_says_why_and_waits_longer_each_time(runs):
    runs.failing = True
    run_due_jobs()
    first = (waits_at_most(0.4), waits_at_most(0.6))
    make_due()
    run_due_jobs()

    assert first == (False, True)
    assert (waits_at_most(0.9), waits_at_most(1.1)) == (False, True)
    assert PeriodicJob.objects.get().last_error == "RuntimeError('broken')"


def test_a_job_that_fails_for_long_never_waits_longer_than_its_period(runs):
    runs.failing = True
    run_due_jobs()
    PeriodicJob.objects.update(attempts=30000)
    make_due()

    run_due_jobs()

    assert waits_at_most(60)


def test_a_job_that_recovers_is_forgiven(runs):
    runs.failing = True
    run_due_jobs()
    runs.failing = False
    make_due()

    run_due_jobs()

    job = PeriodicJob.objects.get()
    assert (job.attempts, job.last_error) == (0, "")


def test_a_failing_job_does_not_keep_the_others_from_running(runs):
    runs.failing = True
    others = []
    periodic("tests.other", every=timedelta(hours=1))(lambda: others.append(1))

    assert run_due_jobs() == 2
    assert others == [1]


def test_a_job_that_another_process_has_claimed_is_left_alone(runs):
    PeriodicJob.objects.create(name="tests.note", next_at=Now() + timedelta(minutes=5), claimed_by="other:1", fence=1, attempts=1)

    assert run_due_jobs() == 0


def test_a_job_that_nobody_registers_any_more_is_left_alone(runs):
    PeriodicJob.objects.create(name="tests.gone")

    assert run_due_jobs() == 1
    assert PeriodicJob.objects.get(name="tests.gone").attempts == 0
