"""How a case begins: what it needs, what it claims, and who looks at it then."""

import pytest

from complaints.models import Outbox
from foundation.exceptions import NotAllowedError, RefusedError
from tests.workflows.house import answered, in_review, make_house, submitted
from workflows.machines.spine import CaseState
from workflows.models import Case, CaseClock, RefundableUnit, Task
from workflows.services.intake import auto_approve_case, draft_case, open_case, purge_drafts, route_review, submit_case, take_in
from workflows.services.review import withdraw_case

pytestmark = pytest.mark.django_db


def reasons(refusal) -> set[str]:
    return {reason.code for reason in refusal.value.reasons}


def test_submitting_claims_the_units_and_tells_the_customer():
    house = make_house()

    case = submitted(house, pieces=2)

    assert case.state == CaseState.SUBMITTED
    assert RefundableUnit.objects.filter(reserved_by=case).count() == 2
    assert case.snapshot["number"] == house.order.number
    assert case.flow is not None
    assert Outbox.objects.filter(complaint=house.complaint, node="case_received").count() == 1
    assert list(house.complaint.events.order_by("-seq").values_list("kind", flat=True)[:1]) == ["case.submit"]


def test_a_unit_belongs_to_one_open_case():
    house = make_house(quantity=1)
    submitted(house)

    with pytest.raises(RefusedError) as refusal:
        submitted(house)

    assert reasons(refusal) == {"units_taken"}


def test_a_withdrawn_case_gives_its_units_back():
    house = make_house(quantity=1)
    first = submitted(house)

    withdraw_case(first, as_customer=True)

    assert submitted(house).state == CaseState.SUBMITTED


def test_a_closed_window_marks_and_never_refuses():
    house = make_house(window_days=0)
    house.order.delivered_at = house.order.delivered_at.replace(year=2024)
    house.order.save()

    case = submitted(house)

    assert case.is_out_of_window
    with pytest.raises(RefusedError) as refusal:
        auto_approve_case(answered(case))
    assert "window_closed" in reasons(refusal)


def test_what_the_policy_does_not_know_is_refused_with_every_reason():
    house = make_house()
    case = draft_case(house.complaint, type=house.policy.type, reason="never_heard_of", quantities={}, by=None)

    with pytest.raises(RefusedError) as refusal:
        submit_case(case, by=None, as_customer=True)

    assert reasons(refusal) == {"type_unknown", "no_quantity"}


def test_staff_say_how_the_customer_asked():
    house = make_house()
    case = draft_case(house.complaint, type=house.policy.type, reason="broken", quantities={house.line.pk: 1}, by=house.agent)

    with pytest.raises(RefusedError) as refusal:
        submit_case(case, by=house.agent)

    assert reasons(refusal) == {"request_missing"}
    assert submit_case(case, by=house.agent, request="电话 11-22 10:05").state == CaseState.SUBMITTED


def test_finance_and_warehouse_open_nothing():
    house = make_house()
    case = draft_case(house.complaint, type=house.policy.type, reason="broken", quantities={house.line.pk: 1}, by=None)

    for stranger in (house.finance, house.packer):
        with pytest.raises(NotAllowedError):
            submit_case(case, by=stranger, request="x")


def test_sending_twice_is_one_case():
    house = make_house()
    wish = {"type": house.policy.type, "reason": "broken", "quantities": {house.line.pk: 1}, "by": None, "request_id": "r1"}

    first = open_case(house.complaint, **wish, as_customer=True)
    again = open_case(house.complaint, **wish, as_customer=True)

    assert (again.pk, again.state) == (first.pk, CaseState.SUBMITTED)
    assert Case.objects.count() == 1


def test_rules_grant_only_when_every_check_said_yes():
    house = make_house(auto_limit_fen=20_000)
    case = submitted(house)

    with pytest.raises(RefusedError) as refusal:
        auto_approve_case(answered(case, stock="unknown"))
    granted = auto_approve_case(answered(case))

    assert reasons(refusal) == {"check_open"}
    assert granted.state == CaseState.AWAITING_RETURN
    assert granted.resolutions.get().amount_fen == 9900


def test_rules_grant_nothing_above_their_limit():
    house = make_house(auto_limit_fen=9899)

    with pytest.raises(RefusedError) as refusal:
        auto_approve_case(answered(submitted(house)))

    assert reasons(refusal) == {"above_auto_limit"}


def test_a_person_looks_at_what_the_rules_did_not_grant():
    house = make_house()

    case = in_review(house)

    task = Task.objects.get(case=case, done_at__isnull=True)
    clock = CaseClock.objects.get(case=case, kind="service", state="running")
    assert (case.state, case.assignee) == (CaseState.IN_REVIEW, house.agent)
    assert (task.role, clock.code) == ("agent", "in_review")
    assert clock.due_at > clock.started_at


def test_nobody_is_handed_a_case_while_its_checks_run():
    case = submitted(make_house(checks=["eligibility"]))

    with pytest.raises(RefusedError) as refusal:
        route_review(case)

    assert reasons(refusal) == {"checks_running"}


def test_drafts_that_nobody_sent_are_purged():
    house = make_house()
    old = draft_case(house.complaint, type=house.policy.type, reason="broken", quantities={house.line.pk: 1}, by=None)
    fresh = draft_case(house.complaint, type=house.policy.type, reason="broken", quantities={house.line.pk: 1}, by=None)
    Case.objects.filter(pk=old.pk).update(since=old.since.replace(year=2025))

    assert purge_drafts() == 1
    assert list(Case.objects.all()) == [fresh]


def test_rules_that_ask_for_no_check_hand_over_at_once():
    house = make_house(checks=[])

    assert take_in(submitted(house)).state == CaseState.IN_REVIEW
