"""What this app does by itself: it puts its events in commit order, reads what carriers tell, and asks them."""

from datetime import timedelta
from functools import partial

from celery import shared_task

from foundation.events import sequence_feed
from foundation.jobs import periodic
from foundation.leases import wake_or_work
from foundation.retention import keep
from foundation.sweeps import sweep
from orders.models import ImportRun, InboundPush, OrderEvent, OrderFeed, WaybillFeed, WaybillScan
from orders.services.green import mark_green_customers
from orders.services.pushes import BATCH as PUSHES
from orders.services.pushes import TASK as READ_PUSHES
from orders.services.pushes import read_pushes
from orders.services.watching import BATCH as WATCHES
from orders.services.watching import TASK as ASK_CARRIERS
from orders.services.watching import ask_carriers, due_watches

BATCH = 1000
MOST_ROUNDS = 20
PUSHES_KEPT = timedelta(days=180)


@sweep("orders.feed", every=2)
def sequence_order_feed() -> int:
    """Give new order events their place in the feed, at most twenty thousand in one round."""
    return _in_rounds(lambda: sequence_feed(OrderEvent, OrderFeed, limit=BATCH), BATCH)


@sweep("orders.waybill_feed", every=2)
def sequence_waybill_feed() -> int:
    """Give new scans of watched waybills their place in their feed."""
    return _in_rounds(lambda: sequence_feed(WaybillScan, WaybillFeed, limit=BATCH), BATCH)


@shared_task(name=READ_PUSHES, lane="clocks")
def read_carrier_news() -> int:
    """A hint that a carrier pushed something."""
    return _in_rounds(read_pushes, PUSHES)


@sweep("orders.pushes", every=2)
def sweep_pushes() -> int:
    """Read the pushes whose hint was lost; nothing in it waits for anybody."""
    return _in_rounds(read_pushes, PUSHES)


@shared_task(name=ASK_CARRIERS, lane="bulk")
def ask_about_waybills() -> int:
    """A hint that carriers are to be asked: this waits for them, so it has a lane in which nobody waits for it."""
    return _in_rounds(ask_carriers, WATCHES)


@sweep("orders.watches", every=10)
def sweep_watches() -> int:
    """Wake the worker that asks carriers; ask about the one waybill that is latest here when no worker listens."""
    return wake_or_work(due_watches(), task=ASK_CARRIERS, work=partial(ask_carriers, limit=1))


@periodic("orders.green_channel", every=timedelta(days=1))
def sort_green_channel() -> int:
    """Let customers into the green channel, and out of it, by what they paid within a year."""
    return mark_green_customers()


@keep("orders.imports", period="IMPORTS")
def old_imports(before):
    """What imports found, past its period."""
    return ImportRun.objects.filter(started_at__lt=before).order_by("pk")


@keep("orders.pushes")
def old_pushes(now):
    """Pushes of carriers as they came; what they said has long been written where it belongs."""
    return InboundPush.objects.filter(received_at__lt=now - PUSHES_KEPT).order_by("pk")


def _in_rounds(work, full: int) -> int:
    """Repeat as long as there is a full round of work, at most twenty times, so that a sweep ends; returns how much was done."""
    total = 0
    for _round in range(MOST_ROUNDS):
        done = work()
        total += done
        if done < full:
            break
    return total
