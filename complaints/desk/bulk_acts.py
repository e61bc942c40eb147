"""Acts on many complaints at once: each says what it will do, does it one complaint at a time, and can put it back."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from complaints import services
from complaints.desk import directory
from complaints.desk.canned import say_action
from complaints.desk.choices import colleague_choices
from complaints.desk.scope import Scope
from complaints.desk.variables import values_for
from complaints.models import Complaint
from foundation.exceptions import Reason, RefusedError
from ui.localize import localized
from ui.masking import mask_text
from ui.placeholders import fill, missing


class BulkAct:
    """One kind of act. ``run`` returns what ``undo`` needs to put it back; both raise the service's own refusals."""

    name = ""
    title = gettext_lazy("Change")
    permission = "complaints.label_complaint"

    def __init__(self, user: User) -> None:
        self.user = user

    def field(self, complaints: list[Complaint]) -> forms.Field:
        raise NotImplementedError

    def before(self, complaint: Complaint) -> str:
        """What the complaint has now, for the preview."""
        raise NotImplementedError

    def run(self, complaint: Complaint, value: Any, *, request_id: str) -> Any:
        raise NotImplementedError

    def undo(self, complaint: Complaint, kept: Any, *, version: int) -> None:
        raise NotImplementedError


class BulkAssign(BulkAct):
    name, title, permission = "assign", gettext_lazy("Assign"), "complaints.assign_complaint"

    def field(self, complaints):
        return forms.TypedChoiceField(label=_("Assignee"), coerce=int, choices=colleague_choices(Scope(self.user)), initial=self.user.pk)

    def before(self, complaint):
        return _assignee_of(complaint)

    def run(self, complaint, value, *, request_id):
        to = directory.colleagues.get(value)
        services.assign_complaint(complaint, to=to, by=self.user, expected_version=complaint.version, request_id=request_id)
        return complaint.assignee_id

    def undo(self, complaint, kept, *, version):
        if kept is None:
            services.release_complaint(complaint, by=self.user, expected_version=version)
        else:
            services.assign_complaint(complaint, to=directory.colleagues.get(kept), by=self.user, expected_version=version)


class BulkTag(BulkAct):
    name, title = "tag", gettext_lazy("Add a tag")

    def field(self, complaints):
        return forms.CharField(label=_("Tag"), max_length=40)

    def before(self, complaint):
        return _tags_of(complaint) or _("no tags")

    def run(self, complaint, value, *, request_id):
        kept = [tag.name for tag in complaint.tags.all()]
        services.add_tag(complaint, name=value, by=self.user, request_id=request_id)
        return kept

    def undo(self, complaint, kept, *, version):
        services.set_tags(complaint, names=kept, by=self.user, expected_version=version)


class BulkPriority(BulkAct):
    name, title = "priority", gettext_lazy("Set the priority")

    def field(self, complaints):
        return forms.TypedChoiceField(label=_("Priority"), coerce=int, choices=Complaint.Priority.choices, widget=forms.RadioSelect)

    def before(self, complaint):
        return complaint.get_priority_display()

    def run(self, complaint, value, *, request_id):
        services.set_priority(complaint, priority=value, by=self.user, expected_version=complaint.version, request_id=request_id)
        return complaint.priority

    def undo(self, complaint, kept, *, version):
        services.set_priority(complaint, priority=kept, by=self.user, expected_version=version)


class BulkMacro(BulkAct):
    """Send a macro's text to each customer and carry out its acts; nobody gets a text with an open name in it."""

    name, title, permission = "macro", gettext_lazy("Send a macro"), "complaints.reply_complaint"

    def field(self, complaints):
        return forms.ChoiceField(label=_("Macro"), choices=[(macro.code, self._say(macro)) for macro in self._macros()])

    def before(self, complaint):
        """What a macro's acts may change."""
        team = directory.teams.get(complaint.team_id)
        return " · ".join(filter(None, [complaint.get_priority_display(), _tags_of(complaint), localized(team, "name") if team else ""]))

    def run(self, complaint, value, *, request_id):
        macro = next(each for each in self._macros() if each.code == value)
        values, text = values_for(complaint, agent=self.user), localized(macro, "body", complaint.language)
        still_open = missing(text, values)
        if still_open:
            raise RefusedError([Reason("open_name", _("Still open: %(names)s") % {"names": ", ".join(still_open)})])
        message = services.post_reply(
            complaint,
            body=fill(text, values),
            by=self.user,
            expected_version=complaint.version,
            actions=macro.actions,
            request_id=request_id,
        )
        return message.pk

    def undo(self, complaint, kept, *, version):
        message = complaint.messages.get(pk=kept, author=self.user)
        services.retract_message(message, by=self.user)

    def _macros(self) -> list:
        return [
            each
            for each in directory.macros.all().values()
            if (each.team_id is None or each.team_id in self.user.team_ids) and each.body_zh
        ]

    def _say(self, macro) -> str:
        return " · ".join([localized(macro, "name"), *(say_action(action) for action in macro.actions)])


class BulkMerge(BulkAct):
    """Join the selected complaints into one of them."""

    name, title, permission = "merge", gettext_lazy("Merge"), "complaints.merge_complaint"

    def field(self, complaints):
        choices = [(each.pk, f"{each.number} {mask_text(each.subject)}") for each in complaints]
        return forms.TypedChoiceField(label=_("Which one stays?"), coerce=int, choices=choices, widget=forms.RadioSelect)

    def before(self, complaint):
        """What tells twins: the order that each is about, and who works on it."""
        order = complaint.order.number if complaint.order else _("without an order")
        return f"{order} · {_assignee_of(complaint)}"

    def run(self, complaint, value, *, request_id):
        if complaint.pk == value:
            return None
        into = Complaint(pk=value)
        services.merge_complaints(complaint, into=into, by=self.user, expected_version=complaint.version, request_id=request_id)
        return value

    def undo(self, complaint, kept, *, version):
        if kept is not None:
            services.unmerge_complaint(complaint, by=self.user, expected_version=version)


def _assignee_of(complaint: Complaint) -> str:
    return str(directory.colleagues.get(complaint.assignee_id) or "") if complaint.assignee_id else _("nobody")


def _tags_of(complaint: Complaint) -> str:
    return ", ".join(tag.name for tag in complaint.tags.all())


BULK_ACTS: dict[str, type[BulkAct]] = {act.name: act for act in (BulkAssign, BulkTag, BulkPriority, BulkMacro, BulkMerge)}
