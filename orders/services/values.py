"""Field values of orders and shipments in the form in which they are stored."""

from typing import Any

from foundation.crypto import blind_index
from ui.normalise import normalise_code, normalise_phone

from .scans import shipment_status


def order_values(values: dict[str, Any]) -> dict[str, Any]:
    """The number without spaces and hyphens, the phone with its blind index."""
    values = dict(values)
    if "number" in values:
        values["number"] = normalise_code(values["number"])
    if "receiver_phone" in values:
        values["receiver_phone"] = normalise_phone(values["receiver_phone"])
        values["receiver_phone_index"] = blind_index(values["receiver_phone"], purpose="phone")
    return values


def shipment_values(values: dict[str, Any]) -> dict[str, Any]:
    """The waybill without spaces and hyphens, the state in our word."""
    values = dict(values)
    if "waybill" in values:
        values["waybill"] = normalise_code(values["waybill"])
    if "status" in values:
        values["status"] = shipment_status(values["status"])
    return values
