"""The survey as a form."""

from django import forms
from django.utils.translation import gettext_lazy as _

from complaints.intake.fields import TextField
from complaints.models import Survey
from complaints.scales import asks_once, question_of, scores_of


class SurveyForm(forms.Form):
    """The scores of one scale; everything else is optional."""

    score = forms.TypedChoiceField(coerce=int, widget=forms.RadioSelect, error_messages={"required": _("Choose one of the numbers.")})
    once = forms.TypedChoiceField(
        label=_("Was it solved the first time?"), choices=[("yes", _("Yes")), ("no", _("No"))], coerce=lambda value: value == "yes",
        empty_value=None, required=False, widget=forms.RadioSelect,
    )  # fmt: skip
    reasons = forms.MultipleChoiceField(label=_("What was it about?"), required=False, widget=forms.CheckboxSelectMultiple)
    comment = TextField(label=_("What should we do better?"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args, survey: Survey, **options):
        super().__init__(*args, auto_id="%s", **options)
        self.question = question_of(survey)
        self.scores = scores_of(survey.scale)
        self.fields["score"].label = self.question.text
        self.fields["score"].choices = [(score, str(score)) for score in self.scores]
        if not asks_once(survey.scale):
            del self.fields["once"]
        self.fields["reasons"].choices = list(self.question.reasons.items())

    def scale(self):
        """The scores with their words and whether they are chosen, for the row of buttons."""
        value = self["score"].value()
        chosen = "" if value is None else str(value)
        # Words at the two ends only stand below the row.
        words = self.question.labels if len(self.question.labels) == len(self.scores) else {}
        return [(score, words.get(score, ""), str(score) == chosen) for score in self.scores]

    def ends(self):
        """The words at both ends of a scale whose scores have none of their own."""
        labels = self.question.labels
        return [] if len(labels) == len(self.scores) else sorted(labels.items())
