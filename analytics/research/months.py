"""Periods as people write them: 2026-01, 2026-Q1, 2026."""

import re
from datetime import date

from .planning import MONTHS, end_of

FORMS = (
    ("month", re.compile(r"(?P<year>\d{4})-(?P<number>0[1-9]|1[0-2])")),
    ("quarter", re.compile(r"(?P<year>\d{4})-Q(?P<number>[1-4])")),
    ("year", re.compile(r"(?P<year>\d{4})")),
)


def days_of(text: str) -> tuple[date, date]:
    """The first and the last day of what is written; ``ValueError`` for anything else."""
    for step, form in FORMS:
        if found := form.fullmatch(text.strip()):
            number = int(found.groupdict().get("number") or 1)
            first = date(int(found["year"]), (number - 1) * MONTHS[step] + 1, 1)
            return first, end_of(first, step)
    raise ValueError(text)
