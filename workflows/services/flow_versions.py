"""Versions of flow definitions: shipped, proposed, published. A version never changes; open cases keep the one they began with."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from foundation.exceptions import Forbidden, Reason, VersionConflictError
from foundation.verbs import require
from workflows.flows.conditions import TYPES
from workflows.flows.defaults import default_body
from workflows.flows.house import house_of
from workflows.flows.lint import Finding, lint
from workflows.flows.parsing import DefinitionError, parse_definition
from workflows.flows.text import digest_of
from workflows.flows.tree import Definition
from workflows.flows.weight import adverse_changes, touches_money
from workflows.models import FlowDefinition, FlowVersion

PROPOSE, PUBLISH = "workflows.propose_flow", "workflows.publish_flow"
# Order 116: changes of rules that weigh on customers are announced so long ahead.
NOTICE = timedelta(days=7)
FURTHEST = timedelta(days=366)
LONGEST_REASON = 200


@transaction.atomic
def load_default_flows() -> int:
    """Add the definition of every type that has none, with its shipped version in force; returns how many. Safe to repeat."""
    known = set(FlowDefinition.objects.values_list("type", flat=True))
    missing = [FlowDefinition(type=case_type) for case_type in TYPES if case_type not in known]
    FlowDefinition.objects.bulk_create(missing)
    at = timezone.now()
    versions = [_shipped(definition, at) for definition in missing]
    return len(FlowVersion.objects.bulk_create(versions))


def current_version(case_type: str, at: datetime | None = None) -> FlowVersion | None:
    """The version that a case of this type begins with at a moment; None where nothing was loaded."""
    published = FlowVersion.objects.filter(definition__type=case_type, published_at__isnull=False, effective_from__lte=at or timezone.now())
    return published.order_by("-number").first()


@transaction.atomic
def propose_flow(definition: FlowDefinition, *, body: Any, by: User, expected: str, reason: str) -> FlowVersion:
    """Keep a body as the one proposal of a definition; whoever writes last is its proposer.

    ``expected`` is the digest of the text that was worked on: the proposal's, or that of the newest version where there is none.
    It may have faults, as long as it can be read. Raises ``VersionConflictError``, ``NotAllowedError`` or ``RefusedError``.
    """
    require(against_right(by, PROPOSE))
    proposal, newest = _lock(definition)
    if expected != (proposal or newest).sha256:
        raise VersionConflictError(proposal or newest)
    digest = digest_of(body)
    require([*against_reason(reason), *_against_repeating(digest, newest), *reasons_of(faults_of(body))])
    fields = {"body": body, "sha256": digest, "proposed_by": by, "proposed_at": timezone.now(), "reason": reason.strip()}
    if proposal is None:
        return FlowVersion.objects.create(definition=definition, number=newest.number + 1, **fields)
    for name, value in fields.items():
        setattr(proposal, name, value)
    proposal.save(update_fields=list(fields))
    return proposal


@transaction.atomic
def drop_proposal(definition: FlowDefinition, *, by: User, expected: str) -> None:
    """Throw the proposal of a definition away."""
    require(against_right(by, PROPOSE))
    proposal, _newest = _lock(definition)
    if proposal is None or expected != proposal.sha256:
        raise VersionConflictError(proposal)
    proposal.delete()


@transaction.atomic
def publish_flow(
    definition: FlowDefinition,
    *,
    by: User,
    expected: str,
    reason: str,
    effective_from: datetime | None = None,
    is_acknowledged: bool = False,
) -> FlowVersion:
    """Put the proposal of a definition in force from ``effective_from`` on, now unless that lies ahead. Only new cases get it.

    Refused for each node with a fault; where money or approvals change another person than the proposer publishes; what weighs on
    customers is announced ``NOTICE`` before; and the differences in words have to be acknowledged (L16).
    """
    require(against_right(by, PUBLISH))
    proposal, newest = _lock(definition)
    if proposal is None or expected != proposal.sha256:
        raise VersionConflictError(proposal or newest)
    at = timezone.now()
    start = max(effective_from or at, at)
    require(against_publishing(proposal, by=by, start=start, at=at))
    acknowledged = [] if is_acknowledged else [Reason("acknowledge", _("Read what changes, and confirm that you have."))]
    require([*against_reason(reason), *acknowledged])
    proposal.published_by, proposal.published_at, proposal.effective_from = by, at, start
    proposal.reason = reason.strip()
    proposal.save(update_fields=["published_by", "published_at", "effective_from", "reason"])
    return proposal


def against_publishing(proposal: FlowVersion, *, by: User, start: datetime, at: datetime) -> list[Reason]:
    """Everything that speaks against this proposal now."""
    after = parse_definition(proposal.body)
    live = live_definition(proposal.definition)
    found = reasons_of(findings_of(after, proposal.definition.type))
    if proposal.proposed_by_id == by.pk and touches_money(live, after):
        found.append(Forbidden("second_person", _("Money or approvals change here."), _("Another person publishes what you proposed.")))
    if start - at < NOTICE and adverse_changes(live, after):
        found.append(Reason("effective_from", _too_soon(NOTICE.days), _("Choose a later day.")))
    if start > at + FURTHEST:
        found.append(Reason("effective_from", _("Within a year from now.")))
    return found


def live_definition(definition: FlowDefinition) -> Definition | None:
    """What counts for new cases now."""
    version = current_version(definition.type)
    return parse_definition(version.body) if version else None


def faults_of(body: Any) -> Sequence[Any]:
    """What keeps a body from being read at all."""
    try:
        parse_definition(body)
    except DefinitionError as error:
        return error.errors
    return ()


def findings_of(after: Definition, case_type: str) -> tuple[Finding, ...]:
    """What the rules say about a definition in this house."""
    return lint(after, house_of(case_type))


def reasons_of(found: Sequence[Any]) -> list[Reason]:
    """Faults and findings as reasons that name their node."""
    return [Reason(f"flow.{getattr(each, 'rule', 'unreadable')}", str(each)) for each in found]


def _shipped(definition: FlowDefinition, at: datetime) -> FlowVersion:
    body = default_body(definition.type)
    first = FlowVersion(definition=definition, number=FlowVersion.SHIPPED, body=body, sha256=digest_of(body))
    first.proposed_at = first.published_at = first.effective_from = at
    return first


def _lock(definition: FlowDefinition) -> tuple[FlowVersion | None, FlowVersion]:
    """The proposal and the newest published version, with everybody else waiting who writes on this definition."""
    FlowDefinition.objects.select_for_update(no_key=True).get(pk=definition.pk)
    rows = list(FlowVersion.objects.filter(definition=definition).select_related("definition").order_by("-number")[:2])
    proposal = rows[0] if rows and rows[0].published_at is None else None
    return proposal, next(row for row in rows if row.published_at is not None)


def against_right(by: User, permission: str) -> list[Reason]:
    """Why somebody may not propose, or not publish."""
    if by.has_perm(permission):
        return []
    if permission == PUBLISH:
        return [Forbidden("no_permission", _("Only a manager publishes procedures."), _("Send the proposal to a manager."))]
    return [Forbidden("no_permission", _("Only a lead proposes procedures."), _("Tell your lead what should change."))]


def against_reason(reason: str) -> list[Reason]:
    return [] if 0 < len(reason.strip()) <= LONGEST_REASON else [Reason("reason", _("Say in at most 200 characters why it changes."))]


def _against_repeating(digest: str, newest: FlowVersion) -> list[Reason]:
    return [Reason("nothing_new", _("This is the newest version already; nothing was changed."))] if digest == newest.sha256 else []


def _say_too_soon(days: int) -> str:
    words = ngettext(
        "Customers may feel this change: it is announced at least %(n)d day ahead.",
        "Customers may feel this change: it is announced at least %(n)d days ahead.",
        days,
    )
    return words % {"n": days}


_too_soon = lazy(_say_too_soon, str)
