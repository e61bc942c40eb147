"""The number of a complaint: C, the day of filing, eight random digits and a check digit. It tells nobody how many there are."""

import re
import secrets
import unicodedata
from datetime import datetime

from django.utils.timezone import localtime

NOISE = re.compile(r"[^0-9A-Za-z]+")
NUMBER = re.compile(r"C(\d{15})")


def make_number(at: datetime) -> str:
    """A new number for a complaint filed at this moment; the day is the shop's."""
    digits = f"{localtime(at):%y%m%d}{secrets.randbelow(10**8):08}"
    return f"C{digits}{check_digit(digits)}"


def parse_number(text: str) -> str:
    """The number in what somebody typed: any case, full width, with or without spaces, dashes and the C; "" when it is none."""
    compact = NOISE.sub("", unicodedata.normalize("NFKC", text[:80])).upper()
    found = NUMBER.fullmatch(compact if compact.startswith("C") else f"C{compact}")
    return found[0] if found and found[1].isascii() and check_digit(found[1][:-1]) == found[1][-1] else ""


def check_digit(digits: str) -> str:
    """The Luhn digit: finds every single wrong digit and nearly every swap of two neighbours."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 - position % 2)
        total += value - 9 if value > 9 else value
    return str(-total % 10)
