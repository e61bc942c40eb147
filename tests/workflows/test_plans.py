"""Sweeps and lists beside any number of cases: the plan may read the tables that grow by index only."""

import json

import pytest
from django.db import connection

from tests.workflows.house import make_house, second
from tests.workflows.services.steps import opened
from workflows.access import tasks_for
from workflows.desk.lists import GROUPS, page_of_cases
from workflows.machines.table import Role
from workflows.money.authority import rooms_of
from workflows.scan.work import inspections_at, tally
from workflows.services.case_clocks import run_due_case_clocks
from workflows.services.flow_steps import run_due_steps
from workflows.services.intake import waiting_for_intake
from workflows.services.refunds import release_thawed
from workflows.services.tracks import follow_parcels
from workflows.settling.rounds import due_now

pytestmark = pytest.mark.django_db
GROWING = ("workflows_", "complaints_complaint", "orders_order")
SMALL = {"workflows_gatewayhealth", "workflows_casepolicy", "workflows_flowversion", "workflows_trackcursor"}


def read_whole(ask) -> set[str]:
    """The growing tables that its statements read from end to end when they are told that doing so is dear."""
    whole = {node["Relation Name"] for node in nodes_of(ask) if node["Node Type"] == "Seq Scan"}
    return {name for name in whole if name.startswith(GROWING)} - SMALL


def nodes_of(ask) -> list[dict]:
    """The plans of its statements, where neither reading a table whole nor sorting is cheap."""
    sent = []
    with connection.execute_wrapper(lambda run, sql, values, *rest: (sent.append((sql, values)), run(sql, values, *rest))[1]):
        ask()
    nodes = []
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        for sql, values in sent:
            if not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
                cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", values)
                found = cursor.fetchone()[0]
                nodes.append((json.loads(found) if isinstance(found, str) else found)[0]["Plan"])
    for node in nodes:
        nodes.extend(node.get("Plans", []))
    return nodes


SWEEPS = [run_due_case_clocks, run_due_steps, waiting_for_intake, lambda: list(due_now()), release_thawed, follow_parcels]


@pytest.mark.parametrize("sweep", SWEEPS)
def test_a_sweep_finds_what_is_due_by_index(sweep):
    opened(make_house())

    assert read_whole(sweep) == set()


@pytest.mark.parametrize("group", ["", *GROUPS])
@pytest.mark.parametrize("role", ["agent", "lead"])
def test_the_list_of_cases_is_read_by_index(role, group):
    house = make_house()
    opened(house)
    asker = {"agent": house.agent, "lead": house.lead}[role]

    nodes = nodes_of(lambda: page_of_cases(asker, {"group": group}))

    assert {node["Node Type"] for node in nodes if node.get("Relation Name") == "workflows_case"} == {"Index Scan"}
    assert "Sort" not in {node["Node Type"] for node in nodes}


@pytest.mark.parametrize("role", [Role.LEAD, Role.FINANCE, Role.WAREHOUSE])
def test_tasks_are_read_by_index(role):
    house = make_house()
    opened(house)
    asker = {Role.LEAD: house.lead, Role.FINANCE: second(house, "finance"), Role.WAREHOUSE: house.packer}[role]

    assert read_whole(lambda: list(tasks_for(asker, role).order_by("due_at", "pk")[:50])) == set()


def test_the_lists_of_a_warehouse_are_read_by_index():
    house = make_house()
    opened(house)

    assert read_whole(lambda: (inspections_at(house.warehouse), tally(house.warehouse))) == set()


@pytest.mark.parametrize("scope", ["grant", "case"])
def test_what_was_used_of_a_limit_is_found_by_index(scope):
    house = make_house()
    case = opened(house)

    nodes = nodes_of(lambda: rooms_of(house.agent, case, scope=scope))

    read = [node for node in nodes if node.get("Relation Name") in ("workflows_authorityuse", "workflows_case", "complaints_complaint")]
    assert read
    assert all(node.keys() & {"Index Cond", "Recheck Cond"} for node in read)
