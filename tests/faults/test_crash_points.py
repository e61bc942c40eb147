"""A process dies exactly between two steps. What it had committed is finished by somebody else, once."""

import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from complaints.assignment.claim import assign_waiting
from complaints.channels.relay import relay_mail
from complaints.effort.settling import settle_effort
from complaints.models import Attachment, Draft, Outbox
from foundation.files import file_path, list_orphans
from tests.complaints.assignment.builders import assert_loads_are_right, make_agent
from tests.complaints.effort.builders import make_stretch, recorded
from tests.complaints.test_concurrency import assert_whole
from tests.factories import make_complaint
from tests.faults.mail_sink import MailSink
from tests.foundation.pictures import picture
from tests.stack import ROOT, inherited_environment

pytestmark = pytest.mark.django_db(transaction=True)

ADD_FILE = """
import io
from django.core.files.uploadedfile import SimpleUploadedFile
from complaints.intake.uploads import add_to_draft
from complaints.models import Draft
add_to_draft(Draft.objects.get(), [SimpleUploadedFile("a.png", open({path!r}, "rb").read())])
"""
NUMBERS = "SELECT number FROM complaints_complaint WHERE description = %s"
IS_ASSIGNED = "SELECT assignee_id IS NOT NULL FROM complaints_complaint WHERE description = %s"
STATE = """
    SELECT o.state FROM complaints_outbox o JOIN complaints_complaint c ON c.id = o.complaint_id
    WHERE c.number = %s AND o.node = 'acknowledged'
"""
ASSIGN = "from complaints.assignment.claim import assign_waiting; assign_waiting()"
SETTLE = "from complaints.effort.settling import settle_effort; settle_effort()"
RELAY = "from complaints.channels.relay import relay_mail; relay_mail()"


@pytest.fixture
def sink(tmp_path, settings):
    with MailSink(tmp_path / "mail") as sink:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = "127.0.0.1", sink.port, False, False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        yield sink


def die_at(failpoint: str, script: str, **env: str) -> None:
    """Run a script as a process of its own that is killed when it reaches the failpoint."""
    child = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", script],
        env={**inherited_environment(), **same_house(), "FAILPOINTS": f"{failpoint}=kill", **env},
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert child.returncode == -signal.SIGKILL, child.stderr


def same_house() -> dict[str, str]:
    """The database, the keys and the files of this test."""
    database = connection.settings_dict
    address = f"{quote(database['USER'])}:{quote(database['PASSWORD'])}@{database['HOST']}:{database['PORT']}"
    names = ("BIHUAN_ENV", "REDIS_URL", "BIHUAN_DATA", "SECRET_KEY", "BIHUAN_KEYS", "BIHUAN_INDEX_KEY")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    return {**kept, "DATABASE_URL": f"postgres://{address}/{database['NAME']}", "MEDIA_ROOT": str(settings.MEDIA_ROOT)}


def let_leases_end() -> None:
    Outbox.objects.filter(state="sending").update(next_at=timezone.now() - timedelta(seconds=1))


def test_whoever_dies_after_assigning_has_assigned():
    agent, complaint = make_agent(), make_complaint()

    die_at("assign.after_commit", ASSIGN)

    assert assign_waiting() == 0
    complaint.refresh_from_db()
    assert (complaint.assignee, complaint.decisions.count()) == (agent, 1)
    assert_loads_are_right()
    assert_whole(complaint)


def test_handling_time_whose_settling_died_is_counted_once():
    agent, complaint = make_agent(), make_complaint()
    make_stretch(agent, complaint, ago=40, seconds=30)

    die_at("effort.before_commit", SETTLE)

    assert recorded(complaint) == []
    assert (settle_effort(), settle_effort()) == (1, 0)
    assert sum(codes["active_ms"] for codes in recorded(complaint)) == 30_000
    assert_whole(complaint)


def test_mail_claimed_by_a_dead_sender_leaves_once_after_its_lease(sink):
    row = make_complaint().outbox.get()

    die_at("outbox.after_claim", RELAY, EMAIL_URL=sink.url)

    assert (relay_mail(), sink.taken) == (0, [])
    let_leases_end()
    assert relay_mail() == 1
    assert sink.of("xiaoman@mail.example") == [str(row.key)]


def test_mail_sent_by_a_sender_who_died_before_noting_it_comes_again_under_the_same_name(sink):
    row = make_complaint().outbox.get()

    die_at("outbox.after_send", RELAY, EMAIL_URL=sink.url)
    let_leases_end()
    relay_mail()

    assert sink.of("xiaoman@mail.example") == [str(row.key)] * 2
    row.refresh_from_db()
    assert row.state == "sent"


@pytest.mark.parametrize(("failpoint", "rows"), [("evidence.after_file", 0), ("evidence.after_commit", 1)])
def test_a_file_is_stored_before_its_row(failpoint, rows, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    (tmp_path / "a.png").write_bytes(picture("PNG"))
    Draft.objects.create(digest="d", expires_at=timezone.now() + timedelta(days=1))

    die_at(failpoint, ADD_FILE.format(path=str(tmp_path / "a.png")))

    kept = list(Attachment.objects.all())
    assert [file_path(each.key).stat().st_size for each in kept] == [each.size for each in kept]
    assert len(kept) == rows
    stored = list(list_orphans(lambda ids: set(), older_than=timedelta(0)))
    assert len(stored) == 1


def test_filing_is_safe_before_anybody_hears_of_it(proving):
    """F5: the web server dies between COMMIT and hint. The page breaks, the complaint is there, and the sweep does the rest."""
    with proving.second_web("complaint.after_commit=kill") as base_url:
        visitor = proving.visitor(base_url)

        assert visitor.file() == "info"

    proving.wait(lambda: proving.value(IS_ASSIGNED, visitor.text) and proving.sink.of(visitor.email))
    proving.check_invariants()


def test_a_page_sent_again_after_a_crash_shows_the_same_complaint(proving):
    with proving.second_web("complaint.after_commit=kill") as base_url:
        visitor = proving.visitor(base_url)
        check = visitor.reach_check()
        assert visitor.submit(check).status == 0

    visitor.base_url = proving.stack.base_url
    answer = visitor.submit(check)

    assert answer.status == 303
    assert proving.rows(NUMBERS, visitor.text) == [(answer.location.split("/")[2],)]


def test_a_mail_server_that_breaks_off_gets_the_same_mail_again(proving):
    """F26: it took the mail and broke off before it said so. The second try carries the same name, so its reader keeps one."""
    visitor = proving.visitor()
    proving.sink.breaks_off.add(visitor.email)

    visitor.file()

    # By day a second notice follows, when somebody takes the complaint on.
    proving.wait(lambda: max(Counter(proving.sink.of(visitor.email)).values(), default=0) >= 2)
    proving.wait(lambda: proving.value(STATE, visitor.number_of_complaint) == "sent")
