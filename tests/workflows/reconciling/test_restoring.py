"""What ``manage.py after_restore`` does, what it leaves to people, and who may let money and mail go on."""

import io
from datetime import timedelta
from itertools import count

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from complaints.models import Outbox
from foundation.exceptions import NotAllowedError, RefusedError
from foundation.models import Standstill
from foundation.standstill import is_standing_still, stand_still
from tests.factories import make_complaint, make_order, make_user
from tests.workflows.builders import make_balance, make_case, make_refund
from tests.workflows.reconciling.builders import make_finance, take
from workflows.gateways.base import RefundRequest
from workflows.machines.refund import RefundState
from workflows.models import Anomaly, PaymentBalance, Refund, RefundAttempt, Statement, StatementPull
from workflows.reconciling.listed import day_of
from workflows.services.anomalies import count_elsewhere, explain_anomaly
from workflows.services.pulling import pull_due
from workflows.services.restoring import missing_statements, release_standstill, wanted_days
from workflows.settling.calls import take_errand

pytestmark = pytest.mark.django_db(transaction=True)
_numbers = count(1)
A_DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def only_demo(monkeypatch):
    """No other provider has keys, and this one is asked by nobody."""
    monkeypatch.setenv("BIHUAN_GATEWAY_DEMO_URL", "http://127.0.0.1:1")


def after_restore(*arguments: str) -> str:
    out = io.StringIO()
    call_command("after_restore", *arguments, stdout=out)
    return out.getvalue()


def codes(standstill: Standstill, by, reason: str = "all counted") -> set[str]:
    with pytest.raises((RefusedError, NotAllowedError)) as refused:
        release_standstill(standstill, reason=reason, by=by)
    return {reason.code for reason in refused.value.reasons}


def prepared(**values) -> Standstill:
    standstill = stand_still("restored", **values)
    Standstill.objects.update(prepared_at=timezone.now())
    standstill.refresh_from_db()
    return standstill


def forgotten(gateway, *, amount: int = 4000) -> tuple[str, str]:
    """A refund that only the provider knows, of a payment that nobody here has counted yet; its number and the payment's."""
    payment = make_balance().payment
    PaymentBalance.objects.all().delete()
    payment.external_id = f"T-GONE{timezone.now():%H%M%S%f}"
    payment.save(update_fields=["external_id"])
    key = f"RFGONE{timezone.now():%H%M%S%f}{next(_numbers)}"
    request = RefundRequest(key, payment.external_id, amount, 9900, "CNY")
    assert gateway.adapter.submit(request).pays(request)
    return key, payment.external_id


def test_what_only_the_provider_knows_is_counted_before_money_moves_again(demo):
    key, payment = forgotten(demo)
    finance = make_finance()
    standstill = stand_still("restored")

    assert "demo " in after_restore() and StatementPull.objects.count() == 1
    assert codes(Standstill.objects.get(), finance) == {"statement_missing"}
    assert pull_due() == 1
    left = after_restore()
    assert f"only_there {key}: payment {payment}, theirs 4000, ours 0" in left and "left for finance: 0 statements" in left
    balance = PaymentBalance.objects.get()
    assert (balance.frozen_at is not None, balance.left_fen) == (True, 9900)
    assert codes(Standstill.objects.get(), finance) == {"anomalies_open"}

    for anomaly in Anomaly.objects.filter(closed_at=None):
        settle_with = count_elsewhere if anomaly.codes["key"] == key else explain_anomaly
        settle_with(anomaly, reason="looked at", by=finance)
    assert after_restore("--release", "--by", finance.username, "--reason", "all counted").strip() == "money and mail go on"

    balance.refresh_from_db()
    standstill.refresh_from_db()
    assert (balance.external_fen, balance.left_fen) == (4000, 5900)
    assert (is_standing_still(), standstill.released_by, standstill.reason) == (False, finance.pk, "all counted")


def test_the_days_are_from_the_last_one_remembered_to_the_standstill():
    today = day_of(timezone.now())
    standstill = stand_still("restored", remembers_until=timezone.now() - 2 * A_DAY)

    assert wanted_days(standstill) == [today - 2 * A_DAY, today - A_DAY, today]


def test_a_statement_from_before_the_restore_tells_nothing(only_demo):
    take(day=day_of(timezone.now()))
    standstill = stand_still("restored")
    assert [str(wanted.gateway) for wanted in missing_statements(standstill)] == ["demo"]

    Statement.objects.update(seen_at=timezone.now())

    assert missing_statements(standstill) == []


def test_each_provider_with_keys_is_asked(only_demo, monkeypatch):
    monkeypatch.setenv("BIHUAN_GATEWAY_WECHAT_MCHID", "1")

    assert [wanted.gateway for wanted in missing_statements(stand_still("restored"))] == ["demo", "wechat"]


def test_a_statement_that_failed_is_asked_for_again(only_demo):
    stand_still("restored")
    after_restore()
    assert "is being fetched" in after_restore()
    StatementPull.objects.update(state=StatementPull.State.FAILED, why="unreachable")

    assert "failed before (unreachable), asked for" in after_restore()
    assert StatementPull.objects.count() == 2


def test_what_may_have_been_sent_is_asked_about_first_and_the_rest_keeps_its_time():
    later = timezone.now() + A_DAY
    states = [RefundState.QUEUED, RefundState.SUBMITTING, RefundState.UNKNOWN, RefundState.PROCESSING, RefundState.SUCCEEDED]
    for state in states:
        make_refund(make_case(), state=state, next_at=later, auto_limit_fen=1_000_000)
    keys = set(Refund.objects.values_list("out_refund_no", flat=True))
    stand_still("restored")

    after_restore()

    due = set(Refund.objects.filter(next_at__lte=timezone.now()).values_list("state", flat=True))
    assert due == {"submitting", "unknown", "processing"}
    assert set(Refund.objects.values_list("out_refund_no", flat=True)) == keys


def test_where_a_provider_forgets_numbers_what_waited_is_asked_about_before_it_is_sent(monkeypatch):
    for code in ("wechat", "stripe"):
        balance = make_balance(case := make_case())
        make_refund(case, balance=balance, gateway=code, state=RefundState.QUEUED, auto_limit_fen=1_000_000)
        PaymentBalance.objects.filter(pk=balance.pk).update(held_fen=Refund.objects.get(gateway=code).amount_fen)
    stand_still("restored")

    after_restore()

    assert dict(Refund.objects.values_list("gateway", "state")) == {"wechat": "queued", "stripe": "unknown"}
    refund = Refund.objects.get(gateway="stripe")
    errand = take_errand(refund.pk)
    assert (errand.attempt.call, errand.refund.out_refund_no) == (RefundAttempt.Call.QUERY, refund.out_refund_no)


def test_old_mail_is_parked_once_and_people_may_send_it_again():
    fresh, old, sent = (make_complaint().outbox.get() for _ in range(3))
    Outbox.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(minutes=61))
    Outbox.objects.filter(pk=sent.pk).update(created_at=timezone.now() - A_DAY, state="sent")
    Outbox.objects.filter(pk=fresh.pk).update(created_at=timezone.now() - timedelta(minutes=59))
    stand_still("restored")

    assert "mail parked at /admin/complaints/outbox/: 1" in after_restore()
    states = dict(Outbox.objects.values_list("pk", "state"))
    assert states == {fresh.pk: "queued", old.pk: "dead", sent.pk: "sent"}

    Outbox.objects.filter(pk=old.pk).update(state="queued")
    assert "mail parked" not in after_restore()
    assert Outbox.objects.get(pk=old.pk).state == "queued"


def test_only_finance_lets_it_go_on(client):
    standstill = prepared()

    assert codes(standstill, make_user("agent")) == {"no_permission"}
    assert codes(standstill, make_finance(is_active=False)) == {"no_permission"}
    assert is_standing_still()


def test_it_does_not_go_on_without_a_reason_or_before_the_machine_has_done_its_part():
    standstill = stand_still("restored")

    assert codes(standstill, make_finance(), " ") == {"no_reason", "not_prepared"}


def test_it_ends_once():
    standstill, finance = prepared(), make_finance()
    release_standstill(standstill, reason="all counted", by=finance)

    assert codes(standstill, finance) == {"is_over"}


def test_the_command_says_what_is_in_the_way(only_demo):
    stand_still("restored")
    finance = make_finance()

    with pytest.raises(CommandError) as refused:
        after_restore("--release", "--by", finance.username, "--reason", "all counted")
    assert f"demo {day_of(timezone.now())}" in str(refused.value)
    with pytest.raises(CommandError):
        after_restore("--release", "--by", "nobody", "--reason", "all counted")
    assert is_standing_still()


def test_without_a_standstill_there_is_nothing_to_do():
    with pytest.raises(CommandError):
        after_restore()


@pytest.mark.parametrize("page", ["/admin/refunds/", "/admin/refunds/reconcile/"])
@pytest.mark.parametrize(("language", "words"), [("zh-hans", "静止"), ("en", "stands still")])
def test_the_pages_of_money_say_so(client, page, language, words):
    make_order()
    client.force_login(make_finance(language=language))
    assert words not in client.get(page, headers={"Accept-Language": language}).content.decode()

    stand_still("restored")

    assert words in client.get(page, headers={"Accept-Language": language}).content.decode()
