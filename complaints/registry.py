"""Places on pages of this floor that the floors above fill, in their ``AppConfig.ready``, with fragments loaded by URL name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from complaints.models import Complaint


@dataclass(frozen=True)
class Panel:
    """A panel beside a complaint on the desk: loaded with ``hx-get`` from ``url_name`` with the complaint's number.

    One that is not ``is_open`` is loaded when somebody opens it, with its key ``shortcut``.
    """

    name: str
    title: str
    url_name: str
    permission: str = ""
    position: int = 100
    shortcut: str = ""
    is_open: bool = True


@dataclass(frozen=True)
class QueueView:
    """A view of the queue. ``condition`` is the same for everybody, so that its list and its count are compiled once.

    ``filter(complaints, user)`` narrows further by who asks; such a view is compiled anew each time.
    """

    name: str
    title: str
    filter: Callable[[QuerySet[Complaint], Any], QuerySet[Complaint]] | None = None
    condition: Q = Q()
    permission: str = ""
    position: int = 100


@dataclass(frozen=True)
class TrackerSection:
    """A section of the customer's page, shown where ``shows(complaint)`` gives something: a link to ``url_name``, or what ``template``
    makes of the given, its ``facts``."""

    name: str
    title: str
    url_name: str
    shows: Callable[[Complaint], Any]
    position: int = 100
    template: str = ""


@dataclass(frozen=True)
class LiveTopic:
    """Something that pages watch, ``<name>-<key>``. ``allows(user, key)`` asks no database: it is asked for every open page."""

    name: str
    allows: Callable[[Any, str], bool]


_panels: dict[str, Panel] = {}
_queue_views: dict[str, QueueView] = {}
_tracker_sections: dict[str, TrackerSection] = {}
_live_topics: dict[str, LiveTopic] = {}
_file_keepers: list[Callable[[list[str]], set[str]]] = []


def register_panel(panel: Panel) -> None:
    _panels[panel.name] = panel


def register_queue_view(view: QueueView) -> None:
    _queue_views[view.name] = view


def register_tracker_section(section: TrackerSection) -> None:
    _tracker_sections[section.name] = section


def register_live_topic(topic: LiveTopic) -> None:
    _live_topics[topic.name] = topic


def register_file_keeper(keeps: Callable[[list[str]], set[str]]) -> None:
    """``keeps`` says which of some stored files a row of a floor above needs, so that no sweep takes them away."""
    if keeps not in _file_keepers:
        _file_keepers.append(keeps)


def kept_above(paths: list[str]) -> set[str]:
    """Those of these files that a floor above needs."""
    return set().union(*(keeps(paths) for keeps in _file_keepers)) if paths else set()


def live_topic(name: str) -> LiveTopic | None:
    return _live_topics.get(name)


def panels_for(user: Any) -> list[Panel]:
    """The panels that a member of staff may see, in order."""
    return _allowed(_panels, user)


def queue_views_for(user: Any) -> list[QueueView]:
    """The queue views from above that a member of staff may see, in order."""
    return _allowed(_queue_views, user)


def queue_view(name: str) -> QueueView:
    """A queue view that was registered; whoever asks has been let in before."""
    return _queue_views[name]


def tracker_sections_for(complaint: Complaint) -> list[tuple[TrackerSection, Any]]:
    """The sections from above that a customer's page shows, in order, each with its facts."""
    return [(section, facts) for section in _ordered(_tracker_sections) if (facts := section.shows(complaint))]


def _ordered(entries: dict) -> list:
    return sorted(entries.values(), key=lambda entry: (entry.position, entry.name))


def _allowed(entries: dict, user: Any) -> list:
    return [entry for entry in _ordered(entries) if not entry.permission or user.has_perm(entry.permission)]
