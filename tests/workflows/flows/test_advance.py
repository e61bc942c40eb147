"""The steps of a case follow its verbs: they open, end and are cancelled with their tasks, and some of them hold verbs up."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AgentSkill, Skill, User
from tests.factories import make_user
from tests.workflows.builders import make_unit
from tests.workflows.flows.builders import task
from tests.workflows.flows.living import follow, make_flow_case, open_tasks, standing
from workflows.flows.gates import gates_on, signatures_ahead
from workflows.models import Approval, ApprovalStep, Case, CaseUnit, CheckResult, Resolution, Step, Task

pytestmark = pytest.mark.django_db
DEAR = ["amount", ">", 50_000]
SENIOR = {"approve": ["lead", "finance"], "key": "senior", "distinct": True, "before": ["approve"]}
REVIEW = task("review", done_by=["approve", "reject", "escalate"])
RETURN = {"seq": [{"wait": "scan_in", "key": "arrival", "remind": ["P3D"], "timeout": ["P10D", None]}, task("inspect", role="warehouse")]}


def seq(*parts):
    return {"seq": list(parts)}


@pytest.fixture(autouse=True)
def staff():
    for role in ("agent", "lead", "manager", "finance", "warehouse"):
        make_user(role)


def propose(case, amount=60_000, roles=("lead", "finance")):
    resolution = Resolution.objects.create(case=case, revision=1, amount_fen=amount, currency="CNY", digest="0" * 64)
    approval = Approval.objects.create(case=case, resolution=resolution, amount_fen=amount, digest="0" * 64)
    ApprovalStep.objects.bulk_create(ApprovalStep(approval=approval, number=at, role=role) for at, role in enumerate(roles, start=1))
    return approval


def test_entering_a_phase_opens_its_first_steps_and_a_task_for_each():
    case = make_flow_case({"review": seq(REVIEW, task("after"))})

    assert (case.phase, case.visit) == ("review", 1)
    assert standing(case) == {"review": "open"}
    (found,) = Task.objects.filter(case=case)
    assert (found.kind, found.key, found.role) == ("review", "review", "agent")
    assert found.due_at > found.opened_at


def test_a_verb_ends_the_step_that_names_it_and_what_comes_after_opens():
    case = make_flow_case({"review": seq(task("look", done_by=["request_info"]), task("after"))})

    follow(case, "request_info", to="info_needed")

    assert standing(case) == {"look": "done", "after": "open"}
    assert open_tasks(case) == [("after", "agent")]
    assert Task.objects.get(case=case, key="look").outcome == "done"


def test_a_verb_that_no_step_names_changes_nothing():
    case = make_flow_case({"review": seq(REVIEW)})

    follow(case, "request_info", to="info_needed")

    assert standing(case) == {"review": "open"}


def test_leaving_a_phase_cancels_its_open_steps_and_begins_a_new_visit():
    case = make_flow_case({"review": {"parallel": [REVIEW, task("ask")]}, "return": RETURN})

    follow(case, "approve", to="awaiting_return")

    case = Case.objects.get(pk=case.pk)
    assert (case.phase, case.visit) == ("return", 2)
    assert standing(case) == {"review": "done", "ask": "cancelled", "arrival": "open"}
    assert Task.objects.get(case=case, key="ask").outcome == "cancelled"


def test_coming_back_to_a_phase_begins_with_fresh_steps():
    case = make_flow_case({"review": REVIEW, "return": RETURN})
    follow(case, "approve", to="awaiting_return")
    follow(Case.objects.get(pk=case.pk), "return_timeout", to="cancelled")

    follow(Case.objects.get(pk=case.pk), "reopen", to="in_review")

    assert list(Step.objects.filter(case=case, key="review").order_by("visit").values_list("visit", "standing")) == [
        (1, "done"),
        (4, "open"),
    ]


def test_a_pending_approval_stays_in_the_phase_it_was_proposed_from():
    case = make_flow_case({"review": seq(REVIEW, SENIOR)})
    Case.objects.filter(pk=case.pk).update(proposed_from="in_review")

    follow(Case.objects.get(pk=case.pk), "escalate", to="pending_approval")

    assert Case.objects.get(pk=case.pk).visit == 1
    assert standing(case) == {"review": "done", "senior": "open"}


def test_a_phase_that_the_definition_does_not_know_has_no_steps():
    case = make_flow_case({"review": REVIEW})

    follow(case, "approve", to="settling")

    assert standing(case) == {"review": "done"}
    assert gates_on(Case.objects.get(pk=case.pk), "reject") == []


def test_a_task_goes_to_whoever_stands_in_while_nobody_has_its_role():
    User.objects.filter(groups__name="warehouse").update(is_active=False)

    case = make_flow_case({"return": task("inspect", role="warehouse", fallback="lead")}, state="received")

    (found,) = Task.objects.filter(case=case)
    assert (found.role, found.codes) == ("lead", {"instead_of": "warehouse"})


def test_a_task_of_a_skill_goes_to_agents_who_have_it():
    skill = Skill.objects.create(code="electronics", name_zh="电器", name_en="Electronics")
    root = task("look", role="", skill="electronics", fallback="lead")
    root = {name: value for name, value in root.items() if value}
    before = make_flow_case({"review": root})
    AgentSkill.objects.create(user=User.objects.filter(groups__name="agent").first(), skill=skill, level=3)

    after = make_flow_case({"review": root})

    assert open_tasks(before) == [("look", "lead")]
    assert open_tasks(after) == [("look", "agent")]


# -- choices by facts


def test_a_choice_is_stored_with_the_facts_that_it_was_made_by():
    case = make_flow_case({"review": {"choice": [{"when": DEAR, "do": task("dear")}], "else": task("cheap"), "key": "how"}}, state="draft")
    CaseUnit.objects.create(case=case, unit=make_unit(case, entitled_fen=60_000))

    follow(case, to="in_review")

    step = Step.objects.get(case=case, key="how")
    assert (step.standing, step.outcome, step.codes) == ("done", "0", {"facts": {"amount": 60_000}})
    assert standing(case)["dear"] == "open"


def test_a_choice_that_the_facts_leave_open_is_a_task_of_the_lead():
    case = make_flow_case({"review": {"choice": [{"when": ["risk", "=", "high"], "do": task("look")}], "else": None, "key": "how"}})

    assert standing(case) == {"how": "open"}
    assert open_tasks(case) == [("how", "lead")]


# -- gates


def test_an_approval_ahead_holds_the_verb_up_and_says_who_signs():
    case = make_flow_case({"review": seq(REVIEW, SENIOR)})

    (reason,) = gates_on(case, "approve")

    assert reason.code == "flow.step_pending"
    assert reason.cure == "“senior”: ask for approval; these sign: lead, finance. A lead can skip it with a reason."
    assert gates_on(case, "reject") == []
    assert gates_on(case, "withdraw") == []


def test_asking_about_a_verb_that_nothing_holds_up_costs_no_query():
    case = make_flow_case({"review": seq(REVIEW, SENIOR)})
    gates_on(case, "approve")

    with CaptureQueriesContext(connection) as found:
        gates_on(case, "withdraw")
        gates_on(case, "reject")

    assert [query["sql"] for query in found] == []


def test_the_last_signer_is_not_held_up_by_an_approval_that_the_chain_has():
    senior = SENIOR | {"before": ["approve", "approve_senior"]}
    case = make_flow_case({"review": seq(REVIEW, senior)}, proposed_from="in_review")
    follow(case, "escalate", to="pending_approval")
    case = Case.objects.get(pk=case.pk)

    assert len(gates_on(case, "approve_senior")) == 1

    propose(case)

    assert gates_on(case, "approve_senior") == []


def test_a_chain_without_a_signature_that_the_definition_wants_holds_the_last_signer_up():
    senior = SENIOR | {"before": ["approve", "approve_senior"]}
    case = make_flow_case({"review": seq(REVIEW, senior)}, proposed_from="in_review")
    follow(case, "escalate", to="pending_approval")
    case = Case.objects.get(pk=case.pk)

    propose(case, roles=("lead",))

    assert len(gates_on(case, "approve_senior")) == 1


def test_the_signatures_ahead_are_those_of_the_approvals_that_may_come():
    case = make_flow_case({"review": seq(REVIEW, SENIOR | {"when": DEAR})})

    before = [signature.role for signature in signatures_ahead(case)]
    CaseUnit.objects.create(case=case, unit=make_unit(case, entitled_fen=50_000))

    assert before == ["lead", "finance"]
    assert signatures_ahead(case) == ()


def test_a_manager_in_the_chain_stands_in_for_whoever_did_not_answer():
    senior = SENIOR | {"before": ["approve", "approve_senior"]}
    case = make_flow_case({"review": seq(REVIEW, senior)}, proposed_from="in_review")
    follow(case, "escalate", to="pending_approval")

    propose(case, roles=("manager",))

    assert gates_on(Case.objects.get(pk=case.pk), "approve_senior") == []


def test_the_last_signature_ends_the_approval_which_has_no_task_of_its_own():
    case = make_flow_case({"review": seq(REVIEW, SENIOR)}, proposed_from="in_review")
    propose(case)

    follow(case, "escalate", to="pending_approval")
    waiting = open_tasks(case), standing(case)["senior"]
    follow(Case.objects.get(pk=case.pk), "approve_senior", to="settling")

    assert waiting == ([], "open")
    assert standing(case)["senior"] == "done"


# -- checks


def test_checks_wait_until_they_are_answered():
    checks = {"parallel": [{"auto": name, "key": name} for name in ("eligibility", "risk")]}
    case = make_flow_case({"intake": seq(checks, {"auto": "auto_approve", "key": "ask"})}, state="submitted")

    first = standing(case)
    for name in ("eligibility", "risk"):
        CheckResult.objects.create(case=case, visit=case.visit, check_code=name, answer="pass")
    follow(case)

    assert first == {"eligibility": "open", "risk": "open"}
    assert standing(case) == {"eligibility": "done", "risk": "done", "ask": "open"}


def test_checks_that_were_answered_before_the_case_moved_on_count_as_made():
    case = make_flow_case({"intake": seq({"auto": "risk", "key": "risk"}, {"auto": "auto_approve", "key": "ask"})}, state="submitted")
    CheckResult.objects.create(case=case, visit=case.visit, check_code="risk", answer="pass")

    follow(case, "auto_approve", to="settling")

    assert standing(case) == {"risk": "done", "ask": "done"}


def test_the_answers_of_an_earlier_visit_do_not_count():
    case = make_flow_case({"intake": {"auto": "risk", "key": "risk"}}, state="submitted")
    CheckResult.objects.create(case=case, visit=case.visit + 1, check_code="risk", answer="pass")

    follow(case)

    assert standing(case) == {"risk": "open"}


# -- cost


def test_following_a_verb_costs_the_same_for_three_steps_as_for_one():
    def cost(number):
        parts = [task(f"t{at}", done_by=["request_info"]) for at in range(number)]
        case = make_flow_case({"review": {"parallel": parts}})
        with CaptureQueriesContext(connection) as found:
            follow(case, "request_info", to="info_needed")
        return len(found)

    assert cost(1) == cost(3)
