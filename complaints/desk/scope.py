"""What a person may see on the desk, in the form that the queues' indexes want: team by team."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils.functional import cached_property

from accounts.models import User
from complaints import access
from complaints.desk import directory


@dataclass(frozen=True)
class Scope:
    """The teams to read and what binds the rows beyond that; together within ``access.visible_to``, which the tests hold it to."""

    user: User

    @cached_property
    def sees_shops(self) -> bool:
        return self.user.is_superuser or self.user.has_perm("complaints.manage_shop")

    @cached_property
    def team_ids(self) -> list[int]:
        return sorted(directory.teams.all() if self.sees_shops else access.teams_of(self.user))

    @cached_property
    def bounds(self) -> Q:
        if self.user.is_superuser or not self.sees_shops:
            return Q()
        return Q(merchant__in=access.shops_of(self.user)) | Q(team__in=access.teams_of(self.user))
