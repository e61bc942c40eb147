"""Goods that go out: reserved with the grant, released by their condition, sent once, and what happens when they cannot be."""

from datetime import timedelta

import pytest
from django.utils import timezone

from complaints.models import Outbox
from foundation.exceptions import NotAllowedError, RefusedError
from orders.carriers.base import CarrierScan, CarrierTag
from orders.models import Carrier, Warehouse, WaybillWatch
from orders.services import record_scans
from tests.workflows.house import granted, make_house, proposed
from tests.workflows.services.steps import lines_of, make_carrier, new_waybill, opened, record_bad, record_good
from workflows.machines.spine import CaseState
from workflows.models import Case, CasePolicy, Outbound, RefundableUnit, Task
from workflows.services.deciding import resolve_exception
from workflows.services.deliveries import follow_outbounds
from workflows.services.inspecting import fail_inspection, pass_inspection
from workflows.services.outbounds import cancel_outbound, deliver_outbound, lose_outbound, pick_outbound, ship_outbound
from workflows.services.stock import choose_instead, proposed_remedy, reserve_again, run_out

pytestmark = pytest.mark.django_db
T = CasePolicy.Type
EXCHANGE = {"release": "none", "release_trusted": "none", "ships": "inspected", "ships_trusted": "inspected"}
RESHIP = {"receipt": "none", "release": "none", "release_trusted": "none", "ships": "approved", "ships_trusted": "approved"}


def reasons(refusal) -> set[str]:
    return {reason.code for reason in refusal.value.reasons}


def exchange(**kinds):
    return make_house(T.EXCHANGE_QUALITY, **EXCHANGE, **kinds)


def passed(house, **kinds) -> Case:
    case = opened(house, **kinds)
    for line in lines_of(case):
        record_good(line, house)
    return pass_inspection(case, by=house.packer)


def out(case) -> Outbound:
    return Outbound.objects.get(case=case)


def sent(house, case, **how) -> Outbound:
    row = pick_outbound(out(case), by=house.packer)
    return ship_outbound(row, by=house.packer, **{"carrier": make_carrier(), "waybill": new_waybill(), **how})


def test_a_replacement_is_reserved_with_the_grant_and_waits_for_the_inspection():
    house = exchange()
    case = granted(house)

    row = out(case)
    assert (row.kind, row.state, row.sku, row.quantity, row.warehouse) == ("replacement", "reserved", "SKU1", 1, house.warehouse)


def test_pieces_of_one_kind_share_a_parcel():
    assert out(granted(exchange(quantity=3), pieces=3)).quantity == 3


def test_the_passing_inspection_lets_the_warehouse_pack():
    house = exchange()
    case = passed(house)

    assert (case.state, out(case).state) == (CaseState.SETTLING, "released")
    assert Task.objects.filter(case=case, kind="pack", role="warehouse", done_at__isnull=True).exists()


def test_what_is_sent_again_waits_for_nothing():
    case = granted(make_house(T.RESHIP, **RESHIP))

    assert (case.state, out(case).state) == (CaseState.SETTLING, "released")


def test_goods_are_packed_sent_followed_and_the_case_is_done_when_they_arrive():
    house = exchange()
    case = passed(house)
    row = sent(house, case, serials=["SN9"], weight_g=420)

    assert (row.state, row.serials, row.weight_g) == ("shipped", ["SN9"], 420)
    assert WaybillWatch.objects.filter(waybill=row.waybill).exists()
    assert not Task.objects.filter(case=case, kind="pack", done_at__isnull=True).exists()

    deliver_outbound(row, event=1)

    assert Case.objects.get(pk=case.pk).state == CaseState.COMPLETED
    nodes = set(Outbox.objects.filter(complaint=house.complaint).values_list("node", flat=True))
    assert {"case_shipped", "case_delivered", "case_completed"} <= nodes


def test_a_replacement_takes_over_what_its_predecessor_was_worth():
    house = exchange()
    case = passed(house)

    deliver_outbound(sent(house, case), event=1)

    old = RefundableUnit.objects.get(claims__case=case)
    new = RefundableUnit.objects.get(replaces=old)
    assert (old.entitled_fen, new.entitled_fen, new.line) == (0, 9900, old.line)
    assert not RefundableUnit.objects.filter(position=new.position, line=new.line).exclude(pk=new.pk).exists()


def test_a_carriers_scan_delivers_once_however_often_it_comes():
    house = exchange()
    row = sent(house, passed(house))
    Carrier.objects.update(tracker="demo")
    record_scans("demo", [CarrierScan(row.waybill, row.since - timedelta(days=9), CarrierTag.DELIVERED)])
    assert follow_outbounds() == 0

    record_scans("demo", [CarrierScan(row.waybill, timezone.now(), CarrierTag.DELIVERED)])

    assert [follow_outbounds() for _time in range(2)] == [1, 0]
    assert RefundableUnit.objects.filter(replaces__isnull=False).count() == 1


def test_a_carriers_word_of_a_loss_is_heard_too():
    house = exchange()
    row = sent(house, passed(house))
    Carrier.objects.update(tracker="demo")

    record_scans("demo", [CarrierScan(row.waybill, timezone.now(), CarrierTag.EXCEPTION, problem="lost")])

    assert (follow_outbounds(), Outbound.objects.get(pk=row.pk).state) == (1, "lost")


def test_a_number_of_another_courier_does_not_go_out():
    house = exchange()
    case = passed(house)

    with pytest.raises(RefusedError) as refusal:
        sent(house, case, waybill="JT1234567890123")

    assert reasons(refusal) == {"waybill_malformed"}


def test_nobody_else_packs():
    house = exchange()
    case = passed(house)

    with pytest.raises(NotAllowedError):
        pick_outbound(out(case), by=house.agent)


def test_a_packer_packs_at_their_own_warehouse_only():
    house = exchange()
    case = passed(house)
    place = Warehouse.objects.create(merchant=house.order.merchant, code="z9", name="西南仓")
    Outbound.objects.filter(case=case).update(warehouse=place)

    with pytest.raises(NotAllowedError) as refusal:
        pick_outbound(out(case), by=house.packer)

    assert reasons(refusal) == {"other_warehouse"}


def test_nothing_is_delivered_without_a_scan_that_says_so():
    house = exchange()
    row = sent(house, passed(house))

    with pytest.raises(RefusedError) as refusal:
        deliver_outbound(row, event="")
    assert reasons(refusal) == {"no_event"}

    with pytest.raises(RefusedError) as refusal:
        lose_outbound(row, events=[])
    assert reasons(refusal) == {"no_problem_seen"}


def test_lost_goods_need_a_decision_and_the_carrier_pays():
    house = exchange()
    case = passed(house)

    lose_outbound(sent(house, case), events=[3])

    case = Case.objects.get(pk=case.pk)
    assert (case.state, case.recoveries.get().debtor) == (CaseState.EXCEPTION, "carrier")


def test_an_empty_shelf_asks_the_customer_and_a_lead():
    house = exchange()
    case = passed(house)

    run_out(out(case), by=house.packer)

    task = Task.objects.get(case=case, kind="outbound_empty", role="lead")
    assert Case.objects.get(pk=case.pk).state == CaseState.EXCEPTION
    assert Outbox.objects.filter(complaint=house.complaint, node="case_out_of_stock").exists()
    assert [proposed_remedy(task, timezone.now() + timedelta(hours=hours)) for hours in (47, 49)] == ["", "refund"]


def test_the_customers_choice_fills_the_task_in():
    house = exchange()
    case = passed(house)
    row = run_out(out(case), by=house.packer)

    choose_instead(row, choice="other", sku="SKU2", as_customer=True)

    task = Task.objects.get(case=case, kind="outbound_empty")
    assert (proposed_remedy(task, timezone.now()), task.codes["sku"]) == ("other", "SKU2")


@pytest.mark.parametrize(("choice", "code"), [("money", "choice_unknown"), ("wait", "state")])
def test_only_what_is_offered_can_be_chosen(choice, code):
    house = exchange()
    row = out(passed(house))
    if code == "choice_unknown":
        row = run_out(row, by=house.packer)

    with pytest.raises(RefusedError) as refusal:
        choose_instead(row, choice=choice, as_customer=True)

    assert reasons(refusal) == {code}


def test_what_is_on_the_shelf_has_not_run_out():
    house = exchange()
    row = out(passed(house))

    with pytest.raises(RefusedError) as refusal:
        run_out(row, left=1, by=house.packer)

    assert reasons(refusal) == {"in_stock"}


def test_an_empty_shelf_reserves_nothing_again():
    house = exchange()
    row = run_out(out(passed(house)), by=house.packer)

    with pytest.raises(RefusedError) as refusal:
        reserve_again(row, left=0, by=house.lead)
    assert reasons(refusal) == {"stock_missing"}

    row = reserve_again(row, sku="SKU2", left=3, by=house.lead)
    assert (row.state, row.sku) == ("reserved", "SKU2")
    assert Outbound.objects.get(pk=row.pk).state == "released"


def test_a_refund_instead_of_goods_calls_them_off():
    house = exchange()
    case = passed(house)
    run_out(out(case), by=house.packer)
    case = Case.objects.get(pk=case.pk)

    case = resolve_exception(case, verdict="changed", proposal=proposed(case, amount_fen=9900), by=house.lead)

    assert out(case).state == "cancelled"
    assert case.refunds.get().amount_fen == 9900


def test_goods_that_are_owed_are_not_called_off():
    house = exchange()
    row = out(granted(house))

    with pytest.raises(RefusedError) as refusal:
        cancel_outbound(row, by=house.lead)

    assert reasons(refusal) == {"still_due"}


def test_goods_that_a_lead_sends_back_go_out_without_waiting():
    house = make_house()
    case = opened(house)
    record_bad(lines_of(case)[0], house)
    case = fail_inspection(case, by=house.packer)

    case = resolve_exception(case, verdict="return_goods", proposal=proposed(case, amount_fen=0), accepted=[], by=house.lead)

    row = out(case)
    assert (row.kind, row.state) == ("ship_back", "released")
