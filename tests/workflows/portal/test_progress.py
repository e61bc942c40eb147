"""The page of a case: the sentence, whose turn it is, the way, the tracks, and never a wrong word about money."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.workflows.builders import make_balance, make_case, make_policy, make_refund, make_unit
from tests.workflows.house import granted, in_review, make_house, submitted
from tests.workflows.portal.journey import opened, text_of
from tests.workflows.services.steps import arrived, lines_of, on_its_way, record_bad
from tests.workflows.services.steps import opened as being_inspected
from workflows.machines.spine import CaseState
from workflows.models import Case, CasePolicy, CaseUnit, Outbound, Repair
from workflows.notices import REJECTION_WORDS
from workflows.services.inspecting import fail_inspection
from workflows.services.review import reject_case, request_evidence

S = CaseState


@pytest.fixture
def house():
    return make_house()


def page_of(visitor, case: Case, prefix: str = "/en") -> str:
    url = opened(visitor, case.complaint)
    return text_of(visitor.get(f"{prefix}{url.removeprefix('/en')}"))


@pytest.mark.parametrize("state", list(S))
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_every_state_has_a_page_in_both_languages(visitor, state, prefix):
    case = make_case(state=state, ended_at=timezone.now())
    CaseUnit.objects.create(case=case, unit=make_unit(case))

    page = page_of(visitor, case, prefix)

    if state != S.DRAFT:  # nobody has sent it, so the page is the application
        assert case.number in page
        assert "{due}" not in page
        assert "{tracks}" not in page


def test_without_a_case_the_page_is_the_application(visitor, house):
    url = opened(visitor, house.complaint)

    assert visitor.get(url).headers["Location"] == f"{url}apply/"


def test_a_review_says_who_looks_and_until_when(visitor, house):
    case = in_review(house)

    page = page_of(visitor, case)

    assert "A person is reviewing this; answer by " in page
    assert "Whose turn: Customer service" in page
    assert 'aria-current="step"' in page
    assert (
        page.index(">Request<") < page.index(">Review<") < page.index(">Send back<") < page.index(">Inspection<") < page.index(">Refund<")
    )


def test_a_broken_promise_is_said(visitor, house):
    case = in_review(house)
    case.clocks.update(due_at=timezone.now() - timedelta(minutes=1))

    page = page_of(visitor, case)

    assert "We are late, and we are sorry. A supervisor has been told." in page
    assert "answer by" not in page


def test_what_is_missing_is_named_with_the_note(visitor, house):
    case = request_evidence(in_review(house), items=["photo", "serial"], note="背面也要。", by=house.agent)

    page = page_of(visitor, case)

    assert "Please add: photos of the item, the serial number" in page
    assert "背面也要。" in page
    assert "Whose turn: You" in page
    assert 'id="duty"' in page


def test_sending_back_shows_code_address_and_the_form(visitor, house):
    case = granted(house)

    page = page_of(visitor, case)

    assert case.state == S.AWAITING_RETURN
    assert "Send it back or book a pickup by " in page
    assert "浙江省杭州市余杭区仓前街道 1 号" in page
    assert 'class="code code--qr"' in page
    assert page.index("no printer needed") < page.index("Print a label")
    assert "We pay: choose freight paid by the receiver" in page
    assert 'name="waybill"' in page


def test_a_parcel_shows_its_number_and_its_scans(visitor, house):
    case = on_its_way(house, waybill="SF1234567890123")
    parcel = case.parcels.get()
    parcel.scans.create(at=timezone.now(), tag="InTransit", text="已到达杭州分拨中心", place="杭州", digest="d")

    page = page_of(visitor, case)

    assert "SF1234567890123" in page
    assert "杭州 已到达杭州分拨中心" in page
    assert "Whose turn: The carrier" in page
    assert "I would like to keep it after all" in page


def test_an_arrived_parcel_is_with_the_warehouse(visitor, house):
    page = page_of(visitor, arrived(house))

    assert "Arrived; inspection starts by " in page
    assert "Whose turn: Our warehouse" in page


def test_a_difference_shows_the_photos_of_the_inspection(visitor, house):
    case = being_inspected(house)
    line = record_bad(lines_of(case)[0], house)
    case = fail_inspection(Case.objects.get(pk=case.pk), by=house.packer)

    page = page_of(visitor, case)

    assert "Inspection found a difference" in page
    assert f"/files/{line.photos.get().key}/" in page
    assert "Needs a decision; we contact you by " in page


def test_a_refusal_says_facts_and_basis_and_leads_to_the_appeal(visitor, house):
    case = in_review(house)
    Case.objects.filter(pk=case.pk).update(submitted_at=timezone.now() + timedelta(days=30))
    case = reject_case(
        Case.objects.get(pk=case.pk),
        reason="used",
        rule_version="return_quality v1",
        evidence=[1],
        words="照片里有使用痕迹。",
        by=house.agent,
    )

    page = page_of(visitor, case)

    assert "照片里有使用痕迹" in page
    assert "return_quality v1" in page
    assert 'href="#act-appeal"' in page
    assert "Not accepted" in page
    assert str(REJECTION_WORDS["used"]) not in page  # the words of the person who decided stand in its place


MONEY = [
    ("pending_approval", "Refund being prepared", "Paid as soon as the inspection has passed."),
    ("armed", "Refund being prepared", "Paid as soon as the inspection has passed."),
    ("queued", "Refund under way", ""),
    ("processing", "Refund under way", ""),
    ("unknown", "Refund sent, confirming with the payment provider", ""),
    ("succeeded", "Refund of ¥50.00 paid back", ""),
    ("failed", "The refund needs our attention; we contact you", ""),
]


@pytest.mark.parametrize(("state", "words", "waits"), MONEY)
def test_a_refund_says_where_it_stands_on_which_way(visitor, state, words, waits):
    case = make_case(state=S.SETTLING)
    make_refund(case, state=state, balance=make_balance(case))

    page = page_of(visitor, case)

    assert words in page
    assert "back by WeChat Pay, the way you paid" in page
    assert waits in page
    assert "ailed" not in page.partition("<main")[2].partition("</main>")[0]


def test_an_unknown_answer_is_with_the_bank(visitor):
    case = make_case(state=S.SETTLING)
    make_refund(case, state="unknown", balance=make_balance(case))

    page = page_of(visitor, case)

    assert '<li class="track__step track__step--now" aria-current="step">With the bank</li>' in page
    assert "Whose turn: The bank or payment provider" in page


def test_a_quote_asks_for_a_yes_or_no(visitor):
    case = make_case(state=S.SETTLING, policy=make_policy(CasePolicy.Type.REPAIR))
    claim = CaseUnit.objects.create(case=case, unit=make_unit(case), is_approved=True)
    Repair.objects.create(claim=claim, state="quote_pending", in_warranty=False, quote_fen=6800, finding="主板进水")

    page = page_of(visitor, case)

    assert "Repair for this price?" in page
    assert "¥68.00" in page
    assert "主板进水" in page
    assert "Whose turn: You" in page


def test_what_ran_out_asks_what_shall_come_instead(visitor):
    case = make_case(state=S.EXCEPTION, policy=make_policy(CasePolicy.Type.EXCHANGE_QUALITY))
    warehouse = make_house().warehouse
    Outbound.objects.create(case=case, kind="replacement", state="out_of_stock", sku="S", warehouse=warehouse)

    page = page_of(visitor, case)

    assert "Out of stock. What would you like?" in page
    assert page.count('name="choice"') == 3


def test_a_withdrawn_case_can_be_resumed_until_a_day(visitor, house):
    from workflows.services.review import withdraw_case

    case = withdraw_case(in_review(house), as_customer=True)

    page = page_of(visitor, case)

    assert "Withdrawn; can be resumed until " in page
    assert "Resume the request" in page


def test_the_tracker_tells_the_case_in_a_line(visitor, house):
    case = in_review(house)
    opened(visitor, case.complaint)

    page = text_of(visitor.get(f"/en/c/{case.complaint.number}/"))

    assert f"/return/?case={case.number}" in page
    assert "Apply for after-sales" not in page


def test_the_tracker_leads_to_what_the_customer_has_to_do(visitor, house):
    case = granted(house)
    opened(visitor, case.complaint)

    page = text_of(visitor.get(f"/en/c/{case.complaint.number}/"))

    assert f'/return/?case={case.number}#duty">See what to do</a>' in page


def test_the_tracker_asks_little_for_an_order(visitor, house, django_assert_max_num_queries):
    opened(visitor, house.complaint)
    url = f"/en/c/{house.complaint.number}/"
    visitor.get(url)

    with django_assert_max_num_queries(7):
        visitor.get(url)


@pytest.mark.parametrize("pieces", [1, 2])
def test_the_number_of_queries_does_not_grow(visitor, pieces, django_assert_max_num_queries):
    case = being_inspected(make_house(), pieces=pieces)
    url = opened(visitor, case.complaint)
    visitor.get(url)

    with django_assert_max_num_queries(26):
        page = visitor.get(url)

    assert page.status_code == 200


def test_other_cases_of_the_complaint_are_listed(visitor, house):
    first = submitted(house)
    second = submitted(house)

    page = page_of(visitor, second)

    assert f'href="?case={first.number}"' in page


def test_another_complaints_case_is_not_shown(visitor, stranger, house):
    case = in_review(house)
    other = make_case()
    url = opened(visitor, case.complaint)

    assert f'id="number">{case.number}<' in text_of(visitor.get(f"{url}?case={other.number}"))
    assert stranger.get(url).status_code == 404


def test_pages_are_never_kept_by_caches(visitor, house):
    case = in_review(house)

    assert visitor.get(opened(visitor, case.complaint)).headers["Cache-Control"] == "no-store, private"


def test_a_link_from_a_mail_opens_the_return(visitor, house):
    from complaints.intake.links import make_link

    case = in_review(house)

    answer = visitor.get(f"/en/t/{make_link(case.complaint)}/return/")

    assert answer.headers["Location"] == f"/en/c/{case.complaint.number}/return/"
    assert visitor.get("/en/t/wrong/return/").status_code == 404


def test_the_label_is_for_both_papers_and_its_code_is_a_picture(visitor, house):
    case = granted(house)
    url = opened(visitor, case.complaint)

    small, large = (text_of(visitor.get(f"{url}label/?size={size}")) for size in ("76x130", "100x150"))
    picture = visitor.get(f"{url}label/code.png")

    assert "label--76x130" in small
    assert "label--100x150" in large
    assert "浙江省杭州市余杭区仓前街道 1 号" in small
    assert picture.headers["Content-Type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")


def test_without_a_parcel_there_is_no_label(visitor, house):
    case = in_review(house)
    url = opened(visitor, case.complaint)

    assert visitor.get(f"{url}label/").status_code == 404
    assert visitor.get(f"{url}label/code.png").status_code == 404


def test_days_later_nothing_is_promised_for_the_past(visitor, house):
    case = granted(house)
    with time_machine.travel(timezone.now() + timedelta(days=9), tick=False):
        page = page_of(visitor, case)

    assert "{due}" not in page
