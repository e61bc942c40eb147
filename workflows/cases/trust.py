"""Which customers get their money at the first scan: facts that the shop knows, no score."""

from orders.models import Customer
from workflows.models import Recovery


def is_trusted(customer: Customer) -> bool:
    """Good customers of the shop who have not kept goods that were paid back already."""
    is_good = customer.tier == Customer.Tier.VIP or customer.is_green
    return is_good and not Recovery.objects.filter(case__order__customer=customer, debtor=Recovery.Debtor.CUSTOMER).exists()
