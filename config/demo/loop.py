"""Spikes and improvement items of the demo shop: a carrier that breaks things since yesterday, and what the shop does about its causes."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import User
from analytics.improvements.measuring import follow_improvements
from analytics.improvements.verbs import (
    accept_improvement,
    begin_improvement,
    finish_improvement,
    link_complaint,
    propose_improvement,
)
from analytics.ledger.filling import fill_from_complaints, fill_from_orders
from analytics.models import Improvement
from analytics.spikes.finding import find_spikes
from complaints.models import Category, Complaint, Event, EventFeed
from complaints.services import Filing, file_complaint
from foundation.events import sequence_feed
from orders.models import Merchant, Order, OrderEvent, OrderFeed

from .corpus import chance
from .marks import add_marks
from .rhythm import likely_moment

CARRIER, CATEGORY = "zto", "logistics.damaged"
ARRIVED = (Order.Status.DELIVERED, Order.Status.CONFIRMED)
DAMAGED = 16
SINCE, LATEST = timedelta(hours=20), timedelta(minutes=20)
WORDS = (
    "外箱压扁了，里面的罐子裂了一道口。",
    "打开就闻到漏出来的味道，两瓶碎了一瓶。",
    "快递盒角全破了，商品上有很深的划痕。",
    "箱子是湿的，包装纸都烂了，东西没法用。",
)


def add_loop(merchant: Merchant) -> int:
    """File what the spike is made of, let it be found, and bring improvement items into three states; returns how many there are."""
    now = timezone.now()
    damaged = [_file(order, words, at) for order, words, at in _plan(merchant, now)]
    _fill_ledger()
    find_spikes(now)
    lead, manager = (User.objects.get(username=name) for name in ("zhou.lead", "shen.manager"))
    items = [_propose(lead, damaged), _begin(lead, manager), _measure(lead, manager)]
    follow_improvements()
    add_marks()
    return len(items)


def _plan(merchant: Merchant, now: datetime) -> Iterator[tuple[Order, str, datetime]]:
    """Delivered orders of one carrier that nobody has complained about, with what is said and when."""
    arrived = Order.objects.filter(merchant=merchant, status__in=ARRIVED, complaints=None, shipments__carrier__code=CARRIER)
    orders = arrived.select_related("customer", "merchant").order_by("-placed_at", "-pk").distinct()[:DAMAGED]
    luck = chance(merchant.pk, "complaint", DAMAGED)
    moments = sorted((likely_moment(now - SINCE, now - LATEST, luck) for _ in range(DAMAGED)), reverse=True)
    for number, order in enumerate(orders):
        yield order, WORDS[number % len(WORDS)], moments[number]


def _file(order: Order, words: str, at: datetime) -> Complaint:
    category = Category.objects.get(code=CATEGORY)
    customer = order.customer
    filing = Filing(
        merchant=order.merchant,
        customer=customer,
        order=order,
        category=category,
        form=category.forms.order_by("-version").first(),
        description=words,
        contact_name=customer.name,
        contact_phone=customer.phone,
        contact_email=customer.email,
        filed_at=at,
    )
    return file_complaint(filing, by=None)


def _fill_ledger() -> None:
    """Let the figures know all of the shop."""
    for event, feed in ((Event, EventFeed), (OrderEvent, OrderFeed)):
        while sequence_feed(event, feed):
            continue
    while fill_from_complaints() or fill_from_orders():
        continue


def _propose(lead: User, damaged: list[Complaint]) -> Improvement:
    about = {"category": CATEGORY, "carrier": CARRIER, "department": Improvement.Department.CARRIER}
    item = propose_improvement(title="请中通核查转运中心的装卸", target_percent=50, by=lead, **about)
    for complaint in damaged[:3]:
        link_complaint(item, complaint, by=lead)
    return item


def _begin(lead: User, manager: User) -> Improvement:
    about = {"category": "logistics.stalled", "department": Improvement.Department.WAREHOUSE}
    item = propose_improvement(title="下午四点后的订单改到次日一早交运", target_percent=30, by=lead, **about)
    accept_improvement(item, owner=lead, due_on=timezone.localdate() + timedelta(days=10), by=manager, expected_version=None)
    return begin_improvement(item, cause="四点后打包的包裹错过当日班车，在网点停一天。", by=lead, expected_version=None)


def _measure(lead: User, manager: User) -> Improvement:
    about = {"category": CATEGORY, "department": Improvement.Department.PRODUCT}
    item = propose_improvement(title="玻璃瓶改用蜂窝纸内衬", target_percent=40, by=manager, **about)
    accept_improvement(item, owner=lead, due_on=timezone.localdate() + timedelta(days=3), by=manager, expected_version=None)
    begin_improvement(item, cause="单层气泡袋挡不住跌落，瓶口先碎。", by=lead, expected_version=None)
    return finish_improvement(item, action="两个仓库都换成蜂窝纸内衬，附装箱图。", by=lead, expected_version=None)
