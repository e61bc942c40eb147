"""The form that corrects measured handling time."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from complaints import access
from complaints.desk import directory
from complaints.desk.act_forms import ActForm, text_field
from complaints.desk.effort import name_contact, say_ms
from complaints.effort.access import contacts_of
from complaints.effort.figures import Figure, figures_for
from complaints.models import Contact
from complaints.services.effort import LONGEST, correct_effort

MOST_MINUTES = LONGEST // timedelta(minutes=1)


class CorrectEffort(ActForm):
    """So many minutes more or less on one contact; leads choose whose."""

    service = staticmethod(correct_effort)
    figure = forms.ChoiceField(label=_("Whose time, on which contact"))
    minutes = forms.DecimalField(
        label=_("Minutes"),
        max_digits=5,
        decimal_places=1,
        min_value=-MOST_MINUTES,
        max_value=MOST_MINUTES,
        help_text=_("With a minus they are taken off."),
    )
    reason = text_field(_("Reason"), rows=2)

    def prepare(self) -> None:
        contacts = {contact.pk: contact for contact in contacts_of(self.complaint).order_by("at", "pk")}
        figures = {(each.agent, each.contact): each for each in figures_for(self.user, self.complaint)}
        newest = next(reversed(contacts), None)
        for agent in self._people():
            figures.setdefault((agent, newest), Figure(agent, newest))
        self.choices = {f"{each.agent}-{each.contact or 0}": each for each in figures.values()}
        self.fields["figure"].choices = [(key, _name(each, contacts)) for key, each in self.choices.items()]

    def _people(self) -> list[int]:
        """Whose time may be corrected although none was measured."""
        assignee = self.complaint.assignee_id
        others = [assignee] if assignee and access.is_lead_of(self.user, self.complaint) else []
        return [self.user.pk, *others]

    def inputs(self) -> dict[str, Any]:
        figure = self.choices[self.cleaned_data["figure"]]
        delta = timedelta(minutes=float(self.cleaned_data["minutes"]))
        return {
            "agent": directory.colleagues.get(figure.agent),
            "contact": figure.contact,
            "delta": delta,
            "reason": self.cleaned_data["reason"],
        }


def _name(figure: Figure, contacts: dict[int, Contact]) -> str:
    who = str(directory.colleagues.get(figure.agent) or "")
    return " · ".join(filter(None, [who, name_contact(contacts.get(figure.contact)), say_ms(figure.total_ms)]))
