"""Past cases under another definition: routes, approvals, missed times, nodes that nobody ever comes to. And the commands that say it."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import make_user
from tests.workflows.builders import make_unit
from tests.workflows.flows.builders import make_phase, task
from tests.workflows.flows.living import make_flow_case
from workflows.flows.parsing import parse_definition
from workflows.flows.replay import replay, route_of, unused_nodes
from workflows.flows.text import write_text
from workflows.models import CaseUnit, Step

DEAR = ["amount", ">", 50_000]
SENIOR = {"approve": ["lead"], "key": "senior", "before": ["approve"]}
LOOK = task("look", done_by=["approve"], sla="PT4H")
OLD = {"review": LOOK}
NEW = {"review": {"seq": [LOOK | {"sla": "PT1H"}, SENIOR | {"when": DEAR}]}}


def definition(phases):
    return parse_definition({"schema": 1, "phases": phases})


def past_case(amount=9_900, phases=OLD, took=timedelta(hours=2)):
    """A case whose review took so long."""
    case = make_flow_case(phases, submitted_at=timezone.now())
    CaseUnit.objects.create(case=case, unit=make_unit(case, entitled_fen=amount))
    for step in Step.objects.filter(case=case):
        Step.objects.filter(pk=step.pk).update(standing="done", ended_at=step.opened_at + took)
    return case


def test_a_route_goes_through_everything_that_comes_up():
    wait = {"wait": "scan_in", "key": "w", "timeout": ["P3D", task("chase")]}
    unknown = {"choice": [{"when": ["risk", "=", "high"], "do": task("strict")}], "else": None, "key": "how"}
    tree = make_phase({"seq": [wait, {"notify": "arrived", "key": "n"}, unknown, SENIOR]}, "return")

    assert route_of(tree, {}).keys == ("w", "n", "how", "strict", "senior")
    assert route_of(tree, {}, timed_out=frozenset({"w"})).keys == ("w", "chase", "n", "how", "strict", "senior")
    assert route_of(tree, {}).asked == ("how",)
    assert route_of(tree, {"risk": "low"}).keys == ("w", "n", "how", "senior")
    assert route_of(tree, {"risk": "low"}).approvals == ("senior",)


@pytest.mark.django_db
def test_a_replay_says_which_cases_would_have_gone_another_way():
    cheap, dear = past_case(), past_case(amount=60_000)

    rows = {row.number: row for row in replay(definition(NEW), "return_quality", last=10)}

    assert rows[cheap.number].more_approvals == ()
    assert rows[dear.number].more_approvals == ("review.senior",)
    assert rows[dear.number].fewer_approvals == ()
    assert rows[cheap.number].late_before == frozenset()
    assert rows[cheap.number].late_after == {"review.look"}
    assert [row.has_changed for row in rows.values()] == [True, True]


@pytest.mark.django_db
def test_the_definition_of_a_case_itself_changes_nothing():
    past_case()

    assert [row.has_changed for row in replay(definition(OLD), "return_quality", last=10)] == [False]


@pytest.mark.django_db
def test_only_the_last_cases_of_the_type_count():
    first, second = past_case(), past_case()

    assert [row.number for row in replay(definition(NEW), "return_quality", last=1)] == [second.number]
    assert replay(definition(NEW), "repair", last=10) == []
    assert first.number != second.number


@pytest.mark.django_db
def test_a_replay_costs_the_same_for_one_case_and_for_three():
    def cost():
        with CaptureQueriesContext(connection) as found:
            replay(definition(NEW), "return_quality", last=10)
        return len(found)

    past_case()
    replay(definition(NEW), "return_quality", last=10)
    one = cost()
    past_case(), past_case()

    assert cost() == one + 2  # the definitions of two more versions, read once in the life of a process


@pytest.mark.django_db
def test_a_node_that_no_past_case_comes_to_is_a_warning():
    past_case()

    found = unused_nodes(definition(NEW), replay(definition(NEW), "return_quality", last=10))

    assert [(each.rule, each.level, each.phase, each.key) for each in found] == [("L15", "warning", "review", "senior")]
    assert unused_nodes(definition(NEW), []) == []


# -- commands


def run(name, *args):
    out = StringIO()
    call_command(name, *args, stdout=out, stderr=StringIO())
    return out.getvalue()


@pytest.fixture
def draft(tmp_path):
    path = tmp_path / "return_quality.json"
    path.write_text(write_text({"schema": 1, "phases": NEW}), encoding="utf-8")
    return str(path)


@pytest.mark.django_db
def test_the_command_of_the_replay_names_each_case_and_what_changes(draft):
    case = past_case(amount=60_000)

    said = run("flow_replay", draft, "--last", "5")

    assert said.splitlines() == [
        "1 cases, 1 would go another way.",
        "approvals: 1 more, 0 fewer",
        "late steps: 0 as they were, 1 with this definition",
        f"  {case.number}: review look -> look,senior.when,senior; late: review.look",
    ]


@pytest.mark.django_db
def test_the_command_of_the_lint_names_each_node(draft):
    out = StringIO()

    with pytest.raises(CommandError, match="to correct"):
        call_command("flow_lint", draft, stdout=out)

    assert f"{draft}: L6 phases.review.seq[1] (senior): Nobody active is “lead”. Give somebody the role, or name another." in out.getvalue()


@pytest.mark.django_db
def test_the_command_of_the_lint_passes_the_shipped_definitions():
    for role in ("agent", "lead", "manager", "finance", "warehouse"):
        make_user(role)

    assert run("flow_lint") == "Nothing to correct.\n"
    assert run("flow_lint", "repair") == "Nothing to correct.\n"


@pytest.mark.django_db
@pytest.mark.parametrize("content", ["{", json.dumps({"schema": 1}), '{"schema": 1, "schema": 1, "phases": {}}'])
def test_the_commands_refuse_what_cannot_be_read(tmp_path, content):
    path = tmp_path / "return_quality.json"
    path.write_text(content, encoding="utf-8")

    for name in ("flow_lint", "flow_replay"):
        with pytest.raises(CommandError):
            run(name, str(path))
    with pytest.raises(CommandError):
        run("flow_lint", str(tmp_path / "missing.json"))
