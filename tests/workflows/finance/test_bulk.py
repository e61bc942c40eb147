"""Several refunds signed together: one class, each by its own service, and whatever is left out with its reasons."""

import pytest
from django.urls import reverse

from tests.complaints.test_concurrency import at_once
from tests.factories import make_user
from tests.workflows.desk.test_pages import browse
from tests.workflows.finance.test_pages import PASSWORD, limit_finance
from tests.workflows.house import granted, make_house, refund_of, second
from workflows.models import CasePolicy, CheckResult, PaymentBalance, Refund, RefundEvent
from workflows.services.refund_rescue import ask_for_second_person
from workflows.services.refunds import authorise_refund

URL = "/admin/refunds/bulk/"
REQUEST = "together"


def make_refund(type: str = CasePolicy.Type.RETURN_QUALITY) -> Refund:
    """A refund that nothing speaks against."""
    refund = refund_of(granted(make_house(type, quantity=1)))
    CheckResult.objects.filter(case=refund.case).update(answer=CheckResult.Answer.PASS)
    return refund


def seal(refund: Refund) -> str:
    return f"{refund.out_refund_no}:{refund.version}:{refund.proposal_hash}"


def sign(client, *refunds: Refund, request_id: str = REQUEST, **answers):
    return client.post(URL, {"row": [seal(each) for each in refunds], "request_id": request_id} | answers)


def review(client, *refunds: Refund) -> str:
    return client.get(URL, {"row": [seal(each) for each in refunds]}).content.decode()


def states(*refunds: Refund) -> list[str]:
    return [Refund.objects.get(pk=each.pk).state for each in refunds]


@pytest.fixture
def finance():
    return make_house(quantity=1).finance


@pytest.fixture
def client(finance):
    return browse(finance)


@pytest.fixture
def pair(finance) -> tuple[Refund, Refund]:
    return make_refund(), make_refund()


@pytest.mark.django_db
class TestTogether:
    def test_the_list_offers_it_and_the_review_says_count_and_sum(self, client, pair):
        offered = client.get(reverse("admin:refunds")).content.decode()
        page = review(client, *pair)

        assert all(f'value="{seal(each)}"' in offered for each in pair)
        assert "Sign 2 refunds" in page
        assert "¥198.00" in page
        assert "Left out" not in page
        assert states(*pair) == ["pending_approval"] * 2

    def test_all_of_one_class_are_signed_and_the_next_page_says_so(self, finance, client, pair):
        answer = sign(client, *pair)

        page = client.get(answer.url).content.decode()
        assert (answer.status_code, answer.url) == (303, f"{URL}?signed=2")
        assert "2 refunds signed" in page
        assert "¥198.00" in page
        assert "Not signed" not in page
        assert [Refund.objects.get(pk=each.pk).authorised_by for each in pair] == [finance] * 2

    def test_several_classes_are_refused_and_shown_apart(self, client, pair):
        other = make_refund(CasePolicy.Type.RETURN_NO_REASON)

        page, answer = review(client, pair[0], other), sign(client, pair[0], other)

        assert "These refunds are of several kinds" in page
        assert page.count("Only these") == 2
        assert 'method="post" action="/admin/refunds/bulk/"' not in page
        assert answer.status_code == 422
        assert states(pair[0], other) == ["pending_approval"] * 2

    def test_the_same_type_released_otherwise_is_another_class(self, client, pair):
        other = make_house(quantity=1, release=CasePolicy.Release.RECEIVED)
        refund = refund_of(granted(other))

        assert refund.case.policy.release != pair[0].case.policy.release
        assert sign(client, pair[0], refund).status_code == 422

    def test_own_proposals_are_left_out(self, finance, client, pair):
        own, fine = pair
        Refund.objects.filter(pk=own.pk).update(created_by=finance)

        page, answer = review(client, own, fine), sign(client, own, fine)

        assert "Sign 1 refund" in page
        assert "You created this refund or work on its case." in page
        assert states(own, fine) == ["pending_approval", "armed"]
        assert "You created this refund" in client.get(answer.url).content.decode()

    def test_what_has_a_flag_is_looked_at_by_itself(self, client, pair):
        frozen, fine = pair
        PaymentBalance.objects.filter(pk=frozen.balance_id).update(frozen_at=fine.created_at)

        page = review(client, *pair)
        sign(client, *pair)

        assert "the payment is frozen" in page
        assert states(*pair) == ["pending_approval", "armed"]

    def test_what_needs_the_password_is_left_out_until_it_was_given(self, finance, pair):
        limit_finance(5000)
        signer = second_of(finance)
        client = browse(signer)
        for each in pair:
            ask_for_second_person(each, reason="超过限额", by=finance)
        pair = [Refund.objects.get(pk=each.pk) for each in pair]

        page, bare = review(client, *pair), sign(client, *pair)
        before = states(*pair)
        one = {"expected_version": pair[0].version, "request_id": "one", "proposal_hash": pair[0].proposal_hash, "password": PASSWORD}
        client.post(reverse("admin:refund-act", args=[pair[0].out_refund_no, "authorise"]), one)
        sign(client, pair[1], request_id="after")

        assert "needs your password" in page
        assert (bare.url, before) == (f"{URL}?signed=0", ["pending_approval"] * 2)
        assert states(*pair) == ["armed"] * 2

    def test_what_changed_meanwhile_is_left_out_and_said(self, client, pair):
        changed, fine = pair
        seen = seal(changed)
        Refund.objects.filter(pk=changed.pk).update(version=changed.version + 1)

        page = client.get(URL, {"row": [seen, seal(fine)]}).content.decode()
        answer = client.post(URL, {"row": [seen, seal(fine)], "request_id": REQUEST})

        assert "Somebody changed it meanwhile." in page
        assert "Somebody changed it meanwhile." in client.get(answer.url).content.decode()
        assert states(changed, fine) == ["pending_approval", "armed"]

    def test_what_a_colleague_signed_meanwhile_is_not_signed_again(self, finance, client, pair):
        authorise_refund(pair[0], proposal_hash=pair[0].proposal_hash, by=second_of(finance))

        answer = sign(client, *pair)

        assert "Somebody changed it meanwhile." in client.get(answer.url).content.decode()
        assert list(pair[0].facts.values_list("verb", flat=True)) == ["create", "authorise"]

    def test_sent_twice_is_signed_once_and_says_the_same(self, client, pair):
        first, again = sign(client, *pair), sign(client, *pair)

        assert first.url == again.url == f"{URL}?signed=2"
        assert [list(each.facts.values_list("verb", flat=True)) for each in pair] == [["create", "authorise"]] * 2

    @pytest.mark.parametrize("row", ["", "RF000", "RF000:x:y", "RF000:1:y"])
    def test_nothing_that_can_be_read_signs_nothing(self, client, row):
        assert client.post(URL, {"row": row, "request_id": REQUEST}).status_code == 422
        assert "No refund was ticked" in client.get(URL, {"row": row}).content.decode()

    def test_more_than_a_page_is_refused(self, client, pair):
        rows = [seal(pair[0])] + [f"RF{number}:1:x" for number in range(25)]

        assert client.post(URL, {"row": rows, "request_id": REQUEST}).status_code == 422
        assert states(pair[0]) == ["pending_approval"]

    def test_a_choice_without_a_name_of_its_own_signs_nothing(self, client, pair):
        assert sign(client, *pair, request_id="").status_code == 422
        assert states(*pair) == ["pending_approval"] * 2

    @pytest.mark.parametrize("role", ["agent", "lead", "manager", "warehouse", "admin"])
    def test_only_finance_signs(self, pair, role):
        client = browse(second(make_house(quantity=1), role))

        assert client.get(URL).status_code == 403
        assert sign(client, *pair).status_code == 403

    def test_the_pages_are_chinese(self, finance, pair):
        client = browse(finance, language="zh-hans")

        text = review(client, *pair) + client.get(sign(client, *pair).url).content.decode() + client.get(URL).content.decode()

        for word in ("Sign several", "Left out", "No refund was ticked", "refunds signed", "leaves"):
            assert word not in text


@pytest.mark.django_db(transaction=True)
def test_pressed_at_once_each_is_signed_once():
    finance = make_house(quantity=1).finance
    pair, clients = [make_refund(), make_refund()], [browse(finance) for _number in range(4)]

    answers = at_once(*[lambda client=client: sign(client, *pair).url for client in clients])

    assert set(answers) == {f"{URL}?signed=2"}
    signed = RefundEvent.objects.filter(verb="authorise").order_by("refund").values_list("refund", flat=True)
    assert list(signed) == [each.pk for each in pair]


def second_of(finance):
    """Another person of finance of the same shops, who can sign in again."""
    user = make_user("finance", shops=[each.merchant for each in finance.merchant_memberships.all()])
    user.set_password(PASSWORD)
    user.save()
    return user
