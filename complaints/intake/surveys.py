"""The survey as a form."""

from django import forms
from django.utils.translation import gettext_lazy as _

from complaints.intake.fields import TextField
from complaints.services.surveys import REASONS

SCORES = {
    1: _("Very bad"),
    2: _("Bad"),
    3: _("So-so"),
    4: _("Good"),
    5: _("Very good"),
}


class SurveyForm(forms.Form):
    """Five labelled scores; everything else is optional."""

    score = forms.TypedChoiceField(
        label=_("How was it?"),
        choices=SCORES.items(),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the five.")},
    )
    reasons = forms.MultipleChoiceField(
        label=_("What was it about?"), choices=REASONS.items(), required=False, widget=forms.CheckboxSelectMultiple
    )
    comment = TextField(label=_("What should we do better?"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args, **options):
        super().__init__(*args, auto_id="%s", **options)

    def scale(self):
        """The five choices with whether they are chosen, for the row of buttons."""
        chosen = str(self["score"].value() or "")
        return [(score, label, str(score) == chosen) for score, label in SCORES.items()]
