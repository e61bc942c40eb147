"""The desk's pages of a case: what stands on them, who sees them, and that each act goes through its service."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import make_user
from tests.workflows.house import evidence_for, granted, in_review, make_house, proposed
from tests.workflows.services.steps import make_carrier
from workflows.machines.spine import CaseState
from workflows.models import Case
from workflows.services.approvals import escalate_case
from workflows.services.review import withdraw_case

pytestmark = pytest.mark.django_db


def browse(user, *, language: str = "en") -> Client:
    user.language = language
    user.save()
    client = Client()
    client.force_login(user)
    return client


def act_url(case: Case, name: str) -> str:
    return reverse("admin:case-act", args=[case.number, name])


def send(client: Client, case: Case, name: str, **answers):
    blank = {"expected_version": case.version, "request_id": f"{case.pk}-{name}-{case.version}"}
    return client.post(act_url(case, name), blank | answers)


def test_the_panel_lists_the_cases_of_a_complaint_and_opens_another():
    house = make_house()
    case = in_review(house)

    page = browse(house.agent).get(reverse("admin:case-panel", args=[house.complaint.number])).content.decode()

    assert case.number in page
    assert reverse("admin:case-new", args=[house.complaint.number]) in page


def test_an_agent_opens_a_case():
    house = make_house()
    url, client = reverse("admin:case-new", args=[house.complaint.number]), browse(house.agent)
    answers = {"type": house.policy.type, "reason": "broken", f"line{house.line.pk}": "1", "request_id": "r1", "request": "电话"}

    assert client.post(url, {**answers, "request": ""}).status_code == 422
    first, again = client.post(url, answers), client.post(url, answers)

    case = Case.objects.get()
    assert (first.status_code, first.url) == (303, reverse("admin:case", args=[case.number]))
    assert again.url == first.url


def test_the_page_offers_what_is_possible_and_says_why_the_rest_is_not():
    house = make_house()
    case = in_review(house)

    page = browse(house.agent).get(reverse("admin:case", args=[case.number])).content.decode()

    assert act_url(case, "approve") in page
    assert "A second person" in page or "second person" in page
    assert "¥99.00" in page


def test_granting_from_the_page():
    house = make_house()
    case = in_review(house)
    unit = case.units.get().unit_id
    client = browse(house.agent)

    wrong = send(client, case, "approve", units=[unit], amount="１２９.999")
    too_much = send(client, case, "approve", units=[unit], amount="99.01", override_reason="x")
    done = send(client, case, "approve", units=[unit], amount="￥99.00", override_reason="已看照片")

    assert (wrong.status_code, too_much.status_code, done.status_code) == (422, 409, 303)
    case = Case.objects.get(pk=case.pk)
    assert (case.state, case.refunds.get().amount_fen) == (CaseState.AWAITING_RETURN, 9900)


def test_a_stale_form_shows_that_somebody_was_faster():
    house = make_house()
    case = in_review(house)
    client = browse(house.agent)
    send(client, case, "request_info", items=["photo"])

    answer = send(client, case, "withdraw", request="电话")

    assert answer.status_code == 409
    assert b"Keep mine" in answer.content
    assert str(Case.objects.get(pk=case.pk).version).encode() in answer.content


def test_a_lead_signs_exactly_what_was_proposed():
    house = make_house(unit_fen=60_000)
    case = in_review(house)
    case = escalate_case(case, proposal=proposed(case), by=house.agent, note="x")
    approval = case.approvals.get()
    client = browse(house.lead)
    page = client.get(act_url(case, "sign")).content.decode()

    answer = client.post(act_url(case, "sign"), {"expected_version": approval.version, "request_id": "s", "proposal_hash": approval.digest})

    assert "¥600.00" in page
    assert approval.digest[:16] in page
    assert answer.status_code == 303
    assert approval.steps.filter(signed_by=house.lead).count() == 1


def test_a_rejection_within_the_legal_period_is_proposed():
    house = make_house()
    case = in_review(house)
    file = evidence_for(house)
    client = browse(house.agent)
    answers = {"reason": "used", "rule_version": f"{house.policy.type} v{house.policy.version}", "evidence": [file.pk]}

    refused = send(client, case, "reject", words="有使用痕迹", **answers)
    asked = send(client, case, "propose_rejection", note="有使用痕迹", **answers)

    assert (refused.status_code, asked.status_code) == (409, 303)
    assert Case.objects.get(pk=case.pk).state == CaseState.PENDING_APPROVAL


@pytest.mark.parametrize(("role", "status"), [("finance", 403), ("warehouse", 403), ("admin", 403)])
def test_others_do_not_come_in(role, status):
    case = in_review(make_house())

    assert browse(make_user(role)).get(reverse("admin:case", args=[case.number])).status_code == status


def test_an_agent_of_another_team_finds_nothing():
    case = in_review(make_house())
    stranger = make_user("agent", teams=[])

    client = browse(stranger)

    assert client.get(reverse("admin:case", args=[case.number])).status_code == 404
    assert client.get(act_url(case, "approve")).status_code == 404


def test_the_list_costs_the_same_however_long_it_is():
    house = make_house()
    client = browse(house.agent)
    in_review(house)
    client.get(reverse("admin:cases"))

    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse("admin:cases")).status_code == 200
        return len(asked)

    one = count()
    for _each in range(2):
        house = make_house()
        in_review(house)

    assert count() == one


def test_the_list_narrows_by_whose_turn_it_is():
    house = make_house(quantity=3)
    waiting, sent = in_review(house), granted(house)
    withdraw_case(in_review(house), as_customer=True)
    client = browse(house.agent)

    to_decide = client.get(reverse("admin:cases"), {"group": "review"}).content.decode()
    with_customer = client.get(reverse("admin:cases"), {"group": "customer"}).content.decode()

    assert waiting.number in to_decide
    assert sent.number not in to_decide
    assert sent.number in with_customer


def test_chinese_pages_are_chinese():
    house = make_house()
    case = in_review(house)

    page = browse(house.agent, language="zh-hans").get(reverse("admin:case", args=[case.number])).content.decode()

    assert "可以做什么" in page
    assert "What can be done" not in page


@pytest.mark.parametrize(("language", "shown", "other"), [("en", "SF", "顺丰"), ("zh-hans", "顺丰", "SF")])
def test_carriers_have_their_names_in_the_readers_language(language, shown, other):
    house = make_house()
    case, carrier = granted(house), make_carrier()

    page = browse(house.agent, language=language).get(act_url(case, "register_parcel")).content.decode()

    assert f'<option value="{carrier.pk}">{shown}</option>' in page
    assert other not in page
