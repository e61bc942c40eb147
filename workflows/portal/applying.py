"""From a filled page to a submitted case: what was said and shown, the complaint where there is none yet, and the case, all or nothing."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import get_language, gettext

from complaints.intake.catalogue import Catalogue
from complaints.intake.links import draft_link, make_link_row
from complaints.intake.matching import Match
from complaints.intake.submission import category_of_strangers, snapshot
from complaints.models import Complaint, SecretLink
from complaints.services import Filing, file_complaint, post_customer_message
from foundation.verbs import made_before
from orders.models import Order
from workflows.models import Case, CasePolicy
from workflows.portal.offers import Offer
from workflows.services.intake import open_case

T, W = CasePolicy.Type, Complaint.Wish
WISHES = {
    T.RETURN_NO_REASON: W.RETURN_REFUND,
    T.RETURN_QUALITY: W.RETURN_REFUND,
    T.EXCHANGE_QUALITY: W.EXCHANGE,
    T.REFUND_ONLY: W.REFUND_ONLY,
    T.RESHIP: W.RESHIP,
    T.REPAIR: W.REPAIR,
}
CATEGORIES = {
    T.RETURN_NO_REASON: "refund.no_reason",
    T.RETURN_QUALITY: "refund.quality",
    T.EXCHANGE_QUALITY: "refund.quality",
    T.REFUND_ONLY: "refund.quality",
    T.RESHIP: "refund.wrong_short",
    T.REPAIR: "refund.repair",
}


@dataclass(frozen=True)
class Application:
    """What the customer asks for. ``files`` wait to be claimed; ``request_id`` makes a double tap one case."""

    offer: Offer
    reason: str
    quantities: Mapping[int, int]
    words: str = ""
    files: Collection[int] = ()
    request_id: str | None = None

    @property
    def summary(self) -> str:
        """The application in one line, where the customer said nothing themselves."""
        reason = self.offer.reason(self.reason)
        names = {"type": self.offer.name, "reason": reason.name if reason else ""}
        return gettext("%(type)s: %(reason)s") % names


@transaction.atomic
def apply_for(complaint: Complaint, asked: Application) -> Case:
    """Add words and files to the complaint, then open the case on it.

    Words on a complaint that ended long ago become a new one; the case is then opened on that. Raises ``RefusedError``.
    """
    if asked.words or asked.files:
        said = {"body": asked.words, "attachments": asked.files, "request_id": _part(asked.request_id, "words")}
        complaint = post_customer_message(complaint, **said).complaint
    return _open(complaint, asked)


@transaction.atomic
def apply_from_order(match: Match, asked: Application, *, catalogue: Catalogue) -> tuple[Case, SecretLink]:
    """File the complaint of an order that the shop signed and open the case on it: one act, and one link to both."""
    filing = _filing(match, asked, catalogue)
    complaint = file_complaint(filing)
    case = _open(complaint, asked)
    return case, make_link_row(complaint)[0] if filing.link._state.adding else filing.link


def applied_before(order: Order, request_id: str | None) -> Case | None:
    """The case that this page has opened already: its second tap finds its own pieces taken, and is no mistake."""
    made = made_before(Case, "draft", _part(request_id, "case"), by=None)
    return Case.objects.filter(pk=made, order=order).select_related("complaint").first() if made else None


def _open(complaint: Complaint, asked: Application) -> Case:
    what = {"type": asked.offer.type, "reason": asked.reason, "quantities": asked.quantities}
    return open_case(complaint, **what, by=None, as_customer=True, request_id=_part(asked.request_id, "case"))


def _part(request_id: str | None, part: str) -> str | None:
    """A page is sent once, and what it does in several places is done once in each."""
    return f"{request_id[:50]}:{part}" if request_id else None


def _filing(match: Match, asked: Application, catalogue: Catalogue) -> Filing:
    order, seen = match.order, snapshot(match)
    code = CATEGORIES[asked.offer.type]
    category = catalogue.categories[code] if code in catalogue.categories else category_of_strangers(catalogue)
    chosen = [line for line in seen["lines"] if line["id"] in asked.quantities]
    return Filing(
        merchant=order.merchant,
        category=category,
        form=catalogue.forms[category.code],
        description=asked.words or asked.summary,
        wish=WISHES[asked.offer.type],
        line_ids=[line["id"] for line in chosen],
        customer=order.customer,
        order=order,
        order_text=order.number,
        order_snapshot={name: value for name, value in seen.items() if name != "phone_mask"},
        matched_by=match.proof,
        amount_fen=sum(line["paid_fen"] for line in chosen),
        currency=order.currency,
        contact_phone=order.receiver_phone or order.customer.phone,
        contact_email=order.customer.email,
        is_proven=True,
        language=get_language(),
        attachments=asked.files,
        link=draft_link()[0],
        token=f"return:{asked.request_id}" if asked.request_id else "",
    )
