"""How long an agent may leave new work untouched, and how long a complaint waits for who knows the customer."""

from datetime import datetime, timedelta

from accounts.calendars import NoCalendarError, current_version, hours_of
from accounts.working_time import ALWAYS, Hours
from complaints.models import ClockRun, Complaint

CALENDAR = "service"
LONGEST_UNTOUCHED = timedelta(minutes=30)
LONGEST_FOR_OWNER, LONGEST_FOR_OWNER_OF_CHAT = timedelta(minutes=15), timedelta(seconds=45)
GONE_FOR = timedelta(minutes=15)
# A stretch without working time is shorter than this, however the public days fall.
LOOK_BACK = timedelta(days=16)
ANSWER_KINDS = {ClockRun.Kind.FIRST, ClockRun.Kind.NEXT}


def service_hours() -> Hours:
    """The hours in which work is looked after; every hour of a house that has no calendar."""
    try:
        return hours_of(current_version(CALENDAR).pk)
    except NoCalendarError:
        return ALWAYS


def half_time(complaint: Complaint, at: datetime) -> datetime:
    """When half of the time is over in which work given at ``at`` must be begun: half of the target, at most half an hour of work.

    An answer that is due before the house opens again is looked after by the clock on the wall.
    """
    hours = service_hours()
    half = min(LONGEST_UNTOUCHED, timedelta(seconds=_target(complaint, hours) / 2)) / 2
    moment = hours.add(at, int(half.total_seconds()))
    if at < complaint.due_at < moment:
        return at + min(half, (complaint.due_at - at) / 2)
    return moment


def kept_until(complaint: Complaint, enqueued_at: datetime, *, is_chat: bool) -> datetime:
    """Until when a complaint waits for its owner: a quarter of the target, at most a quarter of an hour; in a chat 45 s."""
    if is_chat:
        return enqueued_at + LONGEST_FOR_OWNER_OF_CHAT
    return enqueued_at + min(LONGEST_FOR_OWNER, timedelta(seconds=_target(complaint, service_hours()) / 4))


def gone_since(at: datetime) -> datetime:
    """The moment a quarter of an hour of working time before ``at``: whoever left before that is gone."""
    left = GONE_FOR
    for start, end in reversed(service_hours().windows(at - LOOK_BACK, at)):
        if end - start >= left:
            return end - left
        left -= end - start
    return at - LOOK_BACK


def _target(complaint: Complaint, hours: Hours) -> float:
    """Seconds of working time from the start of the answer that is owed to its due moment; those of the wall where there are none."""
    if complaint.due_kind not in ANSWER_KINDS:
        return 2 * LONGEST_UNTOUCHED.total_seconds()
    return hours.between(complaint.due_since, complaint.due_at) or max(0.0, (complaint.due_at - complaint.due_since).total_seconds())
