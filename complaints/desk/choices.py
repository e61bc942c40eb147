"""The words of what can be chosen on the desk: for filters, for bulk acts and for the fields beside a complaint."""

from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from complaints.desk import directory
from complaints.desk.filters import Filter
from complaints.desk.scope import Scope
from complaints.lifecycle import Status
from complaints.models import Category, Complaint, Message, Tag
from ui.controls import CardLabel
from ui.localize import localized
from ui.masking import mask_text
from ui.timefmt import absolute

MOST_TAGS = 60
LONGEST_WORDS = 90


def labels() -> dict[str, dict[str, str]]:
    """The words of every filter value, by field."""
    return {
        "status": _words(Status.choices),
        "category": {category.code: localized(category, "name") for category in directory.categories.all().values()},
        "priority": {str(value): str(label) for value, label in Complaint.Priority.choices},
        "team": {team.code: localized(team, "name") for team in directory.teams.all().values()},
        "assignee": {"me": _("me"), "none": _("nobody")} | {str(key): str(user) for key, user in directory.colleagues.all().items()},
        "matched": {"yes": _("with an order"), "no": _("without an order")},
        "channel": _words(Complaint.Channel.choices),
    }


def filter_fields(chosen: Filter, scope: Scope) -> list[dict]:
    """The fields of the filter form with their choices, the chosen ones ticked."""
    words = labels()
    words["category"] = dict(category_choices())
    words["team"] = dict(team_choices(scope))
    words["assignee"] = {"me": _("me"), "none": _("nobody")} | {str(key): name for key, name in colleague_choices(scope)}
    words["tag"] = {name: name for name in Tag.objects.values_list("name", flat=True)[:MOST_TAGS]}
    titles = {
        "status": _("Status"), "category": _("Category"), "priority": _("Priority"), "team": _("Team"), "assignee": _("Assignee"),
        "tag": _("Tag"), "matched": _("Order"), "channel": _("Channel"),
    }  # fmt: skip
    return [
        {
            "name": name,
            "title": title,
            "is_open": name in chosen.chosen or name == "status",
            "choices": [(value, label, value in chosen.chosen.get(name, ())) for value, label in words[name].items()],
        }
        for name, title in titles.items()
        if words[name]
    ]


def category_choices() -> list[tuple[str, str]]:
    active = [category for category in directory.categories.all().values() if category.is_active]
    return [(category.code, localized(category, "name")) for category in sorted(active, key=lambda each: (each.root, each.position))]


def category_of(code: str) -> Category:
    """The category of a chosen code."""
    return next(each for each in directory.categories.all().values() if each.code == code)


def category_name(code: str) -> str:
    """The name of a category; a code that nothing has any more stays one."""
    return next((localized(each, "name") for each in directory.categories.all().values() if each.code == code), code)


def message_card(message: Message) -> CardLabel:
    """A message to tick: who said it and when, above its first words."""
    who = {Message.Author.CUSTOMER: _("Customer"), Message.Author.AUTO: _("Automatic")}.get(message.author_kind)
    colleague = directory.colleagues.get(message.author_id) if message.author_id else None
    files = len(message.attachments.all())
    count = ngettext("%(count)d file", "%(count)d files", files) % {"count": files} if files else ""
    hint = " · ".join(filter(None, [who or str(colleague or ""), absolute(message.created_at), count]))
    return CardLabel(Truncator(mask_text(" ".join(message.body.split()))).chars(LONGEST_WORDS) or count, hint=hint)


def team_choices(scope: Scope | None = None) -> list[tuple[str, str]]:
    """Teams to choose from: every active one, or those that a person may see."""
    teams = [team for team in directory.teams.all().values() if team.is_active and (scope is None or team.pk in scope.team_ids)]
    return [(team.code, localized(team, "name")) for team in teams]


def colleague_choices(scope: Scope) -> list[tuple[int, str]]:
    """The people of the teams that a person sees."""
    members = directory.members.all()
    ids = {user_id for team_id in scope.team_ids for user_id in members.get(team_id, ())}
    people = ((user_id, directory.colleagues.get(user_id)) for user_id in ids)
    return sorted(((user_id, str(user)) for user_id, user in people if user and user.is_active), key=lambda pair: pair[1])


def _words(choices) -> dict[str, str]:
    return {value: str(label) for value, label in choices}
