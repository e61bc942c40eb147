"""What finance types: which provider and day, the file, and reasons."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.files import clean_name
from workflows.reconciling.listed import GATEWAYS, day_of
from workflows.reconciling.parsing import MOST_BYTES, TOO_BIG, StatementFile, UnreadableStatementError, read_statement

GATEWAY_NAMES = {"wechat": _("WeChat Pay"), "alipay": _("Alipay"), "stripe": "Stripe", "demo": _("Demo gateway")}
CHOICES = [(code, GATEWAY_NAMES[code]) for code in GATEWAYS]


def name_of_gateway(code: str) -> str:
    return str(GATEWAY_NAMES.get(code, code))


class DayForm(forms.Form):
    """A provider and a day, for a statement that the provider is asked for."""

    gateway = forms.ChoiceField(label=_("Payment provider"), choices=CHOICES)
    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class UploadForm(DayForm):
    """A statement that a person downloaded. The file is read here, so that everything wrong with it stands beside the field."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("The CSV file of one day as it was downloaded, at most 20 MB."),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        error_messages={"required": _("Choose the file."), "empty": _("The file is empty.")},
    )

    statement: StatementFile
    name = ""

    def clean_day(self):
        day = self.cleaned_data["day"]
        if day >= day_of(timezone.now()):
            raise forms.ValidationError(_("This day is not over yet. Its statement is whole from tomorrow on."))
        return day

    def clean(self):
        given = super().clean()
        file = given.get("file")
        if file and given.get("day") and given.get("gateway"):
            self.name = clean_name(file.name or "")
            self._read(given["gateway"], file, given["day"])
        return given

    def _read(self, gateway: str, file, day) -> None:
        try:
            if file.size > MOST_BYTES:
                raise UnreadableStatementError(TOO_BIG)
            self.statement = read_statement(gateway, file.read(), day=day)
        except UnreadableStatementError as error:
            for reason in error.reasons:
                self.add_error("file", f"{reason.text} {reason.cure}".strip())


class ReasonForm(forms.Form):
    """Why, in a few words."""

    reason = forms.CharField(label=_("Why"), max_length=200, error_messages={"required": _("Say why, in a few words.")})
