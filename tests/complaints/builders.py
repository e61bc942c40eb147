"""Small things that only the tests of complaints need."""

from contextlib import contextmanager
from datetime import datetime, timedelta

import time_machine
from django.utils import timezone

from complaints.models import Attachment, Complaint, Survey
from tests.factories import make_complaint


def kinds(complaint: Complaint) -> list[str]:
    """The kinds of a complaint's events, in order."""
    return list(complaint.events.order_by("seq").values_list("kind", flat=True))


def nodes(complaint: Complaint, **conditions) -> list[str]:
    """The notices of a complaint, in the order in which they leave."""
    return list(complaint.outbox.filter(**conditions).order_by("next_at", "id").values_list("node", flat=True))


def codes(complaint: Complaint, kind: str) -> dict:
    """The codes of the newest event of a kind."""
    return complaint.events.filter(kind=kind).order_by("-seq").first().codes


def fresh(row):
    return type(row).objects.get(pk=row.pk)


@contextmanager
def later(**duration: float):
    """Let the clock of the application be this much later; the database's own clock stays."""
    with time_machine.travel(timezone.now() + timedelta(**duration), tick=False):
        yield


@contextmanager
def at(text: str):
    """Let it be this moment in the shop's zone."""
    moment = timezone.make_aware(datetime.fromisoformat(text))
    with time_machine.travel(moment, tick=False):
        yield moment


def make_survey(scale: str = Survey.Scale.CSAT, **overrides) -> Survey:
    """The survey of a complaint that was just resolved, on this scale whatever its number would give."""
    survey = make_complaint(Complaint.Status.RESOLVED, **overrides).surveys.get()
    Survey.objects.filter(pk=survey.pk).update(scale=scale)
    survey.refresh_from_db()
    return survey


def survey_of(complaint: Complaint) -> Survey:
    """The survey about the present round of a complaint."""
    return complaint.surveys.get(cycle=complaint.cycle)


def survey_kinds(complaint: Complaint) -> list[str]:
    return [kind for kind in kinds(complaint) if kind.startswith("survey.")]


def make_file(**overrides) -> Attachment:
    """A waiting file; nothing is on disk."""
    number = Attachment.objects.count() + 1
    fields = {
        "key": f"{number:032}",
        "kind": Attachment.Kind.IMAGE,
        "name": f"photo{number}.jpg",
        "media_type": "image/jpeg",
        "size": 1000,
        "sha256": f"{number:064}",
        "path": "x",
        **overrides,
    }
    return Attachment.objects.create(**fields)
