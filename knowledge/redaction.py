"""Personal data taken out of a text before it becomes one of the shop's own.

It rather takes out too much: a person reads what is left, and sees what was taken. Nothing here is logged or stored.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from ui.masking import COMPOUND_SURNAMES, EMAIL, ID_CARD, is_card_number

Span = tuple[int, int]


class Kind(StrEnum):
    """What something that was taken out was."""

    PHONE = "phone"
    EMAIL = "email"
    IDENTITY = "identity"
    CARD = "card"
    CODE = "code"
    NAME = "name"
    ADDRESS = "address"
    CONTACT = "contact"
    LINK = "link"
    NUMBER = "number"


WORDS = {
    Kind.PHONE: _("phone number"), Kind.EMAIL: _("e-mail"), Kind.IDENTITY: _("identity number"), Kind.CARD: _("bank card"),
    Kind.CODE: _("order or waybill"), Kind.NAME: _("name"), Kind.ADDRESS: _("postal address"), Kind.CONTACT: _("account name"),
    Kind.LINK: _("link"), Kind.NUMBER: _("long number"),
}  # fmt: skip


@dataclass(frozen=True)
class Known:
    """What is known of the people behind a text: taken out wherever it stands, however it is spaced."""

    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()


@dataclass(frozen=True)
class Redacted:
    """A text without personal data, and how often what was taken out."""

    text: str
    taken: Counter[Kind]


# Between the digits of one number: spaces of any width, hyphens, dots, brackets, and signs that nobody sees.
GAP = r"[\s\-.·•_/()\u00ad\u2010-\u2015\u2212\u200b-\u200f\u2060\ufeff\u30fc]{0,3}"
ALONE = r"(?<![0-9A-Za-z])"
END = r"(?![0-9])"
DATE = re.compile(r"(?<!\d)(?:19|20)\d\d[-./年](?:1[0-2]|0?[1-9])[-./月](?:3[01]|[12]\d|0?[1-9])日?(?!\d)")
SPELT = re.compile(r"[〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖两]{7,}")
SPELT_DIGITS = str.maketrans("〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖两", "001234567891123456789" + "2")
NOT_DIGITS = re.compile(r"[^0-9Xx]")
RANDOM = re.compile(r"[?#@]|/(?:t|c|s)/|[A-Za-z0-9_-]{16,}|%[0-9A-Fa-f]{2}")
HONORIFICS = "先生|女士|小姐|太太|哥|姐|总|老师|师傅|同学|阿姨|叔叔"

# What was taken out: one sign for each sign, so that what is found in the plain text is taken out of the real one.
TAKEN = "\ue000"
FREE = re.compile(rf"[^{TAKEN}]+")
# A street begins with its own signs, or right behind a name that was taken out of it (建国 of 建国路). What follows its number is taken
# as well, up to the next pause or to what was taken before, and no room is cut in two.
HEAD = rf"(?:[\u4e00-\u9fff]{{2,14}}|(?<={TAKEN})[\u4e00-\u9fff]{{0,14}})"
STREET = rf"{HEAD}(?:路|街|巷|弄|大道|胡同)\s?\d{{1,5}}\s?[号號弄]"
STOPS = rf",.;!?，。；！？\n{TAKEN}"
TAIL, TAIL_END = rf"[^{STOPS}]", rf"[^{STOPS}\s]"
UNIT = r"\d{1,3}\s?[号號栋棟幢座][楼樓]?\s?(?:\d{1,2}\s?[单單]元)?\s?\d{2,4}\s?[室房户戶]"

PATTERNS: tuple[tuple[Kind, re.Pattern], ...] = (
    (Kind.LINK, re.compile(r"(?:https?://|www\.)[!-~]+", re.IGNORECASE)),
    (Kind.EMAIL, EMAIL),
    (Kind.EMAIL, re.compile(r"[\w.%+\-]{1,64}\s{0,2}@\s{0,2}[A-Za-z0-9\-]{1,63}(?:\s?\.\s?[A-Za-z0-9\-]{2,63}){1,4}")),
    (
        Kind.EMAIL,
        re.compile(r"[\w.%+\-]{1,64}\s?[\[(]\s?at\s?[\])]\s?[\w\-]{1,63}(?:\s?[\[(]?(?:dot|\.)[\])]?\s?\w{2,20}){1,3}", re.IGNORECASE),
    ),
    (Kind.IDENTITY, re.compile(rf"{ALONE}[1-9](?:{GAP}\d){{16}}{GAP}[\dXx]{END}")),
    (Kind.CARD, re.compile(rf"{ALONE}[3-6](?:{GAP}\d){{14,18}}{END}")),
    (Kind.PHONE, re.compile(rf"(?<!\d)(?:(?:\+|00)?86{GAP})?1{GAP}[3-9](?:{GAP}\d){{9}}{END}")),
    (Kind.PHONE, re.compile(rf"\+{GAP}[1-9](?:{GAP}\d){{6,14}}{END}")),
    (Kind.PHONE, re.compile(rf"(?<!\d)\(?0\d{{2,3}}\)?{GAP}[2-9](?:{GAP}\d){{6,7}}{END}")),
    (Kind.PHONE, re.compile(rf"(?<!\d)\(?(?!400|800)[2-9]\d\d\)?[\s.\-]{{1,2}}[2-9]\d\d[\s.\-]\d{{4}}{END}")),
    (
        Kind.CONTACT,
        re.compile(
            r"(?:微信|薇信|vx|wx|wechat|whatsapp|telegram|qq|扣扣|支付宝|alipay|电话|手机|tel|phone)"
            r"(?:[号码账户是为\s]{0,4}[:号是为]\s?(?=[\w.\-]*[a-z0-9])|[号码\s]{0,4}(?=[A-Za-z.]*[0-9_]))([A-Za-z0-9][\w.\-]{4,30})",
            re.IGNORECASE | re.ASCII,
        ),
    ),
    (Kind.CODE, re.compile(rf"{ALONE}[A-Za-z]{{1,4}}[\s\-]?\d(?:[\s\-]?\d){{7,}}{END}")),
    (Kind.NUMBER, re.compile(rf"{ALONE}\d{{8,}}{END}|{ALONE}\d(?:{GAP}\d){{11,}}{END}")),
    (
        Kind.ADDRESS,
        re.compile(rf"{STREET}(?:{TAIL}{{0,20}}{UNIT})?(?:{TAIL}{{0,19}}{TAIL_END})?"),
    ),
    (Kind.ADDRESS, re.compile(UNIT)),
)


def redact(text: str, known: Known = Known(), *, mark: Callable[[Kind], str] = lambda kind: f"〔{WORDS[kind]}〕") -> Redacted:  # noqa: B008 - it is frozen
    """The text with ``mark(kind)`` in place of everything personal."""
    plain, found = _flatten(text), []
    for kind, span in _known_spans(plain, known):
        plain = _take(plain, span, kind, found)
    dates = [each.span() for each in DATE.finditer(plain)]
    for kind, pattern in PATTERNS:
        hidden = _hide(plain, dates) if kind in (Kind.NUMBER, Kind.PHONE, Kind.CARD) else plain
        for each in list(pattern.finditer(hidden)):
            if _is_meant(kind, each.group()):
                plain = _take(plain, _core(kind, each, hidden), kind, found)
    return _write(text, found, mark)


def _flatten(text: str) -> str:
    plain = "".join(map(_plain, text))
    return SPELT.sub(lambda run: run.group().translate(SPELT_DIGITS), plain)


def _plain(sign: str) -> str:
    if sign.isascii():
        return sign
    if sign in ("\u3000", TAKEN):
        return " "
    if "\uff01" <= sign <= "\uff5e":
        return chr(ord(sign) - 0xFEE0)
    digit = unicodedata.digit(sign, None)
    return sign if digit is None else str(digit)


def _hide(plain: str, spans: list[Span]) -> str:
    for start, end in spans:
        plain = plain[:start] + TAKEN * (end - start) + plain[end:]
    return plain


def _take(plain: str, span: Span, kind: Kind, found: list[tuple[Span, Kind]]) -> str:
    """Take out what of a span was not taken before: nothing, or the rest of what reaches into another."""
    found += [(free.span(), kind) for free in FREE.finditer(plain, *span)]
    return _hide(plain, [span])


def _is_meant(kind: Kind, text: str) -> bool:
    digits = NOT_DIGITS.sub("", text)
    if kind == Kind.IDENTITY:
        return bool(ID_CARD.match(digits))
    if kind == Kind.CARD:
        return is_card_number(digits)
    return kind != Kind.LINK or bool(RANDOM.search(text.partition("://")[2] or text))


def _core(kind: Kind, found: re.Match, plain: str) -> Span:
    """The part that is personal: of "微信号 abc" only abc; of a link not the full stop behind it."""
    if kind == Kind.CONTACT:
        return found.span(1)
    start, end = found.span()
    while kind == Kind.LINK and plain[end - 1] in ".,;:!?)]}'\"":
        end -= 1
    return start, end


def _write(text: str, found: list[tuple[Span, Kind]], mark: Callable[[Kind], str]) -> Redacted:
    parts, at = [], 0
    for (start, end), kind in sorted(found):
        parts += [text[at:start], mark(kind)]
        at = end
    return Redacted("".join([*parts, text[at:]]), Counter(kind for _span, kind in found))


def _known_spans(plain: str, known: Known) -> Iterator[tuple[Kind, Span]]:
    for address in known.addresses:
        yield from ((Kind.ADDRESS, span) for span in _shared(plain, address))
    for kind, values in ((Kind.CODE, known.codes), (Kind.PHONE, known.phones), (Kind.EMAIL, known.emails)):
        for value in filter(None, values):
            yield from ((kind, each.span()) for each in _spaced(value).finditer(plain))
    for name in filter(None, known.names):
        yield from ((Kind.NAME, each.span()) for pattern in _names(name.strip()) for each in pattern.finditer(plain))


def _spaced(value: str) -> re.Pattern:
    """The value with any gaps between its signs, in capitals or not."""
    signs = [re.escape(sign) for sign in _flatten(value) if sign.isalnum() or sign == "@"]
    edge = r"(?<![0-9A-Za-z])" if len(signs) < 6 else ""
    return re.compile(edge + GAP.join(signs) + (r"(?![0-9A-Za-z])" if edge else ""), re.IGNORECASE) if len(signs) > 3 else NOTHING


NOTHING = re.compile(r"(?!)")


def _names(name: str) -> Iterator[re.Pattern]:
    plain = _flatten(name)
    if len(plain) < 2:
        return
    if not plain.isascii():
        surname = plain[:2] if len(plain) > 2 and plain[:2] in COMPOUND_SURNAMES else plain[:1]
        given = plain[len(surname) :]
        yield re.compile(r"\s?".join(map(re.escape, plain)))
        yield re.compile(rf"{re.escape(surname)}(?:{HONORIFICS})")
        if len(given) > 1 and not given.isdigit():
            yield re.compile(re.escape(given))
        return
    words = plain.split()
    whole = r"[\s.]+".join(map(re.escape, words))
    yield re.compile(rf"\b{whole}\b", re.IGNORECASE)
    # A part only where it is written as a name is: "may" stays, "May" goes.
    yield from (re.compile(rf"\b{re.escape(word[:1].upper() + word[1:])}\b") for word in words if len(word) > 2)


def _shared(plain: str, address: str) -> Iterator[Span]:
    """Where at least six Chinese signs, or twelve others, of an address stand in a text; gaps do not count."""
    signs = [(sign.lower(), at) for at, sign in enumerate(plain) if sign.isalnum()]
    wanted = "".join(sign.lower() for sign in _flatten(address) if sign.isalnum())
    covered: set[int] = set()
    for length in (6, 12):
        grams = {wanted[at : at + length] for at in range(len(wanted) - length + 1)}
        for first in range(len(signs) - length + 1):
            gram = "".join(sign for sign, _at in signs[first : first + length])
            if gram in grams and (length == 12 or not gram.isascii()):
                covered.update(range(first, first + length))
    for start, end in _runs(sorted(covered)):
        yield signs[start][1], signs[end][1] + 1


def _runs(numbers: list[int]) -> Iterator[Span]:
    """First and last of each run of neighbours."""
    start = previous = None
    for number in numbers:
        if previous is not None and number != previous + 1:
            yield start, previous
            start = None
        start = number if start is None else start
        previous = number
    if start is not None:
        yield start, previous
