import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from foundation.exceptions import NotAllowedError, ReasonedError, RefusedError
from tests.factories import make_merchant
from tests.workflows.builders import make_balance, make_refund
from tests.workflows.reconciling.builders import line, make_finance, take
from workflows.machines.refund import RefundState
from workflows.models import Anomaly, AnomalyAct
from workflows.money.counters import hold
from workflows.reconciling.access import anomalies_for
from workflows.services.anomalies import count_elsewhere, explain_anomaly, lift_freeze, look_again

pytestmark = pytest.mark.django_db


@pytest.fixture
def anomaly() -> Anomaly:
    """A refund that the provider paid and our books do not have as paid; its payment is frozen."""
    take(line(make_refund(state=RefundState.UNKNOWN)))
    return Anomaly.objects.select_related("balance", "refund").get()


def explain(anomaly: Anomaly, by: User | None = None) -> User:
    finance = by or make_finance()
    explain_anomaly(anomaly, reason="已核对", by=finance)
    return finance


def codes(call, *arguments, **options) -> list[str]:
    with pytest.raises(ReasonedError) as caught:
        call(*arguments, **options)
    return [reason.code for reason in caught.value.reasons]


def test_explaining_changes_no_money_and_lifts_nothing(anomaly):
    finance = explain(anomaly)

    anomaly.balance.refresh_from_db()
    after = Anomaly.objects.get()
    assert (after.closed_by, after.reason, anomaly.balance.frozen_why) == (finance, "已核对", "only_there")
    assert not hold(anomaly.balance_id, 1)


def test_a_freeze_is_lifted_with_a_reason_after_an_explanation(anomaly):
    finance = explain(anomaly)

    lift_freeze(anomaly, reason="银行已确认", by=finance)

    assert hold(anomaly.balance_id, 1)
    assert AnomalyAct.objects.get(kind="lifted").reason == "银行已确认"


def test_a_freeze_is_not_lifted_before_an_explanation(anomaly):
    assert codes(lift_freeze, anomaly, reason="银行已确认", by=make_finance()) == ["not_explained"]
    assert not hold(anomaly.balance_id, 1)


def test_a_freeze_is_not_lifted_while_another_anomaly_of_the_payment_is_open(anomaly):
    Anomaly.objects.create(balance=anomaly.balance, kind=Anomaly.Kind.VANISHED)
    finance = explain(anomaly)

    assert codes(lift_freeze, anomaly, reason="银行已确认", by=finance) == ["others_open"]


def test_what_is_not_frozen_is_not_lifted():
    anomaly = Anomaly.objects.create(balance=make_balance(), kind=Anomaly.Kind.ONLY_HERE)
    finance = explain(anomaly)

    assert codes(lift_freeze, anomaly, reason="银行已确认", by=finance) == ["not_frozen"]


@pytest.mark.parametrize("call", [explain_anomaly, lift_freeze])
def test_a_reason_is_needed(anomaly, call):
    assert "no_reason" in codes(call, anomaly, reason=" ", by=make_finance())


def test_an_explanation_is_given_once(anomaly):
    finance = explain(anomaly)

    assert codes(explain_anomaly, anomaly, reason="又一次", by=finance) == ["is_explained"]


def test_a_second_person_confirms(anomaly):
    explain(anomaly)
    second = make_finance()

    after = look_again(anomaly, agrees=True, by=second)

    assert (after.second_by, after.closed_at is not None) == (second, True)
    assert codes(look_again, anomaly, agrees=True, by=make_finance()) == ["looked_twice"]


def test_a_second_person_sends_an_explanation_back(anomaly):
    explain(anomaly)

    after = look_again(anomaly, agrees=False, reason="对不上", by=make_finance())

    assert (after.closed_at, after.closed_by, after.reason) == (None, None, "")
    assert [act.kind for act in AnomalyAct.objects.order_by("pk")] == ["explained", "returned"]


def test_nobody_looks_at_their_own_words_a_second_time(anomaly):
    finance = explain(anomaly)

    assert codes(look_again, anomaly, agrees=True, by=finance) == ["own_words"]
    with pytest.raises(IntegrityError, match="workflows_anomaly_second_look"), transaction.atomic():
        Anomaly.objects.update(second_by=finance)


def test_what_nobody_explained_is_not_looked_at_twice(anomaly):
    assert codes(look_again, anomaly, agrees=True, by=make_finance()) == ["not_explained"]


@pytest.mark.parametrize("signed_as", ["created_by", "authorised_by"])
def test_who_signed_the_refund_explains_nothing_about_it(anomaly, signed_as):
    finance = make_finance()
    type(anomaly.refund).objects.update(**{signed_as: finance})

    assert codes(explain_anomaly, anomaly, reason="已核对", by=finance) == ["own_refund"]


@pytest.mark.parametrize("role", ["agent", "lead", "manager", "warehouse", "admin"])
def test_only_finance_explains(anomaly, role):
    with pytest.raises(NotAllowedError):
        explain_anomaly(anomaly, reason="已核对", by=make_finance(role=role))


def test_finance_of_another_shop_neither_sees_nor_explains(anomaly):
    stranger = make_finance(shop=make_merchant("other"))

    assert list(anomalies_for(stranger)) == []
    assert codes(explain_anomaly, anomaly, reason="已核对", by=stranger) == ["other_shop"]


def test_what_belongs_to_no_known_shop_is_seen_by_all_of_finance():
    take(line("RFSTRANGE"))

    assert anomalies_for(make_finance(shop=make_merchant("other"))).count() == 1


def test_a_double_click_explains_once(anomaly):
    finance = make_finance()

    for _click in range(2):
        explain_anomaly(anomaly, reason="已核对", by=finance, request_id="r1")

    assert AnomalyAct.objects.count() == 1
    with pytest.raises(RefusedError):
        explain_anomaly(anomaly, reason="已核对", by=finance, request_id="r2")


# -- refunds that were made elsewhere


@pytest.fixture
def stranger() -> Anomaly:
    """A refund of 30.00 of a payment of 99.00, under a number that is none of ours."""
    take(line("CONSOLE1", 3000, payment_ref=make_balance().payment.external_id))
    return Anomaly.objects.select_related("balance", "refund").get()


def counted(anomaly: Anomaly) -> int:
    anomaly.balance.refresh_from_db()
    return anomaly.balance.external_fen


def test_what_was_refunded_elsewhere_can_not_be_refunded_again(stranger):
    finance = make_finance()

    count_elsewhere(stranger, reason="客服在商户平台退过", by=finance)
    lift_freeze(stranger, reason="已核对", by=finance)

    assert counted(stranger) == 3000
    assert (hold(stranger.balance_id, 6901), hold(stranger.balance_id, 6900)) == (False, True)
    assert [act.kind for act in AnomalyAct.objects.order_by("pk")] == ["counted", "lifted"]


def test_it_is_counted_once(stranger):
    finance = make_finance()
    for request_id in ("one", "one"):
        count_elsewhere(stranger, reason="已核对", by=finance, request_id=request_id)

    assert codes(count_elsewhere, stranger, reason="已核对", by=finance) == ["is_explained"]
    assert counted(stranger) == 3000


def test_what_is_sent_back_counts_no_more(stranger):
    count_elsewhere(stranger, reason="已核对", by=make_finance())

    look_again(stranger, agrees=False, reason="是我们自己退的", by=make_finance())

    assert counted(stranger) == 0


def test_sending_back_takes_away_only_what_the_last_words_counted(stranger):
    first, second = make_finance(), make_finance()
    count_elsewhere(stranger, reason="已核对", by=first)
    look_again(stranger, agrees=False, reason="不对", by=second)
    explain(stranger, first)

    look_again(stranger, agrees=False, reason="不对", by=second)

    assert counted(stranger) == 0


def test_more_than_was_paid_is_never_counted(stranger):
    stranger.balance.captured_fen = 2999
    stranger.balance.save(update_fields=["captured_fen"])

    assert codes(count_elsewhere, stranger, reason="已核对", by=make_finance()) == ["does_not_fit"]
    assert (counted(stranger), Anomaly.objects.get().closed_at) == (0, None)


def test_a_refund_of_ours_was_not_made_elsewhere(anomaly):
    assert codes(count_elsewhere, anomaly, reason="已核对", by=make_finance()) == ["not_elsewhere"]


def test_counting_needs_finance_and_a_reason(stranger):
    assert codes(count_elsewhere, stranger, reason=" ", by=make_finance()) == ["no_reason"]
    assert codes(count_elsewhere, stranger, reason="已核对", by=make_finance(role="lead")) == ["no_permission"]
    assert counted(stranger) == 0
