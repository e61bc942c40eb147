"""Facts of complaints that arrived in a month long closed, as a shop would have them."""

from datetime import date, timedelta
from itertools import count, cycle, islice
from typing import Any

from analytics.models import Arrival
from analytics.research.exporting import Wish
from orders.models import Merchant
from tests.factories import make_merchant

JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)
_roots = count(1_000_000)
PLACES = ("广东省", "广西壮族自治区", "北京市", "上海市", "不知道的地方")
CHANNELS = ("web", "web", "phone", "chat", "mail")
CATEGORIES = ("logistics.damaged", "logistics.stalled", "refund.slow")
OUTCOMES = ("solved", "solved", "declined", "withdrawn")


def make_arrivals(number: int, *, merchant: Merchant | None = None, month: date = JANUARY, **overrides: Any) -> list[Arrival]:
    """So many complaints of one month, as different as those of a shop are. They have facts only, no complaint."""
    shop = merchant or make_merchant()
    ways = zip(cycle(PLACES), cycle(CHANNELS[1:]), cycle(CATEGORIES), cycle(OUTCOMES), islice(_roots, number), strict=False)
    rows = [
        Arrival(**_fact(shop, month, root, place, channel, category) | {outcome: 1} | overrides)
        for place, channel, category, outcome, root in ways
    ]
    return Arrival.objects.bulk_create(rows)


def _fact(shop: Merchant, month: date, root: int, place: str, channel: str, category: str) -> dict[str, Any]:
    return {
        "root_id": root,
        "merchant": shop.pk,
        "day": month + timedelta(days=root % 28),
        "province": place,
        "channel": channel,
        "category": category,
        "tier": "vip" if root % 7 == 0 else "standard",
        "language": "zh-hans",
        "sku": f"QH-T{root % 4:02}",
        "carrier": ("sf", "yto")[root % 2],
        "reason": ("carrier", "product", "")[root % 3],
        "arrived": 1,
        "resolvable": 1,
        "frt_s": 60 * (root % 500),
    }


def make_wish(**overrides: Any) -> Wish:
    """January 2026."""
    return Wish(**({"first": JANUARY, "last": date(2026, 1, 31)} | overrides))
