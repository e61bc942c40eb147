"""A moment that a prepared text promises to the customer: "30 分钟内回电", "we call you tomorrow"."""

import re
from datetime import datetime, time, timedelta

from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, localtime

SENTENCE = re.compile(r"[^。！？!?\n.;；]+")
# A promise is ours: of "please send it within 7 days" nothing is owed by us.
OURS = re.compile(r"我们|我会|我将|为您|给您|回电|回复您|联系您|答复|\bwe\b|\bI\b|\bI['’]ll\b|\bour\b", re.IGNORECASE)
THEIRS = re.compile(r"请|您可|您需|\bplease\b|\byou (?:can|may|have|need)\b", re.IGNORECASE)
SPAN = re.compile(
    r"(\d{1,3})\s*(?:个)?\s*(分钟|小时|工作日|天|日)\s*(?:之内|以内|内)"
    r"|within\s+(?:the\s+next\s+)?(\d{1,3})\s+(?:working\s+|business\s+)?(minute|hour|day)s?",
    re.IGNORECASE,
)
DAYS = {"今天": 0, "今日": 0, "today": 0, "明天": 1, "明日": 1, "tomorrow": 1, "后天": 2}
DAY = re.compile("|".join(DAYS), re.IGNORECASE)
END_OF_DAY = time(18)
LATEST = timedelta(days=31)


def promised_in(text: str, at: datetime) -> datetime | None:
    """The earliest moment by which a text says that we do something, or None; days end at six in the evening of the shop."""
    ours = [sentence for sentence in SENTENCE.findall(text) if OURS.search(sentence) and not THEIRS.search(sentence)]
    return min((due for sentence in ours for due in _moments(sentence, at) if due - at <= LATEST), default=None)


def read_moment(text: str) -> datetime | None:
    """A moment with its zone, as a form sends it back; None for anything else."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return None if moment is None or is_naive(moment) else moment


def _moments(sentence: str, at: datetime):
    for number, unit, count, word in SPAN.findall(sentence):
        yield _after(int(number or count), (unit or word).lower(), at)
    for day in DAY.findall(sentence):
        yield _end_of_day(DAYS[day.lower()], at)


def _after(count: int, unit: str, at: datetime) -> datetime:
    if unit in ("分钟", "minute"):
        return at + timedelta(minutes=count)
    return at + timedelta(hours=count) if unit in ("小时", "hour") else _end_of_day(count, at)


def _end_of_day(days: int, at: datetime) -> datetime:
    """At six, or two hours from now where it is past that already."""
    due = datetime.combine(localtime(at).date() + timedelta(days=days), END_OF_DAY, tzinfo=localtime(at).tzinfo)
    return due if due > at else at + timedelta(hours=2)
