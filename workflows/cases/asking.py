"""What a guard is asked about: who wants which verb on which row of a case, with what. The reads behind it are made once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils import timezone

from complaints.access import is_lead_of
from workflows.machines.table import Machine, Verb
from workflows.models import Appeal, Approval, Case, CaseUnit, CheckResult, Outbound, Parcel, Recovery, Refund, Repair, Resolution
from workflows.models.moves import Declared


@dataclass
class Asking:
    """``args`` are what the verb was given; ``is_rehearsal`` asks without them, to tell what would be needed."""

    row: Declared
    verb: Verb
    case: Case
    by: Any = None
    roles: frozenset[str] = frozenset()
    args: Mapping[str, Any] = field(default_factory=dict)
    at: datetime = field(default_factory=timezone.now)
    is_rehearsal: bool = False

    @property
    def machine(self) -> Machine:
        return self.row.machine

    @property
    def is_staff(self) -> bool:
        return self.by is not None

    @property
    def is_lead(self) -> bool:
        return self.by is not None and is_lead_of(self.by, self.case.complaint)

    def given(self, name: str) -> Any:
        return self.args.get(name)

    @cached_property
    def refunds(self) -> list[Refund]:
        return list(Refund.objects.filter(case=self.case).order_by("pk"))

    @cached_property
    def parcels(self) -> list[Parcel]:
        return list(Parcel.objects.filter(links__case=self.case).order_by("pk"))

    @cached_property
    def claims(self) -> list[CaseUnit]:
        return list(CaseUnit.objects.filter(case=self.case).select_related("unit").order_by("pk"))

    @cached_property
    def outbounds(self) -> list[Outbound]:
        return list(Outbound.objects.filter(case=self.case).order_by("pk"))

    @cached_property
    def repairs(self) -> list[Repair]:
        return list(Repair.objects.filter(claim__case=self.case).order_by("pk"))

    @cached_property
    def recoveries(self) -> list[Recovery]:
        return list(Recovery.objects.filter(case=self.case).order_by("pk"))

    @cached_property
    def appeals(self) -> list[Appeal]:
        return list(Appeal.objects.filter(case=self.case).order_by("pk"))

    @cached_property
    def checks(self) -> list[CheckResult]:
        """The newest answer of each check; a case that was opened again is checked anew."""
        return list(CheckResult.objects.filter(case=self.case).order_by("check_code", "-visit").distinct("check_code"))

    @cached_property
    def approval(self) -> Approval | None:
        """The chain of the newest proposal of the case, if it is not void."""
        return Approval.objects.filter(case=self.case, resolution__isnull=False).order_by("-pk").select_related("resolution").first()

    @cached_property
    def proposal(self) -> Resolution | None:
        return Resolution.objects.filter(case=self.case).order_by("-revision").first()

    @cached_property
    def current(self) -> Resolution | None:
        return Resolution.objects.filter(case=self.case, standing=Resolution.Standing.CURRENT).first()
