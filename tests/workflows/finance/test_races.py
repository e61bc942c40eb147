"""Fifty people press the button at once, through the whole of the web: one signature. A32"""

import pytest

from tests.complaints.test_concurrency import at_once
from tests.workflows.desk.test_pages import browse
from tests.workflows.finance.test_pages import act_url
from tests.workflows.house import granted, make_house, refund_of, second
from workflows.models import RefundEvent

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 50


def test_fifty_approvals_are_one():
    house = make_house(quantity=1)
    refund = refund_of(granted(house))
    clients = [browse(second(house, "finance")) for _number in range(MANY)]
    seen = {"expected_version": refund.version, "proposal_hash": refund.proposal_hash}

    def press(number: int):
        return clients[number].post(act_url(refund, "authorise"), seen | {"request_id": f"r{number}"}).status_code

    answers = at_once(*[lambda number=number: press(number) for number in range(MANY)])

    assert sorted(answers) == [303] + [409] * (MANY - 1)
    assert list(RefundEvent.objects.filter(refund=refund).values_list("verb", flat=True)) == ["create", "authorise"]


def test_approving_and_refusing_at_once_does_one_of_them():
    house = make_house(quantity=1)
    refund = refund_of(granted(house))
    seen = {"expected_version": refund.version, "proposal_hash": refund.proposal_hash, "reason": "不符"}
    first, other = browse(house.finance), browse(second(house, "finance"))

    answers = at_once(
        *[lambda: first.post(act_url(refund, "authorise"), seen | {"request_id": "a"}).status_code] * 5,
        *[lambda: other.post(act_url(refund, "refuse"), seen | {"request_id": "b"}).status_code] * 5,
    )

    done = refund_of(refund.case).state
    verbs = list(RefundEvent.objects.filter(refund=refund).values_list("verb", flat=True))
    assert (done, verbs[1:]) in (("armed", ["authorise"]), ("voided", ["void"]))
    # Pressing twice is one act: the same request answers alike.
    assert sorted(answers) == [303] * 5 + [409] * 5
