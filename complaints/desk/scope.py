"""Whose complaints a person sees on the desk, in the form that the queues' indexes want: team by team."""

from dataclasses import dataclass

from django.utils.functional import cached_property

from accounts.models import User
from complaints import access
from complaints.desk import directory


@dataclass(frozen=True)
class Scope:
    """The teams whose complaints are read; ``access.visible_to`` still filters every row."""

    user: User

    @cached_property
    def sees_shops(self) -> bool:
        return self.user.is_superuser or self.user.has_perm("complaints.manage_shop")

    @cached_property
    def reach(self) -> access.Reach | None:
        return access.reach_of(self.user)

    @cached_property
    def team_ids(self) -> list[int]:
        return sorted(directory.teams.all() if self.sees_shops else access.teams_of(self.user))
