from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from foundation.exceptions import NotAllowedError, RefusedError, VersionConflictError
from tests.factories import make_complaint, make_merchant, make_order, make_user
from tests.workflows.builders import make_case
from tests.workflows.reconciling.builders import line, make_finance, make_paid, take
from tests.workflows.reconciling.files import DAY
from workflows.models import Anomaly, Statement, StatementAct
from workflows.services.anomalies import explain_anomaly
from workflows.services.statements import close_statement, lines_digest, rematch_statement, reopen_statement, take_statement

pytestmark = pytest.mark.django_db


def codes(caught) -> list[str]:
    return [reason.code for reason in caught.value.reasons]


def close(statement: Statement, by, **options) -> Statement:
    return close_statement(statement, by=by, **{"expected_version": statement.version, **options})


def reopen(statement: Statement, by, **options) -> Statement:
    return reopen_statement(statement, by=by, **{"expected_version": statement.version, "reason": "查错了", **options})


def test_taking_a_statement_in_is_signed():
    finance = make_finance()

    statement = take(line(make_paid()), by=finance)

    act = statement.acts.get()
    assert (act.kind, act.by, act.digest) == ("taken", finance, lines_digest(statement))


def test_another_file_of_the_day_takes_the_place_of_the_first():
    first = take(line("RF1"))

    second = take(line("RF2"))

    assert (second.pk, second.version) == (first.pk, 2)
    assert [row.out_refund_no for row in second.lines.all()] == ["RF2"]


@pytest.mark.parametrize("day", [DAY, DAY + timedelta(days=1)])
def test_the_same_file_twice_is_said_so(day):
    finance = make_finance()
    take_statement("demo", DAY, [line("RF1")], digest="a" * 64, by=finance)

    with pytest.raises(RefusedError) as caught:
        take_statement("demo", day, [line("RF2")], digest="a" * 64, by=finance)

    assert codes(caught) == ["same_file"]
    assert str(finance) in str(caught.value.reasons[0].text)
    assert [row.out_refund_no for row in Statement.objects.get(day=DAY).lines.all()] == ["RF1"]


def test_what_was_fetched_twice_is_matched_twice():
    for _time in range(2):
        statement = take_statement("demo", DAY, [line("RF1", position=1)], digest="a" * 64, by=None, is_pulled=True)

    assert statement.version == 2


@pytest.mark.parametrize("role", ["agent", "lead", "manager", "warehouse", "admin"])
def test_only_finance_takes_statements_in(role):
    with pytest.raises(NotAllowedError):
        take(line("RF1"), by=make_finance(role=role))

    assert Statement.objects.count() == 0


def test_a_day_that_balances_is_closed_by_a_signed_act():
    finance, statement = make_finance(), take(line(make_paid()))

    closed = close(statement, finance)

    act = closed.acts.get(kind="closed")
    assert (closed.is_closed, closed.closed_by, act.by, act.digest) == (True, finance, finance, lines_digest(closed))


def test_a_day_with_a_difference_stays_open_until_somebody_explains_it():
    finance, statement = make_finance(), take(line(make_paid(), 4000))

    with pytest.raises(RefusedError) as caught:
        close(statement, finance)
    explain_anomaly(Anomaly.objects.get(), reason="部分退回", by=finance)

    assert codes(caught) == ["unexplained"]
    assert close(statement, finance).is_closed


def test_differences_that_cancel_each_other_out_are_still_differences():
    make_paid()
    statement = take(line("RFSTRANGE"))
    assert sum(row.gap_fen for row in statement.lines.all()) == 0

    with pytest.raises(RefusedError) as caught:
        close(statement, make_finance())

    assert codes(caught) == ["unexplained"]


def test_an_explanation_does_not_outlive_the_amounts_it_was_about():
    finance, refund = make_finance(), make_paid()
    statement = take(line(refund, 4000))
    explain_anomaly(Anomaly.objects.get(), reason="部分退回", by=finance)

    statement = take(line(refund, 3000))

    with pytest.raises(RefusedError):
        close(statement, finance)


def test_a_day_that_is_not_over_is_not_closed():
    today = timezone.localdate()
    statement = take(day=today)

    with pytest.raises(RefusedError) as caught:
        close(statement, make_finance())

    assert codes(caught) == ["day_not_over"]


def test_a_day_with_money_of_other_shops_is_closed_by_somebody_who_sees_all_of_it():
    other = make_merchant("other")
    case = make_case(complaint=make_complaint(order=make_order(merchant=other)))
    statement = take(line(make_paid()), line(make_paid(case=case)))

    with pytest.raises(NotAllowedError) as caught:
        close(statement, make_finance())

    assert codes(caught) == ["other_shops"]
    assert close(statement, make_user("finance", shops=[make_merchant(), other])).is_closed


def test_a_closed_day_takes_no_statement_and_is_not_matched_again():
    finance = make_finance()
    closed = close(take(line(make_paid())), finance)

    with pytest.raises(RefusedError) as taking:
        take(line("RF2"), by=finance)
    with pytest.raises(RefusedError) as matching:
        rematch_statement(closed, by=finance, expected_version=closed.version)

    assert (codes(taking), codes(matching)) == (["is_closed"], ["is_closed"])


def test_a_closed_day_stays_as_it_was_signed_when_the_next_one_comes():
    finance = make_finance()
    closed = close(take(line(make_paid())), finance)

    take(line("RF2", day=DAY + timedelta(days=1)), day=DAY + timedelta(days=1))

    assert (Statement.objects.get(pk=closed.pk).version, closed.acts.last().digest) == (closed.version, lines_digest(closed))


def test_who_closed_a_day_does_not_open_it_again():
    finance = make_finance()
    closed = close(take(), finance)

    with pytest.raises(NotAllowedError) as caught:
        reopen(closed, finance)

    assert codes(caught) == ["own_closing"]
    assert Statement.objects.get().is_closed


def test_the_database_refuses_the_same_person_too():
    finance = make_finance()
    closed = close(take(), finance)

    with pytest.raises(IntegrityError, match="workflows_statement_four_eyes"), transaction.atomic():
        Statement.objects.filter(pk=closed.pk).update(reopened_by=finance, reopened_at=timezone.now())


def test_another_person_opens_a_day_again_and_says_why():
    first, second = make_finance(), make_finance()
    closed = close(take(), first)

    with pytest.raises(RefusedError) as caught:
        reopen(closed, second, reason=" ")
    opened = reopen(closed, second)

    assert codes(caught) == ["no_reason"]
    assert (opened.is_closed, opened.acts.last().by, opened.acts.last().reason) == (False, second, "查错了")
    assert close(opened, second).is_closed


def test_an_open_day_is_not_opened_again():
    with pytest.raises(RefusedError) as caught:
        reopen(take(), make_finance())

    assert codes(caught) == ["is_open"]


@pytest.mark.parametrize("role", ["agent", "lead", "manager", "warehouse", "admin"])
def test_only_finance_closes_and_opens(role):
    person, statement = make_finance(role=role), take()

    with pytest.raises(NotAllowedError):
        close(statement, person)
    with pytest.raises(NotAllowedError):
        reopen(close(statement, make_finance()), person)


def test_a_double_click_closes_once():
    finance, statement = make_finance(), take()

    for _click in range(2):
        close(statement, finance, request_id="r1")

    assert StatementAct.objects.filter(kind="closed").count() == 1


def test_nobody_closes_what_they_have_not_seen():
    statement = take()
    take(line("RF1"))

    with pytest.raises(VersionConflictError):
        close(statement, make_finance())


def test_a_signature_cannot_be_changed():
    take()

    with pytest.raises(IntegrityError), transaction.atomic():
        StatementAct.objects.update(reason="…")


def test_a_signature_is_of_what_the_lines_said():
    statement = take(line(make_paid()))
    before = lines_digest(statement)

    statement.lines.update(amount_fen=4999)

    assert lines_digest(statement) != before


def test_days_of_two_providers_are_two_statements():
    take(gateway="demo")
    take(gateway="wechat")

    assert Statement.objects.filter(day=date(2026, 3, 3)).count() == 2
