"""Who belongs to a shop or warehouse is said on its page; without that nobody sees its orders."""

import pytest

from orders.access import shop_ids, visible_to
from orders.models import Merchant, MerchantMember, Warehouse, WarehouseMember
from tests.accounts.builders import make_person
from tests.api.machine import Machine
from tests.factories import make_merchant, make_order, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    client.force_login(make_person("admin"))
    return client


def member_rows(prefix: str, *users, initial: int = 0) -> dict:
    """What the page sends for its list of members, all of them new."""
    rows = {f"{prefix}-{place}-user": user.pk for place, user in enumerate(users)}
    return {f"{prefix}-TOTAL_FORMS": len(users), f"{prefix}-INITIAL_FORMS": initial, **rows}


def save_shop(client, shop: Merchant, rows: dict):
    fields = {"name": shop.name, "currency": shop.currency, "is_active": "on"}
    return client.post(f"/admin/orders/merchant/{shop.pk}/change/", fields | rows)


def test_a_new_agent_sees_the_orders_of_a_shop_once_they_belong_to_it(admin):
    order, agent = make_order(), make_user("agent")
    assert not visible_to(agent).exists()

    assert save_shop(admin, order.merchant, member_rows("memberships", agent)).status_code == 302

    assert list(visible_to(agent)) == [order]


def test_a_member_is_taken_out_again(admin):
    shop = make_merchant()
    agent = make_user("agent", shops=[shop])
    row = MerchantMember.objects.get(user=agent)

    save_shop(admin, shop, member_rows("memberships", agent, initial=1) | {"memberships-0-id": row.pk, "memberships-0-DELETE": "on"})

    assert not shop_ids(agent).exists()


def test_a_member_of_a_warehouse_is_entered_on_its_page(admin):
    place = Warehouse.objects.create(merchant=make_merchant(), code="hz", name="杭州仓")
    packer = make_user("warehouse")

    admin.post(
        f"/admin/orders/warehouse/{place.pk}/change/",
        {"name": "杭州仓", "merchant": place.merchant_id, **member_rows("memberships", packer)},
    )

    assert WarehouseMember.objects.filter(warehouse=place, user=packer).exists()


def test_machines_are_not_listed_as_members(admin):
    machine = Machine("orders:read")

    page = admin.get(f"/admin/orders/merchant/{machine.token.merchant_id}/change/")

    assert page.context["inline_admin_formsets"][0].formset.initial_form_count() == 0


@pytest.mark.parametrize("role", ["agent", "lead", "manager", "finance", "warehouse"])
def test_other_roles_enter_no_members(client, role):
    shop, person = make_merchant(), make_person(role)
    client.force_login(person)

    assert save_shop(client, shop, member_rows("memberships", person)).status_code == 403
    assert not MerchantMember.objects.filter(user=person).exists()


def test_every_seen_input_of_a_row_says_its_column_and_no_hidden_one_does(admin):
    shop = make_merchant()

    page = admin.get(f"/admin/orders/merchant/{shop.pk}/change/").context["inline_admin_formsets"][0]

    said = {name: field.widget.attrs.get("aria-label") for name, field in page.formset.empty_form.fields.items() if field.widget.is_hidden}
    assert set(said.values()) == {None}
    assert page.formset.empty_form.fields["user"].widget.widget.attrs["aria-label"] == "用户"
