"""Small forms of the desk that belong to no verb."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from complaints.desk.choices import category_choices
from complaints.desk.doors import number_in
from ui.forms import NamedChoiceField
from ui.placeholders import names

SHORTEST_JUDGED = 12
PARTIES = {
    "shop": _("Shop"), "warehouse": _("Warehouse"), "carrier": _("Carrier"), "supplier": _("Supplier"), "platform": _("Platform"),
    "customer": _("Customer"),
}  # fmt: skip
LIABILITIES = [("", _("Choose who")), *PARTIES.items()]


class SavedViewForm(forms.Form):
    """A name for the filter that is set, and for whom it is kept."""

    name = forms.CharField(label=_("Name of the view"), max_length=40)
    team = NamedChoiceField(label=_("Who sees it"), queryset=Team.objects.none(), required=False, empty_label=_("Only me"))

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        if user.has_perm("complaints.share_savedview"):
            self.fields["team"].queryset = Team.objects.filter(pk__in=user.team_ids)
        else:
            del self.fields["team"]


class ReplyForm(forms.Form):
    """A reply to the customer with what happens next. An open ``{name}`` blocks sending; another language asks once."""

    body = forms.CharField(label=_("Reply"), required=False, max_length=8000, widget=forms.Textarea)
    then = forms.ChoiceField(choices=[(value, value) for value in ("", "next", "ask_customer", "resolve")], required=False)
    expected_version = forms.IntegerField(min_value=0)
    request_id = forms.CharField(max_length=64)
    seen = forms.IntegerField(min_value=0)
    confirm = forms.BooleanField(required=False)
    language_ok = forms.BooleanField(required=False)
    reason_code = forms.ChoiceField(label=_("Reason"), required=False)
    liability = forms.ChoiceField(label=_("Who caused it"), choices=LIABILITIES, required=False)

    def __init__(self, *args, complaint, **kwargs):
        super().__init__(*args, **kwargs)
        self.complaint = complaint
        self.asks_language = False
        self.fields["reason_code"].choices = [("", _("Choose a reason")), *category_choices()]

    def clean_body(self):
        body = self.cleaned_data["body"]
        still_open = names(body)
        if still_open:
            raise forms.ValidationError(_("Still open: %(names)s") % {"names": ", ".join(f"{{{name}}}" for name in still_open)})
        return body

    def clean(self):
        answers = super().clean()
        if answers.get("then") == "resolve":
            for name in ("reason_code", "liability"):
                if not answers.get(name):
                    self.add_error(name, _("Choose one before resolving."))
        if "body" in answers and not answers.get("language_ok") and is_other_language(answers["body"], self.complaint.language):
            self.asks_language = True
            self.add_error("body", _("The customer wrote in another language. Send again if you mean it."))
        return answers

    def then_inputs(self) -> dict:
        """What resolving needs beside the text."""
        if self.cleaned_data["then"] != "resolve":
            return {}
        answers = self.cleaned_data
        return {"resolution": answers["body"], "reason_code": answers["reason_code"], "liability": {answers["liability"]: 100}}

    def canned(self) -> dict[str, int | None]:
        """Codes of the canned replies that were inserted, each with the version that was shown."""
        given = self.data.getlist("canned_reply") if hasattr(self.data, "getlist") else []
        named = [each.rpartition("@")[::2] if "@" in each else (each, "") for each in given if each and not each.startswith("macro:")]
        return {code: number_in(version) for code, version in named[:10]}


def is_other_language(body: str, language: str) -> bool:
    """Whether a text is clearly not in the customer's language: no Chinese for a Chinese customer, mostly Chinese for another."""
    letters = [letter for letter in body if letter.isalpha()]
    if len(letters) < SHORTEST_JUDGED:
        return False
    han = sum("\u4e00" <= letter <= "\u9fff" for letter in letters) / len(letters)
    return han < 0.05 if language.startswith("zh") else han > 0.3


class RevealForm(forms.Form):
    """Why somebody needs a personal field in full."""

    reason = forms.CharField(
        label=_("Why do you need it?"), max_length=200, help_text=_("Your name, the field and this reason are written down.")
    )


class HoldForm(forms.Form):
    """Why a complaint must not be erased."""

    reason = forms.CharField(label=_("Reason"), max_length=300)
