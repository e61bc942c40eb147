"""Cells to values: text, times, money in minor units, whole numbers, and words of the shop to words of ours."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from ui.exports.cells import unguard_cell
from ui.money import DIGITS

from .findings import quote
from .profile import FieldSpec, Profile
from .reader import Record

AMOUNT = re.compile(r"^(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?$", re.ASCII)
WHOLE = re.compile(r"^\d{1,9}$", re.ASCII)
CURRENCY_SIGNS = "¥$€£ "


class CellError(ValueError):
    """A cell that cannot be what its field needs. ``code`` is the code of the finding, the text says what stood there."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class Converter:
    """Reads the fields of records as a profile says, looking things up in its tables."""

    def __init__(self, profile: Profile, tables: Mapping[str, Mapping[str, Record]]) -> None:
        self.profile, self.tables = profile, tables
        self.readers = {"text": self._text, "time": self._time, "money": self._money, "number": self._number}

    def read(self, record: Record, spec: FieldSpec) -> Any:
        """The value of one field; None where the cell is empty and the profile has no default."""
        if spec.value is not None:
            return spec.value
        cell = self.look_up(record.cells.get(spec.column, ""), spec)
        if not cell:
            return spec.default
        return self.readers[spec.type](cell, spec)

    def look_up(self, cell: str, spec: FieldSpec) -> str:
        """What the tables of the profile say about a cell, step by step."""
        for table, column in spec.through:
            found = self.tables.get(table, {}).get(cell)
            cell = found.cells.get(column, "") if found else ""
        return cell

    def _text(self, cell: str, spec: FieldSpec) -> str:
        if spec.words is not None:
            word = spec.words.get(cell.lower())
            if word is None:
                raise CellError("unknown_value", _("%(column)s: no word for “%(cell)s”.") % _named(spec, cell))
            return word
        return cell.replace("_", " ").capitalize() if spec.is_sentence else unguard_cell(cell)

    def _time(self, cell: str, spec: FieldSpec) -> datetime:
        try:
            found = datetime.fromisoformat(unicodedata.normalize("NFKC", cell).replace("/", "-"))
            return found if found.tzinfo else found.replace(tzinfo=self.profile.zone)
        except (ValueError, OverflowError):
            raise CellError("bad_time", _("%(column)s: “%(cell)s” is not a time.") % _named(spec, cell)) from None

    def _money(self, cell: str, spec: FieldSpec) -> int:
        text = unicodedata.normalize("NFKC", cell).strip(CURRENCY_SIGNS)
        if not AMOUNT.match(text):
            raise CellError("bad_money", _("%(column)s: “%(cell)s” is not an amount.") % _named(spec, cell))
        minor = Decimal(text.replace(",", "")).scaleb(DIGITS.get(self.profile.currency, 2))
        if minor != minor.to_integral_value():
            raise CellError("bad_money", _("%(column)s: “%(cell)s” has more decimals than the currency.") % _named(spec, cell))
        return int(minor)

    def _number(self, cell: str, spec: FieldSpec) -> int:
        if not WHOLE.match(cell):
            raise CellError("bad_number", _("%(column)s: “%(cell)s” is not a whole number.") % _named(spec, cell))
        return int(cell)


def _named(spec: FieldSpec, cell: str) -> dict[str, str]:
    return {"column": spec.column, "cell": quote(cell)}
