"""The small forms of verbs and labels: what each act asks for, and the service that it calls."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.timezone import localtime, now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from complaints import access, services
from complaints.chat.callbacks import book_callback
from complaints.chat.hours import call_windows
from complaints.desk import directory
from complaints.desk.choices import category_choices, category_of, colleague_choices, message_card, team_choices
from complaints.desk.forms import LIABILITIES
from complaints.desk.scope import Scope
from complaints.desk.snapshot import snapshot
from complaints.emotion.words import LEVELS
from complaints.models import Category, Complaint, Message
from complaints.numbers import parse_number
from complaints.services.splitting import choosable_messages

MOST_EVIDENCE = 30
MOST_MESSAGES = 60


def text_field(label, *, rows: int = 3, required: bool = True, help_text="") -> forms.CharField:
    return forms.CharField(
        label=label, max_length=8000, required=required, help_text=help_text, widget=forms.Textarea(attrs={"rows": rows})
    )


class ActForm(forms.Form):
    """The base of every act: what it saw of the complaint, and a name that makes sending it twice one act."""

    service: Callable[..., Any]
    expected_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    request_id = forms.CharField(widget=forms.HiddenInput, max_length=64)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=600)

    def __init__(self, *args, complaint: Complaint, user: User, **kwargs):
        self.complaint, self.user = complaint, user
        super().__init__(*args, **kwargs)
        self.fields["expected_version"].initial, self.fields["seen"].initial = complaint.version, snapshot(complaint)
        self.prepare()

    def prepare(self) -> None:
        """Fill choices and first values from the complaint."""

    def inputs(self) -> dict[str, Any]:
        """What the service takes beside who asks and what they saw."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ActForm.base_fields}

    def goal(self, result: Any) -> str:
        """The number of the complaint to show when it is done."""
        return self.complaint.number

    def run(self) -> Any:
        answers = self.cleaned_data
        return type(self).service(
            self.complaint, by=self.user, expected_version=answers["expected_version"], request_id=answers["request_id"], **self.inputs()
        )


class PlainForm(ActForm):
    """An act that asks for nothing but a yes."""


class Begin(PlainForm):
    service = staticmethod(services.begin_complaint)


class Wake(PlainForm):
    service = staticmethod(services.wake_complaint)


class Resume(PlainForm):
    service = staticmethod(services.resume_complaint)


class Claim(PlainForm):
    service = staticmethod(services.claim_complaint)


class Restore(PlainForm):
    service = staticmethod(services.restore_complaint)


class Unmerge(PlainForm):
    service = staticmethod(services.unmerge_complaint)


class Unbind(PlainForm):
    service = staticmethod(services.unbind_order)


class Watch(PlainForm):
    service = staticmethod(services.watch_complaint)


class Unwatch(PlainForm):
    service = staticmethod(services.unwatch_complaint)


class Reasoned(ActForm):
    """An act that needs a reason in words."""

    reason = text_field(_("Reason"))


class Reopen(Reasoned):
    service = staticmethod(services.reopen_complaint)

    def prepare(self) -> None:
        self.fields["reason"].required = self.complaint.resolved_by_id != self.user.pk


class Withdraw(Reasoned):
    service = staticmethod(services.withdraw_complaint)
    reason = text_field(_("The customer's message or call"), help_text=_("Cite where the customer asked for it."))


class MarkSpam(Reasoned):
    service = staticmethod(services.mark_spam)


class Escalate(Reasoned):
    service = staticmethod(services.escalate_complaint)


class Release(Reasoned):
    service = staticmethod(services.release_complaint)
    reason = text_field(_("Reason"), required=False)


class Summarised(ActForm):
    """An act that keeps what was found out as a note."""

    summary = text_field(_("What was said"))


class Answer(Summarised):
    service = staticmethod(services.answer_complaint)


class HandBack(Summarised):
    service = staticmethod(services.hand_back)
    summary = text_field(_("What did the department find out?"))


class GiveUp(Summarised):
    service = staticmethod(services.give_up_complaint)
    summary = text_field(_("What the customer will read"))


class Resolve(ActForm):
    """The decision, its reason and who caused it."""

    service = staticmethod(services.resolve_complaint)
    resolution = text_field(_("Result, as the customer reads it"), rows=4)
    reason_code = forms.ChoiceField(label=_("Reason"))
    liability = forms.ChoiceField(label=_("Who caused it"), choices=LIABILITIES)

    def prepare(self) -> None:
        self.fields["reason_code"].choices = [("", _("Choose a reason")), *category_choices()]
        self.fields["reason_code"].initial = self.complaint.category.code
        last = self.complaint.messages.filter(author_kind=Message.Author.HUMAN, kind=Message.Kind.PUBLIC, retracted_at__isnull=True)
        self.fields["resolution"].initial = last.order_by("-id").values_list("body", flat=True).first() or ""

    def inputs(self) -> dict[str, Any]:
        return {**super().inputs(), "liability": {self.cleaned_data["liability"]: 100}}


class Decline(ActForm):
    """A person's no: facts, the rule and the evidence looked at. The customer reads how to appeal."""

    service = staticmethod(services.decline_complaint)
    facts = text_field(_("Facts, as the customer reads them"), rows=4)
    reason_code = forms.ChoiceField(label=_("Reason"))
    basis = forms.CharField(label=_("Rule and its version"), max_length=200)
    evidence = forms.MultipleChoiceField(label=_("Evidence looked at"), required=False, widget=forms.CheckboxSelectMultiple)

    def prepare(self) -> None:
        self.fields["reason_code"].choices = [("", _("Choose a reason")), *category_choices()]
        files = self.complaint.attachments.order_by("id").values_list("pk", "name")[:MOST_EVIDENCE]
        self.fields["evidence"].choices = list(files)
        if not files:
            del self.fields["evidence"]

    def inputs(self) -> dict[str, Any]:
        return {**super().inputs(), "evidence": [int(pk) for pk in self.cleaned_data.get("evidence", [])]}


class HandOver(ActForm):
    service = staticmethod(services.hand_over)
    department = forms.ChoiceField(label=_("Department"), choices=[("", _("Choose the department")), *Complaint.Department.choices])
    owner = forms.CharField(label=_("Who has it there"), max_length=60)
    expected_on = forms.DateField(label=_("Expected on"), widget=forms.DateInput(attrs={"type": "date"}))

    def prepare(self) -> None:
        self.fields["expected_on"].initial = localtime(now() + timedelta(days=1)).date().isoformat()


class Snooze(ActForm):
    service = staticmethod(services.snooze_complaint)
    until = forms.DateTimeField(
        label=_("Until"),
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
        input_formats=["%Y-%m-%dT%H:%M"],
    )
    reason = forms.CharField(label=_("Reason"), max_length=200)

    def prepare(self) -> None:
        self.fields["until"].initial = min(self.complaint.due_at, now() + timedelta(hours=2))


class Merge(ActForm):
    """Join this complaint into another one that the agent may see too."""

    service = staticmethod(services.merge_complaints)
    into = forms.CharField(label=_("Number of the complaint to join"), max_length=40)
    reason = text_field(_("Reason"), required=False)

    def prepare(self) -> None:
        twins = self.complaint.links.filter(kind="duplicate_of").values_list("target__number", flat=True)
        self.fields["into"].initial = twins.first() or ""

    def clean_into(self) -> Complaint:
        number = parse_number(self.cleaned_data["into"])
        found = access.visible_to(self.user).filter(number=number).exclude(pk=self.complaint.pk).first() if number else None
        if found is None:
            raise forms.ValidationError(_("No other complaint of yours has this number."))
        return found


class Split(ActForm):
    """Some of the messages as a complaint of their own, with its own category and subject."""

    service = staticmethod(services.split_complaint)
    messages = forms.TypedMultipleChoiceField(label=_("Messages that go on by themselves"), coerce=int, widget=forms.CheckboxSelectMultiple)
    category = forms.ChoiceField(label=_("Category of the new complaint"))
    subject = forms.CharField(label=_("Subject of the new complaint"), max_length=120, required=False)

    def prepare(self) -> None:
        newest = choosable_messages(self.complaint).prefetch_related("attachments").reverse()[:MOST_MESSAGES]
        self.fields["messages"].choices = [(each.pk, message_card(each)) for each in reversed(newest)]
        self.fields["category"].choices = [("", _("Choose a category")), *category_choices()]

    def clean_category(self) -> Category:
        return category_of(self.cleaned_data["category"])

    def goal(self, result: Complaint) -> str:
        return result.number if access.can_see(self.user, result) else self.complaint.number


class Priority(ActForm):
    service = staticmethod(services.set_priority)
    priority = forms.TypedChoiceField(label=_("Priority"), choices=Complaint.Priority.choices, coerce=int, widget=forms.RadioSelect)

    def prepare(self) -> None:
        self.fields["priority"].initial = self.complaint.priority


class SetRisk(ActForm):
    """Correct what the words of the customer seemed to hint at; the reason is kept with it."""

    service = staticmethod(services.set_risk)
    level = forms.TypedChoiceField(label=_("Risk hint"), choices=list(LEVELS.items()), coerce=int, widget=forms.RadioSelect)
    reason = text_field(_("Reason"), rows=2)

    def prepare(self) -> None:
        self.fields["level"].initial = self.complaint.risk_level


class Tags(ActForm):
    service = staticmethod(services.set_tags)
    names = forms.CharField(
        label=_("Tags"),
        required=False,
        max_length=400,
        help_text=_("Several with commas."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def prepare(self) -> None:
        self.fields["names"].initial = ", ".join(tag.name for tag in self.complaint.tags.all())

    def clean_names(self) -> list[str]:
        text = self.cleaned_data["names"].replace("，", ",").replace("、", ",")
        return [name.strip() for name in text.split(",") if name.strip()]


class SetCategory(ActForm):
    service = staticmethod(services.set_category)
    category = forms.ChoiceField(label=_("Category"))

    def prepare(self) -> None:
        self.fields["category"].choices = category_choices()
        self.fields["category"].initial = self.complaint.category.code

    def clean_category(self) -> Category:
        return category_of(self.cleaned_data["category"])


class Transfer(ActForm):
    service = staticmethod(services.transfer_complaint)
    team = forms.ChoiceField(label=_("Team"))
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def prepare(self) -> None:
        self.fields["team"].choices = team_choices()
        team = directory.teams.get(self.complaint.team_id)
        self.fields["team"].initial = team.code if team else ""

    def clean_team(self):
        return next(team for team in directory.teams.all().values() if team.code == self.cleaned_data["team"])


class Assign(ActForm):
    """Give the complaint to somebody. Beyond skill or capacity it needs a reason."""

    service = staticmethod(services.assign_complaint)
    to = forms.TypedChoiceField(label=_("Assignee"), coerce=int)
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False, help_text=_("Needed beyond skill or capacity."))

    def prepare(self) -> None:
        self.fields["to"].choices = colleague_choices(Scope(self.user))
        self.fields["to"].initial = self.complaint.assignee_id or self.user.pk

    def clean_to(self) -> User:
        return directory.colleagues.get(self.cleaned_data["to"])


class LogCall(ActForm):
    """A telephone call: what was said, and whether the customer was reached."""

    service = staticmethod(services.log_call)
    summary = text_field(_("What was said"))
    is_reached = forms.BooleanField(label=_("The customer was reached"), required=False, initial=True)


class PromiseCall(ActForm):
    """A call in a window that was agreed on with the customer; whoever promises it makes it."""

    window = forms.ChoiceField(label=_("When shall we call?"))

    def prepare(self) -> None:
        self.windows = {window.code: window for window in call_windows(now())}
        self.fields["window"].choices = [(code, window.words) for code, window in self.windows.items()]

    def run(self) -> Any:
        window = self.windows[self.cleaned_data["window"]]
        return book_callback(self.complaint, window, by=self.user, request_id=self.cleaned_data["request_id"])


class DecideAppeal(ActForm):
    """The answer of a lead who did not decide before."""

    service = staticmethod(services.decide_appeal)
    is_upheld = forms.ChoiceField(
        label=_("Decision"),
        choices=[("yes", _("Upheld: open the complaint again")), ("no", _("The decision stands"))],
        widget=forms.RadioSelect,
    )
    answer = text_field(_("Answer, as the customer reads it"), rows=4)

    def inputs(self) -> dict[str, Any]:
        return {**super().inputs(), "is_upheld": self.cleaned_data["is_upheld"] == "yes"}
