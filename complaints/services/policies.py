"""Publishing how soon what is promised. A version never changes: another one is added, and what runs keeps the one it began with."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Calendar, User
from complaints.models import SlaPolicy
from complaints.sla.drafts import LONGEST_REASON, PolicyDraft, faults_in
from complaints.sla.policies import forget_policies
from foundation.exceptions import Forbidden, Reason, VersionConflictError
from foundation.verbs import require

PUBLISH = "complaints.publish_slapolicy"
FURTHEST = timedelta(days=366)


def publish_policy(
    draft: PolicyDraft, *, by: User | None, expected_version: int, reason: str, effective_from: datetime | None = None
) -> SlaPolicy:
    """Add a version of one policy, or its first one; ``expected_version`` is the newest that was seen, 0 for none.

    In force from ``effective_from``, now unless that lies ahead. Promises that run keep the version that they were made with.
    Raises ``VersionConflictError``, and ``NotAllowedError`` or ``RefusedError`` with reasons whose code is the field.
    """
    return publish_policies([draft], by=by, expected={draft.code: expected_version}, reason=reason, effective_from=effective_from)[0]


@transaction.atomic
def publish_policies(
    drafts: Sequence[PolicyDraft], *, by: User | None, expected: dict[str, int], reason: str, effective_from: datetime | None = None
) -> list[SlaPolicy]:
    """Add versions of several policies, all or none; those that say what the newest version says already are left out."""
    require(_against_right(by))
    newest = _lock_newest()
    for code, seen in expected.items():
        if seen != (newest[code].version if code in newest else 0):
            raise VersionConflictError(newest.get(code))
    at = timezone.now()
    changed = [draft for draft in drafts if draft.code not in newest or PolicyDraft.of(newest[draft.code]) != draft]
    require([*_against_words(reason, effective_from, at), *against_drafts(changed, list(newest.values()))])
    start = max(effective_from or at, at)
    rows = [_version(draft, newest.get(draft.code), by=by, reason=reason, at=at, start=start) for draft in changed]
    SlaPolicy.objects.bulk_create(rows)
    transaction.on_commit(forget_policies)
    return rows


def against_drafts(drafts: Sequence[PolicyDraft], newest: Sequence[SlaPolicy]) -> list[Reason]:
    """Everything that speaks against publishing these drafts beside the newest versions of the others."""
    if not drafts:
        return [Reason("nothing_new", _("This is the newest version already; nothing was changed."))]
    codes = {draft.code for draft in drafts}
    rest = [PolicyDraft.of(policy) for policy in newest if policy.code not in codes]
    calendars = Calendar.objects.filter(versions__isnull=False).values_list("code", flat=True).distinct()
    calendars = list(calendars)
    found = [
        fault
        for draft in drafts
        for fault in faults_in(draft, calendars=calendars, others=[*rest, *(each for each in drafts if each.code != draft.code)])
    ]
    return list(dict.fromkeys(found))


def newest_policies() -> dict[str, SlaPolicy]:
    """The newest version of every policy by code, in force already or not, retired ones too."""
    rows = SlaPolicy.objects.order_by("code", "-version").distinct("code").select_related("calendar", "published_by")
    return {policy.code: policy for policy in sorted(rows, key=lambda policy: (policy.is_overlay, policy.rank, policy.code))}


def _lock_newest() -> dict[str, SlaPolicy]:
    """Every publishing waits for the one before: whether one base policy remains is a question to all of them."""
    list(SlaPolicy.objects.order_by("pk").select_for_update().values_list("pk"))
    return newest_policies()


def _version(draft: PolicyDraft, before: SlaPolicy | None, *, by: User | None, reason: str, at: datetime, start: datetime) -> SlaPolicy:
    calendar = Calendar.objects.get(code=draft.calendar)
    names = ("code", "name_zh", "name_en", "targets", "condition", "rank", "is_overlay", "is_active")
    return SlaPolicy(
        version=before.version + 1 if before else 1,
        calendar=calendar,
        effective_from=start,
        published_by=by,
        published_at=at,
        reason=reason.strip(),
        **{name: getattr(draft, name) for name in names},
    )


def _against_right(by: User | None) -> list[Reason]:
    if by is None or by.has_perm(PUBLISH):
        return []
    return [Forbidden("no_permission", _("Only a manager publishes promises."), _("Send the preview to a manager."))]


def _against_words(reason: str, effective_from: datetime | None, at: datetime) -> list[Reason]:
    found = []
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        found.append(Reason("reason", _("Say in at most 200 characters why it changes.")))
    if effective_from and effective_from > at + FURTHEST:
        found.append(Reason("effective_from", _("Within a year from now.")))
    return found
