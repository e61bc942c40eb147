"""The filters of a page as a form: what can be chosen, and what is."""

from dataclasses import dataclass

from analytics.access import Sight
from analytics.desk.choice import Choice
from analytics.desk.names import carriers, name_of, title_of, warehouses
from complaints.desk import directory
from complaints.models import Complaint


@dataclass(frozen=True)
class Option:
    """One value that can be chosen."""

    value: str
    name: str
    is_chosen: bool


@dataclass(frozen=True)
class Group:
    """The values of one dimension."""

    name: str
    title: str
    options: list[Option]

    @property
    def number(self) -> int:
        return sum(option.is_chosen for option in self.options)


def filter_groups(choice: Choice) -> list[Group]:
    """What this reader can choose: only what they may see."""
    known = known_values(choice.sight)
    return [group for name, values in known.items() if (group := _group(name, values, choice)).options]


def known_values(sight: Sight) -> dict[str, list[str]]:
    """The values of each dimension that can be chosen from a list."""
    teams = directory.teams.all() if sight.sees_house else sight.teams if sight.sees_teams else []
    shops = [str(shop) for shop in sight.shops] if sight.sees_house else []
    agents = sorted({user for team in teams for user in directory.members.all().get(team, ())})
    return {
        "merchant": shops if len(shops) > 1 else [],
        "channel": list(Complaint.Channel.values),
        "category": [each.code for each in directory.categories.all().values()],
        "team": [str(team) for team in teams],
        "agent": [str(user) for user in agents],
        "carrier": list(carriers.all()),
        "warehouse": list(warehouses.all()) if sight.sees_house else [],
        "priority": [str(value) for value in Complaint.Priority.values],
        "tier": ["standard", "vip"],
    }


def _group(name: str, known: list[str], choice: Choice) -> Group:
    chosen = set(choice.chosen.values(name))
    options = [Option(value, name_of(name, value), value in chosen) for value in dict.fromkeys([*known, *sorted(chosen)])]
    return Group(name, title_of(name), options)
