"""Where somebody is on the desk: the list they came from travels in every address."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from complaints.desk.filters import Filter, read_filter
from complaints.desk.queues import FIRST, Queue, queue_for


@dataclass(frozen=True)
class Place:
    """Which list a person looks at: the queue, the filter on it, and the part of the address that says so."""

    queue: Queue
    chosen: Filter
    query: str


def place_of(request: HttpRequest) -> Place:
    """Read the list out of an address; without one it is the first queue."""
    queue, chosen = queue_for(request.user, request.GET.get("view", FIRST)), read_filter(request.GET)
    return Place(queue, chosen, "&".join(filter(None, [f"view={queue.key}", chosen.as_query()])))


def address_of(number: str, query: str = "") -> str:
    """Where a complaint is, or the list when there is none."""
    url = reverse("admin:desk-complaint", args=[number]) if number else reverse("admin:desk-queue")
    return f"{url}?{query}" if query else url
