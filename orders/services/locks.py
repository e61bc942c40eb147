"""One sync of a shop at a time, so that a batch can compare with what is stored before it writes."""

from django.db import connection

from orders.models import Merchant


def lock_sync(merchant: Merchant) -> None:
    """Wait for other syncs of this shop; held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('orders.sync'), %s)", [merchant.pk])
