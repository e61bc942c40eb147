from datetime import timedelta

import pytest

from tests.workflows.builders import make_balance, make_case, make_refund
from tests.workflows.reconciling.builders import book, line, make_paid, noon, shown, take, tomorrow
from tests.workflows.reconciling.files import DAY
from workflows.machines.refund import RefundState
from workflows.models import Anomaly, PaymentBalance, Refund, Statement
from workflows.reconciling.listed import Standing, span_of
from workflows.services.statements import rematch_statement

pytestmark = pytest.mark.django_db
MIDNIGHT = span_of(DAY)[1]


def anomalies() -> list[tuple[str, int, int]]:
    return [(each.kind, each.codes["theirs"], each.codes["ours"]) for each in Anomaly.objects.order_by("pk")]


def test_what_agrees_is_matched_and_raises_nothing():
    refund = make_paid()

    statement = take(line(refund))

    row = statement.lines.get()
    assert (row.match, row.refund, row.amount_fen, row.ours_fen, row.anomaly) == ("matched", refund, 5000, 5000, None)
    assert anomalies() == []


def test_theirs_only_is_the_highest_alarm_and_freezes_the_payment(caplog):
    balance = make_balance()

    statement = take(line("RFSTRANGE", payment_ref=balance.payment.external_id))

    assert shown(statement) == {"RFSTRANGE": ("only_there", "stranger")}
    assert anomalies() == [("only_there", 5000, 0)]
    balance.refresh_from_db()
    assert (balance.frozen_why, balance.frozen_at is not None) == ("only_there", True)
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_a_stranger_of_no_known_payment_freezes_nothing():
    make_balance()

    take(line("RFSTRANGE", payment_ref="T-unknown"))

    assert PaymentBalance.objects.filter(frozen_at=None).count() == 1
    assert anomalies() == [("only_there", 5000, 0)]


def test_a_payment_number_that_two_orders_share_tells_nothing():
    balance, other = make_balance(), make_balance()
    other.payment.external_id = balance.payment.external_id
    other.payment.save()

    statement = take(line("RFSTRANGE", payment_ref=balance.payment.external_id))

    assert statement.lines.get().balance is None


@pytest.mark.parametrize(
    ("state", "cause"),
    [
        (RefundState.ARMED, "not_sent"),
        (RefundState.QUEUED, "not_booked"),
        (RefundState.UNKNOWN, "not_booked"),
        (RefundState.FAILED, "failed_here"),
        (RefundState.BOUNCED, "failed_here"),
        (RefundState.VOIDED, "voided_here"),
        (RefundState.SUCCEEDED, "other_time"),
    ],
)
def test_a_refund_of_ours_that_our_books_do_not_have_as_paid(state, cause):
    refund = make_refund(state=state)

    statement = take(line(refund))

    row = statement.lines.get()
    assert (row.match, row.cause, row.suggested) == ("only_there", cause, refund)
    after = Refund.objects.select_related("balance").get()
    assert (after.state, after.balance.frozen_why) == (state, "only_there")


def test_what_is_under_way_is_asked_about_at_once():
    later = noon() + timedelta(days=400)
    unknown, queued = (make_refund(state=state, next_at=later) for state in (RefundState.UNKNOWN, RefundState.QUEUED))

    take(line(unknown), line(queued))

    due = Refund.objects.filter(next_at__lt=later)
    assert list(due) == [unknown]


def test_ours_only_is_an_anomaly_that_freezes_nothing():
    refund = make_paid()

    statement = take()

    row = statement.lines.get()
    assert (row.match, row.cause, row.amount_fen, row.ours_fen, row.position) == ("only_here", "missing_there", 0, 5000, None)
    assert anomalies() == [("only_here", 0, 5000)]
    refund.balance.refresh_from_db()
    assert refund.balance.frozen_at is None


@pytest.mark.parametrize(("amount", "cause"), [(10000, "paid_twice"), (6000, "more_there"), (4000, "less_there")])
def test_another_amount(amount, cause):
    statement = take(line(make_paid(), amount))

    row = statement.lines.get()
    assert (row.match, row.cause, row.gap_fen) == ("other_amount", cause, amount - 5000)
    assert anomalies() == [("other_amount", amount, 5000)]


def test_another_currency():
    refund = make_paid(currency="USD")

    assert shown(take(line(refund))) == {refund.out_refund_no: ("other_amount", "currency")}


def test_a_refund_of_another_provider_is_not_ours():
    refund = make_paid(gateway="wechat")

    assert shown(take(line(refund))) == {refund.out_refund_no: ("only_there", "stranger")}


def test_money_that_came_back_counts_against_what_was_paid():
    refund = make_paid(at=noon() - timedelta(days=1))
    book(refund, -5000)

    row = take(line(refund, -5000, kind="bounced")).lines.get()

    assert (row.match, row.amount_fen, row.ours_fen) == ("matched", -5000, -5000)


def test_booked_a_minute_after_midnight_is_matched_and_the_next_day_does_not_miss_it():
    refund = make_paid(at=MIDNIGHT + timedelta(minutes=1))

    first, second = take(line(refund)), take(day=tomorrow())

    row = first.lines.get()
    assert (row.match, row.cause, row.booked_on, row.ours_fen) == ("matched", "booked_other_day", tomorrow(), 5000)
    assert list(second.lines.all()) == []


def test_the_next_day_forgets_what_the_day_before_explains():
    refund = make_paid(at=MIDNIGHT + timedelta(minutes=1))
    second = take(day=tomorrow())
    assert shown(second) == {refund.out_refund_no: ("only_here", "near_midnight")}

    take(line(refund))

    assert list(second.lines.all()) == []
    assert Statement.objects.get(pk=second.pk).version == 2


def test_one_booking_does_not_stand_for_two_days():
    refund = make_paid(at=MIDNIGHT + timedelta(minutes=1))

    first, second = take(line(refund)), take(line(refund, day=tomorrow()), day=tomorrow())

    assert sorted([shown(first)[refund.out_refund_no][0], shown(second)[refund.out_refund_no][0]]) == ["matched", "only_there"]


def test_under_way_there_and_here_is_no_difference():
    refund = make_refund(state=RefundState.PROCESSING)

    row = take(line(refund, kind="PROCESSING", standing=Standing.UNDER_WAY)).lines.get()

    assert (row.match, row.cause, row.amount_fen, row.ours_fen, row.listed_fen) == ("matched", "under_way", 0, 0, 5000)


def test_under_way_there_and_unknown_here_is_a_difference():
    assert shown(take(line("RFX", standing=Standing.UNDER_WAY))) == {"RFX": ("only_there", "stranger")}


def test_what_was_listed_as_under_way_is_matched_on_the_day_it_was_paid():
    refund = make_paid(at=noon(DAY + timedelta(days=2)))
    take(line(refund, standing=Standing.UNDER_WAY))

    row = take(day=DAY + timedelta(days=2)).lines.get()

    assert (row.match, row.cause, row.amount_fen, row.ours_fen) == ("matched", "listed_before", 5000, 5000)


def test_listed_as_not_paid():
    refund = make_paid()

    row = take(line(refund, standing=Standing.NOTHING, kind="CLOSED")).lines.get()

    assert (row.match, row.cause, row.amount_fen, row.ours_fen) == ("only_here", "not_paid_there", 0, 5000)


def test_two_halves_of_one_amount_point_at_each_other():
    refund, other = make_paid(), make_paid()

    statement = take(line("RFTHEIRS", payment_ref=other.balance.payment.external_id))

    row = statement.lines.get(out_refund_no="RFTHEIRS")
    assert (row.cause, row.suggested) == ("other_number", other)
    assert shown(statement)[other.out_refund_no] == ("only_here", "other_number")
    assert shown(statement)[refund.out_refund_no] == ("only_here", "missing_there")


def test_another_refund_of_the_same_payment_is_suggested():
    refund = make_paid(at=noon() - timedelta(days=40))

    row = take(line("RFTHEIRS", payment_ref=refund.balance.payment.external_id)).lines.get()

    assert (row.cause, row.suggested) == ("same_payment", refund)


def test_what_the_shop_reported_from_elsewhere_is_named():
    balance = make_balance(external_fen=6000)

    row = take(line("RFTHEIRS", payment_ref=balance.payment.external_id)).lines.get()

    assert (row.cause, row.suggested) == ("made_elsewhere", None)


def test_bookings_after_the_provider_was_asked_are_not_missed():
    make_paid(at=noon() + timedelta(hours=1))

    assert list(take(seen_at=noon()).lines.all()) == []


def test_matching_again_opens_no_second_anomaly_and_freezes_nothing_twice():
    statement = take(line(make_refund(state=RefundState.UNKNOWN)))
    PaymentBalance.objects.update(frozen_at=None)

    rematch_statement(statement, by=None, expected_version=None)

    assert anomalies() == [("only_there", 5000, 0)]
    assert PaymentBalance.objects.filter(frozen_at=None).count() == 1


def test_matching_again_after_our_books_moved():
    refund = make_refund(make_case(), state=RefundState.UNKNOWN)
    statement = take(line(refund))
    book(refund, 5000)

    rematch_statement(statement, by=None, expected_version=statement.version)

    assert shown(statement) == {refund.out_refund_no: ("matched", "")}
    assert Anomaly.objects.filter(closed_at=None).count() == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_matching_takes_the_same_number_of_queries_however_many_lines(rows, django_assert_num_queries):
    lines = [line(make_paid()) for _ in range(rows)]
    statement = take(*lines)

    with django_assert_num_queries(13):
        rematch_statement(statement, by=None, expected_version=None)
