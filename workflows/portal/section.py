"""The part of a complaint's page that tells of its cases: where they stand, or how to apply."""

from dataclasses import dataclass

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from complaints.lifecycle import Status
from complaints.models import Complaint
from ui.timefmt import relative
from workflows.machines.spine import SPINE, CaseState
from workflows.models import Case, CaseClock
from workflows.portal.pages import OVER, UNSENT, name_of
from workflows.portal.stops import stage_of

# A complaint that is over in these ways takes no application.
CLOSED_TO_IT = frozenset({Status.MERGED, Status.SPAM})
YOUR_TURN = frozenset({CaseState.INFO_NEEDED, CaseState.AWAITING_RETURN})


@dataclass(frozen=True)
class Line:
    """One case in a line."""

    case: Case
    name: str
    words: str
    stage: str
    due: str
    is_yours: bool


@dataclass(frozen=True)
class Section:
    """The cases of a complaint, and whether its customer may apply for another."""

    lines: list[Line]
    may_apply: bool

    @property
    def waiting(self) -> Line | None:
        """The case that waits for its customer."""
        return next((line for line in self.lines if line.is_yours), None)


def section_of(complaint: Complaint) -> Section | None:
    """None where there is nothing to tell: no order is known, or the complaint goes on elsewhere. One query, and none without an order."""
    if complaint.order_id is None or complaint.erased_at or complaint.status in CLOSED_TO_IT:
        return None
    promised = CaseClock.objects.filter(case=OuterRef("pk"), kind=CaseClock.Kind.SERVICE, state=CaseClock.State.RUNNING).values("due_at")
    rows = complaint.cases.select_related("policy").annotate(due_at=Subquery(promised.filter(code=OuterRef("state"))[:1])).order_by("-pk")
    cases = [case for case in rows if case.state not in UNSENT]
    lines = [_line(case) for case in cases]
    return Section(lines, all(case.state in OVER for case in cases))


def _line(case: Case) -> Line:
    now, state = timezone.now(), SPINE.state(case.state)
    due = relative(case.due_at, now) if case.due_at and case.due_at > now and case.state not in OVER else ""
    return Line(case, name_of(case), str(state.label), stage_of(case.state), due, case.state in YOUR_TURN)
