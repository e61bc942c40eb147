"""What a version of the rules says, whether it may be said at all, and what of it is worse for customers than before."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from foundation.exceptions import Reason
from workflows.flows.conditions import FIELDS
from workflows.models import CasePolicy, Task

Type, Receipt, Release, Freight = CasePolicy.Type, CasePolicy.Receipt, CasePolicy.Release, CasePolicy.Freight
CONTENT = (
    "receipt", "release", "release_trusted", "ships", "ships_trusted", "freight", "freight_cap_fen", "window_days", "reasons", "checks",
    "approvers", "auto_limit_fen", "lower_keeps_approval", "reprices_discounts",
)  # fmt: skip
CHECKS = ("eligibility", "risk", "evidence", "stock", "route", "liability")
# What a machine may not grant without.
NEEDED_TO_GRANT = frozenset({"eligibility", "risk", "evidence"})
# Not given by whoever proposes, or looked at more closely below.
NOT_CLEANED = ("merchant", "proposed_by", "published_by", "published_at", "effective_from", "reasons", "checks", "approvers")
EVIDENCE = frozenset({"photo", "video"})
LIABLE = FIELDS["liability"].members
# What the law gives every customer (Consumer Rights Protection Law 24, 25; three-guarantee rules; to be confirmed).
SHORTEST_WINDOW = {Type.RETURN_NO_REASON: 7, Type.RETURN_QUALITY: 7, Type.EXCHANGE_QUALITY: 15}
# Each from the best for a customer to the worst.
FREIGHTS = (Freight.MERCHANT, Freight.LIABLE, Freight.CUSTOMER)
RECEIPTS = (Receipt.NONE, Receipt.OPTIONAL, Receipt.CARRIER, Receipt.REQUIRED)
RELEASES = (Release.APPROVED, Release.FIRST_SCAN, Release.RECEIVED, Release.INSPECTED, Release.REPAIRED, Release.NONE)


def content_of(policy: CasePolicy) -> dict[str, Any]:
    return {name: getattr(policy, name) for name in CONTENT}


def faults_in(policy: CasePolicy) -> list[Reason]:
    """Everything that keeps a version from being proposed; the code of a reason is the column."""
    return [*_against_columns(policy), *_against_law(policy), *_against_lists(policy), *_against_reasons(policy.reasons)]


def worse_for_customers(before: CasePolicy | None, after: CasePolicy) -> list[str]:
    """The columns in which the new version gives a customer less, or later, than the one in force. None was in force: nothing is."""
    return [] if before is None else [name for name, is_worse in _WORSE.items() if is_worse(before, after)]


def _against_columns(policy: CasePolicy) -> Iterator[Reason]:
    try:
        policy.clean_fields(exclude=NOT_CLEANED)
    except ValidationError as error:
        yield from (Reason(name, messages[0]) for name, messages in error.message_dict.items())
    for name in ("auto_limit_fen", "freight_cap_fen"):
        if (getattr(policy, name) or 0) < 0:
            yield Reason(name, _("Not below zero."))


def _against_law(policy: CasePolicy) -> Iterator[Reason]:
    shortest = SHORTEST_WINDOW.get(policy.type)
    if shortest and policy.window_days is not None and policy.window_days < shortest:
        yield Reason("window_days", _("The law gives customers at least %(days)d days.") % {"days": shortest})
    if policy.type == Type.RETURN_QUALITY and policy.freight == Freight.CUSTOMER:
        yield Reason("freight", _("The shop pays the freight of goods that are not in order."))
    if policy.type == Type.ADVANCE_PAYOUT and not {Task.Role.LEAD, Task.Role.FINANCE} <= set(policy.approvers):
        yield Reason("approvers", _("A lead and finance sign every payment in advance."))


def _against_lists(policy: CasePolicy) -> Iterator[Reason]:
    if not isinstance(policy.checks, list) or not set(policy.checks) <= set(CHECKS):
        yield Reason("checks", _("Unknown check."))
    elif policy.auto_limit_fen > 0 and policy.type != Type.REFUSED_PARCEL and not set(policy.checks) >= NEEDED_TO_GRANT:
        yield Reason("checks", _("Nothing is approved by rule without the checks of eligibility, risk and evidence."))
    if not isinstance(policy.approvers, list) or not set(policy.approvers) <= set(Task.Role.values):
        yield Reason("approvers", _("Unknown role."))


def _against_reasons(reasons: Any) -> Iterator[Reason]:
    if not isinstance(reasons, dict) or not reasons:
        yield Reason("reasons", _("Name at least one reason."))
        return
    for code, row in reasons.items():
        if not (code.isidentifier() and len(code) <= 40 and _is_whole(row)):
            yield Reason("reasons", _("The reason “%(code)s” needs both names, who is liable and the evidence.") % {"code": code})


def _is_whole(row: Any) -> bool:
    is_named = isinstance(row, Mapping) and all(str(row.get(name) or "").strip() for name in ("name_zh", "name_en"))
    return is_named and row.get("liable") in LIABLE and isinstance(row.get("evidence"), list) and set(row["evidence"]) <= EVIDENCE


def _later(name: str, scale: tuple) -> Callable[[CasePolicy, CasePolicy], bool]:
    return lambda before, after: scale.index(getattr(after, name)) > scale.index(getattr(before, name))


def _less(name: str) -> Callable[[CasePolicy, CasePolicy], bool]:
    """Where empty is without a limit."""
    return lambda before, after: (
        getattr(after, name) is not None and (getattr(before, name) is None or getattr(after, name) < getattr(before, name))
    )


def _has_worse_reasons(before: CasePolicy, after: CasePolicy) -> bool:
    """A reason is gone, or asks for more evidence."""
    return any(
        code not in after.reasons or not set(after.reasons[code]["evidence"]) <= set(row["evidence"])
        for code, row in before.reasons.items()
    )


_WORSE: dict[str, Callable[[CasePolicy, CasePolicy], bool]] = {
    "receipt": _later("receipt", RECEIPTS),
    "release": _later("release", RELEASES),
    "release_trusted": _later("release_trusted", RELEASES),
    "ships": _later("ships", RELEASES),
    "ships_trusted": _later("ships_trusted", RELEASES),
    "freight": _later("freight", FREIGHTS),
    "freight_cap_fen": lambda before, after: before.freight != Freight.CUSTOMER and _less("freight_cap_fen")(before, after),
    "window_days": _less("window_days"),
    "reasons": _has_worse_reasons,
    "reprices_discounts": lambda before, after: after.reprices_discounts and not before.reprices_discounts,
}
