"""The form of a saved report: its name, who else sees it, and when it goes to whom."""

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Team, User
from accounts.roles import LABELS, PERMISSIONS
from analytics.access import VIEW
from analytics.models import SavedReport
from ui.forms import NamedChoiceField

from .access import recipients_for
from .saving import Wish


class ReportForm(forms.Form):
    """What ``Wish`` holds. Parts that a choice does not need are left out by the service, so nothing is wrong without JavaScript."""

    name = forms.CharField(label=pgettext_lazy("report", "Name"), max_length=80)
    shared = forms.ChoiceField(
        label=_("Who else finds it"), choices=SavedReport.Shared, help_text=_("Everybody sees the figures that are theirs to see.")
    )
    team = NamedChoiceField(label=_("Which team"), queryset=Team.objects.order_by("name_zh"), empty_label="–", required=False)
    role = forms.ChoiceField(label=_("Which role"), required=False)
    rhythm = forms.ChoiceField(label=_("By mail"), choices=SavedReport.Rhythm)
    weekday = forms.TypedChoiceField(label=_("On which weekday, if every week"), choices=list(WEEKDAYS.items()), coerce=int)
    month_day = forms.IntegerField(
        label=_("On which day, if every month"), min_value=1, max_value=31, help_text=_("Shorter months are served on their last day.")
    )
    hour = forms.TypedChoiceField(label=_("At what time"), choices=[(hour, f"{hour:02d}:00") for hour in range(24)], coerce=int)
    recipients = forms.ModelMultipleChoiceField(
        label=_("To whom"), queryset=User.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, by: User, **options):
        super().__init__(*args, **options)
        self.fields["recipients"].queryset = recipients_for(by)
        roles = [(name, label) for name, label in LABELS.items() if VIEW in PERMISSIONS[name]]
        self.fields["role"].choices = [("", "–"), *roles]

    @property
    def wish(self) -> Wish:
        """What was asked for."""
        return Wish(**self.cleaned_data)

    def when_fields(self) -> list:
        """What says when and to whom."""
        return [self[name] for name in ("rhythm", "hour", "weekday", "month_day")]

    def who_fields(self) -> list:
        """What says how it is called and who finds it."""
        return [self[name] for name in ("name", "shared", "team", "role")]


def answers_of(report: SavedReport) -> dict:
    """A report as the form shows it."""
    names = ("name", "shared", "team", "role", "rhythm", "weekday", "month_day", "hour")
    return {name: getattr(report, name) for name in names} | {"recipients": [each.user_id for each in report.recipients.all()]}
