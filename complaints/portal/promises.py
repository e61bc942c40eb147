"""What a customer is promised, and on what it rests: whose hours count, which closed days come before it, why the time stands still."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from accounts.calendars import hours_of
from accounts.hours_words import closed_days, say_week
from complaints.models import ClockRun, Complaint
from complaints.sla.runs import PROMISED_APART
from complaints.sla.words import say_minutes
from ui.timefmt import relative

Kind, State, Pause = ClockRun.Kind, ClockRun.State, ClockRun.Pause

TITLES = {
    Kind.FIRST: pgettext_lazy("promise", "Answer"),
    Kind.CONTACT: pgettext_lazy("promise", "Answer"),
    Kind.NEXT: pgettext_lazy("promise", "Answer"),
    Kind.CALLBACK: pgettext_lazy("promise", "Call"),
    Kind.REVIEW: gettext_lazy("Answer to your appeal"),
    Kind.RESOLUTION: pgettext_lazy("promise", "Result"),
}
PAUSED = {
    Pause.CUSTOMER_INFO: gettext_lazy("The time stands still while we wait for your answer."),
    Pause.CUSTOMER_DATE: gettext_lazy("The time stands still because you asked for a later day."),
    Pause.REGULATOR: gettext_lazy("The time stands still while a mediation is running."),
    Pause.DISASTER: gettext_lazy("The time stands still because of force majeure in your region."),
}


MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Promise:
    """One thing that is promised: its moment in words, and the sentences that it rests on."""

    title: str
    words: str
    basis: list[str]


@dataclass(frozen=True)
class Owed:
    """One open obligation as the page's one query brings it."""

    kind: str
    state: str
    calendar_id: int | None
    started_at: datetime
    due_at: datetime | None
    promise_at: datetime
    pause_reason: str
    until: datetime | None

    @classmethod
    def read(cls, row: dict) -> "Owed":
        moments = {name: row[name] and datetime.fromisoformat(row[name]) for name in ("started_at", "due_at", "promise_at", "until")}
        return cls(**row | moments)


def promises_of(complaint: Complaint, at: datetime) -> list[Promise]:
    """What is still promised, in the order of its moments. What was missed stands above on the page, with its new time."""
    owed = [Owed.read(row) for row in complaint.promises]
    found = [(each.promise_at, promise) for each in owed for promise in _told(each, complaint, at)]
    return [promise for _moment, promise in sorted(found, key=lambda pair: pair[0])]


def _told(owed: Owed, complaint: Complaint, at: datetime) -> Iterator[Promise]:
    if owed.kind not in TITLES:
        return  # a department's day stands in the sentence of the page
    title = str(TITLES[owed.kind])
    if owed.state == State.PAUSED:
        yield Promise(title, pgettext("promise", "paused"), list(_say_pause(owed, complaint)))
    elif owed.promise_at > at:
        yield Promise(title, _("by %(moment)s") % {"moment": relative(owed.promise_at, at)}, list(_say_basis(owed, at)))


def _say_pause(owed: Owed, complaint: Complaint) -> Iterator[str]:
    yield str(PAUSED[owed.pause_reason])
    until = complaint.timer_at if owed.pause_reason == Pause.CUSTOMER_INFO else owed.until
    if until:
        yield _("It goes on by itself at the latest %(moment)s.") % {"moment": relative(until)}


def _say_basis(owed: Owed, at: datetime) -> Iterable[str]:
    if owed.kind == Kind.CALLBACK:
        return []  # it was booked, and rests on that alone
    is_by_calendar = owed.calendar_id is not None and (owed.kind not in PROMISED_APART or owed.promise_at == owed.due_at)
    return _say_calendar(owed, at) if is_by_calendar else _say_clock(owed)


def _say_clock(owed: Owed) -> list[str]:
    """Hours of the clock on the wall, from the start on."""
    span = say_minutes((owed.promise_at - owed.started_at) // MINUTE)
    return [_("Within %(span)s, nights and holidays included.") % {"span": span}]


def _say_calendar(owed: Owed, at: datetime) -> Iterator[str]:
    hours = hours_of(owed.calendar_id)
    yield _("Counted in our working hours: %(hours)s.") % {"hours": say_week(hours)}
    closed = closed_days(hours, at, owed.promise_at)
    if closed:
        yield _("Closed in between and not counted: %(days)s.") % {
            "days": pgettext("between days", ", ").join(each.words for each in closed)
        }
