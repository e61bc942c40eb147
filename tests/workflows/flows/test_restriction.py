"""T15: whatever a definition says, it only takes gateable verbs away. It pays nothing, rejects nothing, and never holds a withdrawal up."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from tests.factories import make_user
from tests.workflows.builders import make_case, make_unit
from tests.workflows.flows.living import follow, make_version
from tests.workflows.flows.test_random_flows import (
    APPROVALS,
    OTHERS,
    TASKS,
    blocks,
    with_keys,
)
from workflows.cases.explain import allowed_verbs
from workflows.flows.gates import gates_on
from workflows.flows.tree import GATEABLE, PHASES
from workflows.machines.spine import SPINE
from workflows.models import Approval, Case, CaseUnit, LedgerEntry, Outbound, Parcel, Recovery, Refund, Resolution, Step, Task

pytestmark = pytest.mark.django_db
BOUNDED = settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
ROOTS = st.recursive(TASKS | APPROVALS | OTHERS, blocks, max_leaves=7)
DEFINITIONS = st.dictionaries(st.sampled_from(PHASES), ROOTS, min_size=1, max_size=3).map(
    lambda phases: {name: with_keys(root) for name, root in phases.items()}
)
SILENT = {"after": {"notify": "n", "key": "n"}}
MOVES = [(verb.name, str(source), str(target)) for verb in SPINE.verbs for source, target in verb.moves if source != "draft"]
GOODS_AND_MONEY = (Refund, LedgerEntry, Outbound, Parcel, Recovery, Approval, Resolution)


@pytest.fixture(autouse=True)
def staff():
    make_user("agent")
    make_user("lead")


def everything_else(case):
    """What a case is, apart from where its procedure stands."""
    row = Case.objects.filter(pk=case.pk).values().get()
    for own in ("phase", "visit"):
        row.pop(own)
    units = list(CaseUnit.objects.filter(case=case).values())
    return row, units, [model.objects.count() for model in GOODS_AND_MONEY]


@BOUNDED
@given(DEFINITIONS, st.sampled_from(MOVES), st.sampled_from([0, 50, 500]))
def test_a_definition_moves_nothing_and_holds_up_gateable_verbs_only(phases, move, amount):
    verb, source, target = move
    case = make_case(flow=make_version(phases), state=source, proposed_from="in_review")
    CaseUnit.objects.create(case=case, unit=make_unit(case, entitled_fen=amount))
    follow(case)
    Case.objects.filter(pk=case.pk).update(state=target)
    before = everything_else(case)

    act = follow(Case.objects.get(pk=case.pk), verb)
    case = Case.objects.get(pk=case.pk)
    held = {each.name for each in SPINE.verbs if gates_on(case, each.name)}

    assert everything_else(case) == before
    assert held <= GATEABLE
    assert not held & {
        "withdraw",
        "return_timeout",
        "parcel_problem",
        "settle_done",
        "register_parcel",
        "scan_in",
        "provide_info",
        "reopen",
    }
    assert act.verbs == [verb]
    assert {task.key for task in Task.objects.filter(case=case)} <= set(Step.objects.filter(case=case).values_list("key", flat=True))


@BOUNDED
@given(DEFINITIONS, st.sampled_from([str(state.name) for state in SPINE.states]), st.sampled_from(["agent", "lead", None]))
def test_what_is_allowed_with_a_definition_is_allowed_without(phases, state, role):
    by = User.objects.filter(groups__name=role).first() if role else None
    held = make_case(flow=make_version(phases), state=state, proposed_from="in_review")
    follow(held)
    held = Case.objects.get(pk=held.pk)
    with_definition = allowed_verbs(held, held, by)
    Case.objects.filter(pk=held.pk).update(flow=make_version(SILENT))
    free = Case.objects.get(pk=held.pk)

    without = allowed_verbs(free, free, by)

    assert with_definition <= without
    assert without - with_definition <= GATEABLE
