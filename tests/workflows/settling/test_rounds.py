"""The money worker against a provider with every fault, and killed at every step: paid once, and both books agree. T6, T8, F15, F16."""

from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils import timezone

from tests.complaints.test_concurrency import at_once
from tests.faults.test_crash_points import die_at
from tests.workflows.settling.builders import figures, fresh, make_due, make_finance, make_queued
from tests.workflows.settling.trading import WORK, let_time_pass, settle
from workflows.gateways import gateway_for
from workflows.gateways.base import InsideTransactionError
from workflows.models import Case, Refund, RefundAttempt
from workflows.services.refund_rescue import retry_refund
from workflows.settling.rounds import settle_due
from workflows.tasks import sweep_refunds

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_released_refund_is_paid_in_one_round(trading):
    refund = make_queued()

    assert settle_due() == 1

    assert (fresh(refund).state, figures(refund), trading.facts(refund)) == ("succeeded", (0, 9900), ["paid"])
    assert Case.objects.get().state == "completed"


@pytest.mark.parametrize(
    ("fault", "state", "facts"),
    [
        ("ok", "succeeded", ["paid"]),
        ("ok_but_drop_reply", "succeeded", ["paid"]),
        ("slow", "succeeded", ["paid"]),
        ("500_then_ok", "succeeded", ["paid"]),
        ("processing:3", "succeeded", ["processing", "paid"]),
        ("reject", "failed", ["declined"]),
        ("duplicate_webhook:5", "succeeded", ["paid"]),
        ("absent_then_lands:0", "succeeded", ["taken", "paid"]),
    ],
)
def test_every_fault_ends_with_both_books_alike(trading, fault, state, facts):
    refund = make_queued()
    trading.plan(refund, fault)

    settle(notices=trading)

    assert (fresh(refund).state, trading.facts(refund)) == (state, facts)
    assert figures(refund) == ((0, 9900) if state == "succeeded" else (9900, 0))


def test_money_that_came_back_is_paid_to_another_account_under_the_same_number(trading):
    refund = make_queued()
    trading.plan(refund, "bounce:0")
    settle()
    make_due(refund)
    settle_due()
    assert fresh(refund).state == "bounced"

    retry_refund(refund, cause="银行卡已注销", by=make_finance(refund.case))
    settle()

    assert (fresh(refund).state, figures(refund), trading.facts(refund)) == ("succeeded", (0, 9900), ["paid", "bounced", "paid"])


STEPS = ["refund.after_submit_commit", "refund.before_call", "refund.after_call", "refund.before_record"]


@pytest.mark.parametrize("step", STEPS)
def test_whoever_dies_while_sending_leaves_an_unknown_refund_that_is_found_and_paid_once(trading, step):
    refund = make_queued()

    die_at(step, WORK, **trading.env)
    assert (fresh(refund).state, settle_due()) == ("submitting", 0)
    make_due(refund)
    settle_due()
    assert fresh(refund).state == "unknown"
    settle()

    assert (fresh(refund).state, figures(refund), trading.facts(refund)) == ("succeeded", (0, 9900), ["paid"])


@pytest.mark.parametrize("step", STEPS[1:])
def test_whoever_dies_while_asking_changes_nothing(trading, step):
    refund = make_queued()
    trading.plan(refund, "ok_but_drop_reply")
    settle_due()
    let_time_pass()

    die_at(step, WORK, **trading.env)
    assert fresh(refund).state == "unknown"
    settle()

    assert (fresh(refund).state, trading.facts(refund)) == ("succeeded", ["paid"])


def test_no_provider_is_called_within_a_transaction(trading):
    with transaction.atomic(), pytest.raises(InsideTransactionError):
        gateway_for("demo").query(None)


def test_a_provider_that_is_not_set_up_holds_up_nobody_else(trading, monkeypatch):
    stranded, paid = make_queued(), make_queued()
    type(stranded).objects.filter(pk=stranded.pk).update(gateway="stripe")
    with pytest.raises(ImproperlyConfigured):
        gateway_for("stripe")

    settle_due()

    assert [fresh(each).state for each in (stranded, paid)] == ["queued", "succeeded"]
    assert not RefundAttempt.objects.filter(refund=stranded).exists()


def test_an_unreachable_provider_is_unknown_and_paid_when_it_is_back(trading, monkeypatch):
    refund = make_queued()
    trading.gateway.kill()

    settle_due()
    assert fresh(refund).state == "unknown"
    trading.gateway.start()
    trading.set_up(monkeypatch)
    settle()

    assert (fresh(refund).state, figures(refund), trading.facts(refund)) == ("succeeded", (0, 9900), ["paid"])


def test_two_workers_at_once_send_once(trading):
    refunds = [make_queued() for _number in range(6)]

    outcomes = at_once(*[settle_due] * 4)

    assert not [each for each in outcomes if isinstance(each, Exception)]
    settle()
    assert {fresh(each).state for each in refunds} == {"succeeded"}
    assert [trading.facts(each) for each in refunds] == [["paid"]] * 6
    assert RefundAttempt.objects.filter(call="submit").count() == 6


def test_where_no_worker_listens_the_sweep_pays(trading):
    refund = make_queued()
    Refund.objects.update(next_at=timezone.now() - timedelta(minutes=2))

    assert (sweep_refunds(), fresh(refund).state) == (1, "succeeded")
