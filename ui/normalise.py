"""What people paste, brought to the form that is stored and searched."""

import re
import unicodedata

# Spaces, every kind of hyphen, zero-width and direction marks: what copying from a shop's app leaves around a number.
NOISE = re.compile(r"[\s\-\u00ad\u2010-\u2015\u2212\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u30fc_]+")
PHONE_NOISE = re.compile(r"[().·•,，]+")
COUNTRY = re.compile(r"^(?:\+|00)86(?=1\d{10}$)")


def normalise_code(text: str) -> str:
    """Bring an order or waybill number to its stored form: half width, no spaces or hyphens, capital letters."""
    return NOISE.sub("", unicodedata.normalize("NFKC", text)).upper()


def normalise_phone(text: str) -> str:
    """Bring a phone number to digits with an optional leading plus; the mainland country code is dropped."""
    digits = PHONE_NOISE.sub("", NOISE.sub("", unicodedata.normalize("NFKC", text)))
    return COUNTRY.sub("", digits)


def normalise_text(text: str) -> str:
    """Bring one line of free text to half width with single spaces, as search and comparison need it."""
    return " ".join(unicodedata.normalize("NFKC", text).split())
