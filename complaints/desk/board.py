"""What a lead's boards cover: the teams they answer for, one of them or all, and the lists that their figures open."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from accounts.models import Team, User
from complaints import access
from complaints.desk import directory
from complaints.desk.filters import Filter
from complaints.desk.scope import Scope
from ui.localize import localized


@dataclass(frozen=True)
class Board:
    """A lead's teams and the one that was chosen. Every figure is counted with ``filter``, which its list carries in the address."""

    scope: Scope
    teams: Sequence[Team]
    chosen: Team | None = None

    @property
    def user(self) -> User:
        return self.scope.user

    @property
    def shown(self) -> Sequence[Team]:
        return [self.chosen] if self.chosen else self.teams

    @property
    def team_ids(self) -> list[int]:
        return [team.pk for team in self.shown]

    @property
    def filter(self) -> Filter:
        """Empty when the board covers all that its lead sees."""
        if not self.chosen and len(self.teams) == len(self.scope.team_ids):
            return Filter()
        return Filter(chosen={"team": tuple(team.code for team in self.shown)})

    @property
    def query(self) -> str:
        """The part of an address that keeps the chosen team."""
        return f"team={self.chosen.code}" if self.chosen else ""

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        return [(team.code, localized(team, "name"), team == self.chosen) for team in self.teams]

    def list_url(self, view: str, **more: str) -> str:
        """The list behind a figure."""
        chosen = Filter(chosen={**self.filter.chosen, **{name: (value,) for name, value in more.items()}})
        return f"{reverse('admin:desk-queue')}?{'&'.join(filter(None, [f'view={view}', chosen.as_query()]))}"


def board_of(request: HttpRequest) -> Board:
    """The board of whoever asks; a team that is not theirs chooses nothing."""
    scope = Scope(request.user)
    teams = teams_led(scope)
    code = request.GET.get("team", "")
    return Board(scope, teams, next((team for team in teams if team.code == code), None))


def teams_led(scope: Scope) -> list[Team]:
    """The teams that somebody leads; a manager answers for every team that works for the shop."""
    led = scope.team_ids if scope.sees_shops else [pk for pk, is_lead in access.teams_of(scope.user).items() if is_lead]
    found = [team for pk in led if (team := directory.teams.get(pk)) and team.is_active]
    return sorted(found, key=lambda team: team.code)
