"""Splitting a case: what holds up the rest goes its own way, and the money stays what it was."""

import itertools

import pytest
from django.db.models import Sum

from foundation.exceptions import RefusedError
from tests.workflows.house import make_house, refund_of
from tests.workflows.services.steps import lines_of, new_waybill, opened, record_bad, record_good
from workflows.machines.spine import CaseState
from workflows.models import Case, CaseClock, CasePolicy, Outbound, Parcel, PaymentBalance, Refund, RefundableUnit, Task
from workflows.services.arriving import scan_in
from workflows.services.inspecting import begin_inspection, pass_inspection
from workflows.services.refunds import authorise_refund
from workflows.services.splitting import split_case

pytestmark = pytest.mark.django_db


def child_of(case: Case) -> Case:
    return Case.objects.filter(parent=case).latest("pk")


def half(house) -> tuple[Case, list[int]]:
    """A case of two pieces of which the second is not there."""
    case = opened(house, pieces=2)
    first, second = lines_of(case)
    record_good(first, house)
    record_bad(second, house, fault="missing", graded="")
    return case, [second.claim.unit_id]


def held(house) -> tuple[int, int]:
    """What the payment and the units hold."""
    payment = PaymentBalance.objects.get(payment=house.payment).held_fen
    return payment, RefundableUnit.objects.filter(order=house.order).aggregate(held=Sum("held_fen"))["held"]


def test_missing_pieces_wait_in_a_case_of_their_own_and_the_rest_goes_on():
    house = make_house(quantity=2)
    case, units = half(house)

    case = split_case(case, units=units, kind="short", by=house.packer)
    case = pass_inspection(case, by=house.packer)

    child = child_of(case)
    assert (case.state, child.state) == (CaseState.SETTLING, CaseState.AWAITING_RETURN)
    assert (child.policy, child.flow, child.order, child.complaint) == (case.policy, case.flow, case.order, case.complaint)
    assert [claim.unit_id for claim in child.units.all()] == units
    assert RefundableUnit.objects.get(pk=units[0]).reserved_by == child
    assert child.parcels.get().state == "expected"
    assert CaseClock.objects.filter(case=child, code="awaiting_return", state="running").exists()


def test_failed_pieces_wait_for_a_lead():
    house = make_house(quantity=2)
    case = opened(house, pieces=2)
    first, second = lines_of(case)
    record_good(first, house)
    record_bad(second, house)

    child = child_of(split_case(case, units=[second.claim.unit_id], kind="failed", by=house.packer))

    assert (child.state, child.units.get().verdict) == (CaseState.EXCEPTION, "failed")
    assert Task.objects.filter(case=child, role="lead", done_at__isnull=True).exists()


def test_money_that_was_held_stays_held_in_parts():
    house = make_house(quantity=2)
    case, units = half(house)
    before = held(house)

    split_case(case, units=units, kind="short", by=house.packer)

    assert held(house) == before == (19800, 19800)
    assert (refund_of(case).amount_fen, refund_of(child_of(case)).amount_fen) == (9900, 9900)


def test_a_signature_stays_under_the_smaller_refund():
    house = make_house(quantity=2)
    case, units = half(house)
    refund = refund_of(case)
    authorise_refund(refund, proposal_hash=refund.proposal_hash, by=house.finance)

    case = split_case(case, units=units, kind="short", by=house.packer)

    assert (refund_of(case).state, refund_of(child_of(case)).state) == ("armed", "pending_approval")
    pass_inspection(case, by=house.packer)
    assert refund_of(case).state == "queued"


def test_a_piece_that_comes_later_is_looked_for_again():
    house = make_house(quantity=2)
    case, units = half(house)
    child = child_of(split_case(case, units=units, kind="short", by=house.packer))

    child = begin_inspection(scan_in(child, by=house.packer), by=house.packer)
    fresh = lines_of(child)[-1]
    assert (fresh.state, fresh.round) == ("pending", 2)
    record_good(fresh, house)

    assert pass_inspection(child, by=house.packer).state == CaseState.SETTLING


def test_a_second_parcel_that_is_named_already_puts_the_new_case_on_its_way():
    house = make_house(quantity=2)
    case, units = half(house)
    second = Parcel.objects.create(warehouse=house.warehouse, waybill=new_waybill())
    second.links.create(case=case)

    child = child_of(split_case(case, units=units, kind="short", by=house.packer))

    assert (child.state, child.parcels.get()) == (CaseState.IN_TRANSIT, second)


@pytest.mark.parametrize("chosen", [slice(0, 0), slice(0, 2)])
def test_some_pieces_stay_and_some_go(chosen):
    house = make_house(quantity=2)
    case = opened(house, pieces=2)
    units = [line.claim.unit_id for line in lines_of(case)][chosen]

    with pytest.raises(RefusedError) as refusal:
        split_case(case, units=units, kind="short", by=house.packer)

    assert {reason.code for reason in refusal.value.reasons} == {"no_remainder"}


def test_a_double_click_splits_once():
    house = make_house(quantity=2)
    case, units = half(house)

    for _click in range(2):
        split_case(case, units=units, kind="short", by=house.packer, request_id="one")

    assert Case.objects.filter(parent=case).count() == 1


def test_what_was_reserved_for_a_piece_goes_with_it():
    house = make_house(CasePolicy.Type.EXCHANGE_QUALITY, quantity=2, ships="inspected", ships_trusted="inspected")
    case = opened(house, pieces=2)
    first, second = lines_of(case)
    record_good(first, house)
    record_bad(second, house)

    case = split_case(case, units=[second.claim.unit_id], kind="failed", by=house.packer)
    pass_inspection(case, by=house.packer)

    here, there = Outbound.objects.get(case=case), Outbound.objects.get(case=child_of(case))
    assert ((here.state, here.quantity), (there.state, there.quantity)) == (("released", 1), ("reserved", 1))


PARTS = [parts for size in range(1, 5) for parts in itertools.product(range(1, 5), repeat=size) if sum(parts) == 4]


@pytest.mark.parametrize("parts", PARTS, ids=str)
def test_a_return_in_parts_brings_what_the_whole_brings(parts):
    """However four pieces of an odd price come back, each brings the same amount, and all of them what was paid."""
    house = make_house(quantity=4, unit_fen=3333)
    house.order.lines.update(paid_fen=13331)
    house.payment.amount_fen = 13331
    house.payment.save()
    case = opened(house, pieces=4)
    lines = lines_of(case)
    whole = {line.unit_id: line.amount_fen for line in refund_of(case).lines.all()}

    for place, count in enumerate(parts[:-1]):
        units = [line.claim.unit_id for line in lines[sum(parts[:place]) : sum(parts[:place]) + count]]
        case = split_case(case, units=units, kind="short", by=house.packer)

    refunds = Refund.objects.exclude(state="voided")
    assert {line.unit_id: line.amount_fen for refund in refunds for line in refund.lines.all()} == whole
    assert sum(refund.amount_fen for refund in refunds) == 13331
    assert held(house) == (13331, 13331)
