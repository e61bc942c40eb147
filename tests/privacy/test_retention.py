"""What has been kept for its period goes, what is younger, held or waiting stays, and a dry run only counts."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.models import AccessLog
from accounts.services import record_access
from complaints.channels.mailbox import newest_letters
from complaints.channels.relay import drain_mail
from complaints.intake.links import make_link
from complaints.models import Attachment, Complaint, Draft, Outbox, PrivacyRequest, ReplyDraft, SecretLink
from complaints.privacy.holds import lift_hold, place_hold
from complaints.privacy.requests import ask_privacy, decide_privacy
from foundation.files import file_path
from foundation.jobs import run_due_jobs
from foundation.models import PeriodicJob
from foundation.retention import count_due, forget_due, forget_everything_due, rules
from orders.models import ImportRun
from tests.factories import make_complaint, make_merchant, make_user
from tests.privacy.test_copy import attach

SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.EMAIL_BACKEND = "complaints.channels.mailbox.LocalMailbox"


@pytest.fixture
def manager():
    return make_user("manager", shops=[make_merchant()])


@pytest.fixture
def closed():
    return make_complaint("closed", assignee=make_user("agent"))


def rule(name):
    return next(each for each in rules() if each.name == name)


def days(settings, name) -> timedelta:
    return timedelta(days=settings.BIHUAN_KEEP_DAYS[name])


def counts(name, *moments) -> list[int]:
    return [count_due(rule(name), now=moment) for moment in moments]


def test_evidence_goes_after_its_years_with_its_files(closed, settings, django_capture_on_commit_callbacks):
    file, at = attach(closed), Complaint.objects.get(pk=closed.pk).closed_at
    end = at + days(settings, "EVIDENCE")
    assert counts("complaints.evidence", end, end + SECOND) == [0, 1]

    with django_capture_on_commit_callbacks(execute=True):
        assert forget_due(rule("complaints.evidence"), now=end + SECOND) == 1

    assert not Attachment.objects.exists()
    assert not file_path(file.path).exists()


def test_a_file_that_another_complaint_needs_stays_on_disk(closed, settings, django_capture_on_commit_callbacks):
    file = attach(closed)
    Attachment.objects.create(
        key="0" * 32, complaint=make_complaint(), kind="image", name="photo.jpg", media_type="image/jpeg", size=1, sha256="", path=file.path
    )

    with django_capture_on_commit_callbacks(execute=True):
        forget_due(rule("complaints.evidence"), now=timezone.now() + days(settings, "EVIDENCE") + SECOND)

    assert file_path(file.path).exists()


def test_evidence_of_a_living_complaint_stays(settings):
    attach(make_complaint("open", assignee=make_user("agent")))

    assert counts("complaints.evidence", timezone.now() + timedelta(days=5000)) == [0]


def test_a_hold_keeps_everything_until_it_is_lifted(closed, manager, settings):
    attach(closed)
    decide_privacy(ask_privacy(closed, "erasure", by=None), is_approved=False, answer="不", by=manager)
    drain_mail()
    place_hold(closed, reason="诉讼中", by=manager)
    late, names = timezone.now() + timedelta(days=5000), ("complaints.evidence", "complaints.outbox", "complaints.privacy_requests")
    Outbox.objects.update(state="sent")

    assert [counts(name, late) for name in names] == [[0], [0], [0]]

    lift_hold(closed, by=manager)
    assert all(counts(name, late)[0] for name in names)


def test_mail_that_still_waits_stays(closed, settings):
    late = timezone.now() + days(settings, "MAIL") + SECOND
    Outbox.objects.update(state="queued")
    assert counts("complaints.outbox", late) == [0]

    Outbox.objects.update(state="sent")
    assert forget_due(rule("complaints.outbox"), now=late) > 0
    assert not Outbox.objects.exists()


def test_letters_of_the_trial_go_with_their_period(closed, settings):
    drain_mail()
    assert newest_letters()

    assert counts("complaints.mailbox", timezone.now() + days(settings, "MAIL") - timedelta(minutes=5)) == [0]
    assert forget_due(rule("complaints.mailbox"), now=timezone.now() + days(settings, "MAIL") + timedelta(minutes=5)) > 0
    assert newest_letters() == []


def test_links_drafts_wishes_imports_and_sessions_go_with_theirs(closed, manager, settings):
    now = timezone.now()
    make_link(closed)
    SecretLink.objects.update(revoked_at=now)
    ReplyDraft.objects.create(agent=manager, complaint=closed, kind="reply", body="…", saved_at=now)
    Draft.objects.create(digest="d", expires_at=now)
    Session.objects.create(session_key="s", session_data="", expire_date=now)
    ImportRun.objects.create(merchant=make_merchant(), profile="p", folder="f", started_at=now)
    decide_privacy(ask_privacy(closed, "erasure", by=None), is_approved=False, answer="不", by=manager)
    PrivacyRequest.objects.update(decided_at=now)
    kept = {
        "complaints.links": days(settings, "LINKS"),
        "complaints.reply_drafts": days(settings, "REPLY_DRAFTS"),
        "complaints.drafts": timedelta(),
        "sessions": timedelta(),
        "orders.imports": days(settings, "IMPORTS"),
        "complaints.privacy_requests": days(settings, "PRIVACY_REQUESTS"),
    }

    for name, period in kept.items():
        assert counts(name, now + period, now + period + SECOND) == [0, 1], name
        assert forget_due(rule(name), now=now + period + SECOND) == 1, name


def test_an_open_wish_never_goes_with_age(closed):
    ask_privacy(closed, "erasure", by=None)

    assert counts("complaints.privacy_requests", timezone.now() + timedelta(days=9999)) == [0]


def age_accesses(**age):
    """Move rows back in time, as only a restore could."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        AccessLog.objects.update(at=timezone.now() - timedelta(**age))
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def test_the_access_log_goes_with_its_period_and_never_before_180_days(closed, manager, settings):
    record_access(AccessLog.Act.REVEAL, closed, by=manager, field="contact_phone", reason="回电")
    age_accesses(days=settings.BIHUAN_KEEP_DAYS["ACCESS_LOG"] + 1)
    assert forget_due(rule("accounts.access_log"), now=timezone.now()) == 1

    record_access(AccessLog.Act.REVEAL, closed, by=manager, field="contact_phone", reason="回电")
    settings.BIHUAN_KEEP_DAYS = {**settings.BIHUAN_KEEP_DAYS, "ACCESS_LOG": 1}
    age_accesses(days=179)
    assert count_due(rule("accounts.access_log"), now=timezone.now()) == 1
    assert forget_due(rule("accounts.access_log"), now=timezone.now()) == 0
    assert AccessLog.objects.count() == 1


def test_nothing_else_deletes_from_the_access_log(closed, manager):
    record_access(AccessLog.Act.REVEAL, closed, by=manager, field="contact_phone", reason="回电")

    with pytest.raises(DatabaseError), transaction.atomic():
        AccessLog.objects.all().delete()


def test_a_dry_run_counts_and_deletes_nothing(closed, capsys):
    Draft.objects.create(digest="d", expires_at=timezone.now() - SECOND)

    call_command("retention", "--dry-run")
    assert Draft.objects.count() == 1

    call_command("retention")
    assert Draft.objects.count() == 0
    lines = [line.split()[:2] for line in capsys.readouterr().out.splitlines() if line.startswith("complaints.drafts")]
    assert lines == [["complaints.drafts", "1"], ["complaints.drafts", "1"]]


def test_a_rule_that_fails_keeps_no_other_from_running(monkeypatch, caplog):
    Draft.objects.create(digest="d", expires_at=timezone.now() - SECOND)
    broken = rule("accounts.access_log")
    monkeypatch.setitem(broken.__dict__, "due", lambda moment: 1 / 0)

    done = forget_everything_due(now=timezone.now())

    assert done["complaints.drafts"] == 1
    assert "accounts.access_log" not in done
    assert "accounts.access_log could not be carried out" in caplog.text


def test_the_night_job_is_there(closed):
    Draft.objects.create(digest="d", expires_at=timezone.now() - SECOND)

    run_due_jobs()

    assert PeriodicJob.objects.get(name="config.retention").last_error == ""
    assert Draft.objects.count() == 0
