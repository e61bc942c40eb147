"""After a restore no money moves until people have looked, whoever asks for it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from foundation.standstill import end_standstill, stand_still
from tests.workflows.settling.builders import decide, fresh, make_due, make_owed, make_queued, make_sent
from workflows.models import Refund, RefundAttempt
from workflows.services.refunds import release_thawed
from workflows.settling.rounds import due_now, settle_all, settle_due, settle_one
from workflows.tasks import sweep_refunds

pytestmark = pytest.mark.django_db(transaction=True)
WAYS = {"a round": settle_due, "a worker": settle_all, "the sweep": sweep_refunds}


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.mark.parametrize("settle", WAYS.values(), ids=WAYS)
def test_nothing_is_claimed_or_sent(trading, settle):
    refund = make_queued()
    Refund.objects.filter(pk=refund.pk).update(next_at=timezone.now() - timedelta(hours=1))
    stand_still("restored")

    assert settle() == 0

    left = fresh(refund)
    assert (left.state, left.fence, left.attempts, trading.facts(refund)) == ("queued", 0, 0, [])
    assert not RefundAttempt.objects.exists()
    assert due_now().exists()


def test_one_refund_by_itself_is_not_sent_either(trading):
    refund = make_queued()
    stand_still("restored")

    assert settle_one(refund.pk) is False

    assert (fresh(refund).state, trading.facts(refund)) == ("queued", [])


def test_a_lease_that_ends_meanwhile_is_found_out_afterwards(trading):
    errand = make_sent()
    make_due(errand.refund)
    standstill = stand_still("restored")

    assert settle_due() == 0
    assert fresh(errand.refund).state == "submitting"

    end_standstill(standstill, by_id=1, reason="looked")
    settle_due()
    assert fresh(errand.refund).state == "unknown"


def test_what_is_decided_meanwhile_waits_and_leaves_by_itself_afterwards(trading):
    standstill = stand_still("restored")
    refund = make_queued()
    assert (refund.state, release_thawed()) == ("armed", 0)

    end_standstill(standstill, by_id=1, reason="looked")

    assert (release_thawed(), settle_due(), fresh(refund).state) == (1, 1, "succeeded")


def test_what_waits_for_something_else_is_not_looked_at_again():
    [refund] = decide(make_owed(auto_limit=9900, release="received"))
    Refund.objects.filter(pk=refund.pk).update(next_at=timezone.now() - timedelta(hours=2))
    end_standstill(stand_still("restored"), by_id=1, reason="looked")

    assert (release_thawed(), fresh(refund).state) == (0, "armed")


def test_it_goes_on_where_it_stood(trading):
    refund = make_queued()
    standstill = stand_still("restored")
    settle_due()
    end_standstill(standstill, by_id=1, reason="looked")

    assert settle_due() == 1

    assert (fresh(refund).state, trading.facts(refund)) == ("succeeded", ["paid"])
