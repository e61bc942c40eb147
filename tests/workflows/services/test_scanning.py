"""A parcel at the door of the warehouse: never refused, never lost, never taken in twice."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from foundation.exceptions import NotAllowedError, RefusedError
from orders.models import Warehouse, WarehouseMember
from tests.complaints.test_concurrency import at_once
from tests.factories import make_user
from tests.workflows.house import granted, in_review, make_house
from tests.workflows.services.steps import arrived, law_of_refunds, lines_of, make_carrier, new_waybill, on_its_way, parcel_of, scan
from workflows.machines.spine import CaseState
from workflows.models import Case, CaseClock, InspectionLine, Parcel, Task, UnclaimedParcel, WarehouseScan
from workflows.services.arriving import find_in_box, redirect_parcel, scan_in
from workflows.services.returning import attach_parcel, register_parcel
from workflows.services.review import withdraw_case


def reasons(refusal) -> set[str]:
    return {reason.code for reason in refusal.value.reasons}


def another_place(house) -> Warehouse:
    """A second warehouse of the shop, with a packer of its own."""
    place = Warehouse.objects.create(merchant=house.order.merchant, code=f"z{house.order.pk}", name="西南仓")
    WarehouseMember.objects.create(warehouse=place, user=make_user("warehouse"))
    return place


@pytest.mark.django_db
class TestScanIn:
    def test_the_scan_moves_the_case_and_opens_a_line_for_each_piece(self):
        house = make_house()

        case = arrived(house, pieces=2)

        parcel = parcel_of(case)
        assert (case.state, parcel.state, parcel.scanned_by) == (CaseState.RECEIVED, "scanned", house.packer)
        assert [line.state for line in lines_of(case)] == ["pending", "pending"]
        assert Task.objects.filter(case=case, role="warehouse", done_at__isnull=True).exists()

    def test_the_law_counts_from_the_carriers_delivery_when_that_was_earlier(self):
        law_of_refunds()
        house, signed = make_house(), timezone.now() - timedelta(days=2)
        case = on_its_way(house)
        Parcel.objects.filter(links__case=case).update(signed_at=signed)

        scan_in(case, by=house.packer)

        assert CaseClock.objects.get(case=case, code="refund_7d").started_at == signed

    def test_all_cases_of_a_shared_parcel_are_received_together(self):
        house = make_house(quantity=3)
        first, second = on_its_way(house), granted(house)
        attach_parcel(second, waybill=parcel_of(first).waybill, as_customer=True)

        scan_in(first, by=house.packer)

        assert set(Case.objects.filter(pk__in=[first.pk, second.pk]).values_list("state", flat=True)) == {CaseState.RECEIVED}
        assert len(lines_of(second)) == 1

    def test_a_packer_of_another_warehouse_takes_nothing_in(self):
        house = make_house()
        case = on_its_way(house)

        with pytest.raises(NotAllowedError):
            scan_in(case, by=another_place(house).memberships.get().user)

    def test_a_number_that_is_not_of_the_case_finds_no_parcel(self):
        house = make_house()

        with pytest.raises(RefusedError) as refusal:
            scan_in(on_its_way(house), waybill=new_waybill(), by=house.packer)

        assert reasons(refusal) == {"no_single_parcel"}

    def test_goods_of_a_second_case_in_the_same_box_are_received_with_it(self):
        house = make_house(quantity=3)
        first, second = arrived(house), granted(house)

        second = find_in_box(second, parcel_of(first), by=house.packer)

        assert second.state == CaseState.RECEIVED
        assert len(lines_of(second)) == 1
        assert sorted(second.parcels.values_list("state", flat=True)) == ["cancelled", "scanned"]


@pytest.mark.django_db
class TestTakeScan:
    def test_a_waybill_takes_its_parcel_in(self):
        house = make_house()
        case = on_its_way(house)

        result = scan(house, f" {parcel_of(case).waybill.lower()} ")

        assert (result.outcome, result.parcel, list(result.cases)) == ("received", parcel_of(case), [case])
        assert result.task.case == case
        assert str(result.words)

    def test_the_code_on_our_own_label_does_the_same(self):
        house = make_house()
        case = granted(house)

        assert scan(house, case.number).outcome == "received"
        assert Case.objects.get(pk=case.pk).state == CaseState.RECEIVED

    def test_a_device_that_sends_again_gets_the_same_answer(self):
        house, number = make_house(), uuid4()
        waybill = parcel_of(on_its_way(house)).waybill

        first, again = scan(house, waybill, client_id=number), scan(house, waybill, client_id=number)

        assert (first.outcome, again.outcome, again.is_replay) == ("received", "received", True)
        assert WarehouseScan.objects.count() == 1

    def test_a_second_look_at_the_same_parcel_is_a_repeat(self):
        house = make_house()
        waybill = parcel_of(on_its_way(house)).waybill
        scan(house, waybill)

        assert scan(house, waybill).outcome == "repeat"
        assert InspectionLine.objects.count() == 1

    def test_what_belongs_to_no_case_is_put_aside_once(self):
        house = make_house()

        assert [scan(house, "YT8123456789012").outcome for _time in range(2)] == ["unclaimed", "repeat"]
        assert UnclaimedParcel.objects.get().waybill == "YT8123456789012"

    def test_a_parcel_for_another_warehouse_is_no_refusal_but_a_task(self):
        house = make_house()
        case = on_its_way(house)
        place = another_place(house)
        packer = place.memberships.get().user

        result = scan(house, parcel_of(case).waybill, by=packer, warehouse=place)

        assert (result.outcome, parcel_of(case).state) == ("elsewhere", "expected")
        assert Task.objects.filter(case=case, kind="parcel_elsewhere", role="lead").exists()

        redirect_parcel(parcel_of(case), warehouse=place, by=house.lead)
        assert scan(house, parcel_of(case).waybill, by=packer, warehouse=place).outcome == "received"

    def test_only_a_lead_redirects_a_parcel(self):
        house = make_house()

        with pytest.raises(NotAllowedError):
            redirect_parcel(parcel_of(on_its_way(house)), warehouse=another_place(house), by=house.agent)

    def test_a_parcel_that_comes_after_its_case_ended_moves_only_itself(self):
        house = make_house()
        case = withdraw_case(granted(house), as_customer=True)
        waybill = new_waybill()
        Parcel.objects.filter(links__case=case).update(waybill=waybill, state="moving")

        result = scan(house, waybill)

        assert (result.outcome, Case.objects.get(pk=case.pk).state) == ("late", CaseState.CANCELLED)
        assert parcel_of(case).state == "scanned"
        assert Task.objects.filter(case=case, kind="late_parcel", role="lead").exists()

    def test_a_parcel_that_was_given_up_and_comes_after_all_is_a_new_one(self):
        house = make_house()
        case = on_its_way(house)
        waybill = parcel_of(case).waybill
        Parcel.objects.update(state="abandoned")
        Case.objects.filter(pk=case.pk).update(state="completed")

        assert scan(house, waybill).outcome == "late"
        assert sorted(Parcel.objects.filter(waybill=waybill).values_list("state", flat=True)) == ["abandoned", "scanned"]

    def test_a_parcel_that_came_before_the_grant_is_received_by_its_second_scan(self):
        house = make_house()
        case = in_review(house)
        parcel = Parcel.objects.create(warehouse=house.warehouse, waybill=new_waybill())
        parcel.links.create(case=case)
        assert scan(house, parcel.waybill).outcome == "late"
        Case.objects.filter(pk=case.pk).update(state="in_transit")

        assert scan(house, parcel.waybill).outcome == "received"
        assert Case.objects.get(pk=case.pk).state == CaseState.RECEIVED

    def test_a_code_that_fits_two_parcels_asks_which(self):
        house = make_house(quantity=2)
        case = on_its_way(house, pieces=2)
        second = Parcel.objects.create(warehouse=house.warehouse, waybill=new_waybill())
        second.links.create(case=case)

        result = scan(house, case.number)

        assert (result.outcome, len(result.choices)) == ("choose", 2)
        assert scan(house, case.number, parcel=second).parcel == second

    def test_a_second_parcel_of_a_case_that_is_being_inspected_needs_no_lead(self):
        house = make_house(quantity=2)
        case = arrived(house, pieces=2)
        second = Parcel.objects.create(warehouse=house.warehouse, waybill=new_waybill())
        second.links.create(case=case)

        assert scan(house, second.waybill).outcome == "received"
        assert not Task.objects.filter(case=case, role="lead").exists()

    def test_nobody_scans_for_a_warehouse_that_is_not_theirs(self):
        house = make_house()

        with pytest.raises(NotAllowedError):
            scan(house, new_waybill(), by=make_user("warehouse"))

    def test_what_was_found_without_a_number_waits_for_the_customers_word(self):
        house = make_house()
        waybill = new_waybill()
        scan(house, waybill)

        case = register_parcel(granted(house), carrier=make_carrier(), waybill=waybill, as_customer=True)

        assert Task.objects.filter(case=case, kind="unclaimed", role="warehouse", done_at__isnull=True).exists()


@pytest.mark.django_db(transaction=True)
def test_a_burst_of_500_scans_loses_none_and_doubles_none():
    house = make_house(quantity=100, auto_limit_fen=0)
    waybills = []
    for _parcel in range(20):
        case = on_its_way(house)
        waybills.append(parcel_of(case).waybill)
    strangers = [f"YT{number:013}" for number in range(30)]
    codes = [(code, uuid4()) for code in [*waybills, *strangers] for _again in range(5)]
    sent = [*codes, *codes]  # every device sends everything twice: 500 in all
    lots = [sent[lane::8] for lane in range(8)]

    outcomes = at_once(*[lambda lot=lot: [scan(house, code, client_id=number).outcome for code, number in lot] for lot in lots])

    assert [type(outcome) for outcome in outcomes] == [list] * 8
    assert WarehouseScan.objects.count() == len(codes) == 250
    assert Case.objects.filter(state=CaseState.RECEIVED).count() == 20
    assert InspectionLine.objects.count() == 20
    assert WarehouseScan.objects.filter(outcome="received").count() == 20
    assert UnclaimedParcel.objects.count() == 30
    assert WarehouseScan.objects.filter(outcome="").count() == 0


@pytest.mark.django_db(transaction=True)
def test_two_customers_who_name_one_number_at_once_do_not_both_get_it():
    waybill, carrier = new_waybill(), make_carrier()
    cases = [granted(make_house()) for _case in range(2)]

    outcomes = at_once(*[lambda case=case: register_parcel(case, carrier=carrier, waybill=waybill, as_customer=True) for case in cases])

    refused = [each for each in outcomes if isinstance(each, RefusedError)]
    assert [[reason.code for reason in each.reasons] for each in refused] == [["waybill_taken"]]
    assert Parcel.objects.filter(waybill=waybill).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_guns_on_two_parcels_of_one_customer_do_not_wait_for_each_other_in_a_circle():
    """Two parcels of the same two cases, scanned at the same moment again and again: the order of locks holds."""
    house = make_house(quantity=4)
    first, second = on_its_way(house), on_its_way(house)
    both = [(parcel_of(first), second), (parcel_of(second), first)]
    for parcel, other in both:
        parcel.links.create(case=other)
    waybills = list(Parcel.objects.order_by("pk").values_list("waybill", flat=True))

    outcomes = at_once(*[lambda code=code: scan(house, code).outcome for code in waybills * 4])

    assert sorted(set(outcomes)) == ["received", "repeat"]
    assert list(Parcel.objects.values_list("state", flat=True)) == ["scanned", "scanned"]
