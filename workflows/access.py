"""Who may see which case, and as what they act on it. Every lookup that depends on the asker is here; an unseen row is a 404.

A case is seen with its complaint; besides, the warehouse sees the cases whose goods come to it, and finance those of its shops.
"""

from typing import Any

from django.db.models import Model, Q, QuerySet
from django.http import Http404

from accounts import roles
from accounts.models import User
from complaints import access as complaints
from complaints.models import Complaint
from orders.models import Merchant, MerchantMember, WarehouseMember
from workflows.cases.numbers import parse_case_number
from workflows.machines.spine import CaseState
from workflows.machines.table import Role
from workflows.models import Case, CaseClock, InspectionLine, LedgerEntry, Outbound, Parcel, Recovery, Refund, Repair, Step, Task

# What leads from a row beside a case to the case.
TRACKS: dict[str, tuple[type[Model], str]] = {
    "parcel": (Parcel, "links__case"),
    "outbound": (Outbound, "case"),
    "inspection": (InspectionLine, "claim__case"),
    "repair": (Repair, "claim__case"),
    "recovery": (Recovery, "case"),
    "step": (Step, "case"),
    "clock": (CaseClock, "case"),
}
WORK, INSPECT, PAY, DECIDE = "workflows.work_case", "workflows.inspect_case", "workflows.pay_refund", "workflows.decide_case"


def visible_to(user: User) -> QuerySet[Case]:
    """The cases that a member of staff may see, for whatever reason."""
    if not user.is_active:
        return Case.objects.none()
    seen = Q(pk__in=[])
    if user.has_perm(WORK):
        seen |= Q(complaint__in=complaints.visible_to(user).values("pk"))
    if user.has_perm(INSPECT):
        seen |= Q(warehouse__in=warehouses_of(user))
    if user.has_perm(PAY):
        seen |= Q(order__merchant__in=complaints.shops_of(user))
    return Case.objects.filter(seen)


def case_for(user: User, number: str, *related: str) -> Case:
    """One visible case by its number, or 404."""
    return _found(visible_to(user), number, *related)


def cases_of(complaint: Complaint) -> QuerySet[Case]:
    """The cases of a complaint that its reader may see, the newest first."""
    return Case.objects.filter(complaint=complaint).select_related("policy", "warehouse").order_by("-pk")


def of_shop(merchant: Merchant) -> QuerySet[Case]:
    """The cases that a machine with a token of this shop may see. What was never sent is still the customer's own."""
    return Case.objects.filter(order__merchant=merchant).exclude(state=CaseState.DRAFT)


def case_of_shop(merchant: Merchant, number: str, *related: str) -> Case:
    """One of these cases by its number, or 404."""
    return _found(of_shop(merchant), number, *related)


def refunds_for(user: User) -> QuerySet[Refund]:
    """The refunds of finance's own shops."""
    if not (user.is_active and user.has_perm(PAY)):
        return Refund.objects.none()
    return Refund.objects.filter(case__order__merchant__in=complaints.shops_of(user))


def legs_of(refund: Refund) -> QuerySet[LedgerEntry]:
    """What was posted for a refund that its reader may see, the oldest first."""
    return LedgerEntry.objects.filter(refund=refund).order_by("pk")


def tasks_for(user: User, *roles: str) -> QuerySet[Task]:
    """Open tasks of these roles on cases that somebody may see; those of the warehouse only at their own."""
    waiting = Task.objects.filter(done_at__isnull=True, role__in=roles)
    if Role.WAREHOUSE in roles:
        waiting = waiting.filter(~Q(role=Role.WAREHOUSE) | Q(warehouse__in=warehouses_of(user)))
    return waiting.filter(case__in=visible_to(user).values("pk"))


def track_of(case: Case, kind: str, pk: int) -> Any:
    """One row of a track, a step or a clock of this very case, or 404."""
    if kind not in TRACKS:
        raise Http404
    model, way = TRACKS[kind]
    found = model.objects.filter(pk=pk, **{way: case}).first()
    if found is None:
        raise Http404
    return found


def approvers_for(case: Case) -> QuerySet[User]:
    """Who may approve that money of a case is given up: finance and managers of its shop."""
    members = MerchantMember.objects.filter(merchant=case.complaint.merchant_id).values("user")
    holders = User.objects.filter(pk__in=members, is_active=True, groups__name__in=[roles.FINANCE, roles.MANAGER])
    return holders.order_by("name", "pk").distinct()


def roles_of(by: Any, case: Case, *, as_customer: bool = False) -> frozenset[str]:
    """As what somebody acts on this case. None is the system; ``token_scopes`` marks the account of a machine."""
    if as_customer:
        return frozenset({Role.CUSTOMER})
    if by is None:
        return frozenset({Role.SYSTEM})
    if getattr(by, "token_scopes", None) is not None:
        return frozenset({Role.INTEGRATION} if case.order.merchant_id in complaints.shops_of(by) else ())
    return frozenset(_staff_roles(by, case)) if by.is_active else frozenset()


def _staff_roles(by: User, case: Case):
    if by.has_perm(WORK) and complaints.can_see(by, case.complaint):
        yield Role.AGENT
        if complaints.is_lead_of(by, case.complaint):
            yield Role.LEAD
            if by.has_perm(DECIDE) and case.complaint.merchant_id in complaints.shops_of(by):
                yield Role.MANAGER
    if by.has_perm(INSPECT) and case.warehouse_id in warehouses_of(by):
        yield Role.WAREHOUSE
    if by.has_perm(PAY) and case.complaint.merchant_id in complaints.shops_of(by):
        yield Role.FINANCE


def warehouses_of(user: User) -> frozenset[int]:
    """Ids of the warehouses that somebody works in; read once per request."""
    if not hasattr(user, "_own_warehouses"):
        user._own_warehouses = frozenset(WarehouseMember.objects.filter(user=user).values_list("warehouse_id", flat=True))
    return user._own_warehouses


def _found(cases: QuerySet[Case], number: str, *related: str) -> Case:
    # select_related() without names would join every table around the case.
    rows = cases.select_related(*related) if related else cases
    parsed = parse_case_number(number)
    found = rows.filter(number=parsed).first() if parsed else None
    if found is None:
        raise Http404
    return found
