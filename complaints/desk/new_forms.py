"""The form with which an agent files for a customer: the questions of the portal, and where the customer spoke."""

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from complaints.desk.choices import category_choices
from complaints.intake.catalogue import Catalogue
from complaints.intake.fields import TextField
from complaints.intake.forms import DetailsForm
from complaints.models import Complaint, Form
from ui.controls import CardLabel

Channel = Complaint.Channel
SPOKEN = (Channel.PHONE, Channel.CHAT, Channel.MAIL, Channel.WECHAT, Channel.SOCIAL, Channel.COUNTER)


class OnBehalfForm(DetailsForm):
    """Everything of the customer's two pages at once. Without a category there are no questions yet."""

    channel = forms.ChoiceField(
        label=_("Where did the customer come?"), choices=[(each.value, each.label) for each in SPOKEN], widget=forms.RadioSelect
    )
    about = forms.ChoiceField(label=_("Which order?"), required=False, widget=forms.RadioSelect)
    shop = forms.TypedChoiceField(label=_("Shop"), coerce=int)
    category = forms.ChoiceField(label=_("Category"), error_messages={"required": _("Choose a category.")})
    wish = forms.ChoiceField(label=_("Wanted outcome"), choices=Complaint.Wish.choices)
    description = TextField(
        label=_("What happened, in the customer's words"), max_length=8000, required=False, widget=forms.Textarea(attrs={"rows": 5})
    )
    language = forms.ChoiceField(label=_("The customer reads"), choices=settings.LANGUAGES)

    def __init__(
        self, *args, offered: Catalogue, code: str, subjects: list[tuple[str, CardLabel]], shops: list[tuple[int, str]], **options
    ):
        super().__init__(*args, form=offered.forms.get(code) or Form(fields=[]), **options)
        known = [choice for choice in category_choices() if choice[0] in offered.forms]
        self.fields["category"].choices = [("", _("Choose a category")), *known]
        self.fields["about"].choices = subjects
        self.fields["shop"].choices = shops
        if len(shops) < 2:
            del self.fields["shop"]
        self.fields["phone"].label, self.fields["email"].help_text = _("Phone"), _("The receipt and a private link go there.")
        self.fields["name"].label, self.fields["hours"].label = _("Name"), _("When to call")

    def _lines(self) -> forms.Field:
        field = super()._lines()
        field.required = self.form.asks_lines
        return field

    def filing_answers(self) -> dict[str, Any]:
        """What was answered, with the questions of the category as they are kept."""
        kept = self.answers()
        day = date.fromisoformat(kept["happened_on"]) if kept["happened_on"] else None
        return self.cleaned_data | {"questions": kept["questions"], "happened_on": day, "line_ids": kept.get("lines", [])}


def typed_so_far(form: OnBehalfForm, posted: QueryDict) -> dict[str, Any]:
    """What stands in the fields, unchecked, so that looking something up loses nothing."""
    multiple = forms.CheckboxSelectMultiple
    return {
        name: posted.getlist(name) if isinstance(field.widget, multiple) else posted[name]
        for name, field in form.fields.items()
        if name in posted or isinstance(field.widget, multiple)
    }
