"""What is wrong with a row before it meets the database: one bad row must not stop the others of its batch."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from foundation.crypto import EncryptedTextField

LONGEST_PERSONAL = 400
LARGEST = 10**15
EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
# NUL and lone surrogates cannot be stored; the others only serve to disguise a text.
UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def find_faults(model: type[models.Model], values: Mapping[str, Any]) -> dict[str, str]:
    """Fields whose values the table would refuse, each with the reason in words."""
    faults = {}
    for name, value in values.items():
        field = model._meta.get_field(name)
        fault = _find_fault(field, value)
        if fault:
            faults[name] = fault
    return faults


def _find_fault(field: models.Field, value: Any) -> str:
    if value is None:
        return "" if field.null else _("This field may not be empty.")
    if isinstance(value, str):
        return _text_fault(field, value)
    if isinstance(value, datetime):
        return "" if EARLIEST <= value <= LATEST else _("This time is out of range.")
    if isinstance(value, int):
        return _number_fault(field, value)
    return ""


def _text_fault(field: models.Field, value: str) -> str:
    longest = LONGEST_PERSONAL if isinstance(field, EncryptedTextField) else field.max_length
    if longest and len(value) > longest:
        return _("Longer than %(longest)d characters.") % {"longest": longest}
    if UNSTORABLE.search(value):
        return _("Contains characters that cannot be stored.")
    if field.choices and value not in dict(field.flatchoices) and not (field.blank and not value):
        return _("Not one of: %(choices)s.") % {"choices": ", ".join(str(code) for code, _label in field.flatchoices)}
    return ""


def _number_fault(field: models.Field, value: int) -> str:
    lowest, largest = (1, 32767) if field.name in ("quantity", "installments") else (0, LARGEST)
    if lowest <= value <= largest:
        return ""
    return _("Not between %(lowest)d and %(largest)d.") % {"lowest": lowest, "largest": largest}
