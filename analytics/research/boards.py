"""What the pages of exports for research show."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Min
from django.utils import timezone

from accounts.models import User
from analytics.models import Arrival, ResearchExport
from foundation.exceptions import Reason
from foundation.keyset import Page, keyset_page
from orders.models import Merchant

from .access import exports_for
from .columns import BY_NAME
from .exporting import cohorts_of
from .files import TYPES, describe
from .planning import last_closed
from .words import refusal

ROWS = 20
MOST_MONTHS = 120


@dataclass(frozen=True)
class Line:
    """One export as a line of the list, and the head of its own page."""

    export: ResearchExport
    shops: str
    is_own: bool
    reason: Reason | None


def list_exports(user: User, cursor: str) -> tuple[list[Line], Page]:
    """The newest exports that somebody may see; a fixed number of queries."""
    page = keyset_page(exports_for(user), order=("-asked_at", "-id"), after=cursor, size=ROWS)
    return lines_of(page.rows, user), page


def lines_of(exports: Sequence[ResearchExport], user: User) -> list[Line]:
    names = _names_of(exports)
    return [_line(export, user, names) for export in exports]


def _line(export: ResearchExport, user: User, names: dict[int, str]) -> Line:
    shops = ", ".join(names[pk] for pk in export.merchant_ids)
    reason = refusal(export.why, **export.about) if export.why else None
    return Line(export, shops, export.asked_by_id == user.pk, reason)


def _names_of(exports: Iterable[ResearchExport]) -> dict[int, str]:
    wanted = {pk for export in exports for pk in export.merchant_ids}
    return dict(Merchant.objects.filter(pk__in=wanted).values_list("pk", "name"))


def show_export(export: ResearchExport, user: User) -> dict:
    """One export: its head, and once it is made what is in it and its files."""
    line = lines_of([export], user)[0]
    context = {"line": line, "export": export, "columns": [BY_NAME[name].title for name in export.columns]}
    if export.state == ResearchExport.State.DONE:
        context |= {"about": describe(export, cohorts_of(export)), "files": list(TYPES) if line.is_own and not export.is_expired else []}
    return context


def closed_months(merchants: Sequence[Merchant]) -> list[str]:
    """The months of these shops that can be published, newest first."""
    first = Arrival.objects.filter(source=0, merchant__in=[each.pk for each in merchants], arrived=1).aggregate(day=Min("day"))["day"]
    last = last_closed(timezone.localdate())
    return [] if first is None or first > last else _months(first, last)[:MOST_MONTHS]


def _months(first: date, last: date) -> list[str]:
    numbers = range(last.year * 12 + last.month - 1, first.year * 12 + first.month - 2, -1)
    return [f"{number // 12:04}-{number % 12 + 1:02}" for number in numbers]
