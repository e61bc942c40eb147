"""What the checks read of a case, and that each answers once and for itself."""

from datetime import timedelta

import pytest
from django.utils import timezone

from complaints.models import Attachment
from orders.models import Order, OrderLine, Shipment, Warehouse
from tests.factories import make_complaint, make_customer, make_order
from tests.workflows.builders import make_case, make_claim, make_unit
from tests.workflows.policies.builders import at, shipped
from workflows.cases.snapshots import snapshot_of
from workflows.models import CaseUnit, CheckResult, Recovery
from workflows.policies import checks
from workflows.policies.checks import run_checks
from workflows.policies.evidence import evidence_lacks
from workflows.policies.facts import facts_for_checks

pytestmark = pytest.mark.django_db
SIGNED = at("2026-03-02 15:00")


def submitted(type: str = "return_no_reason", **overrides):
    """A case that was submitted on the day after its goods were signed for."""
    order = overrides.pop("order", None) or make_order(delivered_at=SIGNED, status=Order.Status.DELIVERED)
    fields = {"policy": shipped(type), "reason": "changed_mind", "state": "submitted", "submitted_at": SIGNED + timedelta(days=1)}
    return make_case(order=order, **fields | overrides)


def attach(complaint, digest: str = "a", **fields) -> Attachment:
    number = Attachment.objects.count()
    about = {"key": f"k{number}", "name": "x.jpg", "media_type": "image/jpeg", "size": 1, "path": "x", "kind": "image", "preview_path": "p"}
    return Attachment.objects.create(complaint=complaint, sha256=digest * 64, **about | fields)


@pytest.mark.parametrize(
    ("asked", "is_late"),
    [("2026-03-09 23:59:59", False), ("2026-03-10 00:00:00", True), ("2026-03-02 15:00", False)],
)
def test_the_window_ends_with_the_seventh_day_after_the_day_of_signing(asked, is_late):
    case = submitted(submitted_at=at(asked))

    assert facts_for_checks(case).is_out_of_window is is_late


@pytest.mark.parametrize(
    ("status", "delivered_at", "expected"), [("delivered", SIGNED, True), ("confirmed", None, None), ("shipped", None, False)]
)
def test_whether_it_arrived_is_what_the_shop_says(status, delivered_at, expected):
    order = make_order(status=status, delivered_at=delivered_at)

    assert facts_for_checks(submitted(order=order)).is_signed is expected


@pytest.mark.parametrize(("status", "is_paid"), [("unpaid", False), ("cancelled", False), ("paid", True), ("shipped", True)])
def test_an_order_is_paid_until_it_is_cancelled(status, is_paid):
    assert facts_for_checks(submitted(order=make_order(status=status))).is_paid is is_paid


@pytest.mark.parametrize(("claimed", "expected"), [("1", ("custom_made",)), ("2", ())])
def test_an_exception_counts_for_the_pieces_of_the_case_as_the_order_kept_it(claimed, expected):
    order = make_order(delivered_at=SIGNED, status=Order.Status.DELIVERED)
    order.lines.all().delete()
    made = {number: OrderLine.objects.create(order=order, external_id=number, sku=number, title="杯子") for number in ("1", "2")}
    OrderLine.objects.filter(pk=made["1"].pk).update(exception="custom_made")
    case = submitted(order=order, snapshot=snapshot_of(order))
    OrderLine.objects.update(exception="digital")
    make_claim(case, unit=make_unit(case, line=made[claimed]))

    assert facts_for_checks(case).exceptions == expected


@pytest.mark.parametrize("exception", ["", *OrderLine.Exemption])
def test_goods_that_the_law_excepts_are_returned_without_a_reason_only_by_a_persons_decision(exception):
    order = make_order(delivered_at=SIGNED, status=Order.Status.DELIVERED)
    order.lines.update(exception=exception)
    case = submitted(order=order, snapshot=snapshot_of(order))
    make_claim(case, unit=make_unit(case))
    run_checks(case)

    found = CheckResult.objects.get(case=case, check_code="eligibility")

    assert (found.basis["rows"]["exception"], found.basis["exceptions"]) == (not exception, [exception] if exception else [])
    assert (found.answer == CheckResult.Answer.FAIL) is bool(exception)


def test_a_reason_that_is_not_offered_has_nobody_liable():
    facts = facts_for_checks(submitted(reason="bored"))

    assert (facts.is_offered, facts.liable) == (False, "")


def test_history_counts_what_came_to_something_in_ninety_days():
    customer = make_customer()

    def order(days: int):
        return make_order(customer=customer, placed_at=SIGNED - timedelta(days=days))

    case = submitted(order=order(1))
    submitted(order=order(2), submitted_at=SIGNED - timedelta(days=88))
    submitted(order=order(100), submitted_at=SIGNED - timedelta(days=90))
    submitted(order=order(3), state="cancelled")
    submitted(order=order(4), state="draft")
    submitted(order=case.order, parent=case)
    submitted()
    facts = facts_for_checks(case)

    assert (facts.cases_before, facts.orders_before) == (1, 4)


@pytest.mark.parametrize(("state", "owes"), [("open", True), ("written_off", True), ("collected", False), ("cancelled", False)])
def test_goods_that_were_kept_count_until_they_are_made_good(state, owes):
    case = submitted()
    before = submitted(order=make_order(customer=case.order.customer))
    Recovery.objects.create(case=before, debtor="customer", state=state, amount_fen=1, currency="CNY", reason="kept")
    Recovery.objects.create(case=before, debtor="carrier", amount_fen=1, currency="CNY", reason="lost")

    assert facts_for_checks(case).owes_goods is owes


def test_evidence_is_reused_when_it_came_with_another_order():
    case, other = submitted(), make_complaint(order=make_order())
    again = make_complaint(order=case.order)
    for complaint, digest in ((case.complaint, "a"), (other, "a"), (case.complaint, "b"), (again, "b"), (case.complaint, "c")):
        attach(complaint, digest)
    attach(make_complaint(), "c")
    attach(case.complaint, "d", is_internal=True)

    assert [each.is_reused for each in facts_for_checks(case).evidence] == [True, False, False]


def test_a_picture_without_a_preview_cannot_be_looked_at():
    case = submitted()
    attach(case.complaint, preview_path="")
    attach(case.complaint, preview_path="", kind="video")

    assert [each.is_readable for each in facts_for_checks(case).evidence] == [False, True]


def test_what_is_lacking_is_told_before_submitting():
    case = submitted("return_quality", reason="broken")
    before = evidence_lacks(case)
    attach(case.complaint)

    assert (before, evidence_lacks(case), evidence_lacks(submitted())) == ({"photo"}, set(), set())


def test_goods_go_back_where_the_last_parcel_came_from():
    case = submitted()
    places = [Warehouse.objects.create(merchant=case.order.merchant, code=code, name=code) for code in ("a", "b", "c")]
    for place, sent in zip(places, (SIGNED, SIGNED + timedelta(days=1), None), strict=True):
        Shipment.objects.create(order=case.order, external_id=place.code, warehouse=place if sent else None, shipped_at=sent)
    facts = facts_for_checks(case)

    assert (facts.shipped_from, [place.id for place in facts.places]) == (places[1].pk, [place.pk for place in places])


@pytest.mark.parametrize("count", [1, 3])
def test_facts_are_read_in_a_fixed_number_of_queries(count, django_assert_num_queries):
    case = submitted()
    for number in range(1, count + 1):
        CaseUnit.objects.create(case=case, unit=make_unit(case, position=number))
        attach(case.complaint)
    with django_assert_num_queries(8):
        facts = facts_for_checks(case)

    assert (facts.amount_fen, len(facts.evidence)) == (9900 * count, count)


def test_the_checks_of_the_policy_answer_once(django_assert_num_queries):
    case = submitted()
    first = run_checks(case)
    Order.objects.filter(pk=case.order_id).update(status="cancelled")
    with django_assert_num_queries(2):  # the facts are not even read
        second = run_checks(case)

    assert [result.check_code for result in first] == case.policy.checks
    assert [(each.pk, each.answer) for each in second] == [(each.pk, each.answer) for each in first]


def test_of_two_answers_at_once_the_first_stands():
    case = submitted()
    CheckResult.objects.create(case=case, visit=1, check_code="risk", answer="fail")
    checks._write(case, {"risk": checks.Checked("pass")})

    assert CheckResult.objects.get(case=case).answer == "fail"


def test_a_second_visit_answers_anew():
    case = submitted()
    run_checks(case)
    type(case).objects.filter(pk=case.pk).update(visit=2)
    case = type(case).objects.get(pk=case.pk)

    assert {each.visit for each in run_checks(case)} == {2}
    assert CheckResult.objects.filter(case=case).count() == 2 * len(case.policy.checks)


def test_only_the_named_checks_answer_when_some_are_named():
    assert [each.check_code for each in run_checks(submitted(), codes=["stock", "luck"])] == ["stock"]


def test_a_check_that_breaks_leaves_the_others_and_asks_for_a_person(monkeypatch, caplog):
    def breaks(facts):
        raise ZeroDivisionError

    monkeypatch.setitem(checks.CHECKS, "risk", breaks)
    answers = {each.check_code: (each.answer, each.basis.get("error")) for each in run_checks(submitted())}

    assert answers["risk"] == ("unknown", "ZeroDivisionError")
    assert answers["eligibility"] == ("pass", None)
    assert "check risk failed" in caplog.text


def test_a_case_is_answered_as_its_facts_are():
    order = make_order(delivered_at=SIGNED - timedelta(days=9), status="delivered", placed_at=timezone.now())
    answers = {each.check_code: each.answer for each in run_checks(submitted(order=order))}

    assert answers == {"eligibility": "fail", "risk": "pass", "evidence": "pass", "route": "unknown", "liability": "pass"}
