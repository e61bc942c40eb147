"""Orders of a test's own, handed in as the shop does. Those of the demo shop are few, and every test that complains takes one."""

import secrets

from tests.e2e.house import House

HAND_IN = """
from datetime import timedelta
from django.utils import timezone
from orders.models import Merchant
from orders.services import Row, upsert_orders
from tests.orders.builders import make_order_row
buyer = Row("{word}", {{"name": "周一", "phone": "13700000000"}})
sent = {{"status": "shipped", "placed_at": timezone.now() - timedelta(days=3)}}
upsert_orders(Merchant.objects.earliest("pk"), [make_order_row(f"{word}-{{each}}", customer=buyer, **sent) for each in range({count})])
"""
FRESH = "SELECT id, number FROM orders_order WHERE external_id LIKE %s || '-%%' ORDER BY id"


def fresh_orders(house: House, count: int) -> list[tuple[int, str]]:
    """Orders of one thing each that are on their way and that nobody has complained about."""
    word = f"QH{secrets.token_hex(4)}"
    house.run(HAND_IN.format(word=word, count=count))
    return house.rows(FRESH, word)
