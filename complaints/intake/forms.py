"""The two pages of filing, and the short form that asks for a person."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from complaints.chat.hours import Window
from complaints.intake.catalogue import OTHER, Catalogue
from complaints.intake.fields import LineField, MailField, PhoneField, TextField, typed_input
from complaints.intake.questions import asks_when, believable_day, initial_answers, question_fields, stored_answers, when_it_happened
from complaints.models import Category, Complaint, Form
from ui.controls import CardLabel
from ui.money import format_money

LONGEST_DESCRIPTION = 8000
HOURS = [(text, text) for text in ("09:00–12:00", "12:00–18:00", "18:00–21:00")]
TALL = {"rows": 5}


def phone_input(**attributes) -> forms.TelInput:
    return forms.TelInput(attrs={"autocomplete": "tel", "inputmode": "tel"} | attributes)


class ProblemForm(forms.Form):
    """Page one: what is wrong, with which order, and what would help."""

    error_css_class = ""
    category = forms.CharField(
        label=_("What went wrong?"), widget=forms.RadioSelect, error_messages={"required": _("Choose what went wrong.")}
    )
    lines = forms.MultipleChoiceField(label=_("Which goods?"), widget=forms.CheckboxSelectMultiple, required=False)
    order_text = LineField(
        label=_("Order number or waybill"),
        max_length=120,
        required=False,
        help_text=_("Paste it as it is. Not at hand? Leave it empty, we look for it."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    phone = PhoneField(
        label=_("Phone of the order"),
        max_length=40,
        required=False,
        help_text=_("With the order number we find your order at once."),
        widget=phone_input(),
    )
    wish = forms.ChoiceField(
        label=_("What would help you?"),
        choices=Complaint.Wish.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what would help you.")},
    )
    description = TextField(
        label=_("What happened?"),
        max_length=LONGEST_DESCRIPTION,
        required=False,
        widget=forms.Textarea(attrs=TALL),
        help_text=_("In your own words, as long or short as you like."),
    )

    def __init__(self, *args, catalogue: Catalogue, order: dict[str, Any] | None = None, has_files: bool = False, **options):
        super().__init__(*args, auto_id="%s", **options)
        self.catalogue, self.order, self.has_files = catalogue, order, has_files
        if order:
            self._ask_for_lines(order)
        else:
            del self.fields["lines"]

    def _ask_for_lines(self, order: dict[str, Any]) -> None:
        del self.fields["order_text"], self.fields["phone"]
        self.fields["lines"].choices = line_choices(order)
        if len(order["lines"]) == 1:
            self.initial.setdefault("lines", [str(order["lines"][0]["id"])])

    def clean_category(self) -> Category:
        category = self.catalogue.categories.get(self.cleaned_data["category"])
        if category is None:
            raise ValidationError(_("This kind of complaint is no longer offered. Choose another one."), code="unknown")
        return category

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        category = cleaned.get("category")
        if category is not None and "description" not in self.errors and not self._says_enough(category, cleaned):
            self.add_error("description", ValidationError(_("Tell us in a few words what happened, or add a photo."), code="empty"))
        return cleaned

    def _says_enough(self, category: Category, cleaned: dict[str, Any]) -> bool:
        """ "Something else" needs words. Any other kind says what it is; with an order or a photo a person can begin."""
        if cleaned.get("description"):
            return True
        if category.code == OTHER:
            return False
        asked = any(question.get("required") for question in self.catalogue.forms[category.code].fields)
        return bool(self.order or cleaned.get("order_text") or self.has_files or asked)


class ReachableForm(forms.Form):
    """A form that must leave us a way to answer: phone or e-mail, unless the order's phone is known."""

    known_phone = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not (cleaned.get("phone") or cleaned.get("email") or self.known_phone or {"phone", "email"} & set(self.errors)):
            self.add_error(
                "phone", ValidationError(_("Leave a phone number or an e-mail address, so that we can answer."), code="unreachable")
            )
        return cleaned


class DetailsForm(ReachableForm):
    """Page two: the few questions of this category, and how to reach the customer."""

    phone = PhoneField(label=_("Phone"), max_length=40, required=False, widget=phone_input())
    email = MailField(
        label=_("E-mail"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("Progress and a private link come here."),
    )
    name = LineField(
        label=_("What may we call you?"), max_length=60, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    hours = forms.ChoiceField(label=_("When may we call?"), choices=[("", _("Any time")), *HOURS], required=False)

    def __init__(self, *args, form: Form, order: dict[str, Any] | None, asks_lines: bool, known_phone: bool = False, **options):
        super().__init__(*args, auto_id="%s", **options)
        self.form, self.order, self.known_phone = form, order, known_phone
        own, self.fields = self.fields, question_fields(form)
        if asks_lines:
            self.fields = {"lines": self._lines()} | self.fields
        if not asks_when(form):
            self.fields["happened_on"] = self._day()
        self.question_names = list(self.fields)
        self.fields |= own

    def _lines(self) -> forms.Field:
        about = {
            "label": _("Which goods?"),
            "widget": forms.CheckboxSelectMultiple,
            "error_messages": {"required": _("Choose the goods it is about.")},
        }
        return forms.MultipleChoiceField(choices=line_choices(self.order), **about)

    def _day(self) -> forms.Field:
        widget = typed_input(forms.DateInput(format="%Y-%m-%d"), "date")
        return forms.DateField(
            label=_("When did it happen?"), required=False, widget=widget, validators=[believable_day, not_in_the_future]
        )

    def questions(self):
        return [self[name] for name in self.question_names]

    def answers(self) -> dict[str, Any]:
        """What was answered and can be kept, as the draft and the complaint keep it; on an invalid page the valid part."""
        cleaned = self.cleaned_data
        stored = stored_answers(self.form, cleaned)
        happened_on = cleaned.get("happened_on") or when_it_happened(self.form, stored)
        kept = {"questions": stored, "happened_on": happened_on.isoformat() if happened_on else ""}
        if "lines" in cleaned:
            kept["lines"] = [int(number) for number in cleaned["lines"]]
        return kept | {name: cleaned[name] for name in ("phone", "email", "name", "hours") if name in cleaned}


class HumanForm(forms.Form):
    """One page to a person who is there. Only what it is about is asked; how else to reach the customer may stay empty."""

    asks_window = False
    description = TextField(
        label=_("What is it about?"),
        max_length=LONGEST_DESCRIPTION,
        widget=forms.Textarea(attrs=TALL | {"data-arrive": ""}),
        error_messages={"required": _("Tell us in a few words what it is about.")},
    )
    phone = PhoneField(label=_("Phone"), max_length=40, required=False, widget=phone_input())
    email = MailField(label=_("E-mail"), max_length=254, required=False, widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    order_text = LineField(
        label=_("Order number or waybill"), max_length=120, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args, **options):
        super().__init__(*args, auto_id="%s", **options)


class CallForm(HumanForm, ReachableForm):
    """The same page while nobody is there: an answer in writing, or a call in one of these windows."""

    asks_window = True

    def __init__(self, *args, windows: Sequence[Window], **options):
        super().__init__(*args, **options)
        self.windows = {window.code: window for window in windows}
        self.fields["window"] = window_field(windows, _("When shall we call?"), extra=[("", _("No call, answer me in writing"))])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        cleaned["window"] = self.windows.get(cleaned.get("window", ""))
        if cleaned["window"] and not cleaned.get("phone") and "phone" not in self.errors:
            self.add_error("phone", ValidationError(_("Leave the number that we shall call."), code="unreachable"))
        return cleaned


class WindowForm(forms.Form):
    """When to call about a complaint; the number is asked for where we have none."""

    phone = PhoneField(
        label=_("Phone"), max_length=40, widget=phone_input(), error_messages={"required": _("Leave the number that we shall call.")}
    )

    def __init__(self, *args, windows: Sequence[Window], knows_phone: bool, **options):
        super().__init__(*args, auto_id="%s", **options)
        self.windows = {window.code: window for window in windows}
        self.fields = {"window": window_field(windows, _("When shall we call?"))} | self.fields
        if knows_phone:
            del self.fields["phone"]

    def clean_window(self) -> Window:
        return self.windows[self.cleaned_data["window"]]


def window_field(windows: Sequence[Window], label, *, extra: Sequence = ()) -> forms.ChoiceField:
    """A choice among windows in which we call."""
    choices = [*extra, *((window.code, window.words) for window in windows)]
    errors = {"required": _("Choose when we shall call."), "invalid_choice": _("This time has just gone. Choose another one.")}
    return forms.ChoiceField(label=label, choices=choices, required=not extra, widget=forms.RadioSelect, error_messages=errors)


def details_initial(form: Form, answers: dict[str, Any]) -> dict[str, Any]:
    """What page two shows before it is submitted: everything that is already known."""
    plain = {name: answers.get(name, "") for name in ("phone", "email", "name", "hours", "happened_on")}
    lines = [str(number) for number in answers.get("lines", [])]
    return {**initial_answers(form, answers.get("questions", {})), **plain, "lines": lines}


def line_choices(order: dict[str, Any]) -> list[tuple[str, CardLabel]]:
    """The goods of an order as choice cards with their price."""
    return [(str(line["id"]), CardLabel(line["title"], hint=_line_hint(line, order["currency"]))) for line in order["lines"]]


def _line_hint(line: dict[str, Any], currency: str) -> str:
    return " · ".join(filter(None, [line["variant"], f"× {line['quantity']}", format_money(line["paid_fen"], currency)]))


def not_in_the_future(day) -> None:
    if day > timezone.localdate():
        raise ValidationError(_("This day is still to come. Please check it."), code="future")


class ReplyForm(forms.Form):
    """What a customer writes on the complaint: an answer, more facts, or why an act is wanted."""

    body = TextField(label=_("Your message"), max_length=LONGEST_DESCRIPTION, required=False, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args, **options):
        super().__init__(*args, auto_id="%s", **options)

    def require_body(self, *, unless) -> None:
        """Ask for words when there is nothing else."""
        if not unless and not self.errors:
            self.add_error("body", ValidationError(_("Write something, or add a file."), code="empty"))


class ResendForm(forms.Form):
    """What somebody knows who has lost the link: the number, and how we were to reach them."""

    number = LineField(
        label=_("Complaint number"),
        max_length=40,
        help_text=_("It begins with C and stands in every message from us."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Type the number of the complaint.")},
    )
    contact = LineField(
        label=_("Phone or e-mail that you gave us"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "email"}),
        error_messages={"required": _("Type the phone number or e-mail address that you gave us.")},
    )

    def __init__(self, *args, **options):
        super().__init__(*args, auto_id="%s", **options)
