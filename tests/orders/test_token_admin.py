import re

import pytest

from orders.models import ApiToken
from orders.tokens import authenticate
from tests.accounts.builders import make_person
from tests.api.machine import Machine
from tests.factories import make_merchant

pytestmark = pytest.mark.django_db
LIST = "/admin/orders/apitoken/"


@pytest.fixture
def admin(client):
    client.force_login(make_person("admin"))
    return client


def test_administrator_makes_a_token_and_sees_it_once(admin):
    fields = {"merchant": make_merchant().pk, "name": "ERP", "scopes": ["orders:read"], "expires_at_0": "", "expires_at_1": ""}

    shown = admin.post(f"{LIST}add/", fields, follow=True).content.decode()

    secret = re.search(r"bh_[\w-]{40,}", shown)[0]
    assert authenticate(secret).name == "ERP"
    assert secret not in admin.get(LIST).content.decode()


def test_administrator_revokes_a_token(admin):
    machine = Machine("orders:read")

    admin.post(LIST, {"action": "revoke", "_selected_action": [machine.token.pk]})

    assert authenticate(machine.secret) is None


def test_tokens_are_neither_changed_nor_searched_by_their_hash(admin):
    token = Machine("orders:read").token

    assert admin.post(f"{LIST}{token.pk}/change/", {"scopes": ["pii"]}).status_code == 403
    assert admin.get(f"{LIST}?digest__startswith=a").status_code == 400
    assert token.digest not in admin.get(f"{LIST}{token.pk}/change/").content.decode()


@pytest.mark.parametrize("role", ["agent", "lead", "manager", "finance", "warehouse"])
def test_tokens_are_closed_to_other_roles(client, role):
    client.force_login(make_person(role))

    assert client.get(LIST).status_code == 403
    assert client.post(f"{LIST}add/", {}).status_code == 403
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("path", ["merchant", "warehouse", "carrier", "apitoken", "importrun"])
def test_every_list_of_an_administrator_opens(admin, path):
    assert admin.get(f"/admin/orders/{path}/").status_code == 200
