"""verify_events finds the first bad entry of every kind of damage."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from complaints.lifecycle import Status
from tests.factories import make_complaint

pytestmark = pytest.mark.django_db


def verify(*arguments) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("verify_events", *arguments, stdout=out)
    except SystemExit as stop:
        return stop.code, out.getvalue()
    return 0, out.getvalue()


def damage(sql: str, *values) -> None:
    """What somebody with the owner's rights on the database could do."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(sql, values)
        cursor.execute("SET session_replication_role = DEFAULT")


def test_whole_chains_are_said_to_be_whole():
    make_complaint(Status.CLOSED)

    assert verify() == (0, "1 chains checked, 0 broken\n")


DAMAGES = {
    "payload": ('UPDATE complaints_event SET payload = \'{"body": "x"}\' WHERE complaint_id = %s AND seq = 2', 2, "payload"),
    "code": ("UPDATE complaints_event SET codes = codes || '{\"order\": 7}' WHERE complaint_id = %s AND seq = 1", 1, "altered"),
    "time": ("UPDATE complaints_event SET at = at + interval '1 second' WHERE complaint_id = %s AND seq = 3", 3, "altered"),
    "actor": ("UPDATE complaints_event SET actor_id = 99 WHERE complaint_id = %s AND seq = 3", 3, "altered"),
    "byte": (
        "UPDATE complaints_event SET hash = set_byte(hash, 5, get_byte(hash, 5) # 1) WHERE complaint_id = %s AND seq = 2",
        2,
        "altered",
    ),
    "missing": ("DELETE FROM complaints_event WHERE complaint_id = %s AND seq = 2", 2, "missing"),
    "truncated": (
        "DELETE FROM complaints_event WHERE seq >= 4 AND complaint_id = %s",
        4,
        "missing",
    ),
    "reordered": ("UPDATE complaints_event SET kind = CASE seq WHEN 3 THEN 'assigned' ELSE kind END WHERE complaint_id = %s", 3, "altered"),
    "head": ("UPDATE complaints_complaint SET head_hash = set_byte(head_hash, 0, get_byte(head_hash, 0) # 1) WHERE id = %s", 8, "head"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_the_first_bad_entry_is_named(name):
    sql, seq, fault = DAMAGES[name]
    complaint, whole = make_complaint(Status.OPEN), make_complaint()
    assert complaint.head_seq == 8

    damage(sql, complaint.pk)

    code, text = verify("--json")
    assert (code, json.loads(text)) == (1, {"checked": 2, "broken": [{"complaint": complaint.number, "seq": seq, "fault": fault}]})
    assert verify("--complaint", whole.number)[0] == 0


def test_two_events_that_changed_places_are_found():
    complaint = make_complaint(Status.OPEN)

    damage("UPDATE complaints_event SET seq = -seq WHERE complaint_id = %s AND seq IN (3, 4)".replace("-seq", "100 + seq"), complaint.pk)
    damage("UPDATE complaints_event SET seq = CASE seq WHEN 103 THEN 4 WHEN 104 THEN 3 ELSE seq END WHERE complaint_id = %s", complaint.pk)

    assert verify("--complaint", complaint.number) == (1, f"{complaint.number}: entry 3 is altered\n1 chains checked, 1 broken\n")


def test_an_unknown_number_is_an_error_of_its_own():
    with pytest.raises(CommandError) as error:
        call_command("verify_events", "--complaint", "C1")

    assert error.value.returncode == 2


@pytest.mark.parametrize("sql", ["UPDATE complaints_event SET kind = 'x'", "DELETE FROM complaints_event", "TRUNCATE complaints_event"])
def test_the_table_itself_refuses_changes(sql):
    make_complaint()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
