"""The editable file of public days: CSV or JSON, a line for each holiday or make-up day, read with every fault at its line."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import PublicDay

COLUMNS = ("from", "to", "kind", "name_zh", "name_en", "notice", "year")
KINDS = {"holiday": "holiday", "make_up": "make_up", "放假": "holiday", "假日": "holiday", "上班": "make_up", "调休": "make_up"}
MOST_LINES = 500
LONGEST_PERIOD = timedelta(days=31)
YEARS = range(2000, 2101)


class PublicDaysError(ValueError):
    """A file that cannot be taken as it is; ``faults`` are sentences that name the line."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class PublicPeriod:
    """Days in a row of one kind, as a notice announces them."""

    start: date
    end: date
    kind: str
    name_zh: str
    name_en: str
    notice: str
    year: int

    @property
    def kind_words(self) -> str:
        return PublicDay.Kind(self.kind).label

    def days(self) -> Iterator[date]:
        return (self.start + timedelta(days=each) for each in range((self.end - self.start).days + 1))

    def rows(self) -> Iterator[PublicDay]:
        names = {"name_zh": self.name_zh, "name_en": self.name_en, "notice": self.notice, "year": self.year}
        return (PublicDay(date=day, kind=self.kind, **names) for day in self.days())


def read_periods(text: str) -> list[PublicPeriod]:
    """The periods of a file. Raises ``PublicDaysError`` with every fault in it at once."""
    lines = _json_lines(text) if text.lstrip().startswith(("[", "{")) else _csv_lines(text)
    if not lines or len(lines) > MOST_LINES:
        raise PublicDaysError([_("The file has no line or more than %(most)d.") % {"most": MOST_LINES}])
    faults, periods, known = [], [], {}
    for place, row in lines:
        try:
            period = _read_period(row)
        except ValueError as error:
            faults.append(f"{place}: {error}")
            continue
        doubled = [day for day in period.days() if day in known]
        if doubled:
            faults.append(f"{place}: " + _("%(day)s stands in %(place)s already.") % {"day": doubled[0], "place": known[doubled[0]]})
        known |= dict.fromkeys(period.days(), place)
        periods.append(period)
    if faults:
        raise PublicDaysError(faults)
    return periods


def write_periods(rows: Iterable[PublicDay]) -> str:
    """The CSV file that these days came from; days of one name in a row are one line."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for period in _gather(rows):
        writer.writerow([period.start, period.end, period.kind, period.name_zh, period.name_en, period.notice, period.year])
    return out.getvalue()


def _gather(rows: Iterable[PublicDay]) -> list[PublicPeriod]:
    periods: list[PublicPeriod] = []
    for row in sorted(rows, key=lambda row: row.date):
        last = periods[-1] if periods else None
        whole = PublicPeriod(row.date, row.date, row.kind, row.name_zh, row.name_en, row.notice, row.year)
        if last and _follows(last, whole):
            periods[-1] = PublicPeriod(last.start, row.date, last.kind, last.name_zh, last.name_en, last.notice, last.year)
        else:
            periods.append(whole)
    return periods


def _follows(last: PublicPeriod, one: PublicPeriod) -> bool:
    words = [(each.kind, each.name_zh, each.name_en, each.notice, each.year) for each in (last, one)]
    return words[0] == words[1] and one.start - last.end == timedelta(days=1)


def _csv_lines(text: str) -> list[tuple[str, dict[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or [])]
    if missing:
        raise PublicDaysError([_("Line 1 lacks the columns %(names)s.") % {"names": ", ".join(missing)}])
    return [(_("Line %(line)d") % {"line": reader.line_num}, row) for row in reader if any(row.values())]


def _json_lines(text: str) -> list[tuple[str, dict[str, Any]]]:
    try:
        rows = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise PublicDaysError([_("The file cannot be read from line %(line)d on.") % {"line": line}]) from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise PublicDaysError([_("The file is no list of days.")])
    return [(_("Entry %(number)d") % {"number": number}, row) for number, row in enumerate(rows, start=1)]


def _read_period(row: dict[str, Any]) -> PublicPeriod:
    texts = {name: str(row.get(name) or "").strip() for name in COLUMNS}
    start = _read_date(texts["from"])
    end = _read_date(texts["to"]) if texts["to"] else start
    if not start <= end <= start + LONGEST_PERIOD:
        raise ValueError(_("The last day is before the first one, or more than a month after it."))
    return PublicPeriod(start, end, _read_kind(texts["kind"]), *_read_words(texts), _read_year(texts["year"], start))


def _read_date(text: str) -> date:
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        raise ValueError(_("“%(text)s” is no date; write for example 2027-02-06.") % {"text": text}) from None


def _read_kind(text: str) -> str:
    if text not in KINDS:
        raise ValueError(_("“%(text)s” is neither holiday nor make_up.") % {"text": text})
    return KINDS[text]


def _read_words(texts: dict[str, str]) -> list[str]:
    for name in ("name_zh", "name_en", "notice"):
        longest = PublicDay._meta.get_field(name).max_length
        if not texts[name] or len(texts[name]) > longest:
            raise ValueError(_("%(name)s is empty or longer than %(longest)d signs.") % {"name": name, "longest": longest})
    return [texts["name_zh"], texts["name_en"], texts["notice"]]


def _read_year(text: str, start: date) -> int:
    year = int(text) if text.isascii() and text.isdigit() else 0
    if year not in YEARS or abs(year - start.year) > 1:
        raise ValueError(_("“%(text)s” is not the year of the notice.") % {"text": text})
    return year
