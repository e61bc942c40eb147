"""How soon what is promised: the policies in force, what they mean for a complaint, and publishing others."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.calendars import coverage_warnings
from accounts.models import PublicDay, User
from complaints import access
from complaints.desk.doors import SeeOther, desk_view, number_in
from complaints.desk.policy_forms import PolicyForm, PublishForm, SampleForm
from complaints.desk.policy_words import KIND_WORDS, LADDER, PAUSES, overlaps, say_condition, say_difference
from complaints.models import ClockRun, SlaPolicy
from complaints.services.policies import PUBLISH, newest_policies, publish_policies
from complaints.sla.drafts import KINDS, PolicyDraft
from complaints.sla.history import read_history
from complaints.sla.policies import in_force
from complaints.sla.presets import PRESETS, drafts_of
from complaints.sla.samples import clocks_of_sample, sample_of, with_drafts
from complaints.sla.simulator import simulate
from complaints.sla.words import say_minutes
from foundation.exceptions import ReasonedError, VersionConflictError
from ui.localize import localized

LEAD = "complaints.lead_complaint"
COMING, SIMULATED = timedelta(days=60), timedelta(days=30)
MOST_SHOWN = 100
HIDDEN = {"csrfmiddlewaretoken", "step", "expected_version"}


@dataclass(frozen=True)
class PolicyRow:
    """One policy as the table shows it; ``coming`` is a newer version that is not in force yet."""

    policy: SlaPolicy
    name: str
    condition: str
    targets: list[str]
    calendar: str
    coming: SlaPolicy | None = None


@dataclass(frozen=True)
class Effect:
    """One clock of the sample: what it is now and what it would be."""

    title: str
    due_at: datetime
    policy: str
    promise_at: datetime
    before: datetime | None = None


@desk_view()
def show_policies(request):
    newest, counting, at = newest_policies(), in_force(), timezone.now()
    sample = SampleForm(request.GET)
    today = timezone.localdate()
    context = {
        "rows": [_row(policy, newest.get(policy.code)) for policy in counting],
        "retired": [policy for policy in newest.values() if not policy.is_active],
        "titles": KIND_WORDS.values(),
        "overlaps": list(overlaps([PolicyDraft.of(policy) for policy in counting])),
        "sample": sample,
        "effects": _effects(clocks_of_sample(sample.facts, at=sample.cleaned_data["at"], policies=counting)) if sample.is_valid() else [],
        "ladder": LADDER,
        "pauses": PAUSES,
        "presets": PRESETS.items(),
        "uncovered": coverage_warnings(today),
        "days": _days_ahead(today),
        "at": at,
    }
    return render(request, "complaints/desk/policies.html", context, status=200 if sample.is_valid() else 422)


@desk_view("GET", "HEAD", "POST", permission=LEAD)
def edit_policy(request, code=""):
    newest = newest_policies()
    policy = newest.get(code)
    if code and policy is None:
        raise Http404
    answers = request.POST if request.method == "POST" else request.GET
    is_filled = request.method == "POST" or "calendar" in answers
    form = PolicyForm(answers if is_filled else None, newest=newest, policy=policy)
    if not form.is_bound:
        return _show_form(request, form, policy)
    if not form.is_valid():
        return _show_form(request, form, policy, status=422)
    if request.method == "POST" and request.POST.get("step") == "publish":
        return _publish_one(request, form, policy)
    return _show_form(request, form, policy, preview=_preview(request, [form.draft], newest))


@desk_view("GET", "HEAD", "POST", permission=LEAD)
def show_preset(request, preset):
    if preset not in PRESETS:
        raise Http404
    newest = newest_policies()
    drafts, form = drafts_of(preset, list(newest.values())), PublishForm(request.POST or None)
    reasons, status = [], 200
    if request.method == "POST" and form.is_valid():
        try:
            seen = {draft.code: number_in(request.POST.get(f"seen-{draft.code}")) or 0 for draft in drafts}
            publish_policies(drafts, by=request.user, expected=seen, **form.cleaned_data)
        except ReasonedError as error:
            reasons, status = error.reasons, error.status_code
        else:
            messages.success(request, _("Published."))
            return SeeOther(reverse("admin:desk-policies"))
    context = {"form": form, "title": PRESETS[preset], "preset": preset, "reasons": reasons}
    context["seen"] = [(draft.code, newest[draft.code].version) for draft in drafts if draft.code in newest]
    context |= {"preview": _preview(request, drafts, newest), "may_publish": request.user.has_perm(PUBLISH)}
    return render(request, "complaints/desk/policy_preset.html", context, status=422 if form.errors else status)


def _publish_one(request: HttpRequest, form: PolicyForm, policy: SlaPolicy | None) -> HttpResponse:
    answers, status = form.cleaned_data, 422
    try:
        published = publish_policies(
            [form.draft],
            by=request.user,
            expected={form.draft.code: answers["expected_version"]},
            reason=answers["reason"],
            effective_from=answers["effective_from"],
        )
    except VersionConflictError as conflict:
        return _show_form(request, form, conflict.current, status=409, is_stale=True)
    except ReasonedError as error:
        for reason in error.reasons:
            form.put_fault(reason)
        status = error.status_code if error.status_code == 403 else 422
        return _show_form(request, form, policy, status=status)
    messages.success(request, _("Version %(version)d of “%(name)s” is published.") % _name_of(published[0]))
    return SeeOther(reverse("admin:desk-policies"))


def _show_form(request: HttpRequest, form: PolicyForm, policy: SlaPolicy | None, *, status: int = 200, **context) -> HttpResponse:
    context |= {"form": form, "policy": policy, "may_publish": request.user.has_perm(PUBLISH)}
    return render(request, "complaints/desk/policy.html", context, status=status)


def _preview(request: HttpRequest, drafts: list[PolicyDraft], newest: dict[str, SlaPolicy]) -> dict:
    """What would change, by field and for complaints that these policies fit, and an address that shows this draft to others."""
    before, at = in_force(), timezone.now()
    after = with_drafts(before, drafts)
    return {
        "changes": [(localized(draft, "name"), _difference(draft, newest)) for draft in drafts],
        "effects": [(say_condition(draft.condition), _compare(draft, before, after, at)) for draft in drafts],
        "overlaps": list(overlaps([PolicyDraft.of(policy) for policy in after])),
        "simulation": _simulate(request.user, before, after, at),
        "link": request.build_absolute_uri(f"{request.path}?{_as_query(request)}"),
    }


def _simulate(user: User, before: list[SlaPolicy], after: list[SlaPolicy], at: datetime) -> dict:
    """What both sets would have kept of the complaints that this person sees."""
    history = read_history(access.visible_to(user), since=at - SIMULATED, until=at)
    found = simulate(history.clocks, before=before, after=after)
    rows = [
        (ClockRun.Kind(kind).label, was.percent, found.after[kind].percent, found.after[kind].missed - was.missed)
        for kind, was in sorted(found.before.items())
    ]
    kept = {"rows": rows, "worse": found.worse, "better": found.better, "shown": list(dict.fromkeys(found.worse))[:MOST_SHOWN]}
    return kept | {"step": history.step, "total": history.total}


def _difference(draft: PolicyDraft, newest: dict[str, SlaPolicy]) -> list[tuple[str, str, str]]:
    known = newest.get(draft.code)
    return say_difference(PolicyDraft.of(known) if known else None, draft)


def _compare(draft: PolicyDraft, before: list[SlaPolicy], after: list[SlaPolicy], at: datetime) -> list[Effect]:
    facts = sample_of(draft.condition)
    old = {clock.kind: clock.target.due_at for clock in clocks_of_sample(facts, at=at, policies=before)}
    return _effects(clocks_of_sample(facts, at=at, policies=after), before=old)


def _effects(clocks, *, before: dict | None = None) -> list[Effect]:
    return [
        Effect(
            title=str(KIND_WORDS[clock.kind]),
            due_at=clock.target.due_at,
            policy=localized(clock.target.policy, "name") if clock.target.policy else _("no policy"),
            promise_at=clock.promise_at,
            before=before.get(clock.kind) if before else None,
        )
        for clock in clocks
    ]


def _as_query(request: HttpRequest) -> str:
    answers = request.POST if request.method == "POST" else request.GET
    return urlencode([(name, value) for name, values in answers.lists() if name not in HIDDEN for value in values])


def _days_ahead(today: date) -> list[tuple[date, str, str]]:
    days = PublicDay.objects.filter(date__range=(today, today + COMING)).order_by("date")
    return [(day.date, localized(day, "name"), day.get_kind_display()) for day in days]


def _row(policy: SlaPolicy, newest: SlaPolicy | None) -> PolicyRow:
    return PolicyRow(
        policy=policy,
        name=localized(policy, "name"),
        condition=say_condition(policy.condition),
        targets=[say_minutes(policy.targets.get(kind)) for kind in KINDS],
        calendar=localized(policy.calendar, "name"),
        coming=newest if newest and newest.version > policy.version else None,
    )


def _name_of(policy: SlaPolicy) -> dict:
    return {"version": policy.version, "name": localized(policy, "name")}
