"""The number of a case: A, the day, eight random digits and a check digit; as that of a complaint, with a letter of its own."""

import unicodedata
from datetime import datetime

from complaints.numbers import NOISE, make_number, parse_number

LETTER = "A"


def make_case_number(at: datetime) -> str:
    """A new number for a case that begins at this moment."""
    return LETTER + make_number(at)[1:]


def parse_case_number(text: str) -> str:
    """The number in what somebody typed, in any case and width, with or without spaces, dashes and the A; "" when it is none."""
    compact = NOISE.sub("", unicodedata.normalize("NFKC", text[:80])).upper()
    parsed = parse_number(compact.removeprefix(LETTER))
    return LETTER + parsed[1:] if parsed and not compact.startswith("C") else ""
