"""Calls to customers, as the tests of them book and find them."""

from datetime import timedelta

from django.utils import timezone

from complaints.chat.callbacks import book_callback
from complaints.chat.hours import Window
from complaints.models import FollowUp
from complaints.services import resolve_complaint
from tests.complaints.builders import fresh
from tests.journeys import SOLVED

ANY = {"expected_version": None}
AFTER = FollowUp.Callback.AFTER_RESOLUTION
NOON = "2026-11-25T12:00"


def resolve(complaint, agent):
    return resolve_complaint(fresh(complaint), by=agent, **SOLVED, **ANY)


def call_about(complaint) -> FollowUp:
    return FollowUp.objects.select_related("run", "complaint").get(complaint=complaint, callback_kind=AFTER)


def book(complaint, **about) -> FollowUp:
    start = timezone.now() + timedelta(hours=1)
    return book_callback(complaint, Window(start, start + timedelta(hours=2)), **about)
