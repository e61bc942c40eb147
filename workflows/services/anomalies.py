"""Anomalies about money: a person explains, another one may look a second time, and finance lifts the freeze of a payment."""

from collections.abc import Iterator

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation.exceptions import Forbidden, Reason
from foundation.verbs import is_replay, lock, require
from workflows.models import Anomaly, AnomalyAct, PaymentBalance
from workflows.money.counters import book_external, unbook_external
from workflows.reconciling.access import RECONCILE, anomalies_for

SHORTEST_REASON, LONGEST_REASON = 2, 200
NO_RIGHT = Forbidden("no_permission", _("Your role does not include this."), _("Finance can do this."))
OTHER_SHOP = Forbidden("other_shop", _("This is money of a shop that is not yours."))
OWN_REFUND = Forbidden("own_refund", _("You proposed or approved this refund yourself."), _("Another person of finance can do this."))
OWN_WORDS = Forbidden("own_words", _("You explained this yourself."), _("Another person of finance looks at it."))
NO_REASON = Reason("no_reason", _("Say why, in a few words."))
IS_EXPLAINED = Reason("is_explained", _("This is explained already."))
NOT_EXPLAINED = Reason("not_explained", _("Nobody has explained this yet."), _("Explain it first."))
LOOKED_TWICE = Reason("looked_twice", _("A second person has confirmed this already."))
NOT_ELSEWHERE = Reason("not_elsewhere", _("This is no refund that only the provider knows."), _("Explain it instead."))
DOES_NOT_FIT = Reason("does_not_fit", _("More would be refunded than was paid."), _("Look for the refund of ours that it doubles."))
NOT_FROZEN = Reason("not_frozen", _("The payment is not frozen."))
OTHERS_OPEN = Reason("others_open", _("Other anomalies of this payment are not explained."), _("Explain those first."))


@transaction.atomic
def explain_anomaly(anomaly: Anomaly, *, reason: str, by: User, request_id: str | None = None) -> Anomaly:
    """Say what an anomaly was. It changes no money and lifts no freeze. Returns the locked, fresh row."""
    anomaly = lock(anomaly, "refund")
    if is_replay(anomaly, "explain", request_id, by=by):
        return anomaly
    require([*_against_person(anomaly, by), *_against_words(reason), *([IS_EXPLAINED] if anomaly.closed_at else [])])
    return _close(anomaly, AnomalyAct.Kind.EXPLAINED, by, reason)


@transaction.atomic
def count_elsewhere(anomaly: Anomaly, *, reason: str, by: User, request_id: str | None = None) -> Anomaly:
    """Explain what only the provider knows as a refund that somebody made outside: so much less of the payment can be refunded here."""
    anomaly = lock(anomaly, "refund")
    if is_replay(anomaly, "elsewhere", request_id, by=by):
        return anomaly
    require([*_against_person(anomaly, by), *_against_words(reason), *([IS_EXPLAINED] if anomaly.closed_at else [])])
    require([] if is_elsewhere(anomaly) else [NOT_ELSEWHERE])
    require([] if book_external(anomaly.balance_id, anomaly.codes["theirs"]) else [DOES_NOT_FIT])
    return _close(anomaly, AnomalyAct.Kind.COUNTED, by, reason)


def is_elsewhere(anomaly: Anomaly) -> bool:
    """Whether it can be a refund made outside: of a payment of ours, under a number that is none of ours."""
    return anomaly.kind == Anomaly.Kind.ONLY_THERE and anomaly.refund_id is None and anomaly.balance_id is not None


@transaction.atomic
def look_again(anomaly: Anomaly, *, agrees: bool, reason: str = "", by: User, request_id: str | None = None) -> Anomaly:
    """A second person confirms an explanation, or sends it back with a reason; then it is unexplained again."""
    anomaly = lock(anomaly, "refund")
    if is_replay(anomaly, "look_again", request_id, by=by):
        return anomaly
    require([*_against_second(anomaly, by), *([] if agrees else _against_words(reason))])
    if agrees:
        anomaly.second_by, anomaly.second_at = by, timezone.now()
    else:
        _count_back(anomaly)
        anomaly.closed_at = anomaly.closed_by = None
        anomaly.reason = ""
    anomaly.save(update_fields=["second_by", "second_at", "closed_at", "closed_by", "reason"])
    return _note(anomaly, AnomalyAct.Kind.CONFIRMED if agrees else AnomalyAct.Kind.RETURNED, by, reason)


@transaction.atomic
def lift_freeze(anomaly: Anomaly, *, reason: str, by: User, request_id: str | None = None) -> Anomaly:
    """Let the payment of an explained anomaly be used again. Every other anomaly of it has to be explained too."""
    anomaly = lock(anomaly, "refund")
    if is_replay(anomaly, "lift", request_id, by=by):
        return anomaly
    balance = lock(PaymentBalance(pk=anomaly.balance_id)) if anomaly.balance_id else None
    require([*_against_person(anomaly, by), *_against_words(reason), *_against_lifting(anomaly, balance)])
    balance.frozen_at, balance.frozen_why = None, ""
    balance.save(update_fields=["frozen_at", "frozen_why"])
    return _note(anomaly, AnomalyAct.Kind.LIFTED, by, reason)


def _close(anomaly: Anomaly, kind: str, by: User, reason: str) -> Anomaly:
    anomaly.closed_at, anomaly.closed_by, anomaly.reason = timezone.now(), by, _short(reason)
    anomaly.save(update_fields=["closed_at", "closed_by", "reason"])
    return _note(anomaly, kind, by, reason)


def _count_back(anomaly: Anomaly) -> None:
    """An explanation that is sent back counts no more."""
    closing = anomaly.acts.filter(kind__in=[AnomalyAct.Kind.EXPLAINED, AnomalyAct.Kind.COUNTED]).order_by("-pk").first()
    if closing is not None and closing.kind == AnomalyAct.Kind.COUNTED:
        unbook_external(anomaly.balance_id, anomaly.codes["theirs"])


def _note(anomaly: Anomaly, kind: str, by: User, reason: str) -> Anomaly:
    AnomalyAct.objects.create(anomaly=anomaly, kind=kind, by=by, reason=_short(reason))
    return anomaly


def _short(reason: str) -> str:
    return reason.strip()[:LONGEST_REASON]


def _against_person(anomaly: Anomaly, by: User) -> Iterator[Reason]:
    """Finance of the shop, but nobody who signed the refund that this is about."""
    if not by.has_perm(RECONCILE):
        yield NO_RIGHT
    elif not anomalies_for(by).filter(pk=anomaly.pk).exists():
        yield OTHER_SHOP
    elif anomaly.refund and by.pk in (anomaly.refund.created_by_id, anomaly.refund.authorised_by_id):
        yield OWN_REFUND


def _against_second(anomaly: Anomaly, by: User) -> Iterator[Reason]:
    yield from _against_person(anomaly, by)
    if anomaly.closed_at is None:
        yield NOT_EXPLAINED
    elif anomaly.second_by_id is not None:
        yield LOOKED_TWICE
    elif anomaly.closed_by_id == by.pk:
        yield OWN_WORDS


def _against_lifting(anomaly: Anomaly, balance: PaymentBalance | None) -> Iterator[Reason]:
    if balance is None or balance.frozen_at is None:
        yield NOT_FROZEN
    elif anomaly.closed_at is None:
        yield NOT_EXPLAINED
    elif balance.anomalies.filter(closed_at=None).exists():
        yield OTHERS_OPEN


def _against_words(reason: str) -> Iterator[Reason]:
    if len(reason.strip()) < SHORTEST_REASON:
        yield NO_REASON
