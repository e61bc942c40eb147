"""What people and time do to steps: skip, choose, finish by hand, remind and run out. Each says who did it, and none goes round a guard."""

from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection, transaction
from django.utils import timezone

from complaints.models import Event
from foundation.exceptions import NotAllowedError, RefusedError, VersionConflictError
from tests.factories import make_category, make_complaint, make_order, make_team, make_user
from tests.workflows.flows.builders import task
from tests.workflows.flows.living import follow, make_flow_case, open_tasks, standing
from tests.workflows.flows.test_advance import DEAR, RETURN, REVIEW, SENIOR, propose, seq
from workflows.flows.gates import gates_on
from workflows.models import Case, Step, Task
from workflows.services.flow_steps import choose_branch, finish_step, run_due_steps, skip_step

pytestmark = pytest.mark.django_db
UNKNOWN = {
    "choice": [{"when": ["risk", "=", "high"], "do": task("look")}, {"when": ["risk", "=", "low"], "do": None}],
    "else": None,
    "key": "how",
}


@pytest.fixture
def team():
    return make_team()


@pytest.fixture
def lead(team):
    return make_user("lead", teams=[team])


@pytest.fixture
def agent(team):
    return make_user("agent", teams=[team])


def visible_case(team, phases, **overrides):
    """A case of a complaint of this team."""
    order = make_order()
    complaint = make_complaint(order=order, category=make_category(team=team))
    return make_flow_case(phases, order=order, complaint=complaint, **overrides)


def step_of(case, key, **fields):
    return Step.objects.filter(case=case, key=key, **fields).last()


def ahead(case, key):
    return Step(case=case, phase=case.phase, visit=case.visit, key=key)


def codes_of(error):
    return [reason.code for reason in error.value.reasons]


# -- skipping


def test_a_lead_skips_a_step_that_is_still_ahead_and_the_verb_is_free(team, lead):
    case = visible_case(team, {"review": seq(REVIEW, SENIOR)})

    skip_step(ahead(case, "senior"), by=lead, reason="老客户", expected_version=case.version)

    assert gates_on(case, "approve") == []
    event = Event.objects.filter(complaint=case.complaint, kind="flow.step_skipped").get()
    assert (event.codes["step"], event.actor_id, event.payload) == ("senior", lead.pk, {"reason": "老客户"})


def test_an_agent_skips_nothing(team, agent):
    case = visible_case(team, {"review": seq(REVIEW, SENIOR)})

    with pytest.raises(NotAllowedError) as refused:
        skip_step(ahead(case, "senior"), by=agent, reason="快一点")

    assert codes_of(refused) == ["not_your_role"]
    assert len(gates_on(case, "approve")) == 1


def test_a_lead_of_another_team_skips_nothing(team):
    case = visible_case(team, {"review": seq(REVIEW, SENIOR)})

    with pytest.raises(NotAllowedError):
        skip_step(ahead(case, "senior"), by=make_user("lead", teams=[make_team("other")]), reason="快一点")


@pytest.mark.parametrize("reason", ["", "  ", "长" * 201])
def test_skipping_needs_a_reason(team, lead, reason):
    case = visible_case(team, {"review": seq(REVIEW, SENIOR)})

    with pytest.raises(RefusedError) as refused:
        skip_step(ahead(case, "senior"), by=lead, reason=reason)

    assert codes_of(refused) == ["reason_missing"]


@pytest.mark.parametrize(
    ("policy", "case_fields", "has_chain"),
    [({"approvers": ["finance"]}, {}, False), ({}, {"is_out_of_window": True}, False), ({}, {}, True)],
)
def test_an_approval_that_policy_or_law_demands_is_not_skipped(team, lead, policy, case_fields, has_chain):
    case = visible_case(team, {"review": seq(REVIEW, SENIOR)}, **case_fields)
    for name, value in policy.items():
        setattr(case.policy, name, value)
    case.policy.save()
    if has_chain:
        propose(case)

    with pytest.raises(RefusedError) as refused:
        skip_step(ahead(case, "senior"), by=lead, reason="老客户")

    assert codes_of(refused) == ["flow.approval_demanded"]


def test_a_check_of_the_system_is_not_skipped(team, lead):
    case = visible_case(team, {"intake": {"auto": "risk", "key": "risk"}}, state="submitted")

    with pytest.raises(RefusedError) as refused:
        skip_step(step_of(case, "risk"), by=lead, reason="快一点")

    assert codes_of(refused) == ["flow.not_skippable"]


def test_what_is_neither_open_nor_a_gate_is_not_skipped(team, lead):
    case = visible_case(team, {"review": seq(REVIEW, task("after"))})

    with pytest.raises(RefusedError) as refused:
        skip_step(ahead(case, "after"), by=lead, reason="快一点")

    assert codes_of(refused) == ["flow.no_such_step"]


def test_a_step_of_an_earlier_visit_is_not_skipped(team, lead):
    case = visible_case(team, {"review": REVIEW, "return": RETURN})
    old = step_of(case, "review")
    follow(case, "approve", to="awaiting_return")

    with pytest.raises(RefusedError):
        skip_step(old, by=lead, reason="快一点")


def test_skipping_twice_with_one_request_is_one_act(team, lead):
    case = visible_case(team, {"review": seq(task("first"), task("second"))})
    first = step_of(case, "first")

    for _time in range(2):
        skip_step(first, by=lead, reason="不需要", request_id="r1")

    assert standing(case) == {"first": "skipped", "second": "open"}
    assert Event.objects.filter(complaint=case.complaint, kind="flow.step_skipped").count() == 1
    assert Task.objects.get(case=case, key="first").outcome == "skipped"


def test_skipping_refuses_what_somebody_changed_meanwhile(team, lead):
    case = visible_case(team, {"review": task("first")})

    with pytest.raises(VersionConflictError):
        skip_step(step_of(case, "first"), by=lead, reason="不需要", expected_version=case.version + 1)


# -- choosing and finishing by hand


def test_a_lead_chooses_where_the_facts_do_not(team, lead):
    case = visible_case(team, {"review": UNKNOWN})

    choose_branch(step_of(case, "how"), by=lead, outcome="0")

    assert standing(case) == {"how": "done", "look": "open"}
    assert open_tasks(case) == [("look", "agent")]
    assert Event.objects.filter(complaint=case.complaint, kind="flow.step_chosen").get().codes["outcome"] == "0"


@pytest.mark.parametrize("outcome", ["", "7", "timeout"])
def test_only_branches_that_exist_are_chosen(team, lead, outcome):
    case = visible_case(team, {"review": UNKNOWN})

    with pytest.raises(RefusedError) as refused:
        choose_branch(step_of(case, "how"), by=lead, outcome=outcome)

    assert codes_of(refused) == ["flow.no_such_branch"]


def test_an_agent_chooses_nothing(team, agent):
    case = visible_case(team, {"review": UNKNOWN})

    with pytest.raises(NotAllowedError):
        choose_branch(step_of(case, "how"), by=agent, outcome="0")


def test_a_form_finishes_its_task_and_its_words_stand_on_the_chain(team, agent):
    case = visible_case(team, {"review": seq(task("consent", form="merchant_consent"), task("after"))})

    finish_step(step_of(case, "consent"), by=agent, note="商家同意")

    assert standing(case) == {"consent": "done", "after": "open"}
    assert Event.objects.filter(complaint=case.complaint, kind="flow.step_finished").get().payload == {"reason": "商家同意"}


def test_a_task_that_verbs_finish_is_not_done_by_hand(team, agent):
    root = {name: value for name, value in REVIEW.items() if name != "form"}
    case = visible_case(team, {"review": root})

    with pytest.raises(RefusedError) as refused:
        finish_step(step_of(case, "review"), by=agent, note="好了")

    assert codes_of(refused) == ["flow.by_verb"]


def test_a_task_is_finished_by_its_role(team):
    case = visible_case(team, {"review": task("consent", role="finance", fallback="manager", form="note")})

    with pytest.raises(NotAllowedError):
        finish_step(step_of(case, "consent"), by=make_user("agent", teams=[team]), note="好了")


# -- time


def pass_time(case, key, **ago):
    """As if the step had been opened so long ago."""
    step = step_of(case, key)
    shift = timedelta(**ago)
    Step.objects.filter(pk=step.pk).update(opened_at=step.opened_at - shift, due_at=step.due_at - shift)


def test_a_wait_reminds_and_then_runs_out(team):
    case = visible_case(team, {"return": RETURN}, state="awaiting_return")
    due = step_of(case, "arrival").due_at - step_of(case, "arrival").opened_at

    early = run_due_steps()
    pass_time(case, "arrival", days=4)
    reminded = run_due_steps()
    waiting = step_of(case, "arrival")
    pass_time(case, "arrival", days=6)
    over = run_due_steps()

    assert (due, early, reminded, over) == (timedelta(days=3), 0, 1, 1)
    assert (waiting.codes, waiting.due_at - waiting.opened_at) == ({"reminded": 1}, timedelta(days=10))
    assert (step_of(case, "arrival").standing, step_of(case, "arrival").outcome) == ("done", "timeout")
    assert standing(case)["inspect"] == "open"
    assert run_due_steps() == 0


def test_a_timer_goes_on_when_it_is_over(team):
    case = visible_case(team, {"review": seq({"wait": "P1D", "key": "pause"}, task("after"))})

    pass_time(case, "pause", days=1)

    assert run_due_steps() == 1
    assert standing(case) == {"pause": "done", "after": "open"}
    assert step_of(case, "pause").outcome == ""


def test_a_verb_that_ends_a_wait_ends_its_timer(team):
    case = visible_case(team, {"return": RETURN}, state="awaiting_return")
    follow(case, "scan_in", to="received")

    pass_time(case, "arrival", days=20)

    assert run_due_steps() == 0
    assert standing(case) == {"arrival": "done", "inspect": "open"}


@pytest.mark.django_db(transaction=True)
def test_a_case_that_somebody_works_on_is_left_for_the_next_round(team):
    case = visible_case(team, {"review": seq({"wait": "P1D", "key": "pause"}, task("after"))})
    pass_time(case, "pause", days=2)
    moved = []

    def sweep():
        try:
            moved.append(run_due_steps())
        finally:
            connection.close()

    with transaction.atomic():
        Case.objects.select_for_update(no_key=True).get(pk=case.pk)
        sweeper = Thread(target=sweep)
        sweeper.start()
        sweeper.join()

    assert moved == [0]
    assert run_due_steps() == 1


@pytest.mark.django_db(transaction=True)
def test_two_sweepers_move_a_step_once(team):
    case = visible_case(team, {"review": seq({"wait": "P1D", "key": "pause"}, task("after"))})
    pass_time(case, "pause", days=2)
    moved = []

    def sweep():
        try:
            moved.append(run_due_steps())
        finally:
            connection.close()

    sweepers = [Thread(target=sweep) for _each in range(4)]
    for sweeper in sweepers:
        sweeper.start()
    for sweeper in sweepers:
        sweeper.join()

    assert sum(moved) == 1
    assert Event.objects.filter(complaint=case.complaint, kind="flow.step_over").count() == 1


def test_a_step_that_fails_keeps_no_other_from_moving(team, caplog):
    broken = visible_case(team, {"review": seq({"wait": "P1D", "key": "pause"}, task("after"))})
    sound = visible_case(team, {"review": seq({"wait": "P1D", "key": "pause"}, task("after", when=DEAR))})
    for case in (broken, sound):
        pass_time(case, "pause", days=2)
    Step.objects.filter(case=broken).update(codes="torn")

    assert run_due_steps() == 1
    assert step_of(sound, "pause").standing == "done"
    assert step_of(broken, "pause").due_at > timezone.now()
    assert "is put off" in caplog.text
