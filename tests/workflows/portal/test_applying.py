"""Applying for a return: what is known is filled in, what is missing is asked, one tap sends it, and a double tap is one case."""

import pytest

from complaints.intake.matching import sign_order
from complaints.models import Complaint
from complaints.portal.tracker import sign_file
from tests.complaints.portal.journey import photo
from tests.factories import make_category, make_complaint, make_order
from tests.workflows.builders import make_policy, publish
from tests.workflows.house import REASONS, make_house, submitted
from tests.workflows.portal.journey import application, opened, request_id, text_of
from workflows.models import Case, CasePolicy
from workflows.portal.application import Subject, form_for

T = CasePolicy.Type
NEEDS_PHOTO = {"broken": {"name_zh": "破损", "name_en": "broken", "liable": "merchant", "evidence": ["photo"]}}


@pytest.fixture
def house():
    return make_house()


def test_the_tracker_offers_one_button_where_an_order_is_known(visitor, house):
    url = opened(visitor, house.complaint)

    page = text_of(visitor.get(f"/en/c/{house.complaint.number}/"))

    assert f'href="{url}apply/"' in page
    assert "Apply for after-sales" in page


def test_a_complaint_without_an_order_offers_nothing(visitor):
    complaint = make_complaint(status="open")
    url = opened(visitor, complaint)

    assert "After-sales" not in text_of(visitor.get(f"/en/c/{complaint.number}/"))
    assert visitor.get(url + "apply/").headers["Location"] == f"/en/c/{complaint.number}/"


def test_what_is_sent_is_a_case_of_the_chosen_pieces(visitor, house):
    url = opened(visitor, house.complaint)

    response = visitor.post(url + "apply/", application(house, pieces=2))

    case = Case.objects.get()
    assert response.headers["Location"] == f"{url}?case={case.number}&done=sent"
    assert (case.state, case.reason, case.units.count()) == ("submitted", "broken", 2)
    assert "We have your request" in text_of(visitor.get(response.headers["Location"]))


def test_a_double_tap_is_one_case(visitor, house):
    url = opened(visitor, house.complaint)

    answers = [visitor.post(url + "apply/", application(house, pieces=2)) for _tap in range(2)]

    assert [each.status_code for each in answers] == [303, 303]
    assert Case.objects.count() == 1


def test_pieces_of_another_case_are_refused_and_everything_typed_stays(visitor, house):
    url = opened(visitor, house.complaint)
    submitted(house, pieces=2)

    answer = visitor.post(url + "apply/", application(house, words="Both are dented."))

    assert answer.status_code == 422
    assert "There are only 0 of this." in text_of(answer)
    assert "Both are dented." in text_of(answer)


def test_nothing_chosen_is_said_with_a_summary_of_errors(visitor, house):
    url = opened(visitor, house.complaint)

    answer = visitor.post(url + "apply/", {"request_id": "x" * 22, f"pieces-{house.line.pk}": "0"})

    page = text_of(answer)
    assert answer.status_code == 422
    assert "<title>Error: Apply for after-sales" in " ".join(page.split())
    assert f'href="#pieces-{house.line.pk}">Choose at least one piece.' in page
    assert "Choose what you would like." in page
    assert Case.objects.count() == 0


def test_a_reason_that_needs_a_photo_asks_for_it(visitor):
    house = make_house(reasons=NEEDS_PHOTO | {"dull": NEEDS_PHOTO["broken"]})
    url = opened(visitor, house.complaint)

    refused = visitor.post(url + "apply/", application(house))
    taken = visitor.post(url + "apply/", application(house, request_id="s" * 22, evidence=[photo()]))

    assert (refused.status_code, taken.status_code) == (409, 303)
    assert "This reason needs a picture or a file." in text_of(refused)
    assert house.complaint.attachments.count() == 1


def test_a_photo_that_came_with_a_refused_page_is_kept(visitor, house):
    url = opened(visitor, house.complaint)

    refused = visitor.post(url + "apply/", application(house, pieces=0, evidence=[photo("dent.jpg")]))
    kept = text_of(refused).split('name="evidence" value="')[1].split('"')[0]
    taken = visitor.post(url + "apply/", application(house, evidence=[kept]))

    assert "dent.jpg" in text_of(refused)
    assert taken.status_code == 303
    assert [file.name for file in house.complaint.attachments.all()] == ["dent.jpg"]


def test_files_of_another_complaint_are_not_taken(visitor, house):
    other = make_complaint(status="open")
    url = opened(visitor, house.complaint)
    refused = visitor.post(url + "apply/", application(house, pieces=0, evidence=[photo()]))
    file = Complaint.objects.get(pk=house.complaint.pk)
    token = text_of(refused).split('name="evidence" value="')[1].split('"')[0]
    from complaints.models import Attachment

    forged = sign_file(Attachment.objects.latest("pk"), other)

    visitor.post(url + "apply/", application(house, evidence=[forged]))

    assert token != forged
    assert file.attachments.count() == 0


@pytest.mark.parametrize(
    ("category", "wish", "kind", "reason"),
    [
        ("refund.no_reason", "return_refund", T.RETURN_NO_REASON, ""),
        ("refund.quality", "return_refund", T.RETURN_QUALITY, ""),
        ("logistics.damaged", "exchange", T.EXCHANGE_QUALITY, "transit_damage"),
        ("refund.wrong_short", "feedback", T.RESHIP, "missing_item"),
        ("logistics.lost", "refund_only", T.REFUND_ONLY, "not_received"),
        ("service.attitude", "feedback", "", ""),
    ],
)
def test_type_and_reason_come_from_what_the_complaint_says(category, wish, kind, reason):
    from workflows.policies.defaults import load_default_policies

    load_default_policies()
    order = make_order()
    complaint = make_complaint(order=order, category=make_category(category), wish=wish)

    form = form_for(Subject(order, complaint), None)

    assert form["kind"].value() == kind
    assert form.initial.get(f"reason-{kind}", "") == reason


def test_the_answer_to_a_question_of_the_complaint_is_a_reason():
    from workflows.policies.defaults import load_default_policies

    load_default_policies()
    order = make_order()
    complaint = make_complaint(order=order, category=make_category("refund.quality"), wish="return_refund", answers={"symptom": "flaw"})

    assert form_for(Subject(order, complaint), None).initial["reason-return_quality"] == "defective"


def test_the_goods_of_the_complaint_are_chosen_and_their_worth_is_shown(visitor):
    publish(make_policy(T.RETURN_QUALITY, reasons=REASONS))
    order = make_order(lines=3)
    first, second, third = order.lines.order_by("pk")
    complaint = make_complaint(order=order, line_ids=[second.pk], wish="return_refund")
    url = opened(visitor, complaint)

    page = text_of(visitor.get(url + "apply/"))

    assert f'name="pieces-{second.pk}" value="1"' in page
    assert f'name="pieces-{first.pk}" value="0"' in page
    assert '<strong class="figure" data-total><span class="money">¥99.00</span>' in page


def test_without_scripts_the_sum_is_counted_by_a_button(visitor, house):
    url = opened(visitor, house.complaint)

    page = visitor.post(url + "apply/", application(house, pieces=2, recount="1"))

    assert page.status_code == 200
    assert "¥198.00" in text_of(page)
    assert Case.objects.count() == 0


def test_what_was_filled_in_and_not_sent_is_there_again_until_it_is_sent(visitor, house):
    url = opened(visitor, house.complaint)
    upload = visitor.post(f"/en/c/{house.complaint.number}/files/", {"file": photo("dent.jpg")})
    unsent = application(house, pieces=2, words="Half of it is dented.", evidence=[upload.json()["id"]])

    kept = visitor.post(url + "draft/", unsent)
    again = text_of(visitor.get(url + "apply/"))
    visitor.post(url + "apply/", unsent | {f"pieces-{house.line.pk}": "1"})
    further = text_of(visitor.get(url + "apply/"))

    assert kept.status_code == 204
    assert "Half of it is dented." in again
    assert "dent.jpg" in again
    assert f'name="pieces-{house.line.pk}" value="2"' in again
    assert "Half of it is dented." not in further


def test_a_stranger_neither_keeps_nor_reads_a_draft(visitor, stranger, house):
    url = opened(visitor, house.complaint)

    assert stranger.post(url + "draft/", application(house, words="x")).status_code == 404
    assert 'value="x"' not in text_of(visitor.get(url + "apply/"))


def test_looking_at_the_page_changes_nothing(visitor, house, django_assert_max_num_queries):
    url = opened(visitor, house.complaint)
    visitor.get(url + "apply/")  # what is kept in memory is read

    with django_assert_max_num_queries(12):
        visitor.get(url + "apply/")

    assert house.order.refundable_units.count() == 0


def test_an_order_of_the_shop_becomes_complaint_and_case_in_one_act(visitor, house):
    from workflows.policies.defaults import load_default_policies

    load_default_policies()
    order = make_order(status="delivered")
    from orders.models import Payment

    Payment.objects.create(order=order, external_id="T9", method="alipay", amount_fen=9900)
    token = sign_order(order)
    page = visitor.get(f"/en/return/?order={token}")
    line = order.lines.get()
    sent = {"kind": "return_no_reason", "reason-return_no_reason": "changed_mind", f"pieces-{line.pk}": "1"}

    answers = [visitor.post("/en/return/", sent | {"order": token, "request_id": request_id(page)}) for _tap in range(2)]

    case = Case.objects.get(order=order)
    assert [each.headers["Location"] for each in answers] == 2 * [f"/en/c/{case.complaint.number}/return/?case={case.number}&done=sent"]
    assert (case.state, case.complaint.category.code, case.complaint.wish) == ("submitted", "refund.no_reason", "return_refund")
    assert Complaint.objects.filter(order=order).count() == 1
    assert visitor.get(answers[0].headers["Location"]).status_code == 200


def test_a_forged_order_link_leads_to_the_usual_form(visitor):
    assert visitor.get("/en/return/?order=forged").headers["Location"] == "/en/file/"


def test_a_stranger_cannot_apply_for_others(stranger, house):
    url = f"/en/c/{house.complaint.number}/return/"

    assert stranger.get(url).status_code == 404
    assert stranger.post(url + "apply/", application(house)).status_code == 404
    assert Case.objects.count() == 0
