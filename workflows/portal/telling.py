"""Goods, parcels and money of a case as its customer's page shows them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from complaints.models import Attachment
from ui.localize import localized
from workflows.machines.refund import RefundState
from workflows.machines.spine import CaseState
from workflows.models import CasePolicy, CaseUnit, InspectionLine, Parcel, Refund
from workflows.portal.rows import Rows
from workflows.portal.wording import refund_words, words_of

R = RefundState
Verdict = CaseUnit.Verdict
MOST_SCANS = 8


@dataclass
class Item:
    """Pieces of one line of the order that stand alike."""

    title: str
    variant: str
    words: str
    quantity: int = 0
    worth_fen: int = 0
    fault: str = ""
    photos: list[Attachment] = field(default_factory=list)


def items_of(rows: Rows) -> list[Item]:
    """What the case is about, pieces that stand alike together."""
    found: dict[tuple, Item] = {}
    for claim in rows.goods:
        line, look = claim.unit.line, _last_look(claim)
        words, fault = _item_words(rows, claim, look), look.get_fault_display() if look and look.state == "failed" else ""
        item = found.setdefault((line.pk, words, fault), Item(line.title, line.variant, words, fault=fault))
        item.quantity += 1
        item.worth_fen += claim.unit.entitled_fen
        item.photos += [photo for photo in look.photos.all() if not photo.is_internal] if fault else []
    return list(found.values())


def _last_look(claim: CaseUnit) -> InspectionLine | None:
    looks = list(claim.inspections.all())
    return looks[-1] if looks else None


def _item_words(rows: Rows, claim: CaseUnit, look: InspectionLine | None) -> str:
    """Where one piece is, in the order in which that becomes known."""
    if claim.verdict in VERDICTS:
        return str(VERDICTS[claim.verdict])
    if look is not None:
        return words_of(look)
    if claim.received_at:
        return _("Arrived")
    is_coming = rows.case.policy.receipt in (CasePolicy.Receipt.REQUIRED, CasePolicy.Receipt.CARRIER)
    if rows.case.state == CaseState.IN_TRANSIT:
        return pgettext("case", "On its way back")
    return pgettext("item", "With you") if is_coming and rows.case.state == CaseState.AWAITING_RETURN else ""


VERDICTS = {
    Verdict.PASSED: gettext_lazy("Inspection passed"),
    Verdict.ACCEPTED: gettext_lazy("Accepted"),
    Verdict.WAIVED: gettext_lazy("Need not come back"),
}


@dataclass(frozen=True)
class Money:
    """One refund: where it stands of accepted, with the bank, arrived; on which way it goes, and what it waits for."""

    refund: Refund
    words: str
    steps: Sequence[tuple[str, str]]
    channel: str
    waits_for: str
    needs_care: bool


# How many of the three steps are behind, by state. An unknown answer is with the bank, never failed.
REACHED = {R.PENDING_APPROVAL: 0, R.ARMED: 0, R.QUEUED: 1, R.SUBMITTING: 1, R.PROCESSING: 1, R.UNKNOWN: 1, R.SUCCEEDED: 3}


def money_of(rows: Rows) -> list[Money]:
    return [_money(rows, refund) for refund in rows.money]


def _money(rows: Rows, refund: Refund) -> Money:
    titles = (pgettext("refund step", "Accepted"), pgettext("refund step", "With the bank"), pgettext("refund step", "Arrived"))
    reached = REACHED.get(refund.state, 1)
    steps = [] if refund.state == R.VOIDED else [(title, _step_state(at, reached)) for at, title in enumerate(titles)]
    waits = _waits_for(rows) if refund.state in (R.PENDING_APPROVAL, R.ARMED) else ""
    return Money(refund, refund_words(refund), steps, refund.balance.payment.method_label, waits, refund.state in (R.FAILED, R.BOUNCED))


def _step_state(at: int, reached: int) -> str:
    return "done" if at < reached else "now" if at == reached else "next"


def _waits_for(rows: Rows) -> str:
    policy = rows.case.policy
    return str(WAITS.get(policy.release_trusted if rows.case.is_trusted else policy.release, ""))


Release = CasePolicy.Release
WAITS = {
    Release.APPROVED: gettext_lazy("Paid as soon as it is confirmed."),
    Release.FIRST_SCAN: gettext_lazy("Paid as soon as the carrier has scanned your parcel."),
    Release.RECEIVED: gettext_lazy("Paid as soon as your parcel has arrived."),
    Release.INSPECTED: gettext_lazy("Paid as soon as the inspection has passed."),
}


@dataclass(frozen=True)
class Coming:
    """A parcel on its way back with its latest scans."""

    parcel: Parcel
    carrier: str
    words: str
    scans: list[Any]
    is_problem: bool


def parcels_of(rows: Rows) -> list[Coming]:
    """The parcels that have a number or were seen; a return that is only expected is what the customer has to do."""
    return [_coming(parcel) for parcel in rows.parcels if parcel.waybill or parcel.seen]


def _coming(parcel: Parcel) -> Coming:
    carrier = localized(parcel.carrier, "name") if parcel.carrier else ""
    return Coming(parcel, carrier, words_of(parcel), parcel.seen[:MOST_SCANS], parcel.state == "problem")


@dataclass(frozen=True)
class Going:
    """Goods on their way to the customer, or their repair."""

    title: str
    words: str
    carrier: str = ""
    waybill: str = ""


def goings_of(rows: Rows) -> list[Going]:
    return [*_outbounds(rows), *_repairs(rows)]


def _outbounds(rows: Rows) -> Iterator[Going]:
    for each in rows.outbounds:
        if each.state != "cancelled":
            yield Going(each.get_kind_display(), words_of(each), localized(each.carrier, "name") if each.carrier else "", each.waybill)


def _repairs(rows: Rows) -> Iterator[Going]:
    for each in rows.repairs:
        yield Going(each.claim.unit.line.title if each.claim.unit.line else _("Repair"), words_of(each))


@dataclass(frozen=True)
class Deadline:
    """A deadline of the law: what must be done, by when, and where that is written."""

    title: str
    due_at: datetime
    source: str


def deadlines_of(rows: Rows) -> list[Deadline]:
    """The deadlines of the law that still run; each says on what it rests."""
    legal = [clock for clock in rows.clocks if clock.kind == "legal" and clock.rule and clock.due_at]
    return [Deadline(localized(clock.rule, "name"), clock.due_at, clock.rule.source) for clock in legal]
