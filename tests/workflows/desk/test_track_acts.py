"""Every act on a row of a case, carried out by its form."""

from datetime import timedelta

import pytest
from django.utils import timezone

from complaints.models import Event
from orders.models import Warehouse
from tests.factories import make_user
from tests.workflows.desk.tracking import done, lost, page_of, to_repair, to_send
from tests.workflows.flows.builders import task
from tests.workflows.flows.living import standing
from tests.workflows.flows.test_steps import UNKNOWN, step_of, visible_case
from tests.workflows.flows.test_steps import team as team  # noqa: PLC0414 - a fixture
from tests.workflows.house import granted, in_review, make_house
from tests.workflows.services.steps import lines_of, make_carrier, on_its_way, opened, parcel_of, record_bad
from workflows.machines.spine import CaseState
from workflows.models import Case, CaseClock, Outbound, Repair, Task

pytestmark = pytest.mark.django_db


def test_a_lead_sends_a_parcel_on_to_another_warehouse():
    house = make_house()
    case = on_its_way(house)
    place = Warehouse.objects.create(merchant=house.order.merchant, code="w2", name="西南仓")

    done(house.lead, case, "parcel", parcel_of(case), "redirect", warehouse=place.pk)

    assert (parcel_of(case).warehouse, Case.objects.get(pk=case.pk).warehouse) == (place, place)


def test_goods_are_packed_and_sent():
    house, case, row = to_send()

    row = done(house.packer, case, "outbound", row, "pick")
    row = done(house.packer, case, "outbound", row, "ship", carrier=make_carrier().pk, waybill="SF1234567890123", weight_g=300)

    assert (row.state, row.waybill, row.weight_g) == ("shipped", "SF1234567890123", 300)


def test_a_loss_that_the_carrier_told_is_recorded_and_the_goods_go_out_once_more():
    house, case, row = to_send()
    row = done(house.packer, case, "outbound", row, "pick")
    row = done(house.packer, case, "outbound", row, "ship", carrier=make_carrier().pk, waybill="SF1234567890123")

    row = done(house.agent, case, "outbound", row, "lose", events=["told"])
    assert (row.state, Case.objects.get(pk=case.pk).state) == ("lost", CaseState.EXCEPTION)

    row = done(house.lead, case, "outbound", row, "reserve_again", sku="SKU9")
    assert (row.state, row.sku, row.waybill) == ("released", "SKU9", "")


def test_whoever_decides_about_missing_goods_sees_what_the_customer_chose():
    house, case, row = to_send()
    row = done(house.packer, case, "outbound", row, "run_out", left=0)
    assert "The customer has not chosen yet." in page_of(house.lead, case)

    done(house.agent, case, "outbound", row, "choose_instead", choice="other", sku="SKU2")

    assert "The customer takes another item: SKU2" in page_of(house.lead, case)


def test_after_two_days_of_silence_the_refund_is_proposed():
    house, case, row = to_send()
    done(house.packer, case, "outbound", row, "run_out", left=0)
    waiting = Task.objects.get(case=case, kind="outbound_empty")
    Task.objects.filter(pk=waiting.pk).update(codes=waiting.codes | {"refund_at": (timezone.now() - timedelta(hours=1)).isoformat()})

    assert "No answer from the customer for two days" in page_of(house.lead, case)


def test_a_lead_calls_goods_off():
    house, case, row = to_send()
    Outbound.objects.filter(pk=row.pk).update(kind="ship_back")

    assert done(house.lead, case, "outbound", row, "cancel").state == "cancelled"


def test_a_failed_piece_is_put_where_the_warehouse_says():
    house = make_house()
    case = opened(house)
    line = record_bad(lines_of(case)[0], house)

    line = done(house.packer, case, "inspection", line, "dispose", disposition="supplier")

    assert (line.state, line.disposition) == ("disposed", "supplier")


def test_a_lead_has_a_piece_looked_at_again():
    house = make_house()
    case = opened(house)
    line = record_bad(lines_of(case)[0], house)

    line = done(house.lead, case, "inspection", line, "inspect_again", note="划痕是包装膜")

    assert (line.state, line.round) == ("pending", 2)


def test_a_repair_in_warranty():
    house, case, row = to_repair()

    row = done(house.packer, case, "repair", row, "diagnose")
    row = done(house.packer, case, "repair", row, "begin_repair", finding="主板")
    row = done(house.packer, case, "repair", row, "finish_repair", finding="换了主板")

    assert (row.state, row.finding) == ("repaired", "换了主板")


def test_a_repair_after_the_warranty_is_quoted_and_agreed_to_on_behalf():
    house, case, row = to_repair(in_warranty=False)
    row = done(house.packer, case, "repair", row, "diagnose")

    row = done(house.agent, case, "repair", row, "send_quote", amount_fen="30.50", finding="主板")
    row = done(house.agent, case, "repair", row, "accept_quote", amount_fen=3050)
    row = done(house.packer, case, "repair", row, "give_up", finding="没有配件")

    assert (row.state, row.quote_fen) == ("irreparable", 3050)


def test_a_declined_quote_sends_the_piece_back():
    house, case, row = to_repair(in_warranty=False)
    row = done(house.packer, case, "repair", row, "diagnose")
    row = done(house.agent, case, "repair", row, "send_quote", amount_fen="30", finding="主板")

    assert done(house.agent, case, "repair", row, "decline_quote").state == "declined"
    assert Outbound.objects.filter(case=case, kind="ship_back").exists()


def test_an_exchange_is_offered_where_repairs_were_in_vain():
    house, case, row = to_repair()
    assert "may have an exchange" not in page_of(house.agent, case)

    Repair.objects.filter(pk=row.pk).update(failed_before=2)

    assert "may have an exchange" in page_of(house.agent, case)


def test_a_recovery_is_claimed_accepted_collected_in_part_and_written_off():
    house, case, row = lost()

    row = done(house.finance, case, "recovery", row, "claim", proof="理赔单 88")
    row = done(house.finance, case, "recovery", row, "accept", answer="同意")
    row = done(house.finance, case, "recovery", row, "collect", amount_fen="49.00")
    assert (row.state, row.collected_fen) == ("partly_collected", 4900)

    row = done(house.finance, case, "recovery", row, "write_off", reason="不值得", approved_by=house.manager.pk)
    assert row.state == "written_off"


def test_a_disputed_recovery():
    house, case, row = lost()
    row = done(house.finance, case, "recovery", row, "claim", proof="理赔单 88")

    assert done(house.finance, case, "recovery", row, "dispute", answer="已签收").state == "disputed"


def test_a_recovery_of_nothing_is_cancelled():
    house, case, row = lost()

    assert done(house.finance, case, "recovery", row, "cancel", reason="已另赔").state == "cancelled"


def test_a_task_with_a_form_is_finished(team):
    case = visible_case(team, {"review": task("consent", form="merchant_consent")})
    agent = make_user("agent", teams=[team])

    done(agent, case, "step", step_of(case, "consent"), "finish", note="商家同意")

    assert standing(case) == {"consent": "done"}


def test_a_lead_decides_how_it_goes_on_and_skips_what_follows(team):
    case = visible_case(team, {"review": UNKNOWN})
    lead = make_user("lead", teams=[team])
    assert "if risk = high" in page_of(lead, case, "case") or "risk = high" in page_of(lead, case)

    done(lead, case, "step", step_of(case, "how"), "choose", outcome="0")
    done(lead, case, "step", step_of(case, "look"), "skip", reason="老客户")

    assert standing(case) == {"how": "done", "look": "skipped"}


def test_a_clock_that_stopped_is_tried_again():
    house = make_house()
    case = in_review(house)
    clock = CaseClock.objects.filter(case=case).first()
    CaseClock.objects.filter(pk=clock.pk).update(parked_at=timezone.now(), attempts=6)
    assert "Times that have stopped" in page_of(house.lead, case)

    clock = done(house.lead, case, "clock", clock, "retry")

    assert (clock.parked_at, clock.attempts) == (None, 0)
    assert Event.objects.get(complaint=case.complaint, kind="case.clock_retried").actor_id == house.lead.pk


def test_a_case_without_goods_back_shows_its_parcel_only():
    house = make_house()
    case = granted(house)

    page = page_of(house.lead, case)

    assert "Send on to another warehouse" in page
    assert "Times that have stopped" not in page
