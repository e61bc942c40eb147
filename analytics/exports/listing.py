"""One list behind a mark: the facts it holds, and the file that is made of them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from analytics.desk import lists
from analytics.desk.choice import Choice
from analytics.desk.page import notes_of
from analytics.metrics.registry import Metric, Part
from analytics.models import Fact
from ui.exports.sheets import Sheet


@dataclass(frozen=True)
class Listing:
    """A part of a figure, within what somebody has chosen and may see."""

    metric: Metric
    part: Part
    choice: Choice

    @property
    def name(self) -> str:
        """What its files are called, without the extension."""
        return f"{self.metric.id}-{self.part.flag}-{self.choice.span.first}-{self.choice.span.last}"

    @property
    def query(self) -> str:
        """What is chosen, with its days: tomorrow they are still the same."""
        return self.choice.query_of(self.choice.span, None)

    def facts(self, *, as_of: datetime) -> QuerySet[Fact]:
        return lists.facts_of(self.metric, self.part, self.choice, as_of=as_of)

    def size(self, *, as_of: datetime) -> int:
        """How many rows it has: as many as its mark says."""
        return lists.sizes_of(self.metric, self.choice, as_of=as_of)[self.part.flag]

    def sheet(self, *, as_of: datetime, mark: str) -> Sheet:
        """The whole list, in the language that is spoken now; ``mark`` says who took it and why."""
        notes, moment = (*notes_of(self.choice, as_of), mark), lists.moment_of(self.choice, as_of)
        return lists.sheet_of_list(self.metric, self.part, self.facts(as_of=as_of), notes, moment=moment)


def mark_of(by: User, *, reason: str, entry: int) -> str:
    """Who took a list, what for, and under which number that is written down."""
    return _("Exported by %(name)s for: %(reason)s (#%(number)d)") % {"name": by, "reason": reason, "number": entry}
