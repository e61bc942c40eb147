from datetime import timedelta

from django.db.models import F
from django.db.models.functions import Now

from foundation import jobs, tasks
from foundation.heartbeats import beat, forget_heartbeats
from foundation.leases import worker_name
from foundation.models import Heartbeat, RequestRecord
from foundation.sweeps import registered_sweeps
from foundation.verbs import reserve


def test_beat_keeps_one_row_per_process_and_kind(db):
    beat("sweeper")
    Heartbeat.objects.update(beaten_at=Now() - timedelta(hours=1))
    beat("sweeper")
    beat("worker:mail")

    assert set(Heartbeat.objects.values_list("name", "kind")) == {
        (f"sweeper@{worker_name()}", "sweeper"),
        (f"worker:mail@{worker_name()}", "worker:mail"),
    }
    assert Heartbeat.objects.filter(beaten_at__lt=Now() - timedelta(minutes=1)).count() == 0


def test_forget_heartbeats_drops_processes_that_are_long_gone(db):
    beat("old")
    Heartbeat.objects.update(beaten_at=Now() - timedelta(days=2))
    beat("new")

    assert forget_heartbeats() == 1
    assert Heartbeat.objects.get().kind == "new"


def test_forget_requests_keeps_thirty_days(db):
    for request_id in ("old", "new"):
        reserve(RequestRecord, "make", request_id, by=None)
    old = RequestRecord.objects.order_by("pk").first()
    RequestRecord.objects.filter(pk=old.pk).update(recorded_at=F("recorded_at") - timedelta(days=31))

    assert tasks.forget_requests() == 1
    assert not RequestRecord.objects.filter(pk=old.pk).exists()


def test_the_jobs_of_this_floor_are_registered_and_swept(db):
    names = {name for name in jobs._registered if name.startswith("foundation.")}

    assert names == {f"foundation.forget_{what}" for what in ("limits", "heartbeats", "unfinished_files", "requests")}
    assert "jobs" in {each.name for each in registered_sweeps()}


def test_the_jobs_of_this_floor_run(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path

    for name in sorted(jobs._registered):
        if name.startswith("foundation."):
            jobs._registered[name].run()
