"""The way back: the address, the number of the parcel, the time for it, and what goes wrong with it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from complaints.models import Event, Outbox
from foundation.exceptions import NotAllowedError, RefusedError
from orders.models import Shipment, WaybillWatch
from tests.factories import make_user
from tests.workflows.house import granted, in_review, make_house, proposed
from tests.workflows.services.steps import arrived, law_of_refunds, make_carrier, new_waybill, on_its_way, parcel_of
from workflows.cases.waybills import is_plausible, normalise_waybill
from workflows.machines.spine import CaseState
from workflows.models import CaseClock, CasePolicy, Parcel, RefundableUnit, Task
from workflows.services.act import lock_act
from workflows.services.arriving import scan_in
from workflows.services.deciding import resolve_exception
from workflows.services.returning import (
    ask_for_goods_back,
    attach_parcel,
    give_address,
    put_parcel_seen,
    register_parcel,
    report_parcel_problem,
    time_out_return,
)
from workflows.services.review import withdraw_case

pytestmark = pytest.mark.django_db


def reasons(refusal) -> set[str]:
    return {reason.code for reason in refusal.value.reasons}


def later(case, *, days: int) -> None:
    """Let time pass for the clocks and the parcel of a case."""
    CaseClock.objects.filter(case=case).update(due_at=timezone.now() - timedelta(seconds=1))
    Parcel.objects.filter(links__case=case).update(announced_at=timezone.now() - timedelta(days=days))


def see(case, state: str, **fields):
    """A carrier has seen the parcel: what the tracks make of a scan, then what follows for the case."""
    from django.db import transaction

    with transaction.atomic():
        act = lock_act(case, "seen", by=None)
        parcel = act.lock(parcel_of(case))
        act.move(parcel, state, **fields)
        put_parcel_seen(act, parcel)
        return act.finish()


@pytest.mark.parametrize(
    ("carrier", "text", "expected"),
    [
        ("sf", " sf 1234-5678-90123 ", "SF1234567890123"),
        ("sf", "SF123456789012", ""),
        ("sf", "123456789012", "123456789012"),
        ("jd", "JDVB12345678901-1-2-", "JDVB12345678901"),
        ("jt", "JT1234567890123", "JT1234567890123"),
        ("jt", "1234567890123", ""),
        ("yto", "YT8123456789012", "YT8123456789012"),
        ("zto", "781234567890123", "781234567890123"),
        ("yunda", "43123456789012", ""),
        ("ems", "EA123456789CN", "EA123456789CN"),
        ("ems", "9123456789012", "9123456789012"),
        ("unheard-of", "AB12345678", "AB12345678"),
        ("unheard-of", "ABCDEFGHIJ", ""),
        ("", "1234567", ""),
    ],
)
def test_a_waybill_is_held_against_what_its_courier_prints(carrier, text, expected):
    waybill = normalise_waybill(text)

    assert (waybill if is_plausible(waybill, carrier_code=carrier) else "") == expected


def test_a_grant_tells_where_to_send_the_goods():
    house = make_house()

    parcel = parcel_of(granted(house))

    assert (parcel.state, parcel.warehouse, parcel.waybill) == ("expected", house.warehouse, "")
    assert parcel.return_address.splitlines() == ["退货组", "05710000000", "浙江省杭州市余杭区仓前街道 1 号"]
    assert parcel.is_prepaid
    assert parcel.label["code"] == parcel.cases.get().number


def test_a_label_is_paid_by_the_customer_where_the_policy_says_so():
    house = make_house(CasePolicy.Type.RETURN_NO_REASON, freight=CasePolicy.Freight.CUSTOMER)

    assert not parcel_of(granted(house, reason="regret")).is_prepaid


def test_naming_the_parcel_sends_the_case_on_its_way_and_follows_it():
    house = make_house()
    case = register_parcel(granted(house), carrier=make_carrier(), waybill=" sf 0000-0000-00123", as_customer=True)

    assert (case.state, parcel_of(case).waybill) == (CaseState.IN_TRANSIT, "SF0000000000123")
    assert WaybillWatch.objects.get().waybill == "SF0000000000123"
    assert Outbox.objects.filter(complaint=house.complaint, node="case_parcel_registered").exists()


def test_the_number_stands_in_no_code_that_stays_for_ever():
    house = make_house()
    on_its_way(house, waybill="SF0000000000777")

    events = Event.objects.filter(complaint=house.complaint)
    assert not any("SF0000000000777" in str(event.codes) for event in events)
    assert any("SF0000000000777" in str(event.payload) for event in events)


def test_a_number_of_another_courier_is_refused():
    case = granted(make_house())

    with pytest.raises(RefusedError) as refusal:
        register_parcel(case, carrier=make_carrier(), waybill="JT1234567890123", as_customer=True)

    assert reasons(refusal) == {"waybill_malformed"}


def test_a_number_that_another_case_uses_is_refused_with_its_cure():
    waybill = new_waybill()
    on_its_way(make_house(), waybill=waybill)

    with pytest.raises(RefusedError) as refusal:
        register_parcel(granted(make_house()), carrier=make_carrier(), waybill=waybill, as_customer=True)

    assert reasons(refusal) == {"waybill_taken"}
    assert refusal.value.reasons[0].cure


def test_a_number_is_free_again_when_its_parcel_has_arrived():
    waybill = new_waybill()
    arrived(make_house(), waybill=waybill)

    case = register_parcel(granted(make_house()), carrier=make_carrier(), waybill=waybill, as_customer=True)

    assert case.state == CaseState.IN_TRANSIT


def test_one_parcel_serves_two_cases_of_one_customer():
    house = make_house(quantity=3)
    first, second = on_its_way(house), granted(house)

    second = attach_parcel(second, waybill=parcel_of(first).waybill, as_customer=True)

    shared = Parcel.objects.get(waybill=parcel_of(first).waybill)
    assert second.state == CaseState.IN_TRANSIT
    assert set(shared.cases.all()) == {first, second}
    assert Parcel.objects.filter(state="cancelled", links__case=second).count() == 1


def test_nobody_shares_the_parcel_of_a_stranger():
    first, stranger = on_its_way(make_house()), granted(make_house())

    with pytest.raises(RefusedError) as refusal:
        attach_parcel(stranger, waybill=parcel_of(first).waybill, as_customer=True)

    assert reasons(refusal) == {"waybill_taken"}


def test_an_agent_says_how_the_customer_asked():
    house = make_house()
    case = granted(house)

    with pytest.raises(RefusedError) as refusal:
        register_parcel(case, carrier=make_carrier(), waybill=new_waybill(), by=house.agent)

    assert reasons(refusal) == {"request_missing"}
    assert register_parcel(case, carrier=make_carrier(), waybill=new_waybill(), by=house.agent, request="电话").state == "in_transit"


def test_without_an_address_nothing_is_to_be_sent():
    house = make_house()
    house.warehouse.address = ""
    house.warehouse.save()
    case = granted(house)

    with pytest.raises(RefusedError) as refusal:
        register_parcel(case, carrier=make_carrier(), waybill=new_waybill(), as_customer=True)

    assert reasons(refusal) == {"address_not_given"}
    assert Task.objects.filter(case=case, kind="return_address", role="agent", done_at__isnull=True).exists()


def test_an_agent_gives_the_address_that_was_missing():
    house = make_house()
    house.warehouse.address = ""
    house.warehouse.save()
    case = granted(house)
    house.warehouse.address = "成都市双流区 2 号"
    house.warehouse.save()

    give_address(case, warehouse=house.warehouse, by=house.agent)

    assert parcel_of(case).return_address.endswith("成都市双流区 2 号")
    assert not Task.objects.filter(case=case, kind="return_address", done_at__isnull=True).exists()


def test_only_who_works_on_the_case_gives_its_address():
    house = make_house()

    with pytest.raises(NotAllowedError):
        give_address(granted(house), warehouse=house.warehouse, by=make_user("agent", teams=[]))


def test_nothing_came_in_time_and_the_pieces_are_free_again():
    house = make_house()
    case = granted(house)
    later(case, days=8)

    case = time_out_return(case)

    assert case.state == CaseState.CANCELLED
    assert parcel_of(case).state == "cancelled"
    assert not RefundableUnit.objects.filter(reserved_by=case).exists()
    assert case.refunds.get().state == "voided"


def test_time_does_not_run_out_before_the_customer_had_it_whole():
    case = granted(make_house())
    later(case, days=3)

    with pytest.raises(RefusedError) as refusal:
        time_out_return(case)

    assert reasons(refusal) == {"address_late"}


def test_time_does_not_run_out_once_a_carrier_has_the_parcel():
    case = granted(make_house())
    later(case, days=8)
    Parcel.objects.filter(links__case=case).update(first_scan_at=timezone.now())

    with pytest.raises(RefusedError) as refusal:
        time_out_return(case)

    assert reasons(refusal) == {"carrier_scanned"}


def test_the_first_scan_takes_the_place_of_the_customers_word():
    house = make_house()
    case = granted(house)
    Parcel.objects.filter(links__case=case).update(waybill=new_waybill(), carrier=make_carrier())

    case = see(case, "pick_up", first_scan_at=timezone.now())

    assert case.state == CaseState.IN_TRANSIT


def test_delivery_by_the_carrier_starts_the_legal_clock_once():
    law_of_refunds()
    case = on_its_way(make_house())
    signed = timezone.now() - timedelta(hours=5)

    see(case, "carrier_sign", first_scan_at=signed, signed_at=signed)

    clock = CaseClock.objects.get(case=case, code="refund_7d")
    assert (clock.kind, clock.started_at) == ("legal", signed)


def test_a_lost_parcel_needs_a_decision_and_the_carrier_pays():
    house = make_house()

    case = see(on_its_way(house), "report_problem", problem="lost")

    recovery = case.recoveries.get()
    assert case.state == CaseState.EXCEPTION
    assert (recovery.debtor, recovery.amount_fen) == ("carrier", 9900)


def test_one_attempt_in_vain_is_no_exception():
    case = see(on_its_way(make_house()), "report_problem", problem="difficult")

    assert case.state == CaseState.IN_TRANSIT


def test_a_wrong_number_is_nobodys_loss():
    case = see(on_its_way(make_house()), "report_problem", problem="unknown_no")

    assert (case.state, case.recoveries.count()) == (CaseState.EXCEPTION, 0)


def test_silence_for_too_long_counts_as_lost():
    case = on_its_way(make_house())

    with pytest.raises(RefusedError) as refusal:
        report_parcel_problem(case, problem="lost", by=None)
    assert reasons(refusal) == {"no_problem_seen"}

    later(case, days=10)
    assert report_parcel_problem(case, problem="lost", by=None).state == CaseState.EXCEPTION


def test_every_scan_begins_the_silence_anew():
    case = on_its_way(make_house())
    later(case, days=0)
    CaseClock.objects.filter(case=case, code="in_transit").update(fired_at=None)

    see(case, "move", first_scan_at=timezone.now())

    with pytest.raises(RefusedError):
        report_parcel_problem(case, problem="lost", by=None)


def test_an_agent_shows_the_scans_that_tell_of_a_problem():
    house = make_house()
    case = on_its_way(house)
    event = parcel_of(case).scans.create(at=timezone.now(), tag="Exception", digest="1")

    with pytest.raises(RefusedError):
        report_parcel_problem(case, problem="returning", events=[event.pk + 1], by=house.agent)

    assert report_parcel_problem(case, problem="returning", events=[event.pk], by=house.agent).state == CaseState.EXCEPTION


def test_who_changes_their_mind_after_sending_is_heard_by_the_inspector():
    case = on_its_way(make_house())
    with pytest.raises(RefusedError):
        withdraw_case(case, as_customer=True)

    ask_for_goods_back(case, as_customer=True)

    assert Task.objects.filter(case=case, kind="withdrawal", role="warehouse", done_at__isnull=True).exists()


def test_who_has_sent_nothing_withdraws_instead():
    with pytest.raises(RefusedError) as refusal:
        ask_for_goods_back(in_review(make_house()), as_customer=True)

    assert reasons(refusal) == {"goods_not_sent"}


def test_a_refused_parcel_is_its_own_return():
    house = make_house(CasePolicy.Type.REFUSED_PARCEL, receipt=CasePolicy.Receipt.CARRIER)
    waybill = new_waybill()
    Shipment.objects.create(order=house.order, external_id="1", carrier=make_carrier(), waybill=waybill)

    case = granted(house)

    parcel = parcel_of(case)
    assert (case.state, parcel.waybill, parcel.state) == (CaseState.IN_TRANSIT, waybill, "expected")
    assert WaybillWatch.objects.get().waybill == waybill
    assert scan_in(case, waybill=waybill, by=house.packer).state == CaseState.RECEIVED


def test_a_decision_gives_up_what_did_not_come():
    house = make_house()
    case = see(on_its_way(house), "report_problem", problem="lost")
    unit = case.units.get().unit_id

    case = resolve_exception(case, verdict="full", proposal=proposed(case), waived=[unit], by=house.lead)

    assert (case.state, parcel_of(case).state) == (CaseState.SETTLING, "abandoned")


def test_a_parcel_that_another_case_waits_for_is_not_given_up():
    house = make_house(quantity=3)
    case, other = on_its_way(house), granted(house)
    attach_parcel(other, waybill=parcel_of(case).waybill, as_customer=True)
    case = see(case, "report_problem", problem="lost")

    resolve_exception(case, verdict="full", proposal=proposed(case), waived=[case.units.get().unit_id], by=house.lead)

    assert parcel_of(case).state == "problem"
