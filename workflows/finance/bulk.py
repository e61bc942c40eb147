"""Signing several refunds at once: only under the same rules, each in a transaction of its own; what is left out has its reasons."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from psycopg2.errors import LockNotAvailable

from foundation.exceptions import Reason, ReasonedError, VersionConflictError
from workflows import access
from workflows.cases.asking import Asking
from workflows.cases.refusals import reasons_against
from workflows.finance.acts import BUSY, needs_password
from workflows.finance.lists import SIZE, Row, row_of, with_facts
from workflows.machines.refund import REFUND, RefundState
from workflows.services.refunds import authorise_refund

MOST = SIZE  # what one page of the list shows
_ALONE = _("Look at it and sign it by itself.")
CHANGED = Reason("changed", _("Somebody changed it meanwhile."), _ALONE)
PASSWORD = Reason("password", _("It is above your limit and needs your password."), _ALONE)
Kind = tuple[str, str, str]


@dataclass(frozen=True)
class Chosen:
    """One refund as its reader saw it, and what speaks against signing it along with others."""

    row: Row
    version: int
    digest: str
    reasons: Sequence[Reason]

    @property
    def amount_fen(self) -> int:
        return self.row.refund.amount_fen

    @property
    def kind(self) -> Kind:
        policy = self.row.refund.case.policy
        return policy.type, policy.release, self.row.refund.currency

    @property
    def waits_for_signature(self) -> bool:
        return self.row.refund.state == RefundState.PENDING_APPROVAL


@dataclass(frozen=True)
class Group:
    """The chosen refunds of one class."""

    chosen: list[Chosen]

    @property
    def policy(self) -> Any:
        return self.chosen[0].row.refund.case.policy

    @property
    def currency(self) -> str:
        return self.chosen[0].row.refund.currency

    @property
    def sum_fen(self) -> int:
        return sum(each.amount_fen for each in self.chosen)

    @property
    def ready(self) -> "Group | None":
        kept = [each for each in self.chosen if not each.reasons]
        return Group(kept) if kept else None

    @property
    def left_out(self) -> list[Chosen]:
        return [each for each in self.chosen if each.reasons]


def group_chosen(request: HttpRequest, seals: Sequence[str]) -> list[Group]:
    """What was chosen, by class. ``seals`` are ``number:version:hash`` as the list had them, so nobody signs what they have not seen."""
    seen = dict(_read_seals(seals[:MOST]))
    found = with_facts(access.refunds_for(request.user)).filter(out_refund_no__in=seen).order_by("created_at", "pk")
    groups: dict[Kind, Group] = {}
    for row in [row_of(refund, request.user) for refund in found]:
        version, digest = seen[row.refund.out_refund_no]
        each = Chosen(row, version, digest, _against(request, row, version, digest))
        groups.setdefault(each.kind, Group([])).chosen.append(each)
    return list(groups.values())


def sign_group(request: HttpRequest, group: Group, *, request_id: str) -> dict[str, Any]:
    """Sign one after the other. Returns what the next page says, in the reader's language: ``signed`` and ``refused``."""
    told: dict[str, Any] = {"id": request_id, "currency": group.currency, "signed": [], "refused": []}
    for each in group.chosen:
        reasons = _sign(request, each, request_id)
        line = {"number": each.row.refund.out_refund_no, "fen": each.amount_fen}
        if reasons:
            told["refused"].append(line | {"why": [f"{reason.text} {reason.cure}".strip() for reason in reasons]})
        else:
            told["signed"].append(line)
    return told | {"sum_fen": sum(line["fen"] for line in told["signed"])}


def _sign(request: HttpRequest, each: Chosen, request_id: str) -> Sequence[Reason]:
    """What kept it from being signed. What waits no more is left to the service, which knows whether this very request signed it."""
    if each.reasons and each.waits_for_signature:
        return each.reasons
    refund = each.row.refund
    try:
        authorise_refund(refund, proposal_hash=each.digest, by=request.user, expected_version=each.version, request_id=request_id)
    except ReasonedError as error:
        return error.reasons
    except VersionConflictError:
        return [CHANGED]
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        return [BUSY]
    return []


def _against(request: HttpRequest, row: Row, version: int, digest: str) -> list[Reason]:
    """Why it cannot, or should not, go through unread among others."""
    refund, user = row.refund, request.user
    is_stale = (refund.version, refund.proposal_hash) != (version, digest)
    if is_stale and refund.state == RefundState.PENDING_APPROVAL:
        return [CHANGED]
    roles = access.roles_of(user, refund.case)
    reasons = reasons_against(Asking(refund, REFUND.verb("authorise"), refund.case, user, roles, {"proposal_hash": digest}))
    if not reasons and needs_password(request, refund):
        reasons = [PASSWORD]
    return reasons + [Reason("flagged", flag) for flag in row.flags]


def _read_seals(seals: Sequence[str]) -> Iterator[tuple[str, tuple[int, str]]]:
    for seal in seals:
        number, _colon, rest = seal.partition(":")
        version, _colon, digest = rest.partition(":")
        if version.isdecimal() and len(version) < 10:
            yield number, (int(version), digest)
