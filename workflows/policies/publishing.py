"""Rules of after-sales in versions: one person proposes, another one publishes, and what is worse for customers is told to them in time.

A published version never changes; a case keeps the version that it began with.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation.exceptions import Forbidden, Reason, VersionConflictError
from foundation.verbs import lock, require
from orders.models import Merchant
from workflows.models import CasePolicy
from workflows.policies.content import CONTENT, content_of, faults_in, worse_for_customers

PROPOSE, PUBLISH = "workflows.propose_policy", "workflows.publish_policy"
# Rules that get worse are shown before they hold (platform-rule Measures, Order 116; to be confirmed).
NOTICE = timedelta(days=7)
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('workflows.policies:' || %s, 0))"


def policy_for(type: str, merchant: Merchant, at: datetime) -> CasePolicy | None:
    """The version in force for a shop at a moment: its own, else the one of all shops. One query."""
    return _in_force(merchant, at).filter(type=type).order_by(F("merchant").asc(nulls_last=True), "-version").first()


def policies_for(merchant: Merchant, at: datetime) -> dict[str, CasePolicy]:
    """The version in force of every type, as ``policy_for`` finds it. One query."""
    rows = _in_force(merchant, at).order_by("type", F("merchant").asc(nulls_last=True), "-version").distinct("type")
    return {policy.type: policy for policy in rows}


@transaction.atomic
def propose_policy(type: str, *, merchant: Merchant | None, by: User, expected_version: int, **changes: Any) -> CasePolicy:
    """Write the next version of the rules of a type, for one shop or for all, as the newest one with some columns changed.

    ``expected_version`` is the newest that was seen, 0 for none; the first version of a shop begins as the rules of all shops.
    It holds for nobody before somebody else publishes it. Raises ``VersionConflictError``, ``NotAllowedError`` or ``RefusedError`` with
    reasons whose code is the column.
    """
    require(_against_right(by, PROPOSE))
    newest = _lock_newest(type, merchant)
    if expected_version != (newest.version if newest else 0):
        raise VersionConflictError(newest)
    begins_as = (
        newest or CasePolicy.objects.filter(type=type, merchant__isnull=True, published_at__isnull=False).order_by("-version").first()
    )
    content = (content_of(begins_as) if begins_as else {}) | changes
    require(_against_names(changes))
    policy = CasePolicy(type=type, merchant=merchant, version=expected_version + 1, proposed_by=by, **content)
    require(faults_in(policy))
    policy.save(force_insert=True)
    return policy


@transaction.atomic
def publish_policy(policy: CasePolicy, *, by: User, effective_from: datetime | None = None) -> CasePolicy:
    """Put a proposed version in force from a moment, now or as early as may be when none is given; it never changes afterwards.

    The publisher is not the proposer. Raises ``NotAllowedError`` or ``RefusedError`` with every reason.
    """
    policy = lock(policy)
    before, now = _before(policy), timezone.now()
    start = effective_from or earliest_start(before, policy, now)
    require([*_against_right(by, PUBLISH), *_against_publishing(policy, by), *_against_start(before, policy, start, now)])
    policy.published_at, policy.published_by, policy.effective_from = now, by, start
    policy.save(update_fields=["published_at", "published_by", "effective_from"])
    return policy


@transaction.atomic
def sign_shipped_policy(policy: CasePolicy, *, by: User) -> CasePolicy:
    """Answer for the rules that came with the house, as they are: the next version with the same content, signed and in force at once.

    Until then they grant nothing by themselves. Nobody proposed them, so one person is enough.
    """
    newest = _lock_newest(policy.type, policy.merchant)
    require([*_against_right(by, PUBLISH), *_against_signing(policy, newest)])
    now = timezone.now()
    signed = CasePolicy(type=policy.type, merchant=policy.merchant, version=policy.version + 1, **content_of(policy))
    signed.published_at, signed.published_by, signed.effective_from = now, by, now
    signed.save(force_insert=True)
    return signed


def earliest_start(before: CasePolicy | None, policy: CasePolicy, now: datetime) -> datetime:
    """Now, or after the time of notice when customers get less than before."""
    return now + NOTICE if worse_for_customers(before, policy) else now


def _in_force(merchant: Merchant, at: datetime) -> QuerySet[CasePolicy]:
    own_or_all = Q(merchant=merchant) | Q(merchant__isnull=True)
    return CasePolicy.objects.filter(own_or_all, published_at__isnull=False, effective_from__lte=at)


def _before(policy: CasePolicy) -> CasePolicy | None:
    """The newest published version that this one takes the place of, in force already or announced."""
    own_or_all = Q(merchant=policy.merchant_id) | Q(merchant__isnull=True)
    published = CasePolicy.objects.filter(own_or_all, type=policy.type, published_at__isnull=False)
    return published.order_by(F("merchant").asc(nulls_last=True), "-version").first()


def _lock_newest(type: str, merchant: Merchant | None) -> CasePolicy | None:
    """Numbers of versions are given one after the other."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [f"{type}:{merchant.pk if merchant else ''}"])
    return CasePolicy.objects.filter(type=type, merchant=merchant).order_by("-version").first()


def _against_right(by: User | None, right: str) -> list[Reason]:
    if by is not None and by.is_active and by.has_perm(right):
        return []
    return [Forbidden("no_permission", _("Only a manager changes the rules of after-sales."), _("Ask a manager."))]


def _against_names(changes: dict[str, Any]) -> list[Reason]:
    return [Reason(name, _("There is no such rule.")) for name in sorted(changes.keys() - set(CONTENT))]


def _against_publishing(policy: CasePolicy, by: User) -> list[Reason]:
    found = []
    if policy.published_at is not None:
        found.append(Reason("published", _("This version is published already."), _("Propose another one.")))
    if policy.proposed_by_id == by.pk:
        found.append(Forbidden("own_proposal", _("Nobody publishes their own proposal."), _("A colleague publishes it.")))
    newer = CasePolicy.objects.filter(type=policy.type, merchant=policy.merchant_id, version__gt=policy.version)
    if newer.filter(published_at__isnull=False).exists():
        found.append(Reason("replaced", _("A newer version has been published."), _("Propose it again on the newest version.")))
    return found


def _against_start(before: CasePolicy | None, policy: CasePolicy, start: datetime, now: datetime) -> list[Reason]:
    if start < now:
        return [Reason("effective_from", _("A rule never holds for the past."))]
    if start >= earliest_start(before, policy, now):
        return []
    columns = worse_for_customers(before, policy)
    names = ", ".join(str(CasePolicy._meta.get_field(name).verbose_name) for name in columns)
    words = _("Customers get less than before (%(columns)s): announce it at least 7 days ahead.")
    return [Reason("effective_from", words % {"columns": names}, _("Choose a later day."))]


def _against_signing(policy: CasePolicy, newest: CasePolicy | None) -> list[Reason]:
    if policy.published_at is None or policy.published_by_id is not None:
        return [Reason("signed", _("Only the rules that came with the house are signed as they are."))]
    if newest is None or newest.pk != policy.pk:
        return [Reason("replaced", _("A newer version exists."), _("Publish that one."))]
    return []
