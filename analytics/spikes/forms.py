"""What somebody says about a spike."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from analytics.improvements.access import improvements_for
from analytics.lifecycle import OPEN_ITEMS
from analytics.models import Spike


class ExplainForm(forms.Form):
    """Why it happened, and what takes care of it."""

    cause = forms.ChoiceField(label=_("What it comes from"), error_messages={"required": _("Choose what it comes from.")})
    improvement = forms.ModelChoiceField(
        label=_("Improvement item"), queryset=None, required=False, empty_label=_("None chosen"), help_text=_("If one takes care of it.")
    )
    explanation = forms.CharField(
        label=_("What happened"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say why, in a few words.")},
    )

    def __init__(self, *args, user: User, **options) -> None:
        super().__init__(*args, **options)
        self.fields["cause"].choices = [("", _("Choose")), *Spike.Cause.choices]
        self.fields["improvement"].queryset = improvements_for(user).filter(state__in=OPEN_ITEMS).order_by("-proposed_at", "-pk")

    def clean(self):
        given = super().clean()
        if given.get("cause") == Spike.Cause.IMPROVEMENT and not given.get("improvement"):
            self.add_error("improvement", _("Choose the improvement item that takes care of it."))
        return given
