from datetime import timedelta
from threading import Barrier, Event

import pytest
from django.db import transaction
from django.db.models.functions import Now

from foundation.leases import LATE, MAX_CRASHES, claim, finish, give_back, wake_or_work, worker_name
from tests.foundation.ledger import Errand

SENDING, DEAD = {"state": "sending"}, {"state": "dead"}


def claim_errands(**options):
    return claim(Errand.objects.filter(state__in=["queued", "sending"]), seconds=60, claimed=SENDING, parked=DEAD, **options)


def end_lease(errand):
    Errand.objects.filter(pk=errand.pk).update(next_at=Now() - timedelta(seconds=1))


def fresh(errand):
    return Errand.objects.get(pk=errand.pk)


def test_claim_takes_due_rows_oldest_first(tables):
    late, early = (Errand.objects.create(next_at=Now() - timedelta(minutes=age)) for age in (1, 2))
    Errand.objects.create(next_at=Now() + timedelta(minutes=1))

    assert claim_errands() == [early, late]


def test_claim_writes_what_it_returns(tables):
    Errand.objects.create()

    (errand,) = claim_errands()

    stored = fresh(errand)
    assert (stored.state, stored.fence, stored.attempts, stored.claimed_by) == ("sending", 1, 1, worker_name())
    assert (errand.state, errand.fence, errand.attempts) == ("sending", 1, 1)


def test_claim_leaves_leased_rows_alone_until_the_lease_ends(tables):
    errand = Errand.objects.create()
    claim_errands()

    assert claim_errands() == []
    end_lease(errand)
    assert claim_errands() == [errand]


def test_claim_keeps_to_its_limit(tables):
    for _ in range(3):
        Errand.objects.create()

    assert len(claim_errands(limit=2)) == 2


@pytest.mark.parametrize("count", [1, 3])
def test_claim_takes_two_queries_whatever_the_number(tables, django_assert_num_queries, count):
    for _ in range(count):
        Errand.objects.create()

    with django_assert_num_queries(4):  # two of them open and close the savepoint
        claim_errands()


def test_claim_never_gives_one_row_to_two_workers(committed_tables, in_threads):
    for _ in range(20):
        Errand.objects.create()
    together = Barrier(4)

    def work():
        together.wait(20)
        return [errand.pk for _ in range(5) for errand in claim_errands(limit=2)]

    claimed = [pk for keys in in_threads(work, work, work, work) for pk in keys]

    assert len(claimed) == len(set(claimed)) == 20


def test_claim_does_not_wait_for_a_row_that_someone_holds(committed_tables, in_threads):
    held, free = (Errand.objects.create() for _ in range(2))
    holding, claimed = Event(), Event()

    def hold():
        with transaction.atomic():
            Errand.objects.select_for_update().get(pk=held.pk)
            holding.set()
            return claimed.wait(20)

    def work():
        holding.wait(20)
        rows = claim_errands()
        claimed.set()
        return rows

    assert in_threads(hold, work) == [True, [free]]


def test_a_row_that_kills_its_worker_is_parked_after_five_crashes(tables):
    errand = Errand.objects.create()
    claims = []
    for _ in range(MAX_CRASHES + 1):
        claims.append(len(claim_errands()))
        end_lease(errand)

    assert claims == [1] * MAX_CRASHES + [0]
    assert fresh(errand).state == "dead"
    assert claim_errands() == []


def test_a_row_without_a_parking_place_is_tried_for_ever(tables):
    errand = Errand.objects.create(attempts=MAX_CRASHES)

    assert claim(Errand.objects.all(), seconds=60) == [errand]


def test_finish_writes_the_outcome_and_forgives_the_attempts(tables):
    Errand.objects.create()
    (errand,) = claim_errands()

    assert finish(errand, state="sent") is True

    stored = fresh(errand)
    assert (stored.state, stored.claimed_by, stored.attempts) == ("sent", "", 0)


@pytest.mark.parametrize(
    "late_write",
    [lambda row: finish(row, state="sent"), lambda row: give_back(row, delay=timedelta(0), state="queued")],
)
def test_a_worker_that_lost_its_lease_writes_nothing(tables, late_write):
    Errand.objects.create()
    (slow,) = claim_errands()
    end_lease(slow)
    claim_errands()

    assert late_write(slow) is False
    assert (fresh(slow).state, fresh(slow).attempts) == ("sending", 2)


def test_give_back_does_not_count_the_attempt_and_waits(tables):
    Errand.objects.create()
    (errand,) = claim_errands()

    assert give_back(errand, delay=timedelta(minutes=5), state="queued") is True

    stored = fresh(errand)
    assert (stored.state, stored.attempts, stored.claimed_by) == ("queued", 0, "")
    assert claim_errands() == []
    assert Errand.objects.filter(next_at__lt=Now() + timedelta(minutes=6)).count() == 1


@pytest.mark.parametrize(("age", "hints", "worked"), [(-60, 0, 0), (LATE.seconds - 5, 1, 0), (LATE.seconds + 5, 0, 7)])
def test_due_rows_are_hinted_at_and_late_ones_worked_on_here(tables, django_capture_on_commit_callbacks, age, hints, worked):
    Errand.objects.create(next_at=Now() - timedelta(seconds=age))

    with django_capture_on_commit_callbacks() as hinted:
        found = wake_or_work(Errand.objects.all(), task="errands", work=lambda: 7)

    assert (len(hinted), found) == (hints, worked)
