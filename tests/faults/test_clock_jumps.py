"""F21: the clock of a process is an hour off, that of the database is right. What is due is decided by the database.

Only the part that one process can show: the clock of the whole machine is not turned here.
"""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from complaints.channels.relay import relay_mail
from complaints.models import Complaint, Outbox
from complaints.services.timers import run_timers
from foundation.jobs import run_due_jobs
from foundation.models import PeriodicJob
from tests.complaints.test_concurrency import assert_whole
from tests.factories import make_complaint

pytestmark = pytest.mark.django_db
HOUR, SOON = timedelta(hours=1), timedelta(minutes=30)


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
