"""Who may see which figures. A scope is a filter, so no mark counts a fact that its list hides."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from accounts.models import Membership, User
from analytics.metrics.questions import Filters
from complaints.access import visible_to
from complaints.models import Complaint
from orders.models import Merchant, MerchantMember, WarehouseMember

VIEW = "analytics.view_figures"
LOGS = "analytics.view_importedlog"
# Families that tell what complaints cost.
MONEY = frozenset({"money"})
COSTS = frozenset({"comp_cost", "refund_cost", "recovered", "quick_comp"})


@dataclass(frozen=True)
class Sight:
    """How far somebody sees: their filter, and whether it is more than their own work. Read at use, so removal acts at once."""

    user: User

    @cached_property
    def sees_house(self) -> bool:
        return self.user.has_perm("analytics.view_house_figures")

    @cached_property
    def sees_teams(self) -> bool:
        return self.sees_house or self.user.has_perm("analytics.view_team_figures")

    @cached_property
    def sees_logs(self) -> bool:
        """Whether imported logs are seen, and then whole: they belong to no shop and no team, so neither limits their figures."""
        return self.sees_house and self.user.has_perm(LOGS)

    @cached_property
    def sees_money(self) -> bool:
        return self.user.has_perm("analytics.view_money_figures")

    @cached_property
    def sees_warehouse(self) -> bool:
        return self.user.has_perm("analytics.view_warehouse_figures")

    @cached_property
    def shops(self) -> list[int]:
        return sorted(MerchantMember.objects.filter(user=self.user).values_list("merchant_id", flat=True))

    @cached_property
    def teams(self) -> list[int]:
        return sorted(Membership.objects.filter(user=self.user, is_lead=True).values_list("team_id", flat=True))

    @cached_property
    def filters(self) -> Filters:
        """What limits every figure of this person. Whoever manages every shop is not limited: the sums of all shops are kept."""
        if self.sees_house:
            has_all = not Merchant.objects.exclude(pk__in=self.shops).exists()
            return Filters() if has_all else Filters.of({"merchant": self.shops})
        if self.sees_teams:
            return Filters.of({"team": self.teams})
        if self.sees_warehouse:
            return Filters.of({"warehouse": WarehouseMember.objects.filter(user=self.user).values_list("warehouse_id", flat=True)})
        return Filters() if self.sees_money else Filters.of({"agent": [self.user.pk]})

    @property
    def extent(self) -> tuple[bool, ...]:
        """What two people who see the same have in common beside their filters."""
        return self.sees_house, self.sees_teams, self.sees_money, self.sees_warehouse

    def may_open(self, complaint_ids: Collection[int]) -> set[int]:
        """Which of these complaints this person may open now: a figure may count what has gone to another team since."""
        return set(visible_to(self.user).filter(pk__in=complaint_ids).values_list("pk", flat=True)) if complaint_ids else set()

    def sees(self, metric) -> bool:
        """Money is for those who may read it; finance alone sees nothing else."""
        if metric.family.name in MONEY:
            return self.sees_money or self.sees_house
        return self.sees_teams or self.sees_warehouse or not self.sees_money


def numbers_of(complaint_ids: Collection[int]) -> dict[int, str]:
    """How complaints are called; a number opens nothing."""
    return dict(Complaint.objects.filter(pk__in=complaint_ids).values_list("pk", "number")) if complaint_ids else {}


def sight_of(user: User) -> Sight | None:
    """None for whoever sees no figures at all."""
    return Sight(user) if user.is_active and user.has_perm(VIEW) else None
