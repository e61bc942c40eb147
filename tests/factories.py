"""Builders: each makes what it needs and takes overrides. Complaints are filed and moved through the services."""

from collections.abc import Iterable
from datetime import timedelta
from itertools import count
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.utils import timezone

from accounts.models import Calendar, Membership, Team, User
from accounts.roles import PERMISSIONS
from accounts.services import publish_calendar
from complaints.lifecycle import Status
from complaints.models import Category, Complaint, Form
from complaints.services import Filing, file_complaint
from foundation.crypto import blind_index
from orders.models import Customer, Merchant, MerchantMember, Order, OrderLine

_numbers = count(1)


def make_team(code: str = "logistics", **overrides: Any) -> Team:
    """The team of this code, made if it is missing."""
    return Team.objects.get_or_create(code=code, defaults={"name_zh": "物流组", "name_en": "Delivery", **overrides})[0]


def make_calendar(code: str = "service", **overrides: Any) -> Calendar:
    """The calendar of this code: with its version 1, open 09:00-21:00 daily and following no public days unless told otherwise.

    The shipped calendars with their public days come from ``accounts.services.load_calendars()``.
    """
    calendar = Calendar.objects.filter(code=code).first()
    if calendar is None:
        calendar = Calendar(code=code, name_zh="客服时间", name_en="Service hours")
        content = {"week": [[[540, 1260]]] * 7, "zone": "Asia/Shanghai", "follows_public_days": False, **overrides}
        publish_calendar(calendar, by=None, expected_version=None, **content)
    return calendar


def make_user(role: str = "agent", *, teams: Iterable[Team] | None = None, shops: Iterable[Merchant] = (), **overrides: Any) -> User:
    """Somebody with a role; agents and leads are in the logistics team unless told otherwise, and leads lead their teams."""
    number = next(_numbers)
    fields = {"username": f"{role}{number}", "name": f"王{number}", "email": f"{role}{number}@shop.example", **overrides}
    user = User.objects.create(password="!", **fields)
    if role:
        user.groups.add(make_role(role))
    if teams is None:
        teams = [make_team()] if role in ("agent", "lead") else []
    Membership.objects.bulk_create([Membership(team=team, user=user, is_lead=role in ("lead", "manager")) for team in teams])
    MerchantMember.objects.bulk_create([MerchantMember(merchant=shop, user=user) for shop in shops])
    return user


def make_role(role: str) -> Group:
    """The group of a role with exactly its permissions."""
    group, is_new = Group.objects.get_or_create(name=role)
    if is_new:
        codenames = {name.split(".")[1] for name in PERMISSIONS[role]}
        known = Permission.objects.filter(codename__in=codenames).select_related("content_type")
        group.permissions.set([each for each in known if f"{each.content_type.app_label}.{each.codename}" in PERMISSIONS[role]])
    return group


def make_merchant(code: str = "qinghe", **overrides: Any) -> Merchant:
    """The shop of this code, made if it is missing."""
    return Merchant.objects.get_or_create(code=code, defaults={"name": "青禾优选", **overrides})[0]


def make_customer(**overrides: Any) -> Customer:
    number = next(_numbers)
    fields = {
        "external_id": f"c{number}",
        "name": "李小满",
        "phone": f"138{number:08}",
        "email": f"customer{number}@mail.example",
        **overrides,
    }
    fields.setdefault("merchant", None)
    fields["merchant"] = fields["merchant"] or make_merchant()
    fields.setdefault("phone_index", blind_index(fields["phone"], purpose="phone"))
    fields.setdefault("phone_tail_index", blind_index(fields["phone"][-4:], purpose="phone_tail"))
    fields.setdefault("email_index", blind_index(fields["email"].lower(), purpose="email"))
    return Customer.objects.create(**fields)


def make_order(*, lines: int = 1, customer: Customer | None = None, **overrides: Any) -> Order:
    """An order with ``lines`` kinds of goods at ¥99 each."""
    number = next(_numbers)
    customer = customer or make_customer()
    fields = {
        "merchant": customer.merchant,
        "customer": customer,
        "external_id": f"o{number}",
        "number": f"QH{number:010}",
        "status": Order.Status.SHIPPED,
        "total_fen": 9900 * lines,
        "placed_at": timezone.now() - timedelta(days=3),
        "receiver_name": customer.name,
        "receiver_phone": customer.phone,
        "receiver_phone_index": customer.phone_index,
        **overrides,
    }
    order = Order.objects.create(**fields)
    OrderLine.objects.bulk_create(
        [
            OrderLine(order=order, external_id=str(line), sku=f"SKU{line}", title=f"白茶 {line} 号", unit_fen=9900, paid_fen=9900)
            for line in range(1, lines + 1)
        ]
    )
    return order


def make_category(code: str = "logistics.stalled", **overrides: Any) -> Category:
    """The category of this code with one published form, made if it is missing."""
    fields = {"root": code.partition(".")[0], "name_zh": "物流无更新", "name_en": "No delivery news", "priority": 1, **overrides}
    if "team" not in fields:
        fields["team"] = make_team()
    category, is_new = Category.objects.get_or_create(code=code, defaults=fields)
    if is_new:
        Form.objects.create(category=category, fields=[])
    return category


def make_filing(**overrides: Any) -> Filing:
    """What a customer would file about a parcel that does not move; matched to an order when one is given."""
    category = overrides.pop("category", None) or make_category()
    order = overrides.get("order")
    fields = {
        "merchant": order.merchant if order else make_merchant(),
        "customer": order.customer if order else None,
        "category": category,
        "form": category.forms.order_by("-version").first(),
        "description": "包裹三天没有更新了。",
        "contact_name": "李小满",
        "contact_phone": "13800001234",
        "contact_email": "xiaoman@mail.example",
        **overrides,
    }
    return Filing(**fields)


def make_complaint(status: str = Status.NEW, *, by: User | None = None, assignee: User | None = None, **overrides: Any) -> Complaint:
    """A complaint that was filed and then brought into a state by the verbs that lead there; ``by`` files it for the customer."""
    from tests.journeys import bring_to

    complaint = file_complaint(make_filing(**overrides), by=by)
    return bring_to(complaint, status, assignee=assignee)
