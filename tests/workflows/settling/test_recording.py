"""What an answer does to a refund, its books and its case: R6 to R13."""

from datetime import timedelta

import pytest
from django.db.models import Sum
from django.utils import timezone

from complaints.models import Event, Outbox
from tests.workflows.settling.builders import answer, ask, figures, fresh, hear, limits_of, make_due, make_queued, make_sent, open_tasks
from workflows.models import Anomaly, Case, LedgerEntry, PaymentBalance, RefundableUnit, RefundEvent
from workflows.settling.calls import NEVER, due_refunds, take_errand
from workflows.settling.recording import record_answer

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def kinds(case) -> list[str]:
    return list(Event.objects.filter(complaint=case.complaint_id).order_by("seq").values_list("kind", flat=True))


def books(refund) -> dict[str, int]:
    rows = LedgerEntry.objects.filter(refund=refund).values("account").annotate(sum=Sum("amount_fen")).order_by("account")
    return {row["account"]: row["sum"] for row in rows}


def in_minutes(refund) -> int:
    return round((fresh(refund).next_at - timezone.now()).total_seconds() / 60)


def test_taking_a_refund_up_is_on_record_before_anything_is_sent():
    refund = make_queued()

    errand = take_errand(refund.pk)

    row, attempt = fresh(refund), refund.tries.get()
    assert (row.state, row.fence, row.attempts, attempt.call, attempt.answer) == ("submitting", 1, 1, "submit", "")
    assert errand.request.out_refund_no == refund.out_refund_no
    assert (errand.request.amount_minor, errand.request.total_minor) == (9900, 9900)
    assert in_minutes(refund) == 2
    assert take_errand(refund.pk) is None


def test_paid_moves_the_money_and_completes_the_case():
    errand = make_sent()

    refund = hear(errand, "paid")

    assert (refund.state, figures(refund), refund.next_at, refund.attempts) == ("succeeded", (0, 9900), NEVER, 0)
    assert list(RefundableUnit.objects.values_list("held_fen", "refunded_fen")) == [(0, 9900)]
    assert books(refund) == {"customer": 9900, "merchant": -9900, "provider": 0}
    assert Case.objects.get().state == "completed"
    assert "refund.succeeded" in kinds(refund.case)
    assert RefundEvent.objects.filter(refund=refund).aggregate(h=Sum("held_fen"), r=Sum("refunded_fen")) == {"h": 0, "r": 9900}


def test_who_bears_it_is_what_was_decided():
    errand = make_sent()
    errand.refund.case.resolutions.update(shares={"platform": 3300, "carrier": 6600})

    refund = hear(errand, "paid")

    assert books(refund) == {"customer": 9900, "provider": 0, "platform": -3300, "carrier": -6600}


def test_accepted_is_not_paid():
    refund = hear(make_sent(), "processing")

    assert (refund.state, figures(refund), in_minutes(refund)) == ("processing", (9900, 0), 0)
    for minutes in (1, 5, 10, 20, 30, 30):
        ask(refund, "processing")
        assert in_minutes(refund) == minutes
    assert ask(refund, "paid").state == "succeeded"


def test_the_customer_hears_when_it_is_on_its_way_and_when_it_is_paid_and_nothing_of_what_is_unknown():
    refund = ask(hear(make_sent(), "ambiguous"), "processing")
    ask(refund, "processing")
    ask(refund, "paid")

    told = Outbox.objects.filter(complaint=refund.case.complaint_id, node__startswith="case_refund").order_by("pk")
    assert list(told.values_list("node", flat=True)) == ["case_refund_sent", "case_refund_paid"]
    assert told[0].values["amount_fen"] == 9900


def test_no_clear_answer_is_unknown_never_failed():
    refund = hear(make_sent(), "ambiguous", code="TimeLimit")

    assert (refund.state, figures(refund), open_tasks(refund.case)) == ("unknown", (9900, 0), [])


def test_what_never_arrived_is_sent_again_under_its_number():
    refund = hear(make_sent(), "ambiguous")

    refund = ask(refund, "absent", sent_ago=HOUR)
    again = take_errand(refund.pk)

    assert (refund.state, again.request.out_refund_no, again.attempt.call) == ("queued", refund.out_refund_no, "submit")


def test_absent_too_early_proves_nothing():
    refund = hear(make_sent(), "ambiguous")

    assert ask(refund, "absent").state == "unknown"


def test_unknown_is_found_under_way():
    assert ask(hear(make_sent(), "ambiguous"), "processing").state == "processing"


def test_a_proven_refusal_is_a_task_of_finance_and_a_decision():
    refund = hear(make_sent(), "declined", code="REJECTED")

    assert (refund.state, refund.code, figures(refund)) == ("failed", "REJECTED", (9900, 0))
    assert Case.objects.get().state == "exception"
    assert "refund_failed" in open_tasks(refund.case)


def test_an_unproven_refusal_is_unknown_until_a_question_shows_that_nothing_arrived():
    refund = hear(make_sent(), "declined", code="REJECTED", authenticated=False)
    assert (refund.state, refund.code) == ("unknown", "REJECTED")

    assert ask(refund, "absent", sent_ago=HOUR).state == "failed"


def test_an_unproven_payment_is_unknown():
    assert hear(make_sent(), "paid", authenticated=False).state == "unknown"


@pytest.mark.parametrize("other", [{"amount_minor": 9899}, {"currency": "USD"}], ids=str)
def test_another_amount_freezes_the_payment(other):
    refund = hear(make_sent(), "paid", **other)

    assert (refund.state, figures(refund), refund.balance.frozen_why) == ("unknown", (9900, 0), "other_amount")
    assert Anomaly.objects.get().kind == "other_amount"
    assert "refund_anomaly" in open_tasks(refund.case)


def test_money_that_came_back_is_held_again_and_the_case_opened():
    refund = hear(make_sent(), "paid")

    refund = ask(refund, "bounced", code="ACCOUNT_CLOSED")

    assert (refund.state, figures(refund), Case.objects.get().state) == ("bounced", (9900, 0), "exception")
    assert set(books(refund).values()) == {0}
    assert LedgerEntry.objects.values("posting").distinct().count() == 2
    assert list(RefundableUnit.objects.values_list("held_fen", "refunded_fen")) == [(9900, 0)]
    assert "refund.bounced" in kinds(refund.case)


def test_paid_after_it_was_declined_is_paid_and_an_anomaly():
    refund = hear(make_sent(), "declined", code="REJECTED")

    refund = ask(refund, "paid")

    assert (refund.state, figures(refund), Anomaly.objects.get().kind) == ("succeeded", (0, 9900), "paid_after_failure")
    assert refund.balance.frozen_at is not None
    assert "refund_failed" not in open_tasks(refund.case)


def test_what_vanishes_while_under_way_changes_nothing_but_freezes():
    refund = hear(make_sent(), "processing")

    for _time in range(2):
        refund = ask(refund, "absent")

    assert (refund.state, Anomaly.objects.get().kind, refund.balance.frozen_why) == ("processing", "vanished", "vanished")


def test_unknown_for_half_an_hour_is_on_the_desk_of_finance_once():
    refund = hear(make_sent(), "ambiguous")
    ask(refund, "ambiguous", sent_ago=timedelta(minutes=29))
    assert open_tasks(refund.case) == []

    ask(refund, "ambiguous", sent_ago=timedelta(minutes=31))
    ask(refund, "ambiguous", sent_ago=timedelta(minutes=32))
    assert open_tasks(refund.case) == ["refund_unknown"]
    refund.case.tasks.update(done_at=timezone.now(), outcome="done")

    ask(refund, "ambiguous", sent_ago=timedelta(minutes=33))
    assert open_tasks(refund.case) == []


def test_a_task_about_the_unknown_ends_with_its_answer():
    refund = hear(make_sent(), "ambiguous")
    ask(refund, "ambiguous", sent_ago=HOUR)

    ask(refund, "paid", sent_ago=HOUR)

    assert open_tasks(refund.case) == []


def test_under_way_for_a_week_is_on_the_desk_of_finance():
    refund = hear(make_sent(), "processing")

    ask(refund, "processing", sent_ago=timedelta(days=7, minutes=1))

    assert open_tasks(refund.case) == ["refund_slow"]


def test_a_worker_that_never_came_back_leaves_an_unknown_refund():
    refund = make_sent().refund
    make_due(refund)

    assert take_errand(refund.pk) is None

    assert fresh(refund).state == "unknown"
    assert take_errand(refund.pk).attempt.call == "query"


def test_an_answer_that_comes_after_the_lease_is_not_written():
    errand = make_sent()
    make_due(errand.refund)
    take_errand(errand.refund.pk)

    assert record_answer(errand, answer("paid"), limits_of(errand.refund)) is False

    assert (fresh(errand.refund).state, figures(errand.refund)) == ("unknown", (9900, 0))


def test_what_kills_its_workers_waits_for_finance():
    refund = make_sent().refund
    for _death in range(5):
        make_due(refund)
        take_errand(refund.pk)
    make_due(refund)

    assert take_errand(refund.pk) is None

    assert open_tasks(refund.case) == ["refund_stuck"]
    assert not due_refunds().filter(pk=refund.pk).exists()


def test_money_is_recorded_for_an_archived_case_whose_state_never_moves():
    errand = make_sent()
    Case.objects.filter(pk=errand.refund.case_id).update(state="closed")

    refund = hear(errand, "paid")

    assert (refund.state, figures(refund), Case.objects.get().state) == ("succeeded", (0, 9900), "closed")


def test_a_refusal_for_an_archived_case_is_a_task_alone():
    errand = make_sent()
    Case.objects.filter(pk=errand.refund.case_id).update(state="closed")

    refund = hear(errand, "declined", code="REJECTED")

    assert (refund.state, Case.objects.get().state, open_tasks(refund.case)) == ("failed", "closed", ["refund_failed"])


def test_counters_that_do_not_fit_write_nothing():
    errand = make_sent()
    PaymentBalance.objects.update(held_fen=0)

    with pytest.raises(RuntimeError, match="do not hold"):
        hear(errand, "paid")
