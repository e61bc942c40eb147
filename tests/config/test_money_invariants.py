"""I5: money that does not add up is seen, within our books and against the provider's."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from config import invariants
from config.invariants import Evidence, check_all
from tests.workflows.settling.builders import hear, make_sent, open_tasks
from workflows.models import PaymentBalance, Refund, RefundableUnit, RefundEvent
from workflows.settling.calls import take_errand

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _at_once(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(invariants, "WAITS_IN_VAIN_SECONDS", 0)


def broken(code: str, **evidence) -> list[str]:
    found = {each.code: each for each in check_all(Evidence(**evidence))}
    assert not found[code].error
    return found[code].broken


def execute(statement: str, *values) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET session_replication_role = DEFAULT")


@pytest.mark.parametrize("kind", ["paid", "declined", "ambiguous", "processing", "bounced"])
def test_money_at_work_breaks_nothing(kind):
    hear(make_sent(), kind)

    assert broken("I5") == broken("I10") == []


def hold_more(refund):
    PaymentBalance.objects.update(captured_fen=99999, held_fen=1)


def refund_less(refund):
    PaymentBalance.objects.update(refunded_fen=9899)


def hold_a_unit(refund):
    RefundableUnit.objects.update(entitled_fen=99999, held_fen=1)


def move_silently(refund):
    execute("UPDATE workflows_refund SET state = 'failed'")


def lose_a_fact(refund):
    execute("DELETE FROM workflows_refundevent WHERE verb = 'mark_paid'")


def lose_the_books(refund):
    execute("DELETE FROM workflows_ledgerentry")


def unbalance_the_books(refund):
    execute("UPDATE workflows_ledgerentry SET amount_fen = -1 WHERE account = 'merchant'")


DAMAGES = [hold_more, refund_less, hold_a_unit, move_silently, lose_a_fact, lose_the_books, unbalance_the_books]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_damaged_books_are_seen(damage):
    refund = hear(make_sent(), "paid")

    damage(refund)

    assert broken("I5")
    assert RefundEvent.objects.exists()


def fact(refund, kind="paid", **changes) -> dict:
    named = {"out_refund_no": refund.out_refund_no, "transaction_id": "T", "amount_minor": 9900, "currency": "CNY"}
    return {"seq": 1, "kind": kind, "at": "2026-01-01T00:00:00+00:00", **named, **changes}


def write(path, *facts):
    path.write_text("".join(json.dumps(each) + "\n" for each in facts) + '{"torn')
    return path


@pytest.mark.parametrize(
    ("ours", "theirs", "fault"),
    [
        ("paid", [], "is succeeded here and unknown there"),
        ("paid", [{"kind": "paid"}, {"kind": "bounced"}], "is succeeded here and bounced there"),
        ("paid", [{"kind": "paid"}, {"kind": "paid"}], "was paid more than once"),
        ("paid", [{"amount_minor": 9899}], "the provider has another amount or currency"),
        ("declined", [{"kind": "paid"}], "is failed here and paid there"),
        ("bounced", [{"kind": "paid"}], "is bounced here and paid there"),
    ],
)
def test_the_other_side_says_something_else(tmp_path, ours, theirs, fault):
    refund = hear(make_sent(), ours)

    found = broken("I5", gateway_ledger=write(tmp_path / "ledger", *[fact(refund, **each) for each in theirs]))

    assert found == [f"{refund.out_refund_no}: {fault}"]


def test_what_only_the_provider_knows_is_the_highest_alarm(tmp_path):
    refund = hear(make_sent(), "paid")

    found = broken("I5", gateway_ledger=write(tmp_path / "ledger", fact(refund), fact(refund, out_refund_no="RF0")))

    assert found == ["RF0: only the provider knows it"]


def test_more_paid_back_than_came_in_is_seen(tmp_path):
    refund = hear(make_sent(), "ambiguous")
    execute("UPDATE workflows_paymentbalance SET captured_fen = 9899, held_fen = 0")

    found = broken("I5", gateway_ledger=write(tmp_path / "ledger", fact(refund)))

    assert f"payment {refund.balance.payment.external_id}: 9900 paid back of 9899" in found


def test_both_sides_alike_break_nothing(tmp_path):
    refund = hear(make_sent(), "paid")
    taken = fact(refund, "taken")

    assert broken("I5", gateway_ledger=write(tmp_path / "ledger", taken, fact(refund), {"seq": 3, "kind": "payment"})) == []


def test_a_refund_that_nobody_looks_at_stays_claimed():
    refund = hear(make_sent(), "ambiguous")

    Refund.objects.update(next_at=timezone.now() - timedelta(minutes=3))

    assert broken("I10") == ["refund unknown: 1 due for more than 120 s"]
    assert open_tasks(refund.case) == []


def test_a_refund_that_was_given_up_is_on_somebodys_desk():
    refund = make_sent().refund
    Refund.objects.update(attempts=5, next_at=timezone.now() - timedelta(seconds=1))
    take_errand(refund.pk)
    assert broken("I10") == []

    refund.case.tasks.all().delete()

    assert broken("I10") == [f"refund {refund.out_refund_no}: given up, and finance does not know"]
