"""From the agent's form to a filed complaint, by the same service as the customer's own."""

from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from complaints import access
from complaints.desk.new_subject import Subject
from complaints.intake.catalogue import Catalogue
from complaints.intake.duplicates import find_twins
from complaints.intake.matching import Match
from complaints.intake.submission import snapshot
from complaints.models import Complaint
from complaints.services import Filing, file_complaint
from foundation.crypto import blind_index
from orders.models import Merchant
from ui.normalise import normalise_phone

PROOF = "agent"


def order_facts(subject: Subject) -> dict[str, Any] | None:
    """What the chosen order says now, as it is kept with the complaint."""
    return snapshot(Match(subject.order, PROOF)) if subject.order else None


def find_same(user: User, answers: dict[str, Any], subject: Subject, *, catalogue: Catalogue) -> list[Complaint]:
    """Visible complaints that may be about the same, the likeliest first."""
    category = catalogue.categories[answers["category"]]
    roots = [each.pk for each in catalogue.categories.values() if each.root == category.root]
    phone = blind_index(normalise_phone(reach(answers, subject)["phone"]), purpose="phone")
    order_id = subject.order.pk if subject.order else None
    ids = [twin.pk for twin in find_twins(category, root_ids=roots, order_id=order_id, phone_index=phone, link_ids=[])]
    found = _shown(access.visible_to(user), ids) if ids else {}
    return [found[pk] for pk in ids if pk in found]


def _shown(visible: QuerySet[Complaint], ids: list[int]) -> dict[int, Complaint]:
    return visible.only("number", "subject", "status", "cycle", "filed_at").in_bulk(ids)


def reach(answers: dict[str, Any], subject: Subject) -> dict[str, str]:
    """How to reach the customer: what was typed; where neither phone nor e-mail was, what the house knows."""
    known, typed = subject.contact(), {name: answers.get(name, "") for name in ("name", "phone", "email")}
    if typed["phone"] or typed["email"]:
        return typed | {"name": typed["name"] or known["name"]}
    return known | {"name": typed["name"] or known["name"]}


def file_on_behalf(
    answers: dict[str, Any],
    subject: Subject,
    *,
    order: dict[str, Any] | None,
    merchant: Merchant,
    catalogue: Catalogue,
    said: str,
    same: Complaint | None,
    attachments: list[int],
    by: User,
    request_id: str,
) -> Complaint:
    """File what the form holds. ``said`` is what the customer named as the order when none was found; ``same`` is linked for later."""
    category = catalogue.categories[answers["category"]]
    lines = [line for line in (order or {}).get("lines", []) if line["id"] in answers["line_ids"] or len(order["lines"]) == 1]
    contact = reach(answers, subject)
    filing = Filing(
        merchant=merchant,
        category=category,
        form=catalogue.forms[category.code],
        description=answers["description"],
        wish=answers["wish"],
        answers=answers["questions"],
        happened_on=answers["happened_on"],
        line_ids=[line["id"] for line in lines],
        customer=subject.customer,
        order=subject.order,
        order_text=subject.order.number if subject.order else said,
        order_snapshot={name: value for name, value in order.items() if name != "phone_mask"} if order else {},
        matched_by=PROOF if order else "",
        amount_fen=sum(line["paid_fen"] for line in lines),
        currency=subject.order.currency if subject.order else merchant.currency,
        language=answers["language"],
        channel=answers["channel"],
        origin=Complaint.Origin.AGENT,
        contact_hours=answers["hours"],
        attachments=attachments,
        duplicate_of=same,
        **{f"contact_{name}": value for name, value in contact.items()},
    )
    return file_complaint(filing, by=by, request_id=request_id)
