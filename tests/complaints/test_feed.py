"""Every event reaches the feed once, in the order of its complaint."""

import pytest

from complaints.lifecycle import Status
from complaints.models import Event, EventFeed, EventPending
from complaints.tasks import sweep_feed
from foundation.events import read_feed
from tests.complaints.builders import kinds
from tests.factories import make_complaint

pytestmark = pytest.mark.django_db


def test_the_sweep_places_each_event_once():
    complaint = make_complaint(Status.RESOLVED)

    assert sweep_feed() == Event.objects.count() > 5
    assert sweep_feed() == 0
    assert not EventPending.objects.exists()
    assert [entry.kind for entry in read_feed(EventFeed, after=0) if entry.subject_id == complaint.pk] == kinds(complaint)


def test_more_than_one_batch_is_placed_in_one_round(monkeypatch):
    make_complaint(Status.CLOSED)
    monkeypatch.setattr("complaints.tasks.FEED_BATCH", 3)

    assert sweep_feed() == Event.objects.count() > 6
