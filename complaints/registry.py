"""Places on pages of this floor that the floors above fill, in their ``AppConfig.ready``, with fragments loaded by URL name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from complaints.models import Complaint


@dataclass(frozen=True)
class Panel:
    """A panel beside a complaint on the desk: loaded with ``hx-get`` from ``url_name`` with the complaint's number."""

    name: str
    title: str
    url_name: str
    permission: str = ""
    position: int = 100


@dataclass(frozen=True)
class QueueView:
    """A view of the queue: ``filter(complaints, user)`` narrows the visible complaints."""

    name: str
    title: str
    filter: Callable[[QuerySet[Complaint], Any], QuerySet[Complaint]]
    permission: str = ""
    position: int = 100


@dataclass(frozen=True)
class TrackerSection:
    """A section of the customer's page: a fragment from ``url_name``, shown where ``shows(complaint)`` is true."""

    name: str
    title: str
    url_name: str
    shows: Callable[[Complaint], bool]
    position: int = 100


@dataclass(frozen=True)
class LiveTopic:
    """Something that pages watch, ``<name>-<key>``. ``allows(user, key)`` asks no database: it is asked for every open page."""

    name: str
    allows: Callable[[Any, str], bool]


_panels: dict[str, Panel] = {}
_queue_views: dict[str, QueueView] = {}
_tracker_sections: dict[str, TrackerSection] = {}
_live_topics: dict[str, LiveTopic] = {}


def register_panel(panel: Panel) -> None:
    _panels[panel.name] = panel


def register_queue_view(view: QueueView) -> None:
    _queue_views[view.name] = view


def register_tracker_section(section: TrackerSection) -> None:
    _tracker_sections[section.name] = section


def register_live_topic(topic: LiveTopic) -> None:
    _live_topics[topic.name] = topic


def live_topic(name: str) -> LiveTopic | None:
    return _live_topics.get(name)


def panels_for(user: Any) -> list[Panel]:
    """The panels that a member of staff may see, in order."""
    return _allowed(_panels, user)


def queue_views_for(user: Any) -> list[QueueView]:
    """The queue views from above that a member of staff may see, in order."""
    return _allowed(_queue_views, user)


def tracker_sections_for(complaint: Complaint) -> list[TrackerSection]:
    """The sections from above that a customer's page shows, in order."""
    return [section for section in _ordered(_tracker_sections) if section.shows(complaint)]


def _ordered(entries: dict) -> list:
    return sorted(entries.values(), key=lambda entry: (entry.position, entry.name))


def _allowed(entries: dict, user: Any) -> list:
    return [entry for entry in _ordered(entries) if not entry.permission or user.has_perm(entry.permission)]
