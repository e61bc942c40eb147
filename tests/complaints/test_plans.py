"""Queries whose cost must not grow with the tables: the plan may read them by index only."""

import json

import pytest
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts.backends import StaffBackend
from complaints.access import files_of, is_watched_by, promises_to_customer, reach_of, teams_of, thread_of, to_follow_up, visible_to
from complaints.desk.board import Board, teams_led
from complaints.desk.queues import KNOWN, rows_of
from complaints.desk.scope import Scope
from complaints.desk.tiles import COUNTED
from complaints.models import Complaint, FollowUp
from complaints.rounds import chat_messages
from complaints.services.invitations import _asked, _due
from tests.factories import make_complaint, make_merchant, make_order, make_team, make_user

pytestmark = pytest.mark.django_db


def scanned_whole(queryset) -> list[str]:
    """The tables that the plan reads from end to end, row by row or along an index, when it is told that doing so is dear."""
    sql, params = queryset.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        found = cursor.fetchone()[0]
    nodes = [(json.loads(found) if isinstance(found, str) else found)[0]["Plan"]]
    for node in nodes:
        nodes.extend(node.get("Plans", []))
    return [node["Relation Name"] for node in nodes if "Relation Name" in node and not node.keys() & {"Index Cond", "Recheck Cond"}]


@pytest.mark.parametrize("rows_of", [thread_of, files_of])
def test_the_rows_of_a_complaint_are_found_by_index(rows_of):
    assert scanned_whole(rows_of(make_complaint(), is_staff=True)) == []


def test_what_somebody_watches_is_found_by_index():
    user = make_user()
    make_complaint()

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    assert "complaints_watched" in Complaint.objects.filter(is_watched_by(user.pk)).explain()


def test_teams_of_asks_nothing_when_the_session_brought_them(django_assert_num_queries):
    brought = StaffBackend().get_user(make_user(role="agent").pk)

    with django_assert_num_queries(0):
        teams_of(SimpleLazyObject(lambda: brought))


DOUBLE = """
    SELECT shorter.indexrelid::regclass::text, longer.indexrelid::regclass::text
    FROM pg_index shorter JOIN pg_index longer USING (indrelid) JOIN pg_class ON pg_class.oid = indrelid
    WHERE shorter.indexrelid <> longer.indexrelid AND pg_class.relname LIKE 'complaints\\_%%'
      AND pg_class.relname NOT LIKE '%%\\_tags'  -- made by Django
      AND shorter.indpred IS NULL AND longer.indpred IS NULL AND NOT shorter.indisunique
      AND shorter.indclass[0] = longer.indclass[0]
      AND array_to_string(shorter.indkey, ' ') || ' ' = left(array_to_string(longer.indkey, ' ') || ' ',
                                                            length(array_to_string(shorter.indkey, ' ') || ' '))
"""


def test_no_index_repeats_the_beginning_of_another(db):
    with connection.cursor() as cursor:
        cursor.execute(DOUBLE)

        assert cursor.fetchall() == []


@pytest.mark.parametrize("role", ["lead", "manager"])
@pytest.mark.parametrize("key", COUNTED)
def test_a_figure_of_the_wallboard_is_counted_by_index(key, role):
    make_complaint()
    scope = Scope(make_user(role, shops=[make_merchant()]))

    assert scanned_whole(rows_of(KNOWN[key], Board(scope, teams_led(scope)).filter, scope)) == []


def test_what_is_ones_own_to_follow_up_is_found_by_index():
    for complaint in [make_complaint() for _number in range(12)]:
        many = {"kind": FollowUp.Kind.PROMISE, "due_at": timezone.now()}
        FollowUp.objects.bulk_create(FollowUp(complaint=complaint, **many) for _number in range(40))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE complaints_followup")

    rows = to_follow_up(reach_of(make_user()))

    assert scanned_whole(rows.order_by().values("pk")) == []


def test_what_is_promised_to_a_customer_is_found_by_index():
    complaint = make_complaint()

    assert (
        scanned_whole(Complaint.objects.filter(pk=complaint.pk).annotate(promises=ArraySubquery(promises_to_customer())).values("promises"))
        == []
    )


def test_the_rounds_of_a_week_are_found_by_index():
    make_complaint()
    complaints = visible_to(make_user("lead")).filter(team__in=[make_team().pk])

    assert scanned_whole(chat_messages(complaints, since=timezone.now())) == []


def test_what_a_customer_was_asked_is_found_by_index():
    complaint = make_complaint(order=make_order(), is_proven=True)

    assert scanned_whole(_asked(complaint)) == []


def test_surveys_that_have_run_out_are_found_by_index():
    make_complaint("resolved")

    assert scanned_whole(_due()) == []
