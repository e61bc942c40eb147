"""Three sets of promises to begin with: the shipped ones, those for days of big sales, and those of a small shop."""

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from complaints.intake.defaults import read_defaults
from complaints.models import SlaPolicy
from complaints.sla.drafts import PolicyDraft

PRESETS = {"standard": _("Online shop"), "sale": _("Big sale"), "lean": _("Small shop")}
# Changes of the shipped policies by code; None takes a policy out.
CHANGES: dict[str, dict[str, dict | None]] = {
    "standard": {},
    "sale": {
        "standard": {"targets": {"first": 480, "next": 720, "resolution": 3600}, "calendar": "extended"},
        "high": {"targets": {"first": 240, "next": 480, "resolution": 2160}, "calendar": "extended"},
    },
    "lean": {
        "standard": {"targets": {"first": 480, "next": 960, "resolution": 2880}},
        **dict.fromkeys(("high", "logistics", "vip", "green"), None),
    },
}


def drafts_of(preset: str, newest: Sequence[SlaPolicy]) -> list[PolicyDraft]:
    """What a preset would publish beside the newest versions; policies that it does not know end."""
    changes = CHANGES[preset]
    wanted = {row["code"]: PolicyDraft(**row) for row in read_defaults("sla_policies")}
    drafts = [_changed(draft, changes.get(code, {})) for code, draft in wanted.items()]
    strangers = [PolicyDraft.of(policy).retired() for policy in newest if policy.code not in wanted]
    before = {policy.code: PolicyDraft.of(policy) for policy in newest}
    return [draft for draft in [*drafts, *strangers] if draft != before.get(draft.code) and _does_something(draft, before)]


def _changed(draft: PolicyDraft, change: dict | None) -> PolicyDraft:
    return draft.retired() if change is None else replace(draft, **change)


def _does_something(draft: PolicyDraft, before: dict[str, PolicyDraft]) -> bool:
    """What is out of force stays so without a new version, whatever else it says."""
    old = before.get(draft.code)
    return draft.is_active or bool(old and old.is_active)
