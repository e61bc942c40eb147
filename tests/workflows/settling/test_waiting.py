"""What keeps a refund waiting, and what ends the wait: pauses of the provider, a lifted freeze, an answer to a lost lease."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import make_user
from tests.workflows.settling.builders import decide, fresh, make_finance, make_owed, make_queued, sign
from workflows.models import Anomaly, AnomalyAct, AuthorityUse, CaseUnit, PaymentBalance, Refund
from workflows.money.numbers import make_refund_no
from workflows.services.refunds import release_thawed
from workflows.settling.calls import take_errand
from workflows.settling.rounds import settle_due
from workflows.tasks import sweep_refunds

pytestmark = pytest.mark.django_db


def test_numbers_are_new_fit_every_provider_and_sort_by_age():
    numbers = [make_refund_no() for _time in range(1000)]

    assert len(set(numbers)) == 1000
    assert all(re.fullmatch(r"RF[0-9A-HJKMNP-TV-Z]{26}", number) for number in numbers)
    assert [number[:12] for number in numbers] == sorted(number[:12] for number in numbers)


def make_two_of_one_payment(gateway: str) -> list[Refund]:
    """The goods and a compensation, both released, of one payment."""
    case = make_owed(payments=(20000,), auto_limit=9900)
    CaseUnit.objects.filter(case=case, unit__line=None).delete()
    AuthorityUse.objects.create(agent=make_user(), case=case, scope="grant", order_id=case.order_id, amount_fen=3000)
    made = decide(case, compensation=3000)
    Refund.objects.update(gateway=gateway)
    return made


def test_a_compensation_within_what_its_proposer_may_grant_needs_no_signature():
    made = {refund.purpose: refund for refund in make_two_of_one_payment("demo")}

    assert (made["compensation"].state, made["compensation"].auto_limit_fen) == ("queued", 3000)


def test_a_compensation_that_nobody_granted_alone_waits_for_finance():
    case = make_owed(payments=(20000,), auto_limit=9900)

    made = {refund.purpose: refund for refund in decide(case, compensation=3000)}

    assert made["compensation"].state == "pending_approval"


def test_a_provider_that_wants_a_pause_between_two_refunds_gets_it():
    first, second = make_two_of_one_payment("wechat")
    assert take_errand(first.pk) is not None

    assert take_errand(second.pk) is None

    wait = fresh(second).next_at - fresh(first).submitted_at
    assert (fresh(second).state, wait) == ("queued", timedelta(minutes=1))


def test_others_send_both_at_once():
    first, second = make_two_of_one_payment("demo")

    assert take_errand(first.pk) and take_errand(second.pk)


def test_a_lifted_freeze_lets_go_what_waited():
    case = make_owed(release="inspected", state="inspecting")
    [refund] = decide(case)
    sign(refund)
    PaymentBalance.objects.update(frozen_at=timezone.now())
    CaseUnit.objects.update(received_at=timezone.now(), verdict="passed")
    assert release_thawed() == 0

    PaymentBalance.objects.update(frozen_at=None)
    anomaly = Anomaly.objects.create(balance=refund.balance, kind="vanished")
    AnomalyAct.objects.create(anomaly=anomaly, kind=AnomalyAct.Kind.LIFTED, by=make_finance(case), reason="已核对")

    assert (release_thawed(), fresh(refund).state, release_thawed()) == (1, "queued", 0)


def test_a_sweep_leaves_what_is_fresh_to_the_worker():
    refund = make_queued()

    assert (sweep_refunds(), fresh(refund).state) == (0, "queued")


def test_a_refund_whose_provider_is_not_known_stands_before_nobody():
    broken = make_queued()
    Refund.objects.update(gateway="nobody")

    assert settle_due() == 0
    assert fresh(broken).next_at > timezone.now() + timedelta(minutes=4)
    assert fresh(broken).state == "queued"
