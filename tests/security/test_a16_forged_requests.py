"""Requests that another site makes in somebody's name: forms without our token, and links that would change something."""

from fnmatch import fnmatch
from pathlib import Path

import pytest
from django.db import connection
from django.urls import resolve

from tests.security.house import House
from tests.security.routes import Route, body_of, every_route
from tests.security.visitors import read_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
EXEMPT = [line for line in Path(__file__).with_name("csrf_exempt.txt").read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
# What a GET may write: who saw what, when somebody was last here, and the opened link's own traces.
TRACES = {"django_session", "accounts_accesslog", "orders_apitoken", "accounts_user"}
WRITTEN = "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables WHERE n_tup_ins + n_tup_upd + n_tup_del > 0"


def is_exempt(route: Route) -> bool:
    return any(fnmatch(route.name, pattern) for pattern in EXEMPT)


def written() -> dict[str, int]:
    """Rows that this transaction has written so far, by table; rolled back ones count too."""
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN)
        return dict(cursor.fetchall())


def test_exempt_addresses_are_the_reviewed_ones():
    house = House()

    wrong = [
        route.key
        for route in every_route()
        if getattr(resolve(route.path(house).partition("?")[0]).func, "csrf_exempt", False) != is_exempt(route)
    ]

    assert wrong == []


@pytest.mark.parametrize("role", ["customer", "lead", "admin"])
def test_every_form_without_the_token_is_refused(role):
    house = House()

    answers = {
        route.key: house.client(role, enforce_csrf_checks=True).post(route.path(house), body_of(house, route.name)).status_code
        for route in every_route()
        if not is_exempt(route)
    }

    assert {key: status for key, status in answers.items() if status != 403 and key not in NO_VIEW} == {}


# No view is reached, so there is nothing to protect.
NO_VIEW = {"admin:password-new"}


@pytest.mark.parametrize(
    ("method", "role"), [("GET", "customer"), ("GET", "manager"), ("GET", "admin"), ("GET", "integration"), ("HEAD", "agent")]
)
def test_reading_changes_nothing(method, role):
    house, changed = House(), {}

    for route in every_route():
        before = written()
        read_all(house.client(role).generic(method, route.path(house)))
        tables = {name for name, count in written().items() if count != before.get(name, 0)} - TRACES
        if tables:
            changed[route.key] = tables

    assert changed == {}
