"""From the two submitted pages to a filed complaint."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import get_language

from complaints.chat.callbacks import book_callback
from complaints.chat.sessions import file_chat
from complaints.intake.catalogue import Catalogue
from complaints.intake.duplicates import find_twins
from complaints.intake.fields import without_odd_signs
from complaints.intake.links import draft_link, make_link_row
from complaints.intake.matching import Match, find_order, match_order
from complaints.models import Category, Complaint, Draft, SecretLink
from complaints.services import Filing, file_complaint, post_customer_message
from foundation.crypto import blind_index
from foundation.prepared import Statement
from orders.models import Order
from ui.masking import mask_phone
from ui.normalise import normalise_phone

REFUND_WISHES = {Complaint.Wish.RETURN_REFUND, Complaint.Wish.REFUND_ONLY}
LIMITS = {"description": 8000}
# Goods and parcels of an order in one statement.
GOODS = Statement.named("""
    SELECT ARRAY(SELECT json_build_object('id', id, 'title', title, 'variant', variant, 'quantity', quantity, 'paid_fen', paid_fen)
                   FROM orders_orderline WHERE order_id = %(order)s ORDER BY id),
           ARRAY(SELECT waybill FROM orders_shipment WHERE order_id = %(order)s AND waybill <> '' ORDER BY id)
""")


def problem_answers(cleaned: dict[str, Any], *, catalogue: Catalogue, match: Match | None, link_ids: list[int]) -> dict[str, Any]:
    """What page one adds to the draft: the answers, the order if two factors prove it, and complaints that may be the same."""
    category: Category = cleaned["category"]
    phone = cleaned.get("phone", "")
    if match is None:
        match = match_order(cleaned.get("order_text", ""), phone)
    index = blind_index(normalise_phone(phone), purpose="phone")
    roots = [each.pk for each in catalogue.categories.values() if each.root == category.root]
    twins = find_twins(category, root_ids=roots, order_id=match and match.order.pk, phone_index=index, link_ids=link_ids)
    # Goods that page two asked for stay in the draft when page one does not ask for them.
    lines = {"lines": [int(number) for number in cleaned["lines"]]} if "lines" in cleaned else {}
    return lines | {
        "category": category.code,
        "wish": cleaned["wish"],
        "order_text": cleaned.get("order_text", ""),
        "phone": phone,
        "description": cleaned["description"],
        "order": snapshot(match) if match else None,
        "twins": [[twin.pk, twin.number, twin.is_shown] for twin in twins],
    }


def raw_answers(posted) -> dict[str, Any]:
    """What page one holds, unchecked, so that a page that is left for a moment comes back as it was."""
    names = ("category", "wish", "order_text", "phone", "description")
    return {name: without_odd_signs(posted[name][: LIMITS.get(name, 120)]) for name in names if name in posted}


def snapshot(match: Match) -> dict[str, Any]:
    """What the order said when it was complained of: goods, prices, promises and waybills; nothing about the person."""
    order = match.order
    [(lines, waybills)] = GOODS.rows(order=order.pk)
    times = ("placed_at", "promised_ship_at", "shipped_at", "promised_delivery_at", "delivered_at")
    return {
        "id": order.pk,
        "number": order.number,
        "status": order.status,
        "currency": order.currency,
        "total_fen": order.total_fen,
        "freight_fen": order.freight_fen,
        "lines": lines,
        "waybills": waybills,
        "proof": match.proof,
        "phone_mask": mask_phone(order.receiver_phone or order.customer.phone) if match.proof == "link" else "",
        **{name: moment.isoformat() for name in times if (moment := getattr(order, name))},
    }


def refund_estimate(answers: dict[str, Any]) -> int | None:
    """What the chosen goods cost the customer, when money is what they ask for and the goods are known; in fen."""
    order = answers.get("order")
    if not order or answers.get("wish") not in REFUND_WISHES:
        return None
    lines = chosen_lines(answers)
    return sum(line["paid_fen"] for line in lines) if lines else None


def chosen_lines(answers: dict[str, Any]) -> list[dict[str, Any]]:
    """The goods that the complaint is about; the only one of an order counts as chosen."""
    lines = (answers.get("order") or {}).get("lines", [])
    return lines if len(lines) == 1 else [line for line in lines if line["id"] in answers.get("lines", [])]


def file_draft(draft: Draft, answers: dict[str, Any], *, catalogue: Catalogue, token: str) -> tuple[Complaint, SecretLink]:
    """File what a draft holds, with the first secret link, in one transaction. Sent twice, it is one complaint and two links."""
    filing = filing_of(draft, answers, catalogue=catalogue, token=token)
    complaint = file_complaint(filing)
    return complaint, make_link_row(complaint)[0] if filing.link._state.adding else filing.link


def filing_of(draft: Draft, answers: dict[str, Any], *, catalogue: Catalogue, token: str) -> Filing:
    category, form = catalogue.categories[answers["category"]], catalogue.forms[answers["category"]]
    known = answers.get("order")
    order = find_order(known["id"]) if known else None
    lines = chosen_lines(answers)
    return Filing(
        merchant=order.merchant if order else catalogue.merchant,
        category=category,
        form=form,
        description=answers.get("description", ""),
        wish=answers["wish"],
        answers=answers.get("questions", {}),
        happened_on=date.fromisoformat(answers["happened_on"]) if answers.get("happened_on") else None,
        line_ids=[line["id"] for line in lines],
        customer=order.customer if order else None,
        order=order,
        order_text=answers.get("order_text", "") or (order.number if order else ""),
        order_snapshot={name: value for name, value in known.items() if name != "phone_mask"} if order else {},
        matched_by=known["proof"] if order else "",
        amount_fen=sum(line["paid_fen"] for line in lines),
        currency=order.currency if order else catalogue.merchant.currency,
        language=get_language(),
        draft=draft if draft.files else None,
        ends=draft,
        link=draft_link()[0],
        duplicate_of=_twin(answers),
        token=f"draft:{token}",
        **_contact(answers, order),
    )


def _contact(answers: dict[str, Any], order: Order | None) -> dict[str, Any]:
    """How to reach the customer; a signed link proves the order's own contact, which stands in where nothing was typed."""
    is_signed = bool(order) and answers["order"]["proof"] == "link"
    phone, email = answers.get("phone", ""), answers.get("email", "")
    if is_signed:
        phone = phone or order.receiver_phone or order.customer.phone
        email = email or order.customer.email
    return {
        "contact_name": answers.get("name", ""),
        "contact_phone": phone,
        "contact_email": email,
        "contact_hours": answers.get("hours", ""),
        "is_proven": is_signed and not (answers.get("phone") or answers.get("email")),
    }


def _twin(answers: dict[str, Any]) -> Complaint | None:
    """The complaint to link for the desk; only its number in the table is needed."""
    twins = answers.get("twins", [])
    return Complaint(pk=twins[0][0]) if twins else None


@transaction.atomic
def add_to_twin(draft: Draft, answers: dict[str, Any], number: str, *, token: str) -> Complaint | None:
    """Put what the draft holds into the complaint that it repeats, if the visitor was offered that one; None otherwise."""
    offered = {each for _pk, each, is_shown in answers.get("twins", []) if is_shown}
    target = Complaint.objects.filter(number=number).first() if number in offered else None
    if target is None:
        return None
    body = answers.get("description", "")
    if body.strip() or draft.files:
        post_customer_message(target, body=body, draft=draft if draft.files else None, request_id=token)
    Draft.objects.filter(pk=draft.pk).update(answers={"filed": number})
    return target


def ask_for_human(cleaned: dict[str, Any], *, catalogue: Catalogue, token: str, is_open: bool) -> tuple[Complaint, SecretLink, str]:
    """File what somebody wants to tell a person, and queue them for one, book a call or take it as a message.

    Returns the complaint, a link to it and the name of the page on which it goes on.
    """
    # Before the transaction: a counted try must stay counted.
    match = match_order(cleaned["order_text"], cleaned["phone"])
    filing = _human_filing(cleaned, match, catalogue, token, Complaint.Channel.CHAT if is_open else Complaint.Channel.WEB)
    with transaction.atomic():
        if is_open:
            complaint, page = file_chat(filing).complaint, "complaints:chat"
        else:
            complaint, page = file_complaint(filing), "complaints:tracker"
            if cleaned["window"]:
                book_callback(complaint, cleaned["window"], request_id=token)
                page = "complaints:callback"
        return complaint, make_link_row(complaint)[0], page


def category_of_strangers(catalogue: Catalogue) -> Category:
    """What a complaint is about as long as nobody has asked."""
    return catalogue.other or next(iter(catalogue.categories.values()))


def _human_filing(cleaned: dict[str, Any], match: Match | None, catalogue: Catalogue, token: str, channel: str) -> Filing:
    category = category_of_strangers(catalogue)
    return Filing(
        merchant=match.order.merchant if match else catalogue.merchant,
        category=category,
        form=catalogue.forms[category.code],
        channel=channel,
        description=cleaned["description"],
        customer=match.order.customer if match else None,
        order=match.order if match else None,
        order_text=cleaned["order_text"],
        order_snapshot=snapshot(match) if match else {},
        matched_by=match.proof if match else "",
        currency=match.order.currency if match else catalogue.merchant.currency,
        contact_phone=cleaned["phone"],
        contact_email=cleaned["email"],
        language=get_language(),
        token=f"human:{token}",
    )
