"""When somebody owes the next answer. Fixed hours for now; calendars, policies and clocks take the place of ``next_due``."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from complaints.lifecycle import Status
from complaints.models import Complaint

ANSWER_WAIT = timedelta(hours=72)
REMINDERS = {"reminder_first": timedelta(hours=24), "reminder_second": timedelta(hours=48)}
CONFIRM_WAIT = timedelta(days=7)
REOPEN_WINDOW = timedelta(days=14)
CORRECTION_WINDOW = timedelta(minutes=10)
APPEAL_WINDOW = timedelta(days=15)
APPEAL_ANSWER = timedelta(hours=48)
RESUME_WINDOW = timedelta(days=14)
UNMERGE_WINDOW = timedelta(hours=24)
ESCALATE_AGAIN = timedelta(hours=24)
LONGEST_SNOOZE = timedelta(days=7)
UNDO_SEND = timedelta(seconds=10)
SURVEY_AFTER = timedelta(hours=2)
SURVEY_WINDOW = timedelta(days=14)
# How long a link for personal data is fresh; it is made in the moment in which its mail leaves.
PROOF_FOR = timedelta(minutes=30)
# Hours until a customer's further message is answered, and until the customer hears from us again, by priority (low to urgent).
NEXT_REPLY = (timedelta(hours=8), timedelta(hours=8), timedelta(hours=4), timedelta(hours=1))
UPDATE_EVERY = timedelta(hours=24)


def next_due(complaint: Complaint) -> datetime:
    """The next moment at which somebody here owes something: the sort key of every queue.

    - under appeal: ``APPEAL_ANSWER`` after it was filed;
    - waiting for the customer, snoozed, resolved: when the state ends by itself (``timer_at``);
    - with another department: the end of the expected day;
    - not answered yet in this cycle: the promise;
    - the customer had the last word: ``NEXT_REPLY`` after the first message that waits;
    - we had the last word: ``UPDATE_EVERY`` after it.
    A message in a waiting state pulls the moment forward. A promise already given to the customer is never moved back.
    """
    if complaint.has_open_appeal:
        return complaint.appealed_at + APPEAL_ANSWER
    if complaint.status in (Status.WAITING_CUSTOMER, Status.SNOOZED, Status.RESOLVED):
        return complaint.timer_at
    if complaint.status not in (Status.NEW, Status.OPEN, Status.WAITING_INTERNAL):
        return complaint.due_at
    owed = [end_of_day(complaint.waiting_until)] if complaint.status == Status.WAITING_INTERNAL and complaint.waiting_until else []
    if complaint.first_reply_at is None:
        owed.append(complaint.promise_at)
    elif complaint.unanswered_since:
        owed.append(complaint.unanswered_since + NEXT_REPLY[complaint.priority])
    return min(owed, default=complaint.last_message_at + UPDATE_EVERY)


def end_of_day(day: date) -> datetime:
    """The last minute of a day in the shop's zone."""
    return timezone.make_aware(datetime.combine(day, time(23, 59)))
