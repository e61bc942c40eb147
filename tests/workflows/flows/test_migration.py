"""Open cases go to another version only where every open step has a place; the dry run and the act agree (T16)."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from complaints.models import Event
from foundation.exceptions import NotAllowedError, RefusedError
from tests.factories import make_user
from tests.workflows.flows.builders import step, task
from tests.workflows.flows.living import make_flow_case, make_version, open_tasks, standing
from workflows.flows.fold import DONE, OPEN
from workflows.flows.migration import plan_migration
from workflows.flows.parsing import parse_definition
from workflows.models import Case, Step
from workflows.services.flow_migration import cases_to_migrate, migrate_case, plan_of

OLD = {"review": {"seq": [task("look"), task("after")]}}
SAME = {"review": {"seq": [task("look", sla="PT8H"), task("another")]}}
RENAMED = {"review": {"seq": [task("see"), task("after")]}}


def parsed(phases):
    return parse_definition({"schema": 1, "phases": phases})


def plan(target, *steps, **mapping):
    named = {f"review.{key}": value for key, value in mapping.items()}
    return plan_migration(steps or [step("look", status=OPEN)], source=parsed(OLD), target=parsed(target), mapping=named)


def test_a_step_with_the_same_key_phase_and_kind_keeps_its_place():
    found = plan(SAME)

    assert [(moved.key, key) for moved, key in found.moves] == [("look", "look")]
    assert found.refusals == ()


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (RENAMED, "“review.look” is open and has no node “look” in the other version. Say where it goes."),
        ({"return": task("look")}, "“review.look” is open and has no node “look” in the other version. Say where it goes."),
        ({"review": {"approve": ["lead"], "key": "look"}}, "“review.look” is open, and “look” is of another kind in the other version."),
    ],
)
def test_a_step_without_a_place_is_refused(target, words):
    assert [str(refusal) for refusal in plan(target).refusals] == [words]


def test_a_mapping_names_the_place():
    found = plan(RENAMED, look="see")

    assert [(moved.key, key) for moved, key in found.moves] == [("look", "see")]
    assert found.refusals == ()


def test_only_open_steps_need_a_place():
    assert plan(RENAMED, step("look", status=DONE), step("after", status=OPEN)).refusals == ()


def test_two_steps_never_share_a_place():
    found = plan(RENAMED, step("see", status=DONE), step("look", status=OPEN), look="see")

    assert [str(refusal) for refusal in found.refusals] == ["“review.look” would take the place of another step, “see”."]


def test_a_mapping_of_what_does_not_exist_is_refused():
    found = plan(SAME, nothing="look", after="nowhere")

    assert [str(refusal) for refusal in found.refusals] == [
        "There is no node “review.nothing” in the version that the cases keep.",
        "There is no node “review.nowhere” in the other version.",
    ]


# -- with cases


@pytest.fixture
def manager(db):
    make_user("agent")
    return make_user("manager", teams=[])


def test_a_case_goes_on_under_the_other_version_with_its_steps_and_tasks(manager):
    case = make_flow_case(OLD)
    target = make_version(RENAMED)
    started = Step.objects.get(case=case).opened_at

    migrate_case(case, to=target, by=manager, reason="新规定", mapping={"review.look": "see"})

    case = Case.objects.get(pk=case.pk)
    assert (case.flow, standing(case), open_tasks(case)) == (target, {"see": "open"}, [("see", "agent")])
    assert Step.objects.get(case=case).opened_at == started
    event = Event.objects.get(complaint=case.complaint, kind="flow.migrated")
    assert (event.actor_id, event.codes["to"], event.payload) == (manager.pk, target.pk, {"reason": "新规定"})


def test_an_unmapped_migration_is_refused_and_writes_nothing(manager):
    case = make_flow_case(OLD)
    target = make_version(RENAMED)
    before = case.flow_id, standing(case), open_tasks(case)

    with pytest.raises(RefusedError) as refused:
        migrate_case(case, to=target, by=manager, reason="新规定")

    assert [reason.code for reason in refused.value.reasons] == ["flow.unmapped"]
    assert (Case.objects.get(pk=case.pk).flow_id, standing(case), open_tasks(case)) == before


def test_a_migration_is_a_managers_and_has_a_reason(manager):
    case, target = make_flow_case(OLD), make_version(SAME)

    with pytest.raises(NotAllowedError):
        migrate_case(case, to=target, by=make_user("lead"), reason="新规定")
    with pytest.raises(RefusedError) as refused:
        migrate_case(case, to=target, by=manager, reason=" ")

    assert [reason.code for reason in refused.value.reasons] == ["reason"]


def test_a_case_goes_neither_to_a_version_of_another_type_nor_to_a_proposal(manager):
    case = make_flow_case(OLD)

    for target in (make_version(SAME, type="repair"), make_version(SAME, published_at=None, effective_from=None, published_by=None)):
        with pytest.raises(RefusedError) as refused:
            migrate_case(case, to=target, by=manager, reason="新规定")
        assert [reason.code for reason in refused.value.reasons] == ["flow.foreign_version"]


def test_the_dry_run_and_the_act_agree(manager):
    cases = [make_flow_case(OLD), make_flow_case({"review": task("see")}), make_flow_case({"review": {"auto": "risk", "key": "look"}})]
    target = make_version(RENAMED)
    rehearsed = {case.pk: not plan_of(case, target).refusals for case in cases_to_migrate(target)}

    acted = {}
    for case in cases:
        try:
            migrate_case(case, to=target, by=manager, reason="新规定")
            acted[case.pk] = True
        except RefusedError:
            acted[case.pk] = False

    assert acted == rehearsed
    assert list(acted.values()) == [False, True, False]


def run(*args):
    out = StringIO()
    try:
        call_command("flow_migrate", *args, stdout=out, stderr=StringIO())
    except CommandError as error:
        return f"{out.getvalue()}{error}"
    return out.getvalue()


def test_the_command_rehearses_and_then_moves(manager):
    case, target = make_flow_case(OLD), make_version(RENAMED)
    given = ["return_quality", target.number]

    refused = run(*given)
    rehearsed = run(*given, "--map", "review.look=see")
    unsigned = run(*given, "--map", "review.look=see", "--apply")
    before = Case.objects.get(pk=case.pk).flow_id
    moved = run(*given, "--map", "review.look=see", "--apply", "--by", manager.username, "--reason", "新规定")

    assert f"{case.number}: “review.look” is open" in refused
    assert "0 could be moved, 1 not." in refused
    assert rehearsed == "1 could be moved, 0 not.\n"
    assert unsigned == "Say with --by who decides it: the user name of a manager."
    assert before == case.flow_id
    assert moved == "1 moved, 0 not.\n"
    assert Case.objects.get(pk=case.pk).flow_id == target.pk


@pytest.mark.parametrize("mapping", ["look=see", "review.look", "review.look="])
def test_the_command_reads_no_other_mapping(manager, mapping):
    assert run("return_quality", make_version(RENAMED).number, "--map", mapping) == f"{mapping!r} is not PHASE.KEY=KEY."
