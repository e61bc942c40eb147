"""Fields that nobody asked for: on top of a request that is in order they change nothing that it would not have changed anyway."""

import json
from datetime import datetime
from html.parser import HTMLParser
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.db import connection, models, transaction
from django.utils import timezone

from accounts.models import Membership, User
from complaints.models import Attachment, Category, Complaint, Message, SavedView
from foundation.crypto import EncryptedTextField
from orders.models import ApiToken, Customer, MerchantMember, Order
from tests.security.house import House
from tests.security.routes import Route, body_of, every_route, json_of
from tests.security.visitors import read_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
WATCHED = (
    User,
    User.groups.through,
    Membership,
    MerchantMember,
    ApiToken,
    Complaint,
    Message,
    Attachment,
    Category,
    SavedView,
    Customer,
    Order,
)
# Drawn anew for every row, or counted on by the database even when a change is taken back.
DRAWN = ["id", "pk", "number", "key", "path", "preview_path", "digest", "prefix", "head_hash", "password", "external_id", "complaint_id",
         "customer_id", "contact_id", "actor_id", "user_id", "totp_secret", "last_used_at"]  # fmt: skip
ALSO = {"groups": [1], "role": "admin", "roles": "admin", "state": "closed", "amount": "1", "approved_by": 1, "secret_hash": "x",
        "user_permissions": [1], "is_upheld_by": 1, "author": 1, "by": 1, "_state": "x", "__class__": "x", "pk": 1, "id": 1}  # fmt: skip
ROLES = ("customer", "agent", "manager", "admin", "integration")


def forged(house: House, known: dict) -> dict[str, Any]:
    """Every column of what is worth changing, by its name and as a foreign key, with a value of its kind."""
    columns = [field for model in (Order, Customer, Attachment, Message, User, Complaint) for field in model._meta.concrete_fields]
    values = {name: value_for(field, house) for field in columns for name in {field.name, field.attname}}
    return {name: value for name, value in (values | ALSO).items() if name not in known}


def value_for(field: models.Field, house: House) -> Any:
    if field.is_relation:
        return house.users["rival"].pk if field.related_model is User else house.twin.pk
    if isinstance(field, models.BooleanField):
        return "on"
    if isinstance(field, models.DateTimeField):
        return datetime(2001, 1, 1, tzinfo=timezone.get_current_timezone()).isoformat()
    if isinstance(field, models.IntegerField):
        return 7
    return field.choices[-1][0] if field.choices else "FORGED"


def rows_of_everything() -> dict[str, list[str]]:
    found = {}
    with connection.cursor() as cursor:
        for model in WATCHED:
            table = model._meta.db_table
            sealed = [field.attname for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField)]
            cursor.execute(f"SELECT (to_jsonb(t) - %s::text[])::text FROM {table} t ORDER BY 1", [DRAWN + sealed])
            found[table] = [row for (row,) in cursor.fetchall()]
            if names := [name for name in sealed if name not in DRAWN]:
                found[f"{table}, sealed"] = sorted(json.dumps(row) for row in model.objects.values(*names))
    return found


def after(house: House, role: str, route: Route, body: dict) -> tuple[dict[str, list[str]], bool]:
    """The rows after one request, which is taken back then, and whether it was taken."""
    path = route.path(house)
    with transaction.atomic():
        client = house.client(role)
        if path.startswith("/api/"):
            answer = client.post(path, json.dumps(body), content_type="application/json")
        else:
            answer = client.post(path, body)
        read_all(answer)
        found = rows_of_everything()
        transaction.set_rollback(True)
    return found, is_taken(answer)


def is_taken(answer) -> bool:
    return answer.status_code == 201 or answer.status_code in (302, 303) and "/login/" not in answer.headers["Location"]


def words_for(house: House, role: str, route: Route) -> dict[str, Any]:
    """A request that is in order: what the page's own form holds, or what fits every form of desk and portal."""
    if route.name.startswith(SYNCED):
        return {"rows": [SYNCED_ROWS[route.name] | {"external_id": house.own.order.external_id}]}
    if route.path(house).startswith("/api/"):
        return json_of(house, route.name)
    if route.name.endswith(("_change", "_add")):
        return form_on(house.client(role).get(route.path(house)).content.decode())
    return body_of(house, route.name) | OPTIONAL.get(route.key, {})


# What a form takes besides, and so is not forged there.
OPTIONAL = {
    "admin:desk-act split": {"subject": "另一件事"},
    "admin:desk-view-save": {"status": "open", "channel": "web", "assignee": "me"},
}
SYNCED_ROWS = {"order-list": {"buyer_note": "neu"}, "customer-list": {"name": "neu"}}
SYNCED = tuple(SYNCED_ROWS)


class Fields(HTMLParser):
    """What a browser would send back of a page's forms."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self._name, self._is_text = "", False

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag in ("select", "textarea"):
            self._name, self._is_text = found.get("name", ""), tag == "textarea"
            self._is_text and self.values.setdefault(self._name, [""])
        elif tag == "option" and "selected" in found:
            self.values.setdefault(self._name, []).append(found.get("value", ""))
        elif tag == "input" and is_sent(found):
            self.values.setdefault(found.get("name", ""), []).append(found.get("value", "on"))

    def handle_data(self, text):
        if self._is_text:
            self.values[self._name] = [self.values[self._name][0] + text]

    def handle_endtag(self, tag):
        if tag == "textarea":
            self._is_text = False


def is_sent(control: dict) -> bool:
    return control.get("type") not in ("submit", "file", "search", "checkbox", "radio") or "checked" in control


def form_on(page: str) -> dict[str, list[str]]:
    fields = Fields()
    fields.feed(page)
    return {name: values for name, values in fields.values.items() if name}


@pytest.mark.parametrize("role", ROLES)
def test_forged_fields_change_nothing(role):
    house, wrong, worked = House(), {}, 0
    Group.objects.get_or_create(name="finance")
    with time_machine.travel(timezone.now(), tick=False):
        at_first = rows_of_everything()
        for route in every_route():
            body = words_for(house, role, route)
            plain, taken = after(house, role, route, body)
            worked += taken
            with_more, _taken = after(house, role, route, add_to(body, forged(house, body)))
            if with_more not in (plain, at_first):
                wrong[route.key] = differences(plain, with_more)

    assert wrong == {}
    assert worked >= WORKING[role]


# So many plain requests are in order; with fewer this file looks at nothing.
WORKING = {"customer": 10, "agent": 50, "manager": 50, "admin": 40, "integration": 8}


def add_to(body: dict, more: dict) -> dict:
    """Beside the known fields, and inside each row of a list of rows."""
    rows = [row | {name: value for name, value in more.items() if name not in row} for row in body.get("rows", [])]
    return {"rows": rows} if rows else body | more


def differences(plain: dict, with_more: dict) -> dict[str, list]:
    """The columns of each table that came out otherwise."""
    return {table: columns_between(rows, with_more[table]) for table, rows in plain.items() if rows != with_more[table]}


def columns_between(before: list[str], later: list[str]) -> list:
    pairs = zip(map(json.loads, before), map(json.loads, later), strict=False)
    return [(name, one[name], other[name]) for one, other in pairs for name in one if one[name] != other[name]] or [len(before), len(later)]
