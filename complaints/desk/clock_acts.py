"""The forms of acts on clocks: notices of authorities and platforms, and pauses by hand."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.timezone import localtime, now
from django.utils.translation import gettext_lazy as _

from complaints import access
from complaints.desk.act_forms import ActForm, PlainForm, text_field
from complaints.models import ClockRun, ExternalRecord, LegalRule
from complaints.services.external import LONGEST_NUMBER, LONGEST_PROOF, answer_external, newest_rules, note_external
from complaints.services.external_answers import approve_external_answer, draft_external_answer
from complaints.services.pauses import LONGEST, pause_clock, resume_clock
from complaints.services.waiving import LONGEST_WORDS, count_target, waive_target
from complaints.sla.waivers import COUNTED, WAIVED, waivers_in
from ui.localize import localized
from ui.timefmt import absolute

MOMENT = "%Y-%m-%dT%H:%M"


def moment_field(label, *, required: bool = True, help_text="") -> forms.DateTimeField:
    widget = forms.DateTimeInput(format=MOMENT, attrs={"type": "datetime-local"})
    return forms.DateTimeField(label=label, required=required, help_text=help_text, widget=widget, input_formats=[MOMENT])


class NoteExternal(ActForm):
    """A notice with its number there; the date that it names goes before the rule."""

    service = staticmethod(note_external)
    rule = forms.ChoiceField(label=_("What is to be answered"))
    external_no = forms.CharField(label=_("Number there"), max_length=LONGEST_NUMBER)
    received_at = moment_field(_("Received"))
    due_at = moment_field(_("Due, as the notice says"), required=False, help_text=_("Empty: by the rule."))

    def prepare(self) -> None:
        self.rules = {str(rule.pk): rule for rule in newest_rules()}
        self.fields["rule"].choices = [("", _("Choose the rule")), *((pk, localized(rule, "name")) for pk, rule in self.rules.items())]
        self.fields["received_at"].initial = localtime(now())

    def clean_rule(self) -> LegalRule:
        return self.rules[self.cleaned_data["rule"]]


class AboutNotice(ActForm):
    """An act about one of the notices that are still to be answered."""

    record = forms.ChoiceField(label=_("Which notice"))

    def prepare(self) -> None:
        waiting = self.complaint.external_records.filter(stage=ExternalRecord.Stage.OPEN).select_related("rule").order_by("due_at")
        self.records = {str(record.pk): record for record in waiting}
        self.fields["record"].choices = [(pk, self.name(record)) for pk, record in self.records.items()]

    def name(self, record: ExternalRecord) -> str:
        return f"{localized(record.rule, 'name')} · {record.external_no}"

    def clean_record(self) -> ExternalRecord:
        return self.records[self.cleaned_data["record"]]


class DraftAnswer(AboutNotice):
    """The words that somebody else is to approve."""

    service = staticmethod(draft_external_answer)
    reply = text_field(_("Words of the answer"), rows=8)


class ApproveAnswer(AboutNotice):
    """The proposed words as they stand."""

    service = staticmethod(approve_external_answer)
    record = forms.ChoiceField(label=_("Which answer"), widget=forms.RadioSelect)

    def name(self, record: ExternalRecord) -> str:
        nothing = _("no answer is proposed yet")
        return f"{super().name(record)}: {record.reply or nothing}"


class AnswerExternal(AboutNotice):
    """That the answer was given there, and where that can be seen."""

    service = staticmethod(answer_external)
    proof = forms.CharField(label=_("Receipt number or file"), max_length=LONGEST_PROOF)


class PauseClock(ActForm):
    """Why the time of the solution stops, and until when."""

    service = staticmethod(pause_clock)
    reason = forms.ChoiceField(
        label=_("Reason"), choices=[(reason.value, reason.label) for reason in LONGEST], initial=ClockRun.Pause.CUSTOMER_DATE
    )
    until = moment_field(_("Until"))

    def prepare(self) -> None:
        self.fields["until"].initial = localtime(now() + timedelta(days=1))


class ResumeClock(PlainForm):
    """Go on before the end that was set."""

    service = staticmethod(resume_clock)


class AboutMissed(ActForm):
    """An act about one of the clocks that were missed."""

    run = forms.TypedChoiceField(label=_("Which clock"), coerce=int)
    reason = text_field(_("Reason"))
    is_waived = False

    def prepare(self) -> None:
        self.fields["reason"].max_length = LONGEST_WORDS
        waived = waivers_in(access.clock_events_of(self.complaint).filter(kind__in=(WAIVED, COUNTED)))
        missed = ClockRun.objects.filter(complaint=self.complaint, missed_at__isnull=False).order_by("-missed_at", "-pk")
        fitting = [run for run in missed if (run.pk in waived) == self.is_waived]
        self.fields["run"].choices = [(run.pk, self.name(run)) for run in fitting]

    def name(self, run: ClockRun) -> str:
        return f"{run.get_kind_display()} · {absolute(run.missed_at)}"


class Waive(AboutMissed):
    """Why a missed clock is left out of the figures."""

    service = staticmethod(waive_target)
    cause = forms.ChoiceField(label=_("Because"), choices=[("", _("Choose why it is left out.")), *ClockRun.Waiver.choices])
    field_order = ("run", "cause", "reason")


class CountAgain(AboutMissed):
    """A clock that was left out counts again."""

    service = staticmethod(count_target)
    is_waived = True


# Offered at the clock that was missed.
WAIVING = ("waive", "count_target")
ACTS: tuple[tuple[str, Any, type[ActForm], str, Any], ...] = (
    (
        "external",
        _("Note a notice of an authority or a platform"),
        NoteExternal,
        "legal",
        _("Its deadline runs from now on; nobody here can pause it."),
    ),
    ("external_draft", _("Propose an answer there"), DraftAnswer, "pen", _("Another person approves it before it is given there.")),
    (
        "external_approve",
        _("Approve an answer there"),
        ApproveAnswer,
        "check",
        _("Read the words: they go to the authority as they stand."),
    ),
    ("external_answer", _("Answered there"), AnswerExternal, "done", _("Only what another person has approved.")),
    ("pause", _("Pause the time"), PauseClock, "pause", _("Only the time of the solution stops. Replies are owed as before.")),
    ("resume_clock", _("Let the time go on"), ResumeClock, "clock", ""),
    (
        "waive",
        _("Leave out a missed clock"),
        Waive,
        "shield",
        _("It stays missed on record. Figures show it in a column of its own, with your name as approver."),
    ),
    ("count_target", _("Count it again"), CountAgain, "reopen", _("It counts as missed again. Both decisions stay on record.")),
)
