"""The form of a promise policy, of what is published with it, and of a complaint to try policies on."""

import re
from typing import Any

from django import forms
from django.utils.timezone import localtime, now
from django.utils.translation import gettext_lazy as _

from accounts.models import Calendar
from complaints.desk import directory
from complaints.desk.choices import category_choices
from complaints.desk.policy_words import KIND_WORDS, say_category
from complaints.models import Complaint, SlaPolicy
from complaints.services.policies import against_drafts
from complaints.sla.drafts import KINDS, PolicyDraft
from complaints.sla.policies import Facts
from complaints.sla.samples import PROMISE_HOURS
from foundation.exceptions import Reason
from orders.models import Customer
from ui.localize import localized

MOMENT = "%Y-%m-%dT%H:%M"
SPAN = re.compile(r"(\d{1,6})\s*(h|小时|时|min|m|分钟|分)?", re.IGNORECASE)
HOURS = {"h", "小时", "时"}
TRISTATE = [("", _("whoever it is")), ("yes", _("only in it")), ("no", _("only outside it"))]
RISKS = [("", _("whatever it is")), *((str(level), str(level)) for level in range(1, 5))]


class SpanField(forms.CharField):
    """A span of a calendar's hours, cleaned to minutes: ``90``, ``90 min``, ``1 h 30 min``, ``4小时``."""

    def clean(self, value: Any) -> int | None:
        text = super().clean(value).strip()
        if not text:
            return None
        if SPAN.sub("", text).strip():
            raise forms.ValidationError(_("Write a time like “4 h” or “30 min”."))
        return sum(int(number) * (60 if unit.lower() in HOURS else 1) for number, unit in SPAN.findall(text))

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, int) or value <= 0:
            return value
        hours, minutes = divmod(value, 60)
        return " ".join(filter(None, [f"{hours} h" if hours else "", f"{minutes} min" if minutes else ""]))


def choose_many(label, choices=()) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, required=False, choices=choices, widget=forms.CheckboxSelectMultiple)


class PublishForm(forms.Form):
    """Why something is published, and from when it counts."""

    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)
    effective_from = forms.DateTimeField(
        label=_("In force from"),
        required=False,
        help_text=_("Empty: at once."),
        input_formats=[MOMENT],
        widget=forms.DateTimeInput(format=MOMENT, attrs={"type": "datetime-local"}),
    )


class PolicyForm(PublishForm):
    """One version of a policy. What speaks against it stands at its field, before the preview already."""

    code = forms.CharField(label=_("Code"), max_length=40, help_text=_("Short and for ever, like “vip”."))
    name_zh = forms.CharField(label=_("Name (Chinese)"), max_length=60)
    name_en = forms.CharField(label=_("Name (English)"), max_length=60)
    is_overlay = forms.ChoiceField(
        label=_("How it counts"),
        choices=[("", _("Base: the first that fits says everything")), ("yes", _("Overlay: only tightens"))],
        required=False,
        widget=forms.RadioSelect,
    )
    rank = forms.IntegerField(label=_("Rank"), help_text=_("The smallest that fits counts."))
    first = SpanField(label=KIND_WORDS[KINDS[0]], required=False, help_text=_("For instance “4 h” or “30 min” of the calendar's hours."))
    next = SpanField(label=KIND_WORDS[KINDS[1]], required=False)
    resolution = SpanField(label=KIND_WORDS[KINDS[2]], required=False)
    calendar = forms.ChoiceField(label=_("Counted in the hours of"))
    priorities = choose_many(_("Priority"), Complaint.Priority.choices)
    tiers = choose_many(_("Customer"), Customer.Tier.choices)
    is_green = forms.ChoiceField(label=_("Green channel"), choices=TRISTATE, required=False)
    channels = choose_many(_("Channel"), Complaint.Channel.choices)
    origins = choose_many(_("Filed by"), Complaint.Origin.choices)
    categories = choose_many(_("Category"))
    min_risk = forms.ChoiceField(label=_("Risk at least"), choices=RISKS, required=False)
    is_active = forms.BooleanField(label=_("In force"), required=False, initial=True)
    expected_version = forms.IntegerField(min_value=0, initial=0, widget=forms.HiddenInput)

    LISTS = ("priorities", "tiers", "channels", "origins", "categories")

    def __init__(self, *args, newest: dict[str, SlaPolicy], policy: SlaPolicy | None = None, **options):
        self.newest, self.policy = newest, policy
        super().__init__(*args, initial=_answers_of(policy) if policy else None, **options)
        self.fields["calendar"].choices = [("", _("Choose a calendar")), *calendar_choices()]
        self.fields["categories"].choices = _category_answers(policy)
        if policy:
            self.fields["code"].disabled = True

    def clean(self):
        answers = super().clean()
        if not self.errors:
            for fault in against_drafts([self.draft], list(self.newest.values())):
                self.put_fault(fault)
        return answers

    def put_fault(self, fault: Reason) -> None:
        """Show a refusal at the field that it is about, or above the form."""
        field = fault.code if fault.code in self.fields else None
        self.add_error(field, " ".join(filter(None, [str(fault.text), str(fault.cure)])))

    @property
    def draft(self) -> PolicyDraft:
        answers = self.cleaned_data
        return PolicyDraft(
            code=answers["code"],
            name_zh=answers["name_zh"],
            name_en=answers["name_en"],
            calendar=answers["calendar"],
            targets={str(kind): answers[kind] for kind in KINDS if answers[kind] is not None},
            condition=self._condition(answers),
            rank=answers["rank"],
            is_overlay=bool(answers["is_overlay"]),
            is_active=answers["is_active"],
        )

    def _condition(self, answers: dict) -> dict[str, Any]:
        found: dict[str, Any] = {name: answers[name] for name in self.LISTS if answers[name]}
        if "priorities" in found:
            found["priorities"] = [int(value) for value in found["priorities"]]
        if answers["is_green"]:
            found["is_green"] = answers["is_green"] == "yes"
        if answers["min_risk"]:
            found["min_risk"] = int(answers["min_risk"])
        return found


class SampleForm(forms.Form):
    """A complaint to try policies on."""

    priority = forms.TypedChoiceField(label=_("Priority"), choices=Complaint.Priority.choices, coerce=int)
    tier = forms.ChoiceField(label=_("Customer"), choices=Customer.Tier.choices)
    is_green = forms.BooleanField(label=_("Green channel"), required=False)
    channel = forms.ChoiceField(label=_("Channel"), choices=Complaint.Channel.choices)
    origin = forms.ChoiceField(label=_("Filed by"), choices=Complaint.Origin.choices)
    category = forms.ChoiceField(label=_("Category"))
    risk = forms.TypedChoiceField(label=_("Risk"), choices=[(level, str(level)) for level in range(5)], coerce=int)
    at = forms.DateTimeField(
        label=_("Filed at"), input_formats=[MOMENT], widget=forms.DateTimeInput(format=MOMENT, attrs={"type": "datetime-local"})
    )

    def __init__(self, answers, **options):
        usual = {"priority": "1", "tier": Customer.Tier.STANDARD, "channel": Complaint.Channel.WEB, "origin": Complaint.Origin.CUSTOMER}
        categories = category_choices()
        usual |= {"risk": "0", "category": next((code for code, _name in categories), ""), "at": localtime(now()).strftime(MOMENT)}
        super().__init__(answers if "tier" in answers else usual, auto_id="sample_%s", **options)
        self.fields["category"].choices = categories

    @property
    def facts(self) -> Facts:
        """The complaint that was chosen; ask only a valid form."""
        chosen = self.cleaned_data
        category = next((each for each in directory.categories.all().values() if each.code == chosen["category"]), None)
        return Facts(
            category=chosen["category"],
            promise_hours=category.promise_hours if category else PROMISE_HOURS,
            **{name: chosen[name] for name in ("priority", "tier", "is_green", "channel", "origin", "risk")},
        )


def calendar_choices() -> list[tuple[str, str]]:
    return [(each.code, localized(each, "name")) for each in Calendar.objects.order_by("code")]


def _category_answers(policy: SlaPolicy | None) -> list[tuple[str, str]]:
    """Every category, and those roots or old codes that the policy names."""
    known = category_choices()
    roots = sorted({code.partition(".")[0] for code, _name in known})
    named = policy.condition.get("categories", []) if policy else []
    codes = {code for code, _name in known}
    return [
        *((root, say_category(root)) for root in roots),
        *known,
        *((c, c) for c in named if c not in codes | set(roots)),
    ]


def _answers_of(policy: SlaPolicy) -> dict[str, Any]:
    condition = policy.condition
    green = {True: "yes", False: "no", None: ""}[condition.get("is_green")]
    return {
        "code": policy.code,
        "name_zh": policy.name_zh,
        "name_en": policy.name_en,
        "is_overlay": "yes" if policy.is_overlay else "",
        "rank": policy.rank,
        "calendar": policy.calendar.code,
        "is_active": policy.is_active,
        "expected_version": policy.version,
        "is_green": green,
        "min_risk": str(condition.get("min_risk", "")),
        **{str(kind): policy.targets.get(kind) for kind in KINDS},
        **{name: [str(value) for value in condition.get(name, [])] for name in PolicyForm.LISTS},
    }
