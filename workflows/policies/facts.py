"""What the checks of a case look at: one small value, read in a fixed number of queries."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Sum
from django.utils import timezone

from orders.models import Order, Shipment, Warehouse
from workflows.cases.windows import is_out_of_window
from workflows.machines.recovery import RecoveryState
from workflows.machines.spine import CaseState
from workflows.models import Case, CaseUnit, Recovery
from workflows.policies.evidence import Evidence, evidence_needed, read_evidence

LOOKED_BACK = timedelta(days=90)
# Cases that never came to anything tell nothing about a customer.
UNTOLD = (CaseState.DRAFT, CaseState.CANCELLED)
MADE_GOOD = (RecoveryState.COLLECTED, RecoveryState.CANCELLED)
RELATED = ("policy", "order__customer", "complaint")


@dataclass(frozen=True)
class Place:
    """A warehouse as far as a way back goes."""

    id: int
    name: str


@dataclass(frozen=True)
class CheckFacts:
    """``in_stock`` None: nobody tells us. ``exceptions`` are goods that the law lets a shop except, if it was confirmed at purchase."""

    type: str = ""
    is_offered: bool = True
    is_paid: bool = True
    is_signed: bool | None = True
    is_out_of_window: bool = False
    exceptions: tuple[str, ...] = ()
    amount_fen: int = 0
    cases_before: int = 0
    orders_before: int = 0
    owes_goods: bool = False
    evidence_needed: frozenset[str] = frozenset()
    evidence: tuple[Evidence, ...] = ()
    in_stock: bool | None = None
    shipped_from: int | None = None
    places: tuple[Place, ...] = ()
    city: str = ""
    liable: str = ""


def facts_for_checks(case: Case) -> CheckFacts:
    """The facts of a case as they are now; the time that counts for its window is when it was submitted. Eight queries."""
    case = Case.objects.select_related(*RELATED).get(pk=case.pk)
    at, order, reason = case.submitted_at or timezone.now(), case.order, case.policy.reasons.get(case.reason) or {}
    goods = CaseUnit.objects.filter(case=case).aggregate(
        fen=Sum("unit__entitled_fen", default=0), lines=ArrayAgg("unit__line_id", distinct=True, default=[])
    )
    return CheckFacts(
        type=case.policy.type,
        is_offered=bool(reason),
        is_paid=order.status not in (Order.Status.UNPAID, Order.Status.CANCELLED),
        is_signed=_is_signed(order),
        is_out_of_window=is_out_of_window(case, at),
        exceptions=_exceptions(case, goods["lines"]),
        amount_fen=goods["fen"],
        **_history(case, at),
        evidence_needed=evidence_needed(case.policy, case.reason),
        evidence=read_evidence(case),
        shipped_from=_shipped_from(case),
        places=tuple(Place(*row) for row in Warehouse.objects.filter(merchant=order.merchant_id).order_by("pk").values_list("pk", "name")),
        city=order.city,
        liable=reason.get("liable", ""),
    )


def _is_signed(order: Order) -> bool | None:
    """None: the shop says that it arrived, not when."""
    if order.delivered_at is not None:
        return True
    return None if order.status in (Order.Status.DELIVERED, Order.Status.CONFIRMED) else False


def _exceptions(case: Case, claimed: Collection[int]) -> tuple[str, ...]:
    """What the customer confirmed when they bought the pieces of this case, as the order kept it; today's product page says nothing."""
    lines = [line for line in case.snapshot.get("lines", ()) if line["id"] in claimed]
    return tuple(sorted({line["exception"] for line in lines if line.get("exception")}))


def _history(case: Case, at: datetime) -> dict[str, int | bool]:
    """What this customer claimed and bought in the 90 days before, and whether they kept goods that were paid back."""
    since, customer = at - LOOKED_BACK, case.order.customer_id
    claims = Case.objects.filter(order__customer=customer, submitted_at__gt=since, parent__isnull=True).exclude(state__in=UNTOLD)
    kept = Recovery.objects.filter(debtor=Recovery.Debtor.CUSTOMER, case__order__customer=customer).exclude(state__in=MADE_GOOD)
    return {
        "cases_before": claims.exclude(pk__in=[case.pk, case.parent_id or 0]).count(),
        "orders_before": Order.objects.filter(customer=customer, placed_at__gt=since).count(),
        "owes_goods": kept.exists(),
    }


def _shipped_from(case: Case) -> int | None:
    sent = Shipment.objects.filter(order=case.order_id, warehouse__isnull=False).order_by("-shipped_at", "-pk")
    return sent.values_list("warehouse", flat=True).first()
