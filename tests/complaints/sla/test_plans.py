"""What a sweep asks of the database does not grow with the clocks that run."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from complaints.services.clocks import BEGIN, UNCOVERED, recount_uncovered, run_due_clocks
from tests.factories import make_complaint

RUNNING = 100_000
# As many clocks as a large house has, on one complaint: the sweep finds them by their moment and nothing else.
MANY = """
    WITH runs AS (
        INSERT INTO complaints_clockrun (complaint_id, kind, cycle, state, started_at, target_s, consumed_s, counted_at, due_at, promise_at,
            reached, pause_reason, pauses, is_uncovered)
        SELECT %(complaint)s, 'first', 1, 'running', at, 60, 0, at, at, at, 0, '', 0, false
        FROM generate_series(1, %(number)s) n CROSS JOIN LATERAL (SELECT now() + n * interval '1 min' AS at) moments
        RETURNING id, due_at
    )
    INSERT INTO complaints_clock (run_id, complaint_id, kind, threshold, due_at) SELECT id, %(complaint)s, 'first', 50, due_at FROM runs
"""


def run_clocks(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(MANY, {"complaint": make_complaint().pk, "number": number})
        cursor.execute("ANALYZE complaints_clock")


def plan_of(statement: str, values=None) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}", values)
        return "\n".join(line for (line,) in cursor.fetchall())


def count(act) -> int:
    with CaptureQueriesContext(connection) as asked:
        act()
    return len([each for each in asked if "SAVEPOINT" not in each["sql"]])


@pytest.mark.parametrize("number", [100, RUNNING])
def test_what_is_due_is_found_by_its_index(day, number):
    run_clocks(number)

    plan = plan_of(BEGIN.format(limit=50))

    assert "complaints_clock_due" in plan or number == 100
    assert "Seq Scan on complaints_clock" not in plan or number == 100


@pytest.mark.parametrize("number", [100, RUNNING])
def test_a_sweep_of_nothing_is_one_statement(day, number):
    run_clocks(number)

    assert (count(run_due_clocks), count(recount_uncovered)) == (1, 1)


def test_a_sweep_of_fifty_asks_a_few_statements_for_each_and_the_rest_once(day):
    def cost(complaints: int) -> int:
        first = make_complaint()
        for _each in range(complaints - 1):
            make_complaint(category=first.category)
        day.later(hours=2)
        run_due_clocks(limit=1)  # what a process reads once
        return count(run_due_clocks)

    few = cost(3)
    day.later(days=30)
    day.sweep()
    many = cost(13)

    assert (many - few) / 10 <= 2


def test_what_is_to_be_counted_anew_is_found_by_its_index(day):
    make_complaint()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    assert "complaints_clockrun_uncovered" in plan_of(UNCOVERED, {"calendar": None, "limit": 50})
