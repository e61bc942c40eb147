"""Which payments of an order pay a refund, through which provider, and what keeps a payment from it.

Pure but for ``funds_of``, which reads the rows, and ``gateway_of``, which reads the settings. Amounts are fen. Source: returns.md 4.2, M17.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Max, Q
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from foundation.exceptions import Reason
from orders.models import Order, Payment
from workflows.gateways import ADAPTERS
from workflows.gateways.base import Capabilities
from workflows.machines.refund import RefundState
from workflows.models import PaymentBalance
from workflows.money.apportion import Draw, Source, draw_from

# Money before vouchers: a customer gets back first what is of use anywhere.
LAST = {"voucher": 1}
FINANCE_TRANSFERS = _("Finance transfers the money.")
TOO_OLD = Reason("payment_too_old", _("The provider pays nothing back to this payment any more."), FINANCE_TRANSFERS)
TOO_MANY = Reason("too_many_refunds", _("The provider allows no further refund of this payment."), FINANCE_TRANSFERS)
TOO_SOON = Reason("refund_too_soon", _("The provider wants a pause between two refunds of a payment."), _("It is sent after the pause."))
FROZEN = Reason("payment_frozen", _("This payment is frozen."), _("Finance looks into it and lifts it."))
NO_GATEWAY = Reason("no_gateway", _("No provider is set up for this way of paying."), FINANCE_TRANSFERS)
NOT_ENOUGH = Reason(
    "balance_short",
    _("The payments of this order do not hold that much any more."),
    _("Give the rest as a coupon, or finance transfers it."),
)


@dataclass(frozen=True)
class Fund:
    """One payment as a source of refunds. ``refund_count`` and ``last_sent_at`` are of refunds that were or may still be sent."""

    balance_id: int
    left_fen: int
    gateway: str
    captured_at: datetime | None = None
    priority: int = 0
    refund_count: int = 0
    last_sent_at: datetime | None = None
    is_frozen: bool = False
    capabilities: Capabilities | None = None


@dataclass(frozen=True)
class Plan:
    """What each payment gives back, by the ids of the balances; or why that cannot be, when ``reasons`` are there."""

    draws: Sequence[Draw] = ()
    reasons: Sequence[Reason] = ()


def plan_draw(amount: int, funds: Iterable[Fund], *, at: datetime) -> Plan:
    """Draw on payments by priority, then the latest captured. A plan draws the whole amount or, with every reason, nothing."""
    every = list(funds)
    usable = [fund for fund in every if not against_drawing(fund, at=at)]
    if amount > sum(fund.left_fen for fund in usable):
        kept = [reason for fund in every if fund.left_fen for reason in against_drawing(fund, at=at)]
        return Plan(reasons=tuple(dict.fromkeys([NOT_ENOUGH, *kept])))
    return Plan(draws=tuple(draw_from([_source(fund) for fund in usable], amount)))


def against_drawing(fund: Fund, *, at: datetime) -> list[Reason]:
    """Why nothing may be held of a payment now. A pause between refunds is no reason yet: it is over when the money leaves."""
    return [reason for reason, speaks in _AGAINST if speaks(fund, at)]


def against_sending(fund: Fund, *, at: datetime) -> list[Reason]:
    """Why a refund that is held may not leave now; the refund itself is among the counted ones."""
    found = [reason for reason in against_drawing(fund, at=at) if reason is not TOO_MANY]
    return [*found, TOO_SOON] if _is_too_soon(fund, at) else found


def funds_of(order: Order, *, besides: Collection[int] = ()) -> list[Fund]:
    """The payments of an order with what they still hold, in one query. ``besides`` are refunds that are not counted."""
    counts = Q(refunds__isnull=False) & ~Q(refunds__state=RefundState.VOIDED) & ~Q(refunds__in=list(besides))
    rows = PaymentBalance.objects.filter(payment__order=order).select_related("payment").order_by("pk")
    counted = rows.annotate(refund_count=Count("refunds", filter=counts), last_sent_at=Max("refunds__submitted_at", filter=counts))
    return [_fund(row) for row in counted]


def gateway_of(payment: Payment) -> str:
    """The code of the adapter that refunds this payment; empty: none is set up. In the trial run everything goes to the demo gateway."""
    return settings.BIHUAN_GATEWAYS.get(payment.method.lower(), settings.BIHUAN_GATEWAY_DEFAULT)


def capabilities_of(code: str) -> Capabilities | None:
    """The limits of a provider, without its keys and its library; None: there is no such provider."""
    return import_string(ADAPTERS[code]).capabilities if code in ADAPTERS else None


def _fund(row: PaymentBalance) -> Fund:
    code = gateway_of(row.payment)
    return Fund(
        balance_id=row.pk,
        left_fen=row.left_fen,
        gateway=code,
        captured_at=row.payment.paid_at,
        priority=LAST.get(row.payment.method.lower(), 0),
        refund_count=row.refund_count,
        last_sent_at=row.last_sent_at,
        is_frozen=row.frozen_at is not None,
        capabilities=capabilities_of(code),
    )


def _source(fund: Fund) -> Source:
    return Source(fund.balance_id, fund.left_fen, fund.priority, fund.captured_at)


def _is_too_old(fund: Fund, at: datetime) -> bool:
    limit = fund.capabilities.max_age if fund.capabilities else None
    return limit is not None and fund.captured_at is not None and at - fund.captured_at > limit


def _is_used_up(fund: Fund, at: datetime) -> bool:
    limit = fund.capabilities.max_partials if fund.capabilities else None
    return limit is not None and fund.refund_count >= limit


def _is_too_soon(fund: Fund, at: datetime) -> bool:
    pause = fund.capabilities.min_gap if fund.capabilities else None
    return pause is not None and fund.last_sent_at is not None and at - fund.last_sent_at < pause


_AGAINST: tuple[tuple[Reason, Callable[[Fund, datetime], bool]], ...] = (
    (FROZEN, lambda fund, at: fund.is_frozen),
    (NO_GATEWAY, lambda fund, at: fund.capabilities is None),
    (TOO_OLD, _is_too_old),
    (TOO_MANY, _is_used_up),
)
