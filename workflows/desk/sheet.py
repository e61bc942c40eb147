"""Everything that the page of a case shows, in a fixed number of queries."""

from dataclasses import dataclass

from django.db.models import QuerySet, Sum

from accounts.models import User
from complaints.access import events_of
from complaints.models import Event
from ui.localize import is_english
from workflows.cases.quantities import Quantities, read_quantities
from workflows.desk.telling import SILENT, name_task
from workflows.desk.tracks import Tracks, tracks_of
from workflows.machines.spine import SPINE
from workflows.models import Appeal, Approval, Case, CaseClock, CaseUnit, CheckResult, Refund, Resolution, Task
from workflows.money.authority import CASE, GRANT, remaining

MOST_EVENTS = 200


@dataclass(frozen=True)
class Sheet:
    """A case as its workers see it."""

    case: Case
    claims: list[CaseUnit]
    checks: list[CheckResult]
    resolutions: list[Resolution]
    refunds: list[Refund]
    approvals: list[Approval]
    appeals: list[Appeal]
    tasks: list[Task]
    clocks: list[CaseClock]
    events: list[Event]
    quantities: Quantities
    tracks: Tracks
    left_case_fen: int
    left_grant_fen: int

    @property
    def worth_fen(self) -> int:
        return sum(claim.unit.entitled_fen - claim.unit.refunded_fen for claim in self.claims)

    @property
    def clock(self) -> CaseClock | None:
        """The one of the present state."""
        return next((clock for clock in self.clocks if clock.kind == "service" and clock.code == self.case.state), None)

    @property
    def legal_clocks(self) -> list[CaseClock]:
        return [clock for clock in self.clocks if clock.kind == "legal"]

    @property
    def to_do(self) -> list[tuple[str, Task]]:
        """The open tasks with what each asks for."""
        return [(name_task(task), task) for task in self.tasks]

    @property
    def reason_words(self) -> str:
        row = self.case.policy.reasons.get(self.case.reason, {})
        return row.get("name_en" if is_english() else "name_zh", self.case.reason)

    @property
    def pending_approval(self) -> Approval | None:
        return next((row for row in self.approvals if row.state == "pending" and row.resolution_id), None)


def sheet_of(case: Case, user: User) -> Sheet:
    return Sheet(
        case=case,
        claims=list(CaseUnit.objects.filter(case=case).select_related("unit__line").order_by("unit_id")),
        checks=list(CheckResult.objects.filter(case=case).order_by("check_code", "-visit").distinct("check_code")),
        resolutions=list(case.resolutions.select_related("proposed_by", "decided_by").order_by("-revision")),
        refunds=list(case.refunds.select_related("balance__payment", "authorised_by").order_by("pk")),
        approvals=list(case.approvals.prefetch_related("steps__signed_by").select_related("asked_by", "resolution").order_by("-pk")),
        appeals=list(case.appeals.select_related("decided_by").order_by("-pk")),
        tasks=list(case.tasks.filter(done_at__isnull=True).select_related("owner").order_by("due_at", "pk")),
        clocks=list(case.clocks.filter(state__in=["running", "paused"]).select_related("rule").order_by("due_at")),
        events=history_of(case),
        quantities=read_quantities(case),
        tracks=tracks_of(case, user),
        left_case_fen=remaining(user, case, scope=CASE),
        left_grant_fen=remaining(user, case, scope=GRANT),
    )


def history_of(case: Case) -> list[Event]:
    """What happened to this case, the newest first."""
    told = events_of(case.complaint).filter(codes__case=case.pk).exclude(kind__in=SILENT)
    return list(told.order_by("-seq")[:MOST_EVENTS])


def ledger_of(case: Case) -> QuerySet:
    """What each account bears or got."""
    return case.ledger.values("account", "currency").annotate(fen=Sum("amount_fen")).order_by("account")


def owners_of(case: Case) -> list[str]:
    return [str(role.label) for role in SPINE.state(case.state).owners]
