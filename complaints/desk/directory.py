"""Small tables that every page of the desk names: teams, categories and colleagues. Read at most every 30 s per process."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from accounts.models import Membership, Team, User
from complaints.models import Category, Macro

SECONDS = 30.0


@dataclass
class Shelf:
    """The rows of one table by key, with the moment at which they are read again."""

    read: Callable[[], dict]
    rows: dict = field(default_factory=dict)
    fresh_until: float = 0.0

    def all(self) -> dict:
        if time.monotonic() >= self.fresh_until:
            self.rows, self.fresh_until = self.read(), time.monotonic() + SECONDS
        return self.rows

    def get(self, key) -> Any:
        """The row of a key; a key that is not there yet is looked for once more."""
        if key not in self.all():
            self.fresh_until = 0.0
        return self.all().get(key)

    def forget(self) -> None:
        self.fresh_until = 0.0


teams = Shelf(lambda: {team.pk: team for team in Team.objects.all()})
categories = Shelf(lambda: {category.pk: category for category in Category.objects.all()})
colleagues = Shelf(lambda: {user.pk: user for user in User.objects.only("pk", "name", "username", "is_active")})
members = Shelf(lambda: _members())
macros = Shelf(lambda: {macro.pk: macro for macro in Macro.objects.filter(is_active=True)})


def forget() -> None:
    """Read everything anew at the next use."""
    for shelf in (teams, categories, colleagues, members, macros):
        shelf.forget()


def _members() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for team_id, user_id in Membership.objects.values_list("team_id", "user_id"):
        found.setdefault(team_id, []).append(user_id)
    return found
