"""Who may do what: every address of the site with every role, against the table in role_matrix.csv."""

import csv
import json
from pathlib import Path

import pytest

from tests.security.house import ROLES, House, undone
from tests.security.routes import Route, body_of, every_route, json_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
MATRIX = Path(__file__).with_name("role_matrix.csv")
METHODS = ("GET", "POST")


def table() -> dict[str, dict[str, str]]:
    """The expected answer by "METHOD route" and role."""
    with MATRIX.open(encoding="utf-8") as rows:
        return {f"{row['method']} {row['route']}": row for row in csv.DictReader(rows)}


def ask(house: House, role: str, method: str, route: Route) -> str:
    """The status of one request; what it changed is undone."""
    return str(undone(lambda: send(house, role, method, route)).status_code)


def send(house: House, role: str, method: str, route: Route):
    client, path = house.client(role), route.path(house)
    if method != "POST":
        return client.generic(method, path)
    if path.startswith("/api/"):
        return client.post(path, json.dumps(json_of(house, route.name)), content_type="application/json")
    return client.post(path, body_of(house, route.name))


def test_every_route_is_listed_and_every_listed_route_exists():
    wanted = {f"{method} {route.key}" for route in every_route() for method in METHODS}

    assert set(table()) == wanted


def test_no_cell_is_empty():
    assert [name for name, row in table().items() if not all(row[role].isdigit() for role in ROLES)] == []


@pytest.mark.parametrize("role", ROLES)
def test_every_answer_is_the_listed_one(role):
    house, expected = House(), table()

    found = {f"{method} {route.key}": ask(house, role, method, route) for route in every_route() for method in METHODS}

    wrong = [f"{name}: {status}, listed {expected[name][role]}" for name, status in found.items() if status != expected[name][role]]
    assert wrong == []


@pytest.mark.parametrize("role", ["manager", "integration"])
def test_no_other_method_opens_a_page_of_the_desk_the_portal_or_the_api(role):
    house = House()
    routes = [route for route in every_route() if route.name.startswith(("admin:desk", "api-complaint", "api-attachment", "complaints:"))]

    opened = {f"{method} {route.key}": ask(house, role, method, route) for route in routes for method in ("PUT", "PATCH", "DELETE")}

    assert {name: status for name, status in opened.items() if status[0] == "2" and "landing" not in name} == {}
