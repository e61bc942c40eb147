"""T4: lost, called absent, declined, closed, and then the first request lands after all. It must not be closed before it can no longer."""

from datetime import timedelta

import pytest
from django.db.models import F

from foundation.exceptions import RefusedError
from tests.workflows.settling.builders import figures, fresh, make_due, make_finance, make_queued
from tests.workflows.settling.trading import let_time_pass
from workflows.models import Refund, RefundAttempt
from workflows.services.refund_rescue import ask_for_second_person, close_unpaid
from workflows.settling.rounds import settle_due

pytestmark = pytest.mark.django_db(transaction=True)
LANDS_AFTER = 540  # seconds; the gateway promises that nothing lands after ten minutes


def lose_and_decline(trading) -> Refund:
    """The first request is in the air; the second, under the same number, is declined."""
    refund = make_queued()
    trading.plan(refund, f"absent_then_lands:{LANDS_AFTER}", "reject")
    settle_due()
    let_time_pass(timedelta(seconds=20))
    settle_due()
    assert fresh(refund).state == "queued"
    settle_due()
    assert fresh(refund).state == "failed"
    return refund


def prove_twice(refund: Refund) -> None:
    """Two questions that show it unpaid, eleven minutes apart by the books."""
    for _time in range(2):
        make_due(refund)
        settle_due()
    first = RefundAttempt.objects.filter(refund=refund, call="query").order_by("-number")[1]
    RefundAttempt.objects.filter(pk=first.pk).update(sent_at=F("sent_at") - timedelta(minutes=11))


def test_it_stays_open_until_nothing_can_land_and_then_it_is_found_paid(trading):
    refund = lose_and_decline(trading)
    prove_twice(refund)
    ask_for_second_person(refund, reason="渠道确认未支付", by=make_finance(refund.case))

    with pytest.raises(RefusedError) as refused:
        close_unpaid(refund, by=make_finance(refund.case))
    trading.gateway.send("PUT", "/_control/clock", {"advance_seconds": LANDS_AFTER})
    make_due(refund)
    settle_due()

    assert [reason.code for reason in refused.value.reasons] == ["may_still_land"]
    assert (fresh(refund).state, figures(refund), trading.facts(refund)) == ("succeeded", (0, 9900), ["taken", "declined", "paid"])
    assert fresh(refund).balance.frozen_why == "paid_after_failure"


def test_past_the_horizon_two_people_close_what_never_landed(trading):
    refund = lose_and_decline(trading)
    prove_twice(refund)
    ask_for_second_person(refund, reason="渠道确认未支付", by=make_finance(refund.case))
    Refund.objects.update(submitted_at=F("submitted_at") - timedelta(minutes=11))

    assert close_unpaid(refund, by=make_finance(refund.case)).state == "voided"
