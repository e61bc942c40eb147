"""A seeded incident is answered in one command."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import AccessLog
from accounts.services import record_access, reveal_personal
from tests.factories import make_complaint, make_user


@pytest.fixture
def complaint():
    return make_complaint(contact_phone="13912345678")


@pytest.fixture
def curious(complaint):
    user = make_user("agent", username="curious")
    reveal_personal(complaint, "contact_phone", by=user, reason="回电", network="10.0.0.1")
    record_access(AccessLog.Act.DOWNLOAD, make_complaint(), by=make_user("agent", username="other"), field="photo.jpg")
    return user


def seen(capsys, *arguments) -> list[dict]:
    call_command("who_saw", "--json", *arguments)
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_it_names_who_what_why_and_from_where(complaint, curious, capsys):
    (row,) = seen(capsys, "--actor", "curious")

    assert {name: row[name] for name in ("actor", "act", "subject", "field", "network", "reason")} == {
        "actor": "curious", "act": "reveal", "subject": f"complaints.complaint {complaint.pk}", "field": "contact_phone",
        "network": "10.0.0.1", "reason": "回电",
    }  # fmt: skip


def test_it_never_tells_the_value(complaint, curious, capsys):
    call_command("who_saw")

    out = capsys.readouterr().out
    assert "curious" in out and "other" in out
    assert "13912345678" not in out


def test_it_can_be_asked_about_one_complaint(complaint, curious, capsys):
    assert [row["actor"] for row in seen(capsys, "--complaint", complaint.number)] == ["curious"]


def test_it_can_be_asked_about_a_time(curious, capsys):
    at, today = AccessLog.objects.order_by("pk").first().at, timezone.localdate()

    assert len(seen(capsys, "--from", today.isoformat(), "--to", today.isoformat())) == 2
    assert seen(capsys, "--to", at.isoformat()) == []
    assert len(seen(capsys, "--from", at.isoformat())) == 2


@pytest.mark.parametrize("asked", [("--actor", "nobody"), ("--complaint", "C1"), ("--from", "yesterday")])
def test_what_it_does_not_know_is_said(asked, capsys):
    with pytest.raises(CommandError):
        call_command("who_saw", *asked)
