"""The rows of a case beside the case itself, each with what can be done with it and what its worker should know."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from ui.money import format_money
from workflows.access import roles_of
from workflows.desk.track_acts import OfferedAct, acts_on
from workflows.flows.words import say_node
from workflows.machines.outbound import OutboundState
from workflows.machines.table import INCLUDES, Role
from workflows.models import Case, CaseClock, InspectionLine, Repair, Step, TrackEvent
from workflows.services.flow_steps import node_of
from workflows.services.repairs import offers_exchange
from workflows.services.stock import choice_task, proposed_remedy

MOST_SCANS = 6
CHOSEN = {
    "wait": gettext_lazy("The customer waits until it is there."),
    "other": gettext_lazy("The customer takes another item: %(sku)s"),
    "refund": gettext_lazy("The customer wants the money back."),
}


@dataclass(frozen=True)
class Track:
    """One row. ``hints`` are what whoever decides should know first."""

    kind: str
    row: Any
    acts: list[OfferedAct] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)
    words: str = ""

    @property
    def open(self) -> list[OfferedAct]:
        return [each for each in self.acts if each.is_open]

    @property
    def blocked(self) -> list[OfferedAct]:
        return [each for each in self.acts if not each.is_open]


@dataclass(frozen=True)
class Tracks:
    """All rows of a case that its reader works with."""

    parcels: list[Track]
    outbounds: list[Track]
    lines: list[Track]
    repairs: list[Track]
    recoveries: list[Track]
    steps: list[Track]
    clocks: list[Track]


def tracks_of(case: Case, user: User) -> Tracks:
    """Everything beside the case. What others owe is for the desk and finance; procedure and clocks are for the desk, and a step also
    for whoever finishes it."""
    roles = roles_of(user, case)
    acting = roles.union(*(INCLUDES.get(role, ()) for role in roles))
    is_desk, sees_money = Role.AGENT in acting, bool(acting & {Role.AGENT, Role.FINANCE})

    def tell(kind: str, rows: Iterable[Any]) -> list[Track]:
        return [Track(kind, row, acts_on(kind, row, case, user, roles), hints_on(kind, row), words_of(kind, row, case)) for row in rows]

    return Tracks(
        parcels=tell("parcel", case.parcels.select_related("carrier", "warehouse").prefetch_related(_scans()).order_by("pk")),
        outbounds=tell("outbound", case.outbounds.select_related("carrier").order_by("pk")),
        lines=tell("inspection", _lines(case)),
        repairs=tell("repair", _repairs(case)),
        recoveries=tell("recovery", case.recoveries.order_by("pk")) if sees_money else [],
        steps=[each for each in tell("step", case.steps.filter(standing=Step.Standing.OPEN).order_by("pk")) if is_desk or each.open],
        clocks=tell("clock", CaseClock.objects.filter(case=case, parked_at__isnull=False, fired_at__isnull=True)) if is_desk else [],
    )


def hints_on(kind: str, row: Any) -> list[str]:
    """What speaks for one way or another."""
    if kind == "repair" and offers_exchange(row, timezone.now()):
        return [_("The customer may have an exchange instead: two repairs were in vain, or it has lasted over 30 days.")]
    if kind == "outbound" and row.state == OutboundState.OUT_OF_STOCK:
        return [_remedy_words(row)]
    return []


def words_of(kind: str, row: Any, case: Case) -> str:
    """A step in words, where the procedure still knows it."""
    node = node_of(row, case) if kind == "step" else None
    return say_node(node) if node is not None else ""


def name_row(kind: str, row: Any) -> str:
    """What a form is about, in one line."""
    names: dict[str, Callable[[], Any]] = {
        "parcel": lambda: row.waybill or row.warehouse.name,
        "outbound": lambda: f"{row.get_kind_display()} · {row.sku} × {row.quantity}",
        "inspection": lambda: _name_piece(row.claim.unit),
        "repair": lambda: _name_piece(row.claim.unit),
        "recovery": lambda: f"{row.get_debtor_display()} · {format_money(row.amount_fen - row.collected_fen, row.currency)}",
        "step": lambda: row.key,
    }
    return str(names[kind]()) if kind in names else ""


def _name_piece(unit: Any) -> str:
    return f"{unit.line.title} #{unit.position}" if unit.line_id else ""


def _remedy_words(row: Any) -> str:
    task = choice_task(row)
    remedy = proposed_remedy(task, timezone.now()) if task else ""
    if task and task.codes.get("choice"):
        return str(CHOSEN[remedy]) % {"sku": task.codes.get("sku") or "–"}
    return _("No answer from the customer for two days: give the money back.") if remedy else _("The customer has not chosen yet.")


def _lines(case: Case) -> Any:
    return InspectionLine.objects.filter(claim__case=case).select_related("claim__unit__line", "claim__case").order_by("pk")


def _repairs(case: Case) -> Any:
    return Repair.objects.filter(claim__case=case).select_related("claim__unit__line", "claim__case").order_by("pk")


def _scans() -> Prefetch:
    return Prefetch("scans", TrackEvent.objects.order_by("-at"))
