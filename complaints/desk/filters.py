"""What an agent narrows the queue by. A filter is a small dict, the same in addresses and in saved views."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _

from complaints.lifecycle import LIVE, Status
from complaints.models import Complaint

FIELDS = ("status", "category", "priority", "team", "assignee", "tag", "matched", "channel")
MOST_VALUES = 20
LONGEST_VALUE = 60


@dataclass(frozen=True)
class Filter:
    """Chosen values per field. Values of one field are alternatives; ``match`` says how the fields meet."""

    match: str = "all"
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.chosen)

    @property
    def shows_ended(self) -> bool:
        """Whether somebody asked for complaints that are no longer worked on."""
        return any(status not in LIVE for status in self.chosen.get("status", ()))

    def as_json(self) -> dict:
        return {"match": self.match, **{name: list(values) for name, values in self.chosen.items()}}

    def as_query(self) -> str:
        query = QueryDict(mutable=True)
        for name, values in self.chosen.items():
            query.setlist(name, values)
        if self.chosen and self.match == "any":
            query["match"] = "any"
        return query.urlencode()

    def condition(self, *, user) -> Q:
        """The filter as one condition; empty when nothing is chosen."""
        parts = [_alternatives(name, values, user) for name, values in self.chosen.items()]
        whole = Q()
        for part in parts:
            whole = whole | part if self.match == "any" and whole else whole & part
        return whole


def read_filter(source: Mapping) -> Filter:
    """Take a filter out of an address or a saved view; unknown fields and values are left out, never an error."""
    chosen = {}
    for name in FIELDS:
        values = source.getlist(name) if hasattr(source, "getlist") else source.get(name, [])
        known = [value for value in _texts(values) if _is_known(name, value)]
        if known:
            chosen[name] = tuple(dict.fromkeys(known))[:MOST_VALUES]
    return Filter("any" if source.get("match") == "any" else "all", chosen)


def _texts(values) -> list[str]:
    return [value for value in values if isinstance(value, str) and 0 < len(value) <= LONGEST_VALUE] if isinstance(values, list) else []


def _is_known(name: str, value: str) -> bool:
    if name == "status":
        return value in Status.values
    if name == "priority":
        return value in map(str, Complaint.Priority.values)
    if name == "channel":
        return value in Complaint.Channel.values
    if name == "matched":
        return value in ("yes", "no")
    if name == "assignee":
        return value in ("me", "none") or value.isascii() and value.isdigit() and len(value) < 16
    return "\x00" not in value


def _alternatives(name: str, values: tuple[str, ...], user) -> Q:
    if name == "assignee":
        return _assignees(values, user)
    if name == "matched":
        return Q() if len(values) == 2 else Q(order__isnull=values[0] == "no")
    columns = {"category": "category__code__in", "team": "team__code__in", "tag": "tags__name__in"}
    return _tagged(values) if name == "tag" else Q(**{columns.get(name, f"{name}__in"): list(values)})


def _tagged(values: tuple[str, ...]) -> Q:
    # A subquery instead of a join, so that two chosen tags do not show a complaint twice.
    tagged = Complaint.tags.through._default_manager.filter(tag__name__in=values)
    return Q(pk__in=tagged.values("complaint_id"))


def _assignees(values: tuple[str, ...], user) -> Q:
    ids = [user.pk if value == "me" else int(value) for value in values if value != "none"]
    condition = Q(assignee__in=ids) if ids else Q()
    return condition | Q(assignee__isnull=True) if "none" in values else condition


def describe(chosen: Filter, labels: Mapping[str, Mapping[str, str]]) -> str:
    """Say a filter in words; ``labels`` gives the words of each field's values."""
    joiner = _(" or ") if chosen.match == "any" else _(" and ")
    return joiner.join(" / ".join(labels.get(name, {}).get(value, value) for value in values) for name, values in chosen.chosen.items())
