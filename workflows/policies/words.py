"""The rules of a type as people read them: each condition by its name, and what is different from the version before."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ui.localize import is_english
from ui.money import format_money
from workflows.flows.words import say_roles
from workflows.models import CasePolicy
from workflows.policies.content import CONTENT, worse_for_customers

CURRENCY = "CNY"
LABELS = {
    "receipt": gettext_lazy("Goods"),
    "release": gettext_lazy("The refund leaves"),
    "release_trusted": gettext_lazy("For trusted customers it leaves"),
    "ships": gettext_lazy("The replacement leaves"),
    "ships_trusted": gettext_lazy("For trusted customers the replacement leaves"),
    "freight": gettext_lazy("Freight of the return"),
    "freight_cap_fen": gettext_lazy("Most for freight"),
    "window_days": gettext_lazy("Period after delivery"),
    "reasons": gettext_lazy("Reasons"),
    "checks": gettext_lazy("Checks"),
    "approvers": gettext_lazy("Always signed by"),
    "auto_limit_fen": gettext_lazy("Granted by rule up to"),
    "lower_keeps_approval": gettext_lazy("A lower amount keeps its signatures"),
    "reprices_discounts": gettext_lazy("Discounts that are lost are taken off"),
}
CHECK_NAMES = {
    "eligibility": gettext_lazy("Allowed by the rules"),
    "risk": gettext_lazy("Risk"),
    "evidence": gettext_lazy("Evidence"),
    "stock": gettext_lazy("Stock"),
    "route": gettext_lazy("Warehouse for the return"),
    "liability": gettext_lazy("Who is liable"),
}
EVIDENCE_NAMES = {"photo": gettext_lazy("photo"), "video": gettext_lazy("video")}
LIABLE_NAMES = {
    "carrier": gettext_lazy("carrier"),
    "customer": gettext_lazy("customer"),
    "merchant": gettext_lazy("shop"),
    "platform": gettext_lazy("platform"),
    "supplier": gettext_lazy("supplier"),
}


@dataclass(frozen=True)
class Said:
    """One condition in words."""

    name: str
    label: str
    words: str


@dataclass(frozen=True)
class Difference:
    """One condition before and after. ``is_worse``: customers get less, or later."""

    label: str
    before: str
    after: str
    is_worse: bool = False


def say_unsigned(count: int) -> str:
    """What it means that rules came with the house and nobody signed them."""
    words = ngettext(
        "Nobody has signed the rules of %(n)d kind of request: nothing of it is granted by rule.",
        "Nobody has signed the rules of %(n)d kinds of request: nothing of them is granted by rule.",
        count,
    )
    return words % {"n": count}


def say_policy(policy: CasePolicy) -> list[Said]:
    return [Said(name, str(LABELS[name]), _say(name, policy)) for name in CONTENT]


def say_differences(before: CasePolicy | None, after: CasePolicy) -> list[Difference]:
    """What is not as it was; nothing was in force before: nothing."""
    if before is None:
        return []
    changed = [name for name in CONTENT if getattr(before, name) != getattr(after, name)]
    worse = set(worse_for_customers(before, after))
    return [Difference(str(LABELS[name]), _say(name, before), _say(name, after), name in worse) for name in changed]


def _say(name: str, policy: CasePolicy) -> str:
    value = getattr(policy, name)
    if name in SAY:
        return SAY[name](value)
    return str(getattr(policy, f"get_{name}_display")())


def _say_yes(value: bool) -> str:
    return _("yes") if value else _("no")


def _say_window(days: int | None) -> str:
    return _("no limit") if days is None else ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


def _say_cap(fen: int | None) -> str:
    return _("no limit") if fen is None else format_money(fen, CURRENCY)


def _say_limit(fen: int) -> str:
    return format_money(fen, CURRENCY) if fen else _("nothing; a person decides")


def _say_names(names: dict[str, Any]) -> Callable[[Iterable[str]], str]:
    return lambda codes: ", ".join(str(names.get(code, code)) for code in codes) or _("none")


def _say_approvers(roles: Iterable[str]) -> str:
    return say_roles(roles) or _("nobody; the amount decides who signs")


def _say_reasons(reasons: dict[str, Any]) -> str:
    return "; ".join(map(_say_reason, reasons.values()))


def _say_reason(row: dict[str, Any]) -> str:
    name = row.get("name_en" if is_english() else "name_zh", "")
    shown = ", ".join(str(EVIDENCE_NAMES.get(kind, kind)) for kind in row.get("evidence", ()))
    told = {"reason": name, "who": LIABLE_NAMES.get(row.get("liable", ""), row.get("liable", "")), "shown": shown}
    return (_("%(reason)s (%(who)s is liable; needs: %(shown)s)") if shown else _("%(reason)s (%(who)s is liable)")) % told


SAY: dict[str, Callable[[Any], str]] = {
    "freight_cap_fen": _say_cap,
    "window_days": _say_window,
    "reasons": _say_reasons,
    "checks": _say_names(CHECK_NAMES),
    "approvers": _say_approvers,
    "auto_limit_fen": _say_limit,
    "lower_keeps_approval": _say_yes,
    "reprices_discounts": _say_yes,
}
