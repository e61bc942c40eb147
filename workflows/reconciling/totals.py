"""What a day comes to, by group and in all: the figures of the screen, of the exports and of the printed page are made here."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from accounts.models import User
from workflows.models import Statement, StatementLine
from workflows.reconciling.access import lines_for
from workflows.reconciling.listed import day_of

Match = StatementLine.Match
# In the order of the screen: what somebody must act on comes first.
GROUPS = (Match.ONLY_THERE, Match.OTHER_AMOUNT, Match.ONLY_HERE, Match.MATCHED)


@dataclass
class Sum3:
    """Lines of one currency: how many, and both sides of them in the smallest unit."""

    currency: str
    count: int = 0
    theirs: int = 0
    ours: int = 0

    @property
    def gap(self) -> int:
        return self.theirs - self.ours

    def add(self, other: "Sum3") -> None:
        self.count += other.count
        self.theirs += other.theirs
        self.ours += other.ours


@dataclass
class DayTotals:
    """The sums of one statement by group and currency. ``unexplained`` counts differences that nobody has explained."""

    groups: dict[str, dict[str, Sum3]] = field(default_factory=lambda: {group: {} for group in GROUPS})
    unexplained: int = 0

    def add(self, match: str, found: Sum3) -> None:
        self.groups[match].setdefault(found.currency, Sum3(found.currency)).add(found)

    @property
    def whole(self) -> list[Sum3]:
        """All groups together, one sum for each currency."""
        sums: dict[str, Sum3] = {}
        for group in self.groups.values():
            for each in group.values():
                sums.setdefault(each.currency, Sum3(each.currency)).add(each)
        return [sums[currency] for currency in sorted(sums)] or [Sum3("CNY")]

    @property
    def by_group(self) -> list[tuple[str, str, list[Sum3]]]:
        """Each group with its name and its sums; an empty group says so with a zero."""
        return [(group.value, group.label, list(self.groups[group].values()) or [Sum3(self.whole[0].currency)]) for group in GROUPS]

    def count_of(self, match: str) -> int:
        return sum(each.count for each in self.groups[match].values())

    @property
    def difference_count(self) -> int:
        return sum(self.count_of(group) for group in GROUPS if group != Match.MATCHED)

    @property
    def balances(self) -> bool:
        return self.difference_count == 0


@dataclass(frozen=True)
class Day:
    """One row of the list: a statement, what it comes to, and how it stands."""

    statement: Statement
    totals: DayTotals

    @property
    def stage(self) -> str:
        """The ring of its state."""
        if self.statement.is_closed:
            return "closed"
        if self.totals.balances:
            return "answered"
        return "ours" if self.totals.unexplained else "outside"

    @property
    def is_over(self) -> bool:
        return self.statement.day < day_of(timezone.now())


def totals_of(lines: QuerySet[StatementLine], statements: Iterable[Statement]) -> dict[int, DayTotals]:
    """The sums of many statements in one query, over the lines that somebody may see."""
    totals = {statement.pk: DayTotals() for statement in statements}
    open_ones = Count("pk", filter=~Q(match=Match.MATCHED) & Q(anomaly__closed_at=None))
    rows = lines.filter(statement__in=list(totals)).order_by().values("statement_id", "match", "currency")
    for row in rows.annotate(number=Count("pk"), theirs=Sum("amount_fen"), ours=Sum("ours_fen"), open_ones=open_ones):
        day = totals[row["statement_id"]]
        day.add(row["match"], Sum3(row["currency"], row["number"], row["theirs"], row["ours"]))
        day.unexplained += row["open_ones"]
    return totals


def days_of(user: User, statements: Iterable[Statement]) -> list[Day]:
    """Statements with their sums, in the order given."""
    found = list(statements)
    totals = totals_of(lines_for(user), found)
    return [Day(statement, totals[statement.pk]) for statement in found]
