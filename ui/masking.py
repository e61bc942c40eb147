"""Personal values with their middle hidden. Masking is for display: it never reverses, and it never fails on odd input."""

import re
import unicodedata

STARS = "****"
EMAIL = re.compile(r"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){1,5}")
# A run of digits with single separators between them; ends at anything that would make it part of a longer number.
NUMBER = re.compile(r"(?<![0-9A-Za-z.])\+?\d(?:[ \-\u2010-\u2015]?\d){6,22}[Xx]?(?![0-9A-Za-z])")
MOBILE = re.compile(r"^(?:\+?86|0086)?(1[3-9]\d{9})$")
ID_CARD = re.compile(r"^\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]$")
LANDLINE = re.compile(r"^0\d{2,3}\d{7,8}$")
COMPOUND_SURNAMES = frozenset(
    ["欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "长孙", "宇文", "司徒", "夏侯", "端木", "南宫"]
)


def mask_phone(text: str) -> str:
    """Show the first three and last four characters of a phone number, fewer when it is short."""
    text = text.strip()
    if len(text) >= 9:
        return f"{text[:3]}{STARS}{text[-4:]}"
    return f"{text[:1]}{STARS}{text[-2:]}" if len(text) >= 5 else STARS if text else ""


def mask_email(text: str) -> str:
    """Show the first character of the mailbox and the whole domain."""
    mailbox, at, domain = text.strip().rpartition("@")
    return f"{mailbox[:1]}***@{domain}" if at else mask_id(domain)


def mask_name(text: str) -> str:
    """Show the surname of a Chinese name, or the first letter of each word of another one."""
    text = text.strip()
    if text.isascii():
        return " ".join(f"{word[0]}***" for word in text.split())
    shown = 2 if len(text) > 2 and text[:2] in COMPOUND_SURNAMES else 1
    return text[:shown] + "*" * max(1, min(2, len(text) - shown)) if text else ""


def mask_address(text: str) -> str:
    """Show where a parcel goes roughly: the first six characters, never the street."""
    text = text.strip()
    return f"{text[:6]}{STARS}" if len(text) > 6 else f"{text[:2]}{STARS}" if text else ""


def mask_id(text: str) -> str:
    """Show the first and last characters of a document or account number."""
    text = text.strip()
    return f"{text[:3]}{STARS}{text[-2:]}" if len(text) > 7 else STARS if text else ""


def mask_text(text: str) -> str:
    """Hide phone numbers, identity numbers, bank cards and mail addresses inside free text.

    Order and waybill numbers stay: a digit run is hidden only when it has the shape of a personal number.
    """
    return NUMBER.sub(_mask_number, EMAIL.sub(lambda found: mask_email(found[0]), text))


def _mask_number(found: re.Match) -> str:
    digits = re.sub(r"[^\dXx+]", "", unicodedata.normalize("NFKC", found[0]))
    mobile = MOBILE.match(digits)
    if mobile:
        return mask_phone(mobile[1])
    if LANDLINE.match(digits):
        return mask_phone(digits)
    return mask_id(digits) if ID_CARD.match(digits) or is_card_number(digits) else found[0]


def is_card_number(digits: str) -> bool:
    """Tell whether digits look like a bank card: 16 to 19 digits, a card network's first digit, the Luhn sum."""
    if not (16 <= len(digits) <= 19 and digits.isdecimal() and digits[0] in "3456"):
        return False
    doubled = [int(digit) * (1 + position % 2) for position, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


MASKS = {"phone": mask_phone, "email": mask_email, "name": mask_name, "address": mask_address, "id": mask_id, "text": mask_text}
