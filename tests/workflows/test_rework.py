"""The ways back into order, T14: what goes wrong, decided through the pages, to the end with its money and the customer's notices."""

import pytest
from django.test import Client

from complaints.models import Outbox
from orders.carriers.base import CarrierScan, CarrierTag
from tests.workflows.desk.test_pages import browse
from tests.workflows.desk.test_pages import send as desk_act
from tests.workflows.finance.test_pages import send as finance_act
from tests.workflows.house import House, make_house, refund_of
from tests.workflows.portal.journey import act as customer_act
from tests.workflows.portal.journey import opened, text_of
from tests.workflows.services.steps import lines_of, make_carrier, on_its_way, parcel_of, record_bad, record_good
from tests.workflows.services.steps import opened as inspected
from tests.workflows.settling.builders import answer, limits_of, make_due
from workflows.models import Case, Outbound, Recovery, Refund
from workflows.services.inspecting import fail_inspection, pass_inspection
from workflows.services.outbounds import deliver_outbound, pick_outbound, ship_outbound
from workflows.services.stock import run_out
from workflows.services.tracks import take_scans
from workflows.settling.calls import take_errand
from workflows.settling.recording import record_answer

pytestmark = pytest.mark.django_db
EXCHANGE = {"release": "none", "release_trusted": "none", "ships": "inspected", "ships_trusted": "inspected"}
WORDS = "按您说的办。"


@pytest.fixture
def visitor():
    return Client(REMOTE_ADDR="2001:db8::14")


def seen(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def units_of(case: Case) -> list[int]:
    return list(case.units.values_list("unit_id", flat=True))


def decide(house: House, case: Case, verdict: str, **answers) -> Case:
    done = desk_act(browse(house.lead), seen(case), "resolve_exception", verdict=verdict, words=WORDS, **answers)
    assert done.status_code == 303, done.content.decode()[:3000]
    return seen(case)


def pay(house: House, case: Case, kind: str = "paid") -> Refund:
    """Finance signs on its page, and the provider answers."""
    refund = Refund.objects.filter(case=case).order_by("-pk").first()
    if refund.state == "pending_approval":
        assert finance_act(browse(house.finance), refund, "authorise").status_code == 303
    make_due(refund)
    errand = take_errand(refund.pk)
    assert record_answer(errand, answer(kind, refund=errand.refund, code="X"), limits_of(refund))
    return Refund.objects.get(pk=refund.pk)


def money(case: Case) -> tuple[int, int]:
    """Held and refunded of the payment."""
    balance = refund_of(case).balance
    balance.refresh_from_db()
    return balance.held_fen, balance.refunded_fen


def told(case: Case) -> list[str]:
    return list(Outbox.objects.filter(complaint=case.complaint).order_by("pk").values_list("node", flat=True))


def progress(visitor: Client, case: Case) -> str:
    return text_of(visitor.get(opened(visitor, case.complaint) + f"?case={case.number}"))


def failed(house: House, **kinds) -> Case:
    case = inspected(house, **kinds)
    record_bad(lines_of(case)[0], house)
    for line in lines_of(case)[1:]:
        record_good(line, house)
    return fail_inspection(case, words="有划痕", by=house.packer)


def test_a_failed_piece_that_a_lead_takes_all_the_same_is_paid(visitor):
    house = make_house()
    case = failed(house)

    case = decide(house, case, "full", units=units_of(case), amount="99.00", accepted=units_of(case))
    pay(house, case)

    assert (seen(case).state, money(case)) == ("completed", (0, 9900))
    assert {"case_inspection_failed", "case_decided", "case_refund_paid", "case_completed"} <= set(told(case))
    assert "¥99.00" in progress(visitor, case)


def test_a_refused_customer_gets_the_goods_and_an_appeal(visitor):
    house = make_house()
    case = failed(house)
    case = decide(house, case, "return_goods")
    back = Outbound.objects.get(case=case, kind="ship_back")

    back = ship_outbound(pick_outbound(back, by=house.packer), carrier=make_carrier(), waybill="SF7777777777777", by=house.packer)
    deliver_outbound(back, event="seen")

    assert (seen(case).state, money(case)) == ("completed", (0, 0))
    opened(visitor, case.complaint)
    assert customer_act(visitor, seen(case), "appeal", words="我不同意").status_code == 303
    assert seen(case).appeals.get().state == "opened"


def test_a_parcel_lost_on_our_label_is_paid_in_full_and_claimed_from_the_carrier(visitor):
    house = make_house()
    case = on_its_way(house)
    parcel = parcel_of(case)
    take_scans(parcel, [CarrierScan(waybill=parcel.waybill, at=case.since, tag=CarrierTag.EXCEPTION, problem="lost", text="遗失")])
    case = seen(case)
    if case.state == "in_transit":
        scan = parcel.scans.get()
        assert desk_act(browse(house.agent), case, "parcel_problem", problem="lost", events=[scan.pk]).status_code == 303

    case = decide(house, case, "full", units=units_of(case), amount="99.00", waived=units_of(case))
    pay(house, case)

    assert (seen(case).state, money(case)) == ("completed", (0, 9900))
    assert Recovery.objects.filter(case=case, debtor="carrier").exists()
    assert "case_parcel_problem" in told(case)


def test_a_declined_refund_is_paid_again_under_its_own_number():
    house = make_house()
    case = inspected(house)
    record_good(lines_of(case)[0], house)
    case = pass_inspection(case, by=house.packer)
    refund = pay(house, case, "declined")
    assert (refund.state, seen(case).state) == ("failed", "exception")

    case = decide(house, case, "retry_payment")
    assert finance_act(browse(house.finance), refund, "retry", cause="余额已补").status_code == 303
    refund = pay(house, case)

    assert (Refund.objects.count(), refund.state, seen(case).state, money(case)) == (1, "succeeded", "completed", (0, 9900))


def test_an_exchange_that_ran_out_becomes_money():
    house = make_house("exchange_quality", **EXCHANGE)
    case = inspected(house)
    record_good(lines_of(case)[0], house)
    case = pass_inspection(case, by=house.packer)
    run_out(Outbound.objects.get(case=case), by=house.packer)
    case = seen(case)
    assert case.state == "exception"

    case = decide(house, case, "changed", units=units_of(case), amount="99.00")
    assert Outbound.objects.get(case=case).state == "cancelled"
    pay(house, case)

    assert (seen(case).state, money(case)) == ("completed", (0, 9900))


def test_who_changed_their_mind_after_sending_gets_the_goods_back(visitor):
    house = make_house()
    case = on_its_way(house)
    opened(visitor, case.complaint)
    assert desk_act(browse(house.agent), case, "withdraw", request="电话").status_code == 409

    assert customer_act(visitor, case, "keep").status_code == 303
    assert case.tasks.filter(kind="withdrawal", done_at=None).exists()


def test_what_was_approved_too_high_is_lowered_before_it_leaves():
    house = make_house()
    case = inspected(house)
    record_good(lines_of(case)[0], house)
    case = pass_inspection(case, by=house.packer)

    assert finance_act(browse(house.finance), refund_of(case), "lower", amount="80", reason="已拆封").status_code == 303
    version = refund_of(case).version
    lowered = desk_act(browse(house.lead), seen(case), "lower_refund", amount="80.00", cause="已拆封", expected_version=version)
    assert lowered.status_code == 303
    pay(house, case)

    assert (seen(case).state, money(case)) == ("completed", (0, 8000))
