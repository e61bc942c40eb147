"""The pages of figures: who sees them, and that every mark is as large as its list."""

import random

import pytest
from django.urls import reverse

from analytics.desk.boards import BOARDS
from tests.analytics.builders import make_past
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client):
    past = make_past(random.Random(3), days=8, complaints=12)
    from orders.models import Merchant

    user = make_user("manager", shops=Merchant.objects.all())
    client.force_login(user)
    return user, past


@pytest.mark.parametrize("key", list(BOARDS))
def test_every_board_opens(key, manager, client):
    answer = client.get(reverse("admin:reports-board", args=[key]))

    assert answer.status_code == 200
