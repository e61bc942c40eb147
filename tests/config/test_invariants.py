"""Each invariant is seen broken once; a house at work breaks none."""

import io
import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from complaints.assignment.claim import assign_waiting
from complaints.models import AgentLoad, Attachment, Complaint, Decision, Event, Outbox
from complaints.tasks import sweep_feed
from config import invariants
from config.invariants import Evidence, check_all
from foundation.files import accept_upload, file_path
from foundation.models import PeriodicJob
from tests.complaints.assignment.builders import make_agent
from tests.factories import make_complaint, make_order
from tests.foundation.pictures import picture

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_media(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(invariants, "WAITS_IN_VAIN_SECONDS", 0)


def check(**evidence) -> dict[str, list[str]]:
    """What is broken, by invariant."""
    findings = check_all(Evidence(**evidence))
    assert [each.error for each in findings] == [""] * len(findings)
    return {each.code: each.broken for each in findings if each.broken}


def run(*arguments) -> tuple[int, str]:
    """The command's exit code and what it wrote."""
    out = io.StringIO()
    try:
        call_command("check_invariants", *arguments, stdout=out)
    except SystemExit as end:
        return end.code, out.getvalue()
    except CommandError as error:
        return error.returncode, str(error)
    return 0, out.getvalue()


def act(text, outcome, **more) -> dict:
    return {"kind": "complaint", "text": text, "outcome": outcome, **more}


def attach(complaint) -> Attachment:
    stored = accept_upload(SimpleUploadedFile("a.png", picture("PNG")))
    return Attachment.objects.create(complaint=complaint, key=stored.id, kind="image", name="a.png", media_type="image/png", path=stored.id,
                                     size=stored.size, sha256=stored.sha256)  # fmt: skip


def execute(sql, *values) -> None:
    """Past every guard, as a fault would."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(sql, values)
        cursor.execute("SET session_replication_role = DEFAULT")


def test_a_house_at_work_breaks_nothing():
    agent = make_agent(capacity=1000)
    states = ["new", "open", "waiting_customer", "waiting_internal", "snoozed", "resolved", "closed", "withdrawn", "merged", "spam"]
    for status in states:
        make_complaint(status, assignee=agent)
    make_order()
    attach(Complaint.objects.first())
    make_complaint(contact_email="")
    assign_waiting()
    sweep_feed()

    assert check() == {}


def test_a_complaint_that_waits_for_nobody_breaks_nothing():
    make_agent(state="away")
    make_complaint()
    assign_waiting()

    assert check() == {}


@pytest.mark.parametrize(
    ("outcomes", "broken"),
    [
        ([("kept", "ok")], []),
        ([("gone", "ok")], ["gone: ok, but there 0 times"]),
        ([("kept", "fail")], ["kept: fail, but there 1 times"]),
        ([("gone", "fail"), ("gone", "info"), ("kept", "info")], []),
        ([("twice", "info")], ["twice: info, but there 2 times"]),
    ],
)
def test_what_clients_were_told_is_compared_with_what_is_there(outcomes, broken):
    for text in ("kept", "twice", "twice"):
        make_complaint(description=text)

    found = check(history=[act(*each) for each in outcomes])

    assert found.get("I1", []) == broken


def test_a_number_that_was_given_must_be_there():
    complaint = make_complaint(description="kept")

    assert "I1" not in check(history=[act("kept", "ok", number=complaint.number)])
    assert check(history=[act("kept", "ok", number="C2601010000")])["I1"] == ["C2601010000: confirmed, but not there"]


def test_one_text_filed_twice_is_named():
    make_complaint(description="twice")
    make_complaint(description="twice")

    assert check(history=[act("twice", "info")])["I2"] == ["twice: filed twice"]


@pytest.mark.parametrize("damage", ["gone", "changed"])
def test_a_damaged_file_is_named(damage):
    path = file_path(attach(make_complaint()).key)
    path.unlink() if damage == "gone" else path.write_bytes(path.read_bytes()[:-1] + b"!")

    assert [fault.rpartition(" ")[2] for fault in check()["I1"]] == [damage]


def unqueue(complaint):
    complaint.assignment_requests.all().delete()


def assign_behind_the_back(complaint):
    agent = make_agent()
    AgentLoad.objects.create(user=agent, used=5)
    Complaint.objects.update(assignee=agent)


def miscount(complaint):
    AgentLoad.objects.create(user=make_agent(state="away"), used=7)


def overload(complaint):
    row = {"used": 100, "weight": 5, "capacity": 100}
    Decision.objects.create(complaint=complaint, cause="sweep", winner=make_agent(state="away"), candidates=[row])


def overdue(complaint):
    Complaint.objects.update(timer_at=timezone.now() - timedelta(minutes=3))


def notify_twice(complaint):
    Outbox.objects.create(complaint=complaint, event_seq=1, node="acknowledged", expires_at=timezone.now())


def change_state_silently(complaint):
    execute("UPDATE complaints_complaint SET status = 'open'")


def rewrite_history(complaint):
    execute("UPDATE complaints_event SET codes = '{}' WHERE seq = 1")


def cut_history(complaint):
    execute("DELETE FROM complaints_event WHERE seq = 2")


def cut_order_history(complaint):
    execute("UPDATE orders_order SET head_seq = 3 WHERE id = %s", make_order().pk)


def leave_mail(complaint):
    Outbox.objects.update(next_at=timezone.now() - timedelta(minutes=3))


def try_for_ever(complaint):
    Outbox.objects.update(attempts=6)


def forget_job(complaint):
    PeriodicJob.objects.create(name="forgotten", next_at=timezone.now() - timedelta(minutes=3))


def leave_feed(complaint):
    execute("UPDATE complaints_event SET recorded_at = now() - interval '3 min'")


def be_ready(complaint):
    make_agent()


FAULTS = {
    "I3": [unqueue, assign_behind_the_back, miscount, overload, be_ready],
    "I4": [overdue],
    "I6": [notify_twice],
    "I9": [change_state_silently, rewrite_history, cut_history, cut_order_history],
    "I10": [leave_mail, try_for_ever, forget_job, leave_feed],
}


@pytest.mark.parametrize(("code", "damage"), [(code, damage) for code, faults in FAULTS.items() for damage in faults])
def test_a_planted_fault_is_found_and_nothing_else(code, damage):
    complaint = make_complaint()

    damage(complaint)

    assert set(check()) == {code}


def test_mail_that_counts_as_sent_must_have_been_taken(tmp_path):
    row, sink = make_complaint().outbox.get(), tmp_path / "sink"
    Outbox.objects.update(state="sent", sent_at=timezone.now())

    sink.write_text(f"<{row.key}@shop.example>\n")
    assert "I6" not in check(smtp_sink=sink)
    sink.write_text("<another@shop.example>\n")
    assert check(smtp_sink=sink)["I6"] == [f"{row.key}: counts as sent, but no server took it"]


def test_the_command_names_what_is_broken_and_changes_nothing():
    complaint = make_complaint()
    assert run()[0] == 0
    before = list(Complaint.objects.values()), Event.objects.count()
    complaint.assignment_requests.all().delete()

    code, text = run("--json")

    assert code == 1
    fault = f"{complaint.number}: waits and is not in the queue"
    assert json.loads(text)["I3"] == {"state": "broken", "rows": 1, "broken": [fault], "error": ""}
    assert (list(Complaint.objects.values()), Event.objects.count()) == before


def test_what_cannot_be_asked_does_not_count_as_holding():
    execute("ALTER TABLE complaints_outbox RENAME TO hidden")
    try:
        code, text = run()
    finally:
        execute("ALTER TABLE hidden RENAME TO complaints_outbox")

    assert code == 2
    assert [line.split()[0] for line in text.splitlines() if "not checked" in line] == ["I6", "I10"]


def test_evidence_comes_from_files(tmp_path):
    history, absent = tmp_path / "history", str(tmp_path / "absent")
    history.write_text(json.dumps(act("gone", "ok")) + "\n")

    assert run("--history", str(history))[0] == 1
    assert run("--history", absent)[0] == run("--smtp-sink", absent)[0] == 2
    history.write_text("not json\n")
    assert run("--history", str(history))[0] == 2
