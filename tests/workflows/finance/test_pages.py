"""The pages of finance: what waits, what stands on each row, who sees it, and that each act goes through its service."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AccessLog, AuthorityLimit
from complaints.models import Event
from tests.factories import make_merchant, make_user
from tests.workflows.desk.test_pages import browse
from tests.workflows.house import granted, make_house, refund_of, second
from tests.workflows.services.steps import arrived, lines_of, record_good
from workflows.models import Case, Refund, Task
from workflows.services.inspecting import begin_inspection, pass_inspection
from workflows.services.refund_questions import answer_finance
from workflows.services.refund_rescue import ask_for_second_person

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"  # noqa: S105 - of a test


def act_url(refund: Refund, name: str) -> str:
    return reverse("admin:refund-act", args=[refund.out_refund_no, name])


def send(client: Client, refund: Refund, name: str, **answers):
    blank = {"expected_version": refund.version, "request_id": f"{refund.pk}-{name}", "proposal_hash": refund.proposal_hash}
    return client.post(act_url(refund, name), blank | answers)


def text_of(client: Client, **query) -> str:
    return client.get(reverse("admin:refunds"), query).content.decode()


@pytest.fixture
def house():
    return make_house(quantity=1)


@pytest.fixture
def refund(house):
    """A refund that waits for a signature."""
    return refund_of(granted(house))


@pytest.fixture
def client(house):
    return browse(house.finance)


def test_a_row_and_its_sheet_hold_what_the_decision_needs(house, refund, client):
    page = text_of(client)

    for each in ("¥99.00", "Broken", refund.out_refund_no, house.agent.name, refund.case.number, "Pending approval"):
        assert each in page
    assert "Checks" in page
    assert "1 check without a yes" in page
    assert act_url(refund, "second") not in page
    assert house.complaint.contact_name not in page


def test_the_first_row_is_signed_from_the_list(refund, client):
    answer = send(client, refund, "authorise", tab="sign")

    assert (answer.status_code, answer.url) == (303, reverse("admin:refunds") + "?tab=sign")
    assert refund_of(refund.case).state == "armed"


def test_signing_twice_is_one_signature(refund, client):
    first, again = send(client, refund, "authorise"), send(client, refund, "authorise")

    assert (first.status_code, again.status_code) == (303, 303)
    assert list(refund.facts.values_list("verb", flat=True)) == ["create", "authorise"]


def test_what_changed_since_it_was_seen_is_not_signed(refund, client):
    stale = send(client, refund, "authorise", expected_version=refund.version - 1)
    other = send(client, refund, "authorise", proposal_hash="0" * 64)

    assert (stale.status_code, other.status_code) == (409, 409)
    assert b"Somebody changed this refund" in stale.content
    assert refund_of(refund.case).state == "pending_approval"


def test_nobody_signs_their_own_refund_and_the_page_says_so(house, refund):
    Refund.objects.filter(pk=refund.pk).update(created_by=house.finance)
    client = browse(house.finance)

    page, answer = text_of(client), send(client, refund, "authorise")

    assert "a colleague signs it" in page
    assert "You created this refund" in page
    assert answer.status_code == 403
    assert refund_of(refund.case).state == "pending_approval"


def test_a_refusal_needs_a_reason_and_opens_a_task_of_the_lead(refund, client):
    preview = client.get(act_url(refund, "refuse")).content
    empty = send(client, refund, "refuse", reason=" ")
    done = send(client, refund, "refuse", reason="金额与照片不符")

    assert b"The customer is told nothing yet" in preview
    assert (empty.status_code, done.status_code) == (422, 303)
    assert refund_of(refund.case).state == "voided"
    assert Task.objects.get(kind="refund_refused", done_at=None).role == "lead"


def test_a_refusal_that_the_customer_hears_of_shows_the_words(house, client):
    case = arrived(house)
    begin_inspection(case, by=house.packer)
    for line in lines_of(case):
        record_good(line, house)
    pass_inspection(Case.objects.get(pk=case.pk), by=house.packer)

    preview = client.get(act_url(refund_of(case), "refuse")).content.decode()

    assert "办理过程中遇到问题" in preview


def test_a_question_goes_to_the_agent_and_comes_back_answered(house, refund, client):
    assert send(client, refund, "question", words="").status_code == 422
    assert send(client, refund, "question", words="为什么是全额？").status_code == 303
    task = Task.objects.get(kind="refund_question")
    answer_finance(refund, words="客户只买了一件", by=house.agent)

    page = client.get(reverse("admin:refund", args=[refund.out_refund_no])).content.decode()

    task.refresh_from_db()
    assert (task.role, task.done_at is None) == ("agent", False)
    assert "为什么是全额？" in page
    assert "客户只买了一件" in page
    assert Event.objects.filter(kind="refund.ask_agent").count() == 1


def test_a_refund_is_sent_back_for_a_lower_amount(refund, client):
    too_much = send(client, refund, "lower", amount="99.00", reason="已拆封")
    nothing = send(client, refund, "lower", amount="0", reason="已拆封", request_id="r0")
    done = send(client, refund, "lower", amount="80", reason="已拆封", request_id="r1")

    assert (too_much.status_code, nothing.status_code, done.status_code) == (409, 409, 303)
    task = Task.objects.get(kind="refund_lower")
    assert (task.role, task.codes["amount_fen"], task.done_at) == ("lead", 8000, None)
    assert refund_of(refund.case).amount_fen == 9900


def limit_finance(fen: int) -> None:
    AuthorityLimit.objects.create(role="finance", scope="order", window=None, limit_fen=fen, version=100)


def test_above_the_limit_two_people_and_the_password(house, refund):
    limit_finance(5000)
    signer = second(house, "finance")
    signer.set_password(PASSWORD)
    signer.save()
    client = browse(signer)
    alone = send(client, refund, "authorise", password=PASSWORD)
    ask_for_second_person(refund, reason="超过限额", by=house.finance)
    refund = refund_of(refund.case)
    client.logout()
    client.force_login(signer)

    bare, wrong = send(client, refund, "authorise"), send(client, refund, "authorise", password="guess")
    done = send(client, refund, "authorise", password=PASSWORD)

    assert (alone.status_code, bare.status_code, wrong.status_code, done.status_code) == (409, 422, 422, 303)
    assert refund_of(refund.case).authorised_by == signer


def test_the_password_counts_for_five_minutes_only(house, refund, client, monkeypatch):
    limit_finance(5000)
    house.finance.set_password(PASSWORD)
    house.finance.save()
    client.force_login(house.finance)
    send(client, refund, "authorise", password=PASSWORD)

    soon = client.get(act_url(refund, "authorise")).content
    session = client.session
    session["password_at"] -= 301
    session.save()
    late = client.get(act_url(refund, "authorise")).content

    assert b'type="password"' not in soon
    assert b'type="password"' in late


def test_tabs_show_refunds_where_they_stand(refund, client):
    send(client, refund, "authorise")

    assert refund.out_refund_no not in text_of(client)
    assert refund.out_refund_no in text_of(client, tab="armed")
    assert refund.out_refund_no not in text_of(client, tab="trouble")


@pytest.mark.parametrize("state", ["unknown", "processing", "succeeded", "queued"])
def test_what_is_under_way_cannot_be_sent_again(refund, client, state):
    Refund.objects.filter(pk=refund.pk).update(state=state, auto_rule=refund.case.policy, auto_limit_fen=9900)

    page = client.get(reverse("admin:refund", args=[refund.out_refund_no])).content.decode()
    answers = [send(client, refund, name, cause="x", reason="x").status_code for name in ("authorise", "refuse", "retry", "close")]

    assert act_url(refund, "retry") not in page
    assert answers == [409] * 4


def test_a_declined_refund_offers_to_send_it_again_and_says_why_it_cannot_be_closed(house, refund, client):
    Refund.objects.filter(pk=refund.pk).update(state="failed", auto_rule=refund.case.policy, auto_limit_fen=9900)

    page = client.get(reverse("admin:refund", args=[refund.out_refund_no])).content.decode()
    empty = send(client, refund, "retry", cause="")
    done = send(client, refund, "retry", cause="余额已补足")

    assert act_url(refund, "retry") in page
    assert "Two people of finance close this." in page
    assert (empty.status_code, done.status_code) == (422, 303)
    assert refund_of(refund.case).state == "queued"


@pytest.mark.parametrize("role", ["agent", "lead", "manager", "warehouse", "admin"])
def test_only_finance_comes_in(refund, role):
    client = browse(make_user(role, shops=[refund.case.order.merchant] if role == "manager" else ()))
    url = reverse("admin:refund", args=[refund.out_refund_no])

    assert [client.get(each).status_code for each in (reverse("admin:refunds"), url)] == [403, 403]
    assert send(client, refund, "authorise").status_code == 403


def test_finance_of_another_shop_finds_nothing(refund):
    client = browse(make_user("finance", shops=[make_merchant("elsewhere")]))

    assert refund.out_refund_no not in text_of(client)
    assert client.get(reverse("admin:refund", args=[refund.out_refund_no])).status_code == 404
    assert send(client, refund, "authorise").status_code == 404
    assert refund_of(refund.case).state == "pending_approval"


def test_the_list_costs_the_same_however_long_it_is(refund, client):
    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse("admin:refunds")).status_code == 200
        return len(asked)

    count()
    one = count()
    for _each in range(3):
        granted(make_house(quantity=1))

    assert text_of(client).count('class="payrow"') == 4
    assert count() == one


def test_many_refunds_of_a_customer_are_flagged_with_the_reason(refund, client):
    for _each in range(3):
        house = make_house(quantity=1)
        type(house.order).objects.filter(pk=house.order.pk).update(customer=refund.case.order.customer)
        granted(house)

    assert "4 refunds of this customer in 90 days: ¥396.00" in text_of(client)


def test_finance_begins_its_day_here(client):
    assert client.get("/admin/").url == reverse("admin:refunds")


def test_chinese_pages_are_chinese(house, refund):
    client = browse(house.finance, language="zh-hans")

    page = text_of(client) + client.get(reverse("admin:refund", args=[refund.out_refund_no])).content.decode()

    for word in ("Refunds to sign", "Look and decide", "Approve", "Evidence", "Calls to the provider"):
        assert word not in page


def desk_act(house, refund: Refund, name: str, who, **answers):
    url = reverse("admin:case-act", args=[refund.case.number, name])
    return browse(who).post(url, {"expected_version": refund.version, "request_id": f"desk-{name}", **answers})


def test_the_agent_answers_on_the_desk(house, refund, client):
    page = reverse("admin:case", args=[refund.case.number])
    assert b"answer_finance" not in browse(house.agent).get(page).content
    send(client, refund, "question", words="为什么是全额？")

    offered = browse(house.agent).get(page).content
    answer = desk_act(house, refund, "answer_finance", house.agent, words="只买了一件")

    assert b"answer_finance" in offered
    assert answer.status_code == 303
    assert "只买了一件" in client.get(reverse("admin:refund", args=[refund.out_refund_no])).content.decode()
    assert desk_act(house, refund, "answer_finance", house.agent, words="再说一次", request_id="again").status_code == 409


def test_a_lead_lowers_the_refund_and_finance_signs_the_new_one(house, refund, client):
    send(client, refund, "lower", amount="80", reason="已拆封")
    house.complaint.refresh_from_db()

    by_agent = desk_act(house, refund, "lower_refund", house.agent, amount="80.00", cause="已拆封")
    higher = desk_act(house, refund, "lower_refund", house.lead, amount="120.00", cause="已拆封", request_id="more")
    done = desk_act(house, refund, "lower_refund", house.lead, amount="80.00", cause="已拆封", request_id="less")

    lowered = refund_of(refund.case)
    assert (by_agent.status_code, higher.status_code, done.status_code) == (403, 409, 303)
    assert (lowered.amount_fen, lowered.lines.get().amount_fen, lowered.balance.held_fen) == (8000, 8000, 8000)
    assert not Task.objects.filter(kind="refund_lower", done_at=None).exists()
    assert send(client, refund, "authorise", request_id="old").status_code == 409
    assert send(client, lowered, "authorise", request_id="new").status_code == 303


def test_the_export_holds_the_tab_masked_and_runs_no_formula(refund, client):
    type(refund.case.complaint).objects.filter(pk=refund.case.complaint_id).update(contact_name="=1+1")
    url = reverse("admin:refunds-export")

    text = b"".join(client.get(url)).decode()
    other = b"".join(client.get(url, {"tab": "armed"})).decode()

    assert refund.out_refund_no in text
    assert "99.00,CNY" in text
    assert ",=" not in text
    assert "=1+1" not in text
    assert refund.out_refund_no not in other
    assert AccessLog.objects.filter(act="export").count() == 2
