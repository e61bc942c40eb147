"""F21: the clock of a process is an hour off, that of the database is right. What is due is decided by the database.

Within a process the time is turned by ``time-machine``; a process of its own has its clock turned by libfaketime, where that is
installed (``BIHUAN_FAKETIME`` names the library if it lies elsewhere). The clock of the whole machine is not turned here.
"""

import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

from complaints.channels.relay import relay_mail
from complaints.models import Clock, Complaint, Event, Outbox
from complaints.services.timers import run_timers
from foundation.jobs import run_due_jobs
from foundation.models import PeriodicJob
from tests.complaints.test_concurrency import assert_whole
from tests.factories import make_complaint
from tests.faults.test_crash_points import same_house
from tests.stack import ROOT, inherited_environment

pytestmark = pytest.mark.django_db
HOUR, SOON = timedelta(hours=1), timedelta(minutes=30)

LIBRARIES = [os.environ.get("BIHUAN_FAKETIME", ""), *map(str, Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))]
FAKETIME = next((path for path in LIBRARIES if path and Path(path).exists()), "")
FIRE = """
from django.utils import timezone
from complaints.services.clocks import run_due_clocks
while run_due_clocks():
    pass
print("it is", timezone.now().isoformat())
"""


@pytest.fixture(params=[HOUR, -HOUR, timedelta(days=1), timedelta(days=-1)], ids=["+1h", "-1h", "+1d", "-1d"])
def jump(request):
    return request.param


def test_a_timer_is_neither_early_nor_late(jump):
    early, due = make_complaint("waiting_customer"), make_complaint("waiting_customer")
    now = timezone.now()
    Complaint.objects.filter(pk=early.pk).update(timer_at=now + SOON)
    Complaint.objects.filter(pk=due.pk).update(timer_at=now - SOON)

    with time_machine.travel(now + jump, tick=False):
        fired = run_timers()

    assert fired == 1
    assert [Complaint.objects.get(pk=each.pk).status for each in (early, due)] == ["waiting_customer", "open"]
    assert_whole(early, due)


def test_a_mail_is_neither_early_nor_kept_back(jump, mailoutbox):
    early, due = make_complaint(), make_complaint(contact_email="other@mail.example")
    now = timezone.now()
    early.outbox.update(next_at=now + SOON)
    due.outbox.update(next_at=now - SOON)

    with time_machine.travel(now + jump, tick=False):
        relay_mail()

    assert [mail.to for mail in mailoutbox] == [["other@mail.example"]]
    assert list(Outbox.objects.order_by("pk").values_list("state", flat=True)) == ["queued", "sent"]


def test_a_job_runs_when_the_database_says_so(jump):
    run_due_jobs()
    before = dict(PeriodicJob.objects.values_list("name", "last_ok_at"))
    name = min(before)
    PeriodicJob.objects.filter(name=name).update(next_at=timezone.now() - timedelta(seconds=1))

    with time_machine.travel(timezone.now() + jump, tick=False):
        run_due_jobs()

    after = dict(PeriodicJob.objects.values_list("name", "last_ok_at"))
    assert [each for each in after if after[each] != before[each]] == [name]


@pytest.mark.skipif(not FAKETIME, reason="not run: libfaketime is not installed")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turned", [HOUR, -HOUR], ids=["+1h", "-1h"])
def test_a_process_whose_clock_is_turned_fires_no_rung_early_and_none_late(turned):
    early, late = (make_complaint(filed_at=timezone.now() - timedelta(hours=hours)) for hours in (23.5, 24.5))
    env = {"LD_PRELOAD": FAKETIME, "FAKETIME": f"{turned.total_seconds():+.0f}", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}

    ran = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", FIRE],
        env={**inherited_environment(), **same_house(), **env}, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    said = datetime.fromisoformat(ran.stdout.rpartition("it is ")[2].strip())
    assert abs(said - timezone.now() - turned) < SOON, ran.stderr
    missed = [Event.objects.filter(complaint=each, kind="clock.missed").count() for each in (early, late)]
    assert missed == [0, 1]
    assert not Clock.objects.filter(fired_at__gt=timezone.now()).exists()
    assert not Clock.objects.filter(fired_at__lt=timezone.now() - SOON).exists()
    assert_whole(early, late)
