"""Waits and windows that are the same for every complaint. How soon an answer is owed stands in the policies (``complaints.sla``)."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

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
# How long the page of a customer who talks with us may be silent until our lines go by mail as well.
CHAT_AWAY = timedelta(minutes=1)
SURVEY_AFTER = timedelta(hours=2)
CALL_AFTER = timedelta(hours=24)
SURVEY_WINDOW = timedelta(days=14)
SURVEY_EVERY = timedelta(days=14)
SHOP_SURVEY_EVERY = timedelta(days=90)
# A survey that could not be ended is looked at again then.
SURVEY_AGAIN = timedelta(minutes=10)
SURVEY_EDIT = timedelta(days=7)
# Working time in which a lead looks at a low score.
LOW_SCORE_WITHIN = timedelta(hours=4)
# How long a link for personal data is fresh; it is made in the moment in which its mail leaves.
PROOF_FOR = timedelta(minutes=30)

# How far back a customer's own send time is believed.
LONGEST_ON_THE_WAY = timedelta(hours=72)


def believed(sent_at: datetime, *, now: datetime) -> datetime:
    """When a customer wrote, by what the sender's clock says: never later than now and at most 72 hours ago."""
    return min(max(sent_at, now - LONGEST_ON_THE_WAY), now)


def end_of_day(day: date) -> datetime:
    """The last minute of a day in the shop's zone."""
    return timezone.make_aware(datetime.combine(day, time(23, 59)))
