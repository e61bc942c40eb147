"""The link that a shop puts beside an order."""

import pytest
from django.conf import settings
from django.test import Client

from orders.models import ApiToken
from tests.api.machine import Machine
from tests.factories import make_order

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offer")]
Scope = ApiToken.Scope


def test_a_filing_link_opens_the_form_with_the_order_known():
    order = make_order(number="QH77001")
    machine = Machine(Scope.COMPLAINTS_CREATE)

    links = machine.post("filing-links/", {"order": order.external_id}).json()

    assert links["url_zh"].startswith(f"{settings.BIHUAN_BASE_URL}/file/?order=")
    for url in (links["url_zh"], links["url_en"]):
        page = Client().get(url.removeprefix(settings.BIHUAN_BASE_URL)).content.decode()
        assert order.lines.get().title in page


def test_a_filing_link_is_made_for_own_orders_only():
    order = make_order(number="QH77002")
    stranger = Machine(Scope.COMPLAINTS_CREATE, shop="elsewhere")

    answer = stranger.post("filing-links/", {"order": order.external_id})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["order"]


def test_a_filing_link_needs_its_scope():
    order = make_order(number="QH77003")

    assert Machine(Scope.COMPLAINTS_READ).post("filing-links/", {"order": order.external_id}).status_code == 403
