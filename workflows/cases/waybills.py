"""Waybills as customers type them and guns read them: brought to one form, and held against what their courier prints."""

import re

from ui.normalise import normalise_code

# How the couriers number their parcels, by their code here. A courier that is not listed may print anything plausible.
PATTERNS: dict[str, re.Pattern[str]] = {
    "sf": re.compile(r"SF\d{13}|\d{12}"),
    "zto": re.compile(r"\d{12,15}"),
    "yto": re.compile(r"YT\d{13}|[A-Z]?\d{10,13}"),
    "sto": re.compile(r"\d{12,15}"),
    "yunda": re.compile(r"\d{13}|\d{15}"),
    "jd": re.compile(r"JD[A-Z]{0,2}\d{11,13}"),
    "jt": re.compile(r"JT\d{13}"),
    "ems": re.compile(r"\d{13}|[A-Z]{2}\d{9}[A-Z]{2}"),
    "deppon": re.compile(r"DPK\d{12}|\d{8,10}"),
}
PLAUSIBLE = re.compile(r"(?=.*\d)[A-Z0-9]{8,40}")
# On a box of several, some couriers print "-1-2-" behind the number: box one of two.
BOX = re.compile(r"-\d{1,2}-\d{1,2}-?\d*-?$")
LONGEST_CODE = 120


def normalise_waybill(text: str) -> str:
    """The stored form of a waybill, without the mark of one box among several; "" when nothing is left of it."""
    return normalise_code(BOX.sub("", text[:LONGEST_CODE].strip()))


def is_plausible(waybill: str, *, carrier_code: str = "") -> bool:
    """Whether a normalised waybill can be one of this courier, or of any when it is not known."""
    return bool(PATTERNS.get(carrier_code, PLAUSIBLE).fullmatch(waybill))
