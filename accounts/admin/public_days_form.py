"""The form that brings in the public days of a year, from a file or as text."""

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import PublicDay
from accounts.public_days import PublicDaysError, PublicPeriod, read_periods, write_periods
from accounts.services.calendars import difference, newest_year

LARGEST_FILE = 200_000


class PeriodsField(forms.CharField):
    """Lines of a file of public days; every fault is said with its line."""

    widget = forms.Textarea(attrs={"rows": 16, "class": "code", "spellcheck": "false", "dir": "auto"})

    def clean(self, value):
        text = super().clean(value)
        try:
            return read_periods(text) if text else []
        except PublicDaysError as error:
            raise ValidationError(error.faults) from None


class PublicDaysForm(forms.ModelForm):
    """A file, or the text beside it, which begins with the newest year as an example."""

    is_preview = False
    file_fault = ""

    file = forms.FileField(label=gettext_lazy("file"), required=False)
    text = PeriodsField(label=gettext_lazy("days"), required=False, strip=False, max_length=LARGEST_FILE)
    reason = forms.CharField(label=gettext_lazy("reason of the change"), required=False, max_length=200, widget=AdminTextInputWidget)

    class Meta:
        model = PublicDay
        fields: list[str] = []

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.label = capfirst(field.label)
        self.fields["text"].initial = write_periods(newest_year())
        self.fields["file"].help_text = _("CSV or JSON, at most 200 kB. What it holds takes the place of the text below.")
        self.fields["text"].help_text = _("A line for each holiday and each make-up day. Every year that is named is replaced as a whole.")

    def is_valid(self):
        """Looking is not publishing: a preview always comes back to the page."""
        return super().is_valid() and not self.is_preview

    def full_clean(self):
        """A chosen file becomes the text first, so that it is kept over a preview and its faults stand at its lines."""
        if self.is_bound and self.files.get("file"):
            self._take_file(self.files["file"])
        super().full_clean()

    def clean(self):
        answers = super().clean()
        if self.file_fault:
            self.add_error("file", self.file_fault)
        elif not self.errors and not answers.get("text"):
            self.add_error("text", _("There is no line in it."))
        return answers

    def preview(self) -> dict[str, Any]:
        """What the page shows below: the periods, and what they change."""
        periods: list[PublicPeriod] = self.cleaned_data.get("text", []) if self.is_bound and not self.errors else []
        added, removed = difference(periods) if periods else ([], [])
        return {"periods": periods, "added": added, "removed": removed}

    def _take_file(self, upload) -> None:
        if upload.size > LARGEST_FILE:
            self.file_fault = _("The file is larger than 200 kB.")
            return
        text = _decode(upload.read())
        if text is None:
            self.file_fault = _("The file is no text.")
            return
        self.data = self.data.copy()
        self.data["text"] = text


def _decode(content: bytes) -> str | None:
    """UTF-8, else what a Chinese spreadsheet writes."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None
