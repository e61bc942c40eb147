"""What the database itself refuses, whatever the code above it does."""

import uuid

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from tests.factories import make_user
from tests.workflows.builders import make_balance, make_case, make_entry, make_policy, make_refund, make_unit, publish
from workflows.models import LedgerEntry, Refund, RefundEvent

pytestmark = pytest.mark.django_db


def refused(change) -> bool:
    try:
        with transaction.atomic():
            change()
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except IntegrityError:
        return True
    return False


def change(row, **values) -> bool:
    return refused(lambda: type(row).objects.filter(pk=row.pk).update(**values))


@pytest.mark.parametrize(
    ("values", "is_refused"),
    [
        ({"held_fen": 9900}, False),
        ({"held_fen": 9901}, True),
        ({"held_fen": 5000, "refunded_fen": 4000, "external_fen": 900}, False),
        ({"held_fen": 5000, "refunded_fen": 4000, "external_fen": 901}, True),
        ({"held_fen": -1}, True),
        ({"refunded_fen": -1, "held_fen": 1}, True),
        ({"external_fen": -1, "held_fen": 1}, True),
    ],
    ids=str,
)
def test_a_payment_never_gives_more_than_came_in(values, is_refused):
    assert change(make_balance(), **values) is is_refused


@pytest.mark.parametrize(
    ("values", "is_refused"),
    [
        ({"held_fen": 4000, "refunded_fen": 5900}, False),
        ({"held_fen": 4000, "refunded_fen": 5901}, True),
        ({"held_fen": -1}, True),
        ({"refunded_fen": -1, "held_fen": 1}, True),
    ],
    ids=str,
)
def test_a_unit_is_refunded_once_in_value(values, is_refused):
    assert change(make_unit(make_case()), **values) is is_refused


def test_a_unit_of_a_line_and_the_freight_exist_once():
    case = make_case()
    make_unit(case)
    make_unit(case, line=None)

    assert not refused(lambda: make_unit(case, position=2))
    assert refused(lambda: make_unit(case))
    assert refused(lambda: make_unit(case, line=None))


def test_one_refund_of_a_payment_for_one_purpose_and_revision():
    case = make_case()
    refund = make_refund(case)

    assert refused(lambda: make_refund(case, balance=refund.balance))
    assert not refused(lambda: make_refund(case, balance=refund.balance, revision=2))
    assert not refused(lambda: make_refund(case, balance=refund.balance, purpose=Refund.Purpose.FREIGHT))


def test_a_voided_refund_makes_room_for_another():
    case = make_case()
    refund = make_refund(case, state="voided")

    assert not refused(lambda: make_refund(case, balance=refund.balance))


def test_a_number_is_used_once():
    refund = make_refund()

    assert refused(lambda: make_refund(out_refund_no=refund.out_refund_no))


@pytest.mark.parametrize("name", ["out_refund_no", "case", "balance", "currency", "purpose"])
def test_a_refund_keeps_what_it_is_known_by(name):
    refund, other = make_refund(), make_refund(currency="USD", purpose=Refund.Purpose.FREIGHT)

    assert change(refund, **{name: f"{other.out_refund_no[:-1]}x" if name == "out_refund_no" else getattr(other, name)})


@pytest.mark.parametrize("state", ["queued", "submitting", "processing", "unknown", "failed", "bounced", "succeeded"])
def test_what_was_released_keeps_its_amount(state):
    assert change(make_refund(state=state), amount_fen=4999)


@pytest.mark.parametrize("state", ["pending_approval", "armed"])
def test_what_was_not_released_may_follow_the_resolution(state):
    assert not change(make_refund(state=state), amount_fen=4999)


def test_nobody_authorises_their_own_refund():
    finance, colleague = make_user("finance"), make_user("finance")
    refund = make_refund(created_by=finance)

    assert change(refund, authorised_by=finance)
    assert not change(refund, authorised_by=colleague)


@pytest.mark.parametrize(
    ("fields", "is_refused"),
    [
        ({}, False),
        ({"auto_rule": None}, True),
        ({"auto_limit_fen": None}, True),
        ({"amount_fen": 5001}, True),
        ({"auto_rule": None, "state": "pending_approval"}, False),
    ],
    ids=str,
)
def test_no_money_is_armed_without_a_person_or_a_rule_that_covers_it(fields, is_refused):
    case = make_case()

    assert refused(lambda: make_refund(case, **{"state": "armed", **fields})) is is_refused


@pytest.mark.parametrize("amount", [0, -1])
def test_a_refund_is_of_something(amount):
    assert refused(lambda: make_refund(amount_fen=amount))


def test_the_legs_of_a_posting_add_up_to_zero():
    case = make_case()

    def post(*legs):
        posting = uuid.uuid4()
        return refused(lambda: [make_entry(case, posting, amount, **more) for amount, more in legs])

    assert not post((5000, {}), (-5000, {"account": LedgerEntry.Account.MERCHANT}))
    assert post((5000, {}), (-4999, {"account": LedgerEntry.Account.MERCHANT}))
    assert post((5000, {}), (-5000, {"account": LedgerEntry.Account.MERCHANT, "currency": "USD"}))
    assert post((5000, {}))


def test_facts_are_never_changed():
    case = make_case()
    posting = uuid.uuid4()
    rows = [
        make_entry(case, posting, 1),
        make_entry(case, posting, -1, account=LedgerEntry.Account.MERCHANT),
        RefundEvent.objects.create(refund=make_refund(case), seq=1, verb="create", after="pending_approval"),
    ]

    for row in rows:
        assert change(row, at=F("at"))
        assert refused(row.delete)


def test_a_published_policy_stands():
    draft, published = make_policy(), publish(make_policy())

    assert not change(draft, auto_limit_fen=1)
    assert change(published, auto_limit_fen=1)
    assert refused(published.delete)


def test_unknown_states_are_refused():
    assert change(make_case(), state="lost")
    assert change(make_refund(), state="lost")
