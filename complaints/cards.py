"""An item of the order that a customer sends as a card: made from what the shop knows of a proven order, never from what was typed."""

from typing import Any

from complaints.models import Complaint

# How an order counts as the customer's own: the shop signed the link, or number and phone fit.
PROVEN = frozenset({"link", "phone"})
OF_LINE = ("title", "variant", "quantity", "paid_fen")


def cards_of(complaint: Complaint) -> list[dict[str, Any]]:
    """The cards that the customer of a complaint can send; none while the order is not proven to be theirs."""
    known = complaint.order_snapshot
    if complaint.order_id is None or known.get("proof") not in PROVEN:
        return []
    about = {"order": known["number"], "currency": known["currency"]}
    return [about | {"line": line["id"], **{name: line[name] for name in OF_LINE}} for line in known.get("lines", [])]


def card_of(complaint: Complaint, line_id: int) -> dict[str, Any] | None:
    """The card of one item; None if the customer cannot send it."""
    return next((card for card in cards_of(complaint) if card["line"] == line_id), None)


def words_of(card: dict[str, Any]) -> str:
    """A card as plain text, for whoever reads words only: mail, lists, transcripts and programs."""
    title = " ".join(filter(None, [card["title"], card["variant"]]))
    return f"{title} × {card['quantity']}"


def words_beside(body: str, card: dict[str, Any] | None) -> str:
    """What a message says besides its card."""
    return "" if card and body == words_of(card) else body
