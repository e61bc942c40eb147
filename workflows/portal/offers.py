"""What a customer can apply for about an order, on which conditions and why not now, and what of it is known and would bring."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.models import Complaint
from foundation.exceptions import Reason as Refusal
from orders.models import Order
from ui.localize import is_english
from workflows.cases.proposals import IN_KIND
from workflows.cases.windows import is_past
from workflows.models import CasePolicy
from workflows.money.units import worth_of
from workflows.policies.publishing import policies_for

T, W = CasePolicy.Type, Complaint.Wish
SENT = frozenset({Order.Status.SHIPPED, Order.Status.DELIVERED, Order.Status.CONFIRMED})
# Before anything was sent there is nothing to return, only money to give back.
WITHOUT_GOODS = frozenset({T.REFUND_ONLY})
# What customers apply for themselves, in the order of the page; the rest begins with the staff or the carrier.
OFFERED = (T.RETURN_NO_REASON, T.RETURN_QUALITY, T.EXCHANGE_QUALITY, T.REFUND_ONLY, T.RESHIP, T.REPAIR)


@dataclass(frozen=True)
class Reason:
    """A reason as the page offers it; ``evidence`` names what it needs to be shown."""

    code: str
    name: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Offer:
    """One type of after-sale with its conditions in words. ``is_out_of_window`` is no obstacle: a person decides then.

    ``against`` empty: it can be applied for.
    """

    type: str
    policy: CasePolicy | None
    name: str
    words: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    is_out_of_window: bool = False
    against: tuple[Refusal, ...] = ()

    @property
    def is_open(self) -> bool:
        return not self.against

    @property
    def is_paid(self) -> bool:
        """Whether money comes back, rather than goods."""
        return self.type not in IN_KIND

    def reason(self, code: str) -> Reason | None:
        return next((reason for reason in self.reasons if reason.code == code), None)


def offers_of(order: Order, at: datetime, *, is_taken: bool = False) -> list[Offer]:
    """Every type that customers may ask for, and of each why not now; one query. ``is_taken``: no piece of the order is free any more."""
    policies = policies_for(order.merchant, at)
    return [_offer(type, policies.get(type), order, at, is_taken) for type in OFFERED]


def _offer(type: str, policy: CasePolicy | None, order: Order, at: datetime, is_taken: bool) -> Offer:
    against = tuple(_against(type, policy, order, is_taken))
    if policy is None:
        return Offer(type, None, str(NAMES[type]), against=against)
    first = "name_en" if is_english() else "name_zh"
    reasons = tuple(Reason(code, row.get(first) or code, tuple(row.get("evidence", ()))) for code, row in policy.reasons.items())
    words, is_late = tuple(str(words) for words in _conditions(policy) if words), is_past(order, policy.window_days, at)
    return Offer(type, policy, str(NAMES[type]), words, reasons, is_late, against)


def _against(type: str, policy: CasePolicy | None, order: Order, is_taken: bool) -> Iterator[Refusal]:
    if policy is None:
        yield Refusal("type_unknown", gettext_lazy("This shop does not offer it."))
    if order.status in (Order.Status.UNPAID, Order.Status.CANCELLED):
        yield Refusal("not_paid", gettext_lazy("This order has not been paid."))
    elif type not in WITHOUT_GOODS and order.status not in SENT:
        yield Refusal("not_sent", gettext_lazy("The goods have not been sent yet."), gettext_lazy("Ask for the money back."))
    if is_taken:
        yield Refusal(
            "units_taken", gettext_lazy("All of this is part of another request already."), gettext_lazy("Continue that request.")
        )


def _conditions(policy: CasePolicy) -> Iterator[object]:
    """Who pays for the way back, when the money comes, and when the goods."""
    comes_back = policy.receipt in (CasePolicy.Receipt.REQUIRED, CasePolicy.Receipt.CARRIER)
    yield FREIGHT_WORDS.get(policy.freight) if comes_back else _("Nothing has to be sent back.")
    if policy.type not in IN_KIND:
        yield RELEASE_WORDS.get(policy.release)
    yield SHIPS_WORDS.get(policy.ships)


NAMES = {
    T.RETURN_NO_REASON: gettext_lazy("Return, no reason needed"),
    T.RETURN_QUALITY: gettext_lazy("Return faulty goods"),
    T.EXCHANGE_QUALITY: gettext_lazy("Exchange"),
    T.REFUND_ONLY: gettext_lazy("Refund, keep the goods"),
    T.RESHIP: gettext_lazy("Send missing goods"),
    T.REPAIR: gettext_lazy("Repair"),
}
FREIGHT_WORDS = {
    CasePolicy.Freight.CUSTOMER: gettext_lazy("You pay for sending it back."),
    CasePolicy.Freight.MERCHANT: gettext_lazy("We pay for sending it back."),
    CasePolicy.Freight.LIABLE: gettext_lazy("Whoever is responsible pays for sending it back."),
}
RELEASE_WORDS = {
    CasePolicy.Release.APPROVED: gettext_lazy("Refund as soon as it is granted."),
    CasePolicy.Release.FIRST_SCAN: gettext_lazy("Refund once the carrier has scanned the parcel."),
    CasePolicy.Release.RECEIVED: gettext_lazy("Refund once the parcel has arrived."),
    CasePolicy.Release.INSPECTED: gettext_lazy("Refund once the goods are inspected."),
}
SHIPS_WORDS = {
    CasePolicy.Release.APPROVED: gettext_lazy("We send it as soon as it is granted."),
    CasePolicy.Release.FIRST_SCAN: gettext_lazy("We send it once the carrier has your parcel."),
    CasePolicy.Release.RECEIVED: gettext_lazy("We send it once your parcel has arrived."),
    CasePolicy.Release.INSPECTED: gettext_lazy("We send it once the goods are inspected."),
    CasePolicy.Release.REPAIRED: gettext_lazy("We send it once it is repaired."),
}
BY_WISH = {
    W.RETURN_REFUND: T.RETURN_QUALITY,
    W.REFUND_ONLY: T.REFUND_ONLY,
    W.EXCHANGE: T.EXCHANGE_QUALITY,
    W.RESHIP: T.RESHIP,
    W.REPAIR: T.REPAIR,
}
BY_CATEGORY = {
    "refund.no_reason": T.RETURN_NO_REASON,
    "refund.quality": T.RETURN_QUALITY,
    "refund.described": T.RETURN_QUALITY,
    "refund.counterfeit": T.RETURN_QUALITY,
    "refund.wrong_short": T.RESHIP,
    "refund.repair": T.EXCHANGE_QUALITY,
    "logistics.damaged": T.RETURN_QUALITY,
    "logistics.lost": T.REFUND_ONLY,
}
# Reasons that a category of complaint, or what was answered to its questions, already gives; the first that the type knows is taken.
REASONS_BY_CATEGORY = {
    "refund.described": ("not_as_described",),
    "refund.counterfeit": ("not_as_described",),
    "refund.wrong_short": ("missing_item", "wrong_item"),
    "logistics.damaged": ("transit_damage", "broken"),
    "logistics.lost": ("not_received", "lost"),
    "logistics.stalled": ("not_received", "lost"),
}
REASONS_BY_ANSWER = {"broken": ("broken",), "flaw": ("defective",), "spoiled": ("defective",), "odour": ("defective",)}


def guess_type(complaint: Complaint | None, offers: Sequence[Offer]) -> str:
    """What the complaint itself says that its customer wants; "" when it does not."""
    if complaint is None:
        return ""
    code = complaint.category.code
    is_plain_return = complaint.wish == W.RETURN_REFUND and code == "refund.no_reason"
    guessed = T.RETURN_NO_REASON if is_plain_return else BY_WISH.get(complaint.wish) or BY_CATEGORY.get(code, "")
    return guessed if guessed in {offer.type for offer in offers} else ""


def guess_reason(complaint: Complaint | None, offer: Offer) -> str:
    """The reason that the complaint gives, or the only one that there is."""
    if len(offer.reasons) == 1:
        return offer.reasons[0].code
    if complaint is None:
        return ""
    answered = REASONS_BY_ANSWER.get(complaint.answers.get("symptom"), ())
    known = (*answered, *REASONS_BY_CATEGORY.get(complaint.category.code, ()))
    return next((code for code in known if offer.reason(code)), "")


@dataclass(frozen=True)
class Goods:
    """One line of the order: what each of its free pieces would bring, in fen."""

    id: int
    title: str
    variant: str
    quantity: int
    free: tuple[int, ...]
    is_chosen: bool

    @property
    def free_json(self) -> str:
        """For the script that counts along."""
        return str(list(self.free))

    @property
    def why_not(self) -> str:
        return "" if self.free else _("Already part of another request, or paid back.")


def goods_of(order: Order, chosen: Iterable[int]) -> list[Goods]:
    """The goods of an order with their free pieces. Reads, and writes nothing."""
    worth, taken = worth_of(order).units, _taken(order)
    wanted, lines = set(chosen), list(order.lines.order_by("pk"))
    return [
        Goods(
            line.pk,
            line.title,
            line.variant,
            line.quantity,
            tuple(worth.get((line.pk, at), 0) for at in range(1, line.quantity + 1) if (line.pk, at) not in taken),
            line.pk in wanted or (not wanted and len(lines) == 1),
        )
        for line in lines
    ]


def _taken(order: Order) -> set[tuple[int | None, int]]:
    units = order.refundable_units.filter(replaces__isnull=True)
    return {
        (unit.line_id, unit.position)
        for unit in units
        if unit.reserved_by_id or (unit.entitled_fen and unit.refunded_fen + unit.held_fen >= unit.entitled_fen)
    }


def estimate_of(goods: Iterable[Goods], quantities: Mapping[int, int]) -> int:
    """What so many pieces of each line were paid, in fen."""
    return sum(sum(each.free[: quantities.get(each.id, 0)]) for each in goods)
