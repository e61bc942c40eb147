"""What a customer does about a case, each act through its service; refused ones keep what was typed and say why."""

import pytest

from complaints.models import Complaint
from tests.complaints.portal.journey import photo
from tests.factories import make_complaint
from tests.workflows.builders import make_case, make_policy, make_unit
from tests.workflows.house import granted, in_review, make_house
from tests.workflows.portal.journey import act, opened, text_of
from tests.workflows.services.steps import make_carrier, new_waybill, on_its_way
from workflows.models import Appeal, Case, CasePolicy, CaseUnit, Outbound, Repair
from workflows.services.review import request_evidence, withdraw_case


@pytest.fixture
def house():
    return make_house()


def asked(house) -> Case:
    return request_evidence(in_review(house), items=["photo"], by=house.agent)


def seen(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def test_evidence_goes_to_the_complaint_and_the_review_goes_on(visitor, house):
    case = asked(house)
    url = opened(visitor, case.complaint)

    answer = act(visitor, case, "evidence", words="见照片", evidence=[photo("back.jpg")])

    message = case.complaint.messages.order_by("id").last()
    assert answer.headers["Location"] == f"{url}?case={case.number}&done=evidence"
    assert seen(case).state == "in_review"
    assert (message.body, [file.name for file in message.attachments.all()]) == ("见照片", ["back.jpg"])


def test_evidence_of_nothing_is_asked_for_again(visitor, house):
    case = asked(house)
    opened(visitor, case.complaint)

    answer = act(visitor, case, "evidence", words=" ")

    assert answer.status_code == 422
    assert "Write a few words, or add a photo." in text_of(answer)
    assert seen(case).state == "info_needed"


def test_evidence_sent_twice_is_one_message(visitor, house):
    case = asked(house)
    opened(visitor, case.complaint)
    before = case.complaint.messages.count()

    answers = [act(visitor, case, "evidence", words="见照片", request_id="e" * 22, version="") for _tap in range(2)]

    assert [each.status_code for each in answers] == [303, 303]
    assert case.complaint.messages.count() == before + 1


def test_a_waybill_sets_the_case_on_its_way(visitor, house):
    case = granted(house)
    opened(visitor, case.complaint)
    make_carrier()

    answer = act(visitor, case, "waybill", waybill=" sf 1234567890123 ", carrier="sf")

    assert answer.status_code == 303
    assert seen(case).state == "in_transit"
    assert case.parcels.get().waybill == "SF1234567890123"


@pytest.mark.parametrize("waybill", ["", "12", "还没有"])
def test_what_is_no_waybill_is_caught_and_kept(visitor, house, waybill):
    case = granted(house)
    opened(visitor, case.complaint)
    make_carrier()

    answer = act(visitor, case, "waybill", waybill=waybill, carrier="sf")

    page = text_of(answer)
    assert answer.status_code == 422
    assert 'href="#waybill"' in page
    assert f'value="{waybill}"' in page or not waybill
    assert seen(case).state == "awaiting_return"


def test_one_parcel_for_two_requests_is_offered_and_taken(visitor, house):
    waybill = new_waybill()
    first = on_its_way(house, waybill=waybill)
    second = granted(house)
    opened(visitor, second.complaint)

    refused = act(visitor, second, "waybill", waybill=waybill, carrier="sf")
    shared = act(visitor, second, "share", waybill=waybill)

    assert refused.status_code == 409
    assert "Both are in this parcel" in text_of(refused)
    assert shared.status_code == 303
    assert seen(second).state == "in_transit"
    assert first.parcels.get().cases.count() == 2


def test_withdrawn_and_resumed(visitor, house):
    case = in_review(house)
    opened(visitor, case.complaint)

    withdrawn = act(visitor, case, "withdraw")
    after_first = seen(case).state
    resumed = act(visitor, case, "resume")

    assert (withdrawn.status_code, after_first) == (303, "cancelled")
    assert (resumed.status_code, seen(case).state) == (303, "in_review")


def test_after_the_parcel_left_withdrawing_is_explained_and_the_way_back_is_open(visitor, house):
    case = on_its_way(house)
    opened(visitor, case.complaint)

    refused = act(visitor, case, "withdraw")
    kept = act(visitor, case, "keep")

    assert refused.status_code == 409
    assert "This did not work" in text_of(refused)
    assert kept.status_code == 303


def refused_case(**overrides) -> Case:
    case = make_case(state="rejected", **overrides)
    CaseUnit.objects.create(case=case, unit=make_unit(case))
    return case


def test_an_appeal_is_opened_in_the_customers_words(visitor):
    case = refused_case()
    opened(visitor, case.complaint)

    empty = act(visitor, case, "appeal", words="")
    taken = act(visitor, case, "appeal", words="照片是到货当天拍的。")

    assert (empty.status_code, taken.status_code) == (422, 303)
    assert "Say why, in a few words." in text_of(empty)
    assert Appeal.objects.get(case=case).words == "照片是到货当天拍的。"


def test_a_second_appeal_is_refused_with_the_words_kept(visitor):
    case = refused_case()
    opened(visitor, case.complaint)
    act(visitor, case, "appeal", words="一")

    again = act(visitor, case, "appeal", words="二次", request_id="z" * 22)

    assert again.status_code == 409
    assert "There is already an appeal against this decision." in text_of(again)


def test_evidence_for_an_appeal_and_giving_it_up(visitor):
    case = refused_case()
    opened(visitor, case.complaint)
    act(visitor, case, "appeal", words="一")

    added = act(visitor, case, "appeal-evidence", words="发票在此", request_id="y" * 22)
    given_up = act(visitor, case, "withdraw-appeal", request_id="w" * 22)
    nothing_left = act(visitor, case, "withdraw-appeal", request_id="v" * 22)
    too_late = act(visitor, case, "appeal-evidence", words="再补一份", request_id="t" * 22)

    assert (added.status_code, given_up.status_code) == (303, 303)
    assert (nothing_left.status_code, too_late.status_code) == (409, 409)
    assert case.complaint.messages.order_by("id").last().body == "发票在此"
    assert Appeal.objects.get(case=case).state == "withdrawn"


def quoted() -> Repair:
    house = make_house(CasePolicy.Type.REPAIR, ships="repaired", release="none")
    case = make_case(state="settling", policy=house.policy, warehouse=house.warehouse)
    claim = CaseUnit.objects.create(case=case, unit=make_unit(case), is_approved=True)
    return Repair.objects.create(claim=claim, state="quote_pending", in_warranty=False, quote_fen=6800, finding="主板进水")


def test_a_quote_is_accepted_at_the_price_that_was_read(visitor):
    repair = quoted()
    case = repair.claim.case
    opened(visitor, case.complaint)

    other = act(visitor, case, "accept", amount="100", request_id="p" * 22)
    taken = act(visitor, case, "accept", amount="6800", request_id="q" * 22)
    repair.refresh_from_db(fields=["version"])

    assert (other.status_code, taken.status_code) == (409, 303)
    assert "The quote has changed." in text_of(other)
    assert Repair.objects.get(pk=repair.pk).state == "repairing"


def test_a_declined_quote_sends_the_item_back(visitor):
    repair = quoted()
    opened(visitor, repair.claim.case.complaint)

    assert act(visitor, repair.claim.case, "decline").status_code == 303
    assert Repair.objects.get(pk=repair.pk).state == "declined"


def test_a_choice_for_what_ran_out_reaches_the_person_who_decides(visitor):
    house = make_house(CasePolicy.Type.EXCHANGE_QUALITY, ships="inspected")
    case = make_case(state="exception", policy=make_policy(CasePolicy.Type.EXCHANGE_QUALITY), warehouse=house.warehouse)
    Outbound.objects.create(case=case, kind="replacement", state="out_of_stock", sku="S", warehouse=house.warehouse)
    opened(visitor, case.complaint)

    answer = act(visitor, case, "choose", choice="refund", words="谢谢")
    nonsense = act(visitor, case, "choose", choice="gold", request_id="g" * 22)

    assert (answer.status_code, nonsense.status_code) == (303, 422)
    assert case.complaint.messages.order_by("id").last().body == "I would like my money back.\n谢谢"


def test_a_page_that_is_no_longer_true_is_shown_anew(visitor, house):
    case = in_review(house)
    opened(visitor, case.complaint)

    answer = act(visitor, case, "withdraw", version=case.version + 7)

    assert answer.status_code == 409
    assert "Something changed meanwhile." in text_of(answer)
    assert seen(case).state == "in_review"


def test_nobody_acts_on_the_case_of_another_complaint(visitor, stranger, house):
    mine, other = in_review(house), make_complaint(status="open")
    opened(visitor, other)

    through_mine = visitor.post(f"/en/c/{other.number}/return/withdraw/", {"case": mine.number})
    without_link = act(stranger, mine, "withdraw")

    assert (through_mine.status_code, without_link.status_code) == (404, 404)
    assert seen(mine).state == "in_review"


def test_an_unknown_act_is_not_found(visitor, house):
    case = in_review(house)
    opened(visitor, case.complaint)

    assert act(visitor, case, "approve").status_code == 404


def test_an_erased_complaint_takes_nothing(visitor, house):
    from django.utils import timezone

    case = withdraw_case(in_review(house), as_customer=True)
    opened(visitor, case.complaint)
    Complaint.objects.filter(pk=case.complaint_id).update(erased_at=timezone.now())

    assert act(visitor, case, "resume").status_code == 404
