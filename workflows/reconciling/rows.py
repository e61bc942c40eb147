"""The lines of a day for people: what is shown on the screen, on paper and in the exports, with the same words and sums."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.models import User
from workflows.models import Statement, StatementLine
from workflows.reconciling.access import lines_for
from workflows.reconciling.causes import CAUSES, Cause
from workflows.reconciling.totals import GROUPS, DayTotals, Sum3

PAGE_ROWS = 26
ORDER = Case(*(When(match=group, then=Value(number)) for number, group in enumerate(GROUPS)), output_field=IntegerField())


@dataclass(frozen=True)
class Row:
    """One line with its words."""

    line: StatementLine

    @property
    def cause(self) -> Cause:
        return CAUSES.get(self.line.cause, Cause(""))

    @property
    def suggestion(self) -> str:
        """The number of the refund that it may be, unless that is the line's own."""
        suggested = self.line.suggested
        return suggested.out_refund_no if suggested and suggested.out_refund_no != self.line.out_refund_no else ""


def lines_of(user: User, statement: Statement) -> QuerySet[StatementLine]:
    """The visible lines of a day, differences first."""
    lines = lines_for(user).filter(statement=statement).select_related("suggested", "anomaly")
    return lines.order_by(ORDER, "position", "pk")


@dataclass
class Page:
    """A sheet of paper: its rows, what they come to, and what all sheets up to here come to."""

    number: int
    rows: list[Row]
    sums: list[Sum3]
    carried: list[Sum3]


def pages_of(lines: QuerySet[StatementLine]) -> list[Page]:
    """Rows on sheets, each with its own sum and the sum so far."""
    pages: list[Page] = []
    running = DayTotals()
    rows = [Row(line) for line in lines]
    for start in range(0, len(rows), PAGE_ROWS):
        part, own = rows[start : start + PAGE_ROWS], DayTotals()
        for row in part:
            found = Sum3(row.line.currency, 1, row.line.amount_fen, row.line.ours_fen)
            own.add(row.line.match, found)
            running.add(row.line.match, found)
        pages.append(Page(len(pages) + 1, part, own.whole, running.whole))
    return pages


def export_head() -> list[str]:
    return [
        _("Group"), _("Refund number"), _("Payment"), _("Time"), _("Currency"), _("Theirs"), _("Ours"), _("Difference"),
        _("Provider's word"), _("Cause"), _("May be"), _("Explanation"),
    ]  # fmt: skip


MONEY_COLUMNS = (5, 6, 7)


def export_rows(lines: QuerySet[StatementLine]) -> Iterator[list]:
    """Cells of each line; amounts are integers in the smallest unit, everything else is text."""
    for line in lines.iterator(chunk_size=500):
        row = Row(line)
        yield [
            line.get_match_display(),
            line.out_refund_no,
            line.payment_ref,
            localtime(line.at).strftime("%Y-%m-%d %H:%M:%S"),
            line.currency,
            line.amount_fen,
            line.ours_fen,
            line.gap_fen,
            line.kind,
            str(row.cause.text),
            row.suggestion,
            line.anomaly.reason if line.anomaly else "",
        ]


def export_sums(totals: DayTotals) -> Iterator[list]:
    """The sums of the screen, group by group, then in all."""
    groups = [(label, each) for _value, label, sums in totals.by_group for each in sums]
    for label, each in [*groups, *((_("In all"), each) for each in totals.whole)]:
        yield [str(label), str(each.count), "", "", each.currency, each.theirs, each.ours, each.gap, "", "", "", ""]
