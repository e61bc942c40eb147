import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import F, Q
from django.db.models.functions import Length
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from foundation.keyset import InvalidCursorError, cursor_at, keyset_page
from tests.foundation.ledger import Account

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ORDERS = [("id",), ("-id",), ("due_at", "id"), ("-due_at", "-id"), ("name", "-due_at", "id"), ("-name", "due_at", "-id"), ("pk",)]


def make_accounts(pairs):
    rows = [Account(name=name, due_at=None if minute is None else NOON + timedelta(minutes=minute)) for name, minute in pairs]
    return Account.objects.bulk_create(rows)


def cursor_of(*values):
    return urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def walk(rows, order, size):
    """All pages forward, then all pages back."""
    forward, page = [], keyset_page(rows, order=order, size=size)
    forward.append(page)
    while page.next_cursor:
        page = keyset_page(rows, order=order, size=size, after=page.next_cursor)
        forward.append(page)
    back = [page]
    while page.previous_cursor:
        page = keyset_page(rows, order=order, size=size, after=page.previous_cursor)
        back.append(page)
    return [page.rows for page in forward], [page.rows for page in reversed(back)]


@pytest.mark.parametrize("order", ORDERS)
@hypothesis_settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pairs=st.lists(st.tuples(st.sampled_from("abc"), st.none() | st.integers(0, 3)), max_size=9), size=st.integers(1, 4))
def test_pages_show_every_row_once_in_order_both_ways(tables, order, pairs, size):
    Account.objects.all().delete()
    make_accounts(pairs)
    expected = list(Account.objects.order_by(*order))

    forward, back = walk(Account.objects.all(), order, size)

    assert [row for rows in forward for row in rows] == expected
    assert back == forward


def test_a_page_is_one_query(tables, django_assert_num_queries):
    make_accounts([("a", 1)] * 5)
    first = keyset_page(Account.objects.all(), order=("due_at", "id"), size=2)

    with django_assert_num_queries(1):
        keyset_page(Account.objects.all(), order=("due_at", "id"), size=2, after=first.next_cursor)


def test_an_empty_list_has_one_empty_page(tables):
    page = keyset_page(Account.objects.all())

    assert (page.rows, page.next_cursor, page.previous_cursor) == ([], "", "")


def test_a_row_that_arrives_meanwhile_shifts_no_page(tables):
    accounts = make_accounts([("a", 10), ("b", 20), ("c", 30)])
    first = keyset_page(Account.objects.all(), order=("due_at", "id"), size=2)
    make_accounts([("new", 5)])

    second = keyset_page(Account.objects.all(), order=("due_at", "id"), size=2, after=first.next_cursor)

    assert second.rows == accounts[2:]


def test_a_page_can_be_ordered_by_an_annotation(tables):
    accounts = make_accounts([("aaa", None), ("a", None), ("aa", None)])
    rows = Account.objects.annotate(length=Length("name"))

    first = keyset_page(rows, order=("length", "id"), size=1)
    second = keyset_page(rows, order=("length", "id"), size=1, after=first.next_cursor)

    assert (first.rows, second.rows) == ([accounts[1]], [accounts[2]])


@pytest.mark.parametrize("size", [1, 2, 5])
def test_branches_make_one_list(tables, size):
    make_accounts([("a", 1), ("b", 2), ("a", None), ("b", 1), ("c", 3)])
    branches = [Q(name="a"), Q(name="b")]

    found, after = [], ""
    for _ in range(5):
        page = keyset_page(Account.objects.all(), order=("due_at", "id"), size=size, after=after, branches=branches)
        found += page.rows
        after = page.next_cursor
        if not after:
            break

    assert found == list(Account.objects.filter(name__in="ab").order_by("due_at", "id"))


def test_one_branch_filters(tables):
    accounts = make_accounts([("a", 1), ("b", 2)])

    assert keyset_page(Account.objects.all(), branches=[Q(name="b")]).rows == accounts[1:]


def test_cursor_at_begins_after_a_row_that_is_no_longer_in_the_list(tables):
    accounts = make_accounts([("a", 1), ("b", 2), ("c", 3)])
    accounts[1].delete()
    order = ("due_at", "id")
    accounts[1].pk = accounts[0].pk + 1

    after = keyset_page(Account.objects.all(), order=order, after=cursor_at(Account, order, accounts[1]))
    before = keyset_page(Account.objects.all(), order=order, after=cursor_at(Account, order, accounts[1], backward=True))

    assert (after.rows, before.rows) == ([accounts[2]], [accounts[0]])


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "é",
        "%00",
        "=" * 5000,
        urlsafe_b64encode(b"[" * 900).decode(),
        urlsafe_b64encode(b"[0,Infinity,1,1]").decode(),
        urlsafe_b64encode(b"5").decode(),
        cursor_of(0, 1),
        cursor_of(0, "a", None, "not a number"),
        cursor_of(0, "a", "2026-03-01T12:00:00", 1),
        cursor_of(0, "a", "yesterday", 1),
        cursor_of(0, "a\0", None, 1),
        cursor_of(0, "\ud800", None, 1),
        cursor_of(0, "a", None, {"__class__": 1}),
    ],
)
def test_a_cursor_that_was_not_made_here_is_refused(tables, cursor):
    with pytest.raises(InvalidCursorError):
        keyset_page(Account.objects.all(), order=("name", "due_at", "id"), after=cursor)


@pytest.mark.parametrize("cursor", [cursor_of(0, None, None, None), cursor_of(1, None, None, None), cursor_of(0, "a", None, 10**30)])
def test_a_cursor_with_odd_values_never_breaks_the_query(tables, cursor):
    make_accounts([("a", 1)])

    assert keyset_page(Account.objects.all(), order=("name", "due_at", "id"), after=cursor).rows in ([], list(Account.objects.all()))


@pytest.mark.parametrize(("order", "operator"), [(("name", "id"), ">="), (("-name", "-id"), "<=")])
def test_a_late_page_begins_in_the_middle_of_the_index(tables, order, operator):
    make_accounts([("a", None)] * 3)
    with connection.cursor() as cursor, CaptureQueriesContext(connection) as queries:
        keyset_page(Account.objects.all(), order=order, after=cursor_of(0, "a", 1))
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute("EXPLAIN " + queries.captured_queries[0]["sql"])
        plan = " ".join(line for (line,) in cursor.fetchall())

    assert f"Index Cond: ((name)::text {operator} 'a'::text)" in plan
    assert "Sort" not in plan


def test_null_is_the_largest_value(tables):
    accounts = make_accounts([("a", None), ("b", 1)])

    assert keyset_page(Account.objects.all(), order=("due_at", "id")).rows == [accounts[1], accounts[0]]
    assert keyset_page(Account.objects.all(), order=("-due_at", "id")).rows == list(Account.objects.order_by(F("due_at").desc(), "id"))
