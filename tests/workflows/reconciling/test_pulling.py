"""Statements fetched from the real demo gateway: each kind of difference is found, named and raises its alarm; none is corrected."""

from datetime import datetime, timedelta
from itertools import count

import pytest
from django.utils import timezone

from foundation.exceptions import NotAllowedError, RefusedError
from tests.workflows.builders import make_case, make_refund
from tests.workflows.reconciling.builders import book, make_finance, shown
from workflows.gateways.base import RefundRequest
from workflows.machines.refund import RefundState
from workflows.models import Anomaly, PaymentBalance, Refund, RefundEvent, Statement, StatementPull
from workflows.reconciling.listed import day_of
from workflows.services.pulling import ask_pull, pull_due
from workflows.services.statements import close_statement, take_statement

pytestmark = pytest.mark.django_db(transaction=True)
_numbers = count(1)


def refund_of_ours(**fields) -> Refund:
    """A refund with a number that no other test of this gateway uses."""
    key = f"RFPULL{timezone.now():%H%M%S%f}{next(_numbers)}"
    return make_refund(make_case(), out_refund_no=key, auto_limit_fen=1_000_000, **fields)


def pay(gateway, refund: Refund, amount: int | None = None, *, payment: str = "") -> datetime:
    """The gateway pays it; when that was, by its own clock."""
    request = RefundRequest(refund.out_refund_no, payment or f"T-{refund.out_refund_no}", amount or refund.amount_fen, 100_000, "CNY")
    assert gateway.adapter.submit(request).pays(request)
    return datetime.fromisoformat(gateway.facts[-1]["at"])


def fetch(day, *, by=None) -> StatementPull:
    pull = ask_pull("demo", day, by=by)
    assert pull_due() == 1
    pull.refresh_from_db()
    return pull


def of(statement: Statement, *refunds: Refund) -> list[tuple[str, str]]:
    """How these refunds were judged; the bill of the day holds those of other tests as well."""
    found = shown(statement)
    return [found[refund.out_refund_no] for refund in refunds]


def alarms(*refunds: Refund) -> list[str]:
    keys = [refund.out_refund_no for refund in refunds]
    return sorted(each.kind for each in Anomaly.objects.all() if each.codes["key"] in keys)


def test_every_kind_of_difference(demo):
    """Matched, another amount, theirs only, ours only."""
    paid, other = (refund_of_ours(state=RefundState.SUCCEEDED) for _ in range(2))
    book(paid, 5000, at=pay(demo, paid))
    book(other, 5000, at=pay(demo, other, 4000))
    unknown = refund_of_ours(state=RefundState.UNKNOWN)
    at = pay(demo, unknown)
    missing = refund_of_ours(state=RefundState.SUCCEEDED)
    book(missing, 5000, at=at)
    before = (RefundEvent.objects.count(), sorted(Refund.objects.values_list("pk", "state")))

    pull = fetch(day_of(at))

    statement = Statement.objects.get()
    assert (pull.state, pull.line_count) == ("done", statement.lines.exclude(position=None).count())
    assert [match for match, _cause in of(statement, paid, other, unknown)] == ["matched", "other_amount", "only_there"]
    assert of(statement, missing)[0][0] == "only_here"
    assert alarms(paid, other, unknown, missing) == ["only_here", "only_there", "other_amount"]
    assert list(PaymentBalance.objects.exclude(frozen_at=None)) == [unknown.balance]
    assert before == (RefundEvent.objects.count(), sorted(Refund.objects.values_list("pk", "state")))


def test_a_refund_that_somebody_made_past_us(demo):
    stranger = Refund(out_refund_no=f"CONSOLE{timezone.now():%H%M%S%f}", amount_fen=700)

    statement_day = day_of(pay(demo, stranger))
    fetch(statement_day)

    assert of(Statement.objects.get(), stranger) == [("only_there", "stranger")]
    assert alarms(stranger) == ["only_there"]


def test_what_came_back_on_the_same_day_adds_up_to_nothing(demo):
    refund = refund_of_ours(state=RefundState.BOUNCED)
    demo.plan(keys={refund.out_refund_no: "bounce:1"})
    at = pay(demo, refund)
    demo.send("PUT", "/_control/clock", {"advance_seconds": 2})
    came_back = datetime.fromisoformat(demo.facts[-1]["at"])
    book(refund, 5000, at=at)
    book(refund, -5000, at=at)

    fetch(day_of(at))

    assert demo.facts_about(refund.out_refund_no) == ["paid", "bounced"]
    if day_of(came_back) == day_of(at):
        assert of(Statement.objects.get(), refund) == [("matched", "")]


def test_fetching_again_after_the_query_was_answered(demo):
    refund = refund_of_ours(state=RefundState.UNKNOWN)
    at = pay(demo, refund)
    fetch(day_of(at))
    book(refund, 5000, at=at)

    fetch(day_of(at))

    assert of(Statement.objects.get(), refund) == [("matched", "")]
    assert alarms(refund) == ["only_there"]


def test_nobody_answers(configured):
    pull = fetch(timezone.localdate())

    assert (pull.state, pull.why, Statement.objects.count()) == ("failed", "unreachable", 0)
    assert fetch(timezone.localdate()).pk != pull.pk


def test_a_provider_that_is_not_set_up():
    ask_pull("wechat", timezone.localdate(), by=None)
    pull_due()

    assert StatementPull.objects.get().why == "not_configured"


def test_a_wish_is_asked_once_at_a_time(configured):
    ask_pull("demo", timezone.localdate(), by=make_finance())

    with pytest.raises(RefusedError) as caught:
        ask_pull("demo", timezone.localdate(), by=make_finance())

    assert [reason.code for reason in caught.value.reasons] == ["pull_under_way"]


@pytest.mark.parametrize(("days", "code"), [(1, "in_the_future"), (-91, "too_old")])
def test_a_day_that_has_no_statement(days, code):
    with pytest.raises(RefusedError) as caught:
        ask_pull("demo", timezone.localdate() + timedelta(days=days), by=make_finance())

    assert [reason.code for reason in caught.value.reasons] == [code]


def test_a_closed_day_is_not_fetched():
    day, finance = timezone.localdate() - timedelta(days=2), make_finance()
    statement = take_statement("demo", day, [], digest="a", by=finance)
    close_statement(statement, by=finance, expected_version=None)

    with pytest.raises(RefusedError) as caught:
        ask_pull("demo", day, by=finance)

    assert [reason.code for reason in caught.value.reasons] == ["is_closed"]


@pytest.mark.parametrize("role", ["agent", "lead", "manager", "warehouse", "admin"])
def test_only_finance_asks(role):
    with pytest.raises(NotAllowedError):
        ask_pull("demo", timezone.localdate(), by=make_finance(role=role))


def test_another_worker_follows_one_that_died(demo):
    pull = ask_pull("demo", timezone.localdate(), by=None)
    StatementPull.objects.filter(pk=pull.pk).update(state=StatementPull.State.ASKING, attempts=1, fence=1)

    assert pull_due() == 1

    pull.refresh_from_db()
    assert pull.state == "done"


def test_what_kills_every_worker_is_given_up(configured):
    pull = ask_pull("demo", timezone.localdate(), by=None)
    StatementPull.objects.filter(pk=pull.pk).update(state=StatementPull.State.ASKING, attempts=5, fence=5)

    assert pull_due() == 0

    pull.refresh_from_db()
    assert (pull.state, pull.why) == ("failed", "crashed")
