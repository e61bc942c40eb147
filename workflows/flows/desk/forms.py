"""What somebody writes on the page of a definition: its text or a file with it, and what goes with a publication."""

from django import forms
from django.utils.translation import gettext_lazy as _

from workflows.flows.text import LONGEST_TEXT
from workflows.services.flow_versions import LONGEST_REASON

MOMENT = "%Y-%m-%dT%H:%M"
MOST_REPLAYED = 500


class TextForm(forms.Form):
    """The text of a definition. A file takes its place."""

    text = forms.CharField(label=_("Definition"), max_length=LONGEST_TEXT, strip=False, required=False)
    file = forms.FileField(label=_("Or bring in a file"), required=False, help_text=_("A definition as it was exported."))
    last = forms.IntegerField(label=_("How many past cases"), min_value=1, max_value=MOST_REPLAYED, required=False, initial=50)
    reason = forms.CharField(label=_("Why it changes"), max_length=LONGEST_REASON, required=False)
    expected = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def clean(self):
        answers = super().clean()
        upload = answers.get("file")
        if upload is not None:
            answers["text"] = self._read(upload)
        if not (answers.get("text") or "").strip():
            self.add_error("text", _("Write a definition, or choose a file."))
        return answers

    def _read(self, upload) -> str:
        if upload.size > LONGEST_TEXT:
            self.add_error("file", _("This file is too large for a definition."))
            return ""
        try:
            return upload.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            self.add_error("file", _("This file is not text in UTF-8."))
            return ""


class PublishForm(forms.Form):
    """What a publication is signed with."""

    reason = forms.CharField(label=_("Why it changes"), max_length=LONGEST_REASON, required=False)
    effective_from = forms.DateTimeField(
        label=_("In force from"),
        required=False,
        help_text=_("Empty: at once. Only new cases follow it."),
        input_formats=[MOMENT],
        widget=forms.DateTimeInput(format=MOMENT, attrs={"type": "datetime-local"}),
    )
    acknowledge = forms.BooleanField(label=_("I have read what changes"), required=False)
    expected = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
