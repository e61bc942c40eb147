"""A short past of a house, lived through its services with a clock that is moved along."""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import time_machine
from django.utils import timezone

from analytics.ledger.filling import fill_from_complaints, fill_from_orders, fill_from_readings, fill_sums
from complaints.models import Complaint, Event, EventFeed
from complaints.services import (
    confirm_complaint,
    decline_complaint,
    post_customer_message,
    post_reply,
    reopen_complaint,
    resolve_complaint,
    withdraw_complaint,
)
from foundation.events import sequence_feed
from knowledge.help.sessions import settle_readings
from knowledge.models import ReadingSession
from orders.models import OrderEvent, OrderFeed
from tests.factories import make_calendar, make_category, make_complaint, make_user


def fill() -> None:
    """Bring the ledger up to what has happened."""
    while sequence_feed(Event, EventFeed) or sequence_feed(OrderEvent, OrderFeed):
        continue
    settle_readings()
    while fill_from_complaints() or fill_from_orders() or fill_from_readings() or fill_sums():
        continue


@dataclass(frozen=True)
class Past:
    """The days that were lived, and the moment at which that ended."""

    first: date
    last: date
    now: datetime
    complaints: tuple[int, ...]


def make_past(luck: random.Random, *, days: int, complaints: int) -> Past:
    """Complaints of all kinds over some days until now, folded."""
    make_calendar()
    agents = [make_user("agent") for _number in range(3)]
    lead = make_user("lead")
    categories = [make_category("logistics.stalled"), make_category("refund.quality")]
    now = timezone.now()
    began = now - timedelta(days=days)
    ids = []
    for _number in range(complaints):
        at = began + timedelta(seconds=luck.uniform(0, days * 86_400 * 0.95))
        ids.append(_live(luck, at, now, luck.choice(agents), lead, luck.choice(categories)))
    ReadingSession.objects.bulk_create([_read(luck, began + timedelta(days=luck.uniform(0, days)), number) for number in range(complaints)])
    fill()
    local = timezone.localtime
    return Past(local(began).date(), local(now).date(), now, tuple(ids))


def _live(luck: random.Random, at: datetime, now: datetime, agent, lead, category) -> int:
    with time_machine.travel(at, tick=False) as clock:
        channel = luck.choice(list(Complaint.Channel.values)[:4])
        complaint = make_complaint(assignee=agent, category=category, channel=channel)

        def pause(hours: float) -> bool:
            """Move the clock on, unless that would be the future."""
            clock.shift(timedelta(hours=hours))
            return timezone.now() < now

        for step in luck.sample([_reply, _write, _resolve, _withdraw, _decline], k=luck.randint(0, 5)):
            if not pause(luck.uniform(0.01, 20)):
                break
            complaint.refresh_from_db()
            step(complaint, agent, lead)
    return complaint.pk


def _read(luck: random.Random, at: datetime, number: int) -> ReadingSession:
    helped, complained = (at + timedelta(hours=luck.uniform(0, 20)) if luck.random() < share else None for share in (0.6, 0.3))
    about = {
        "language": luck.choice(["zh-hans", "en"]),
        "article_code": luck.choice("ab"),
        "category_code": luck.choice(["", "refund.slow"]),
    }
    return ReadingSession(digest=str(number), began_at=at, last_at=at, helped_at=helped, complained_at=complained, **about)


def _reply(complaint, agent, lead):
    if complaint.status not in ("merged", "spam"):
        post_reply(complaint, body="已收到，正在处理", by=agent, expected_version=None)


def _write(complaint, agent, lead):
    post_customer_message(complaint, body="还没有消息吗")


def _resolve(complaint, agent, lead):
    if complaint.status in ("open", "waiting_customer") and complaint.first_reply_at and not complaint.needs_reply:
        liability = {"carrier": 60, "shop": 40}
        resolve_complaint(complaint, resolution="已补发", reason_code="lost", liability=liability, by=agent, expected_version=None)


def _withdraw(complaint, agent, lead):
    if complaint.is_live:
        withdraw_complaint(complaint, as_customer=True)


def _decline(complaint, agent, lead):
    if complaint.status == "open" and complaint.first_reply_at and not complaint.needs_reply:
        decline_complaint(complaint, facts="超出期限", reason_code="late", basis="规则 1", by=lead, expected_version=None)


__all__ = ["Past", "confirm_complaint", "fill", "make_past", "reopen_complaint"]
