"""Names from an address never become the name of a column, a join or an operator."""

import pytest
from django.db import connection, reset_queries
from django.test.utils import CaptureQueriesContext
from django.utils.http import urlencode

from complaints.models import Complaint, SavedView
from tests.security.house import House, undone
from tests.security.routes import every_route
from tests.security.test_a02_enumeration import VALUE
from tests.security.visitors import read_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
NAMES = {
    "a;--": "1",
    "__": "1",
    "_connector": "OR",
    "_negated": "1",
    "status__in": "new",
    "contact_phone__startswith": "1",
    "customer__phone_index__gt": "0",
    "assignee__password__startswith": "md5",
    "team__members__user__password__regex": "^(a+)+$",
    "merchant": "2",
    "pk": "1",
    "id__gt": "0",
    "order_by": "password",
    "ordering": "-assignee__password",
    "sort": "1); DROP TABLE x;--",
    "fields": "contact_phone",
    "expand": "customer",
    "\u0000\x1b%s%(x)s{0}": "%s",
    "filter": '{"status__regex": "."}',
}
READERS = ("customer", "lead", "manager", "integration")
CONFIGURATION = ("admin:accounts", "admin:orders", "admin:knowledge", "admin:complaints")  # refused with 400, see A28


def own_of(name: str) -> set[str]:
    """Names that a page really takes: the figures of one shop."""
    return {"merchant"} if name.startswith("admin:reports") else set()


def tables_asked(house: House, role: str, path: str) -> tuple:
    """The status of a page and the statements that it sent, without their values."""
    reset_queries()  # the log of queries has an end, and what lies beyond it would not be compared
    with CaptureQueriesContext(connection) as queries:
        answer = undone(lambda: house.client(role).get(path))
        read_all(answer)
    return answer.status_code, [VALUE.sub("?", each["sql"]) for each in queries if "SAVEPOINT" not in each["sql"]]


@pytest.mark.parametrize("role", READERS)
def test_no_page_asks_the_database_otherwise(role):
    house, changed = House(), {}

    for route in every_route():
        if not route.name.startswith(CONFIGURATION):
            path = route.path(house)
            more = ("&" if "?" in path else "?") + urlencode(
                {name: value for name, value in NAMES.items() if name not in own_of(route.name)}
            )
            tables_asked(house, role, path)  # what is read once and kept is read now
            plain, odd = tables_asked(house, role, path), tables_asked(house, role, path + more)
            if odd[0] >= 500 or odd != plain:
                changed[route.key] = (plain[0], odd[0])

    assert changed == {}


@pytest.mark.parametrize("name", NAMES)
def test_a_saved_view_keeps_no_name_that_is_not_a_filter(name):
    house = House()

    house.client("agent").post("/admin/desk/views/", {"name": "x", name: NAMES[name], "status": ["open", "__in"], "match": "OR"})

    saved = SavedView.objects.filter(name="x").first()
    assert saved is None or saved.filter == {"match": "all", "status": ["open"]}


@pytest.mark.parametrize(
    "kept", [{"status__regex": ["."]}, {"status": ["' OR 1=1"]}, {"team": [{"$ne": 1}]}, {"_connector": ["OR"]}, {"tag": "x"}]
)
def test_a_view_that_was_tampered_with_opens_nothing(kept):
    house = House()
    SavedView.objects.filter(pk=house.view.pk).update(filter=kept)

    answer = house.client("outsider").get(f"/admin/desk/?view=saved-{house.view.pk}")
    own = house.client("agent").get(f"/admin/desk/?view=saved-{house.view.pk}")

    assert {answer.status_code, own.status_code} <= {200, 302, 404}
    assert house.own.number not in answer.content.decode()


@pytest.mark.parametrize("query", ["ordering=password", "order_by=a;--", "status=new;--", "sort=__", "limit=1e9", "limit=-1", "cursor=__"])
def test_a_machine_orders_and_filters_by_nothing_else(query):
    house = House()
    plain = house.client("integration").get("/api/v1/complaints/").json()

    answer = house.client("integration").get(f"/api/v1/complaints/?{query}")

    assert answer.status_code == 400 or answer.json()["results"] in (plain["results"], [])
    assert Complaint.objects.count() == 2
