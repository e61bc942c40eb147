"""Keys of personal fields are replaced while the house works."""

import base64

import pytest
from django.core.management import call_command

from foundation.crypto import DecryptionError
from orders.models import Customer
from tests.factories import make_complaint, make_customer, make_order

pytestmark = pytest.mark.django_db
OLD, NEW = (base64.urlsafe_b64encode(bytes([number]) * 32).decode() for number in (1, 2))


def test_rotate_keys_makes_the_old_key_needless(settings):
    settings.BIHUAN_KEYS = [OLD]
    complaint = make_complaint(order=make_order(customer=make_customer(name="陈小雨")), contact_phone="13800001234")
    settings.BIHUAN_KEYS = [NEW, OLD]

    call_command("rotate_keys", "--batch", "1", verbosity=0)

    settings.BIHUAN_KEYS = [NEW]
    complaint.refresh_from_db()
    assert (complaint.contact_phone, complaint.order.customer.name, complaint.order.receiver_name) == ("13800001234", "陈小雨", "陈小雨")


def test_without_it_the_old_key_is_needed(settings):
    settings.BIHUAN_KEYS = [OLD]
    customer = make_customer(name="陈小雨")
    settings.BIHUAN_KEYS = [NEW]

    with pytest.raises(DecryptionError, match="BIHUAN_KEYS lacks the key"):
        Customer.objects.get(pk=customer.pk)
