"""The columns of the data set. Changing what one means raises ``VERSION``, which every file names."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .hierarchies import AMOUNT, GOODS, MATTER, PLACE, WAY, Hierarchy, flat, time_within

VERSION = 1


class Role(StrEnum):
    """What a column can do to somebody: give away whose row it is, tell something about them, or just measure."""

    QUASI = "quasi"
    SENSITIVE = "sensitive"
    MEASURE = "measure"


@dataclass(frozen=True)
class Column:
    """One column. ``hierarchy`` is how what others may know becomes coarser; that of ``period`` depends on what is published as one.

    ``worth`` is how much research wants it as fine as can be, next to the others: all of them share what k rows have in common.
    """

    name: str
    title: str
    role: Role
    hierarchy: Hierarchy | None = None
    worth: float = 1.0


def _quasi(name: str, title: str, hierarchy: Hierarchy, worth: float) -> Column:
    return Column(name, title, Role.QUASI, hierarchy, worth)


COLUMNS: tuple[Column, ...] = (
    _quasi("period", _("Time of arrival"), time_within("year"), 0.4),
    _quasi("province", _("Province"), PLACE, 0.9),
    _quasi("channel", _("Channel"), WAY, 0.8),
    _quasi("category", _("Category"), MATTER, 1.0),
    _quasi("goods", _("Goods (SKU)"), GOODS, 0.7),
    _quasi("amount", _("Amount at stake, band"), AMOUNT, 0.7),
    _quasi("tier", _("Customer tier"), flat("tier"), 0.4),
    _quasi("language", _("Language"), flat("language"), 0.3),
    _quasi("carrier", _("Carrier"), flat("carrier"), 0.4),
    _quasi("warehouse", _("Warehouse, coded"), flat("warehouse"), 0.3),
    Column("outcome", _("Outcome"), Role.SENSITIVE),
    Column("reason", pgettext_lazy("cause", "Reason"), Role.SENSITIVE),
    Column("granted", _("Money given back, band"), Role.SENSITIVE),
    Column("case_type", _("Type of after-sales case"), Role.MEASURE),
    Column("case_result", _("Result of the case"), Role.MEASURE),
    Column("liability", _("Who is mostly liable"), Role.MEASURE),
    Column("response", _("Time to the first answer, band"), Role.MEASURE),
    Column("resolution", _("Time to the last resolution, band"), Role.MEASURE),
    Column("transit", _("Time of the return on its way, band"), Role.MEASURE),
    Column("refund_time", _("Time until the money was back, band"), Role.MEASURE),
    Column("messages", _("Messages, band"), Role.MEASURE),
    Column("rounds", _("Questions of the customer, band"), Role.MEASURE),
    Column("reopenings", _("Reopenings, band"), Role.MEASURE),
    Column("csat", _("Satisfaction, band"), Role.MEASURE),
)
BY_NAME = {column.name: column for column in COLUMNS}
NAMES = tuple(BY_NAME)


def named(role: Role) -> tuple[str, ...]:
    return tuple(column.name for column in COLUMNS if column.role == role)


QUASI, SENSITIVE = named(Role.QUASI), named(Role.SENSITIVE)


def hierarchies_of(step: str) -> tuple[Hierarchy, ...]:
    """Those of the quasi-identifiers, in their order, where one ``step`` (month, quarter, year) is published as one."""
    return (time_within(step), *(BY_NAME[name].hierarchy for name in QUASI[1:]))
