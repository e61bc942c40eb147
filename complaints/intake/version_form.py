"""The form that writes a new version of a category's questions."""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.intake.publishing import CONTENT, newest_version, reasons_against
from complaints.intake.question_rules import OPTION, QUESTION, as_text
from complaints.intake.questions import FIELDS
from complaints.models import Category, Form

LONGEST = 40_000
EXAMPLE = '[{"key": "colour", "type": "text", "label_zh": "什么颜色", "label_en": "Which colour", "required": true}]'


class QuestionsField(forms.CharField):
    """Questions as JSON text. Where it cannot be read, the error says in which line."""

    widget = forms.Textarea(attrs={"rows": 24, "class": "code", "spellcheck": "false", "dir": "ltr"})

    def prepare_value(self, value):
        return value if isinstance(value, str) else as_text(value or [])

    def clean(self, value):
        text = super().clean(value)
        try:
            return json.loads(text) if text else []
        except json.JSONDecodeError as error:
            place = {"line": error.lineno, "column": error.colno}
            raise ValidationError(_("Cannot be read from line %(line)d, sign %(column)d on."), params=place) from None
        except RecursionError:
            raise ValidationError(_("Nested too deeply.")) from None


class VersionForm(forms.ModelForm):
    """A new version: of the category whose version ``source`` it begins with, else the first one of a category without a form."""

    source: Form | None = None
    by = None
    is_preview = False

    fields = QuestionsField(label=gettext_lazy("questions"), required=False, max_length=LONGEST)
    seen = forms.IntegerField(label=gettext_lazy("version seen"), required=False, widget=forms.HiddenInput)

    class Meta:
        model = Form
        fields = ["category", *CONTENT]

    def __init__(self, *args, **options):
        source = self.source
        first = {name: getattr(source, name) for name in ("category", *CONTENT)} if source else {"fields": []}
        options["initial"] = first | {"seen": newest_version(source.category) if source else None}
        super().__init__(*args, **options)
        category = self.fields["category"]
        category.queryset = Category.objects.filter(Q(forms__isnull=True) | Q(pk=source.category_id if source else None)).distinct()
        category.disabled = source is not None
        if source is None:
            category.help_text = _("Categories without a form. Of the others, open a version and begin with it.")
        self.fields["fields"].help_text = _explain_questions()

    def is_valid(self):
        """Looking is not publishing: a preview always comes back to the page."""
        return super().is_valid() and not self.is_preview

    def content(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in CONTENT}

    def clean(self):
        answers = super().clean()
        if not self.errors:
            reasons = reasons_against(answers["category"], content=self.content(), by=self.by, expected_version=answers["seen"])
            for reason in reasons:
                if not (self.is_preview and reason.code == "nothing_new"):
                    self.add_error("fields" if reason.code == "question" else None, str(reason.text))
        return answers


def _explain_questions() -> SafeString:
    """What may stand in a question; the names are the same in every language."""
    said = {"names": ", ".join(QUESTION), "types": ", ".join(FIELDS), "options": ", ".join(OPTION), "example": EXAMPLE}
    words = _("A question has {names}. Its type is one of {types}; each option of a choice has {options}. For example: {example}")
    return format_html(words, **{name: format_html("<code>{}</code>", text) for name, text in said.items()})
