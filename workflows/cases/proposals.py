"""What is proposed for a case: which units, how much money, who bears it. A value, until a service writes it as a ``Resolution``."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from foundation.events import canonical_json
from workflows.cases.quantities import COMES_BACK, Terms
from workflows.models import Case, CasePolicy, CaseUnit, Resolution
from workflows.money.authority import CASE, GRANT

T, R = CasePolicy.Type, CasePolicy.Release
# Types whose money does not come from the value of the units.
WITHOUT_GOODS = frozenset({T.COMPENSATION})
# Types that give goods, not money.
IN_KIND = frozenset({T.EXCHANGE_QUALITY, T.REPAIR, T.RESHIP})


@dataclass(frozen=True)
class Proposal:
    """``amount_fen`` is the money for the units, ``compensation_fen`` what is given on top; ``shares`` are fen per account of the ledger.

    A rejection is a proposal that grants nothing: ``basis`` then names reason, rule and evidence.
    """

    unit_ids: tuple[int, ...]
    amount_fen: int
    compensation_fen: int = 0
    shares: Mapping[str, int] = field(default_factory=dict)
    basis: Mapping[str, Any] = field(default_factory=dict)
    is_grant: bool = True
    has_consent: bool = False

    @property
    def total_fen(self) -> int:
        return self.amount_fen + self.compensation_fen

    def digest(self, case: Case, revision: int) -> str:
        """What an approver signs: any other amount, unit, bearer or revision has another one."""
        seen = asdict(self) | {"case": case.pk, "revision": revision, "currency": case.currency, "unit_ids": sorted(self.unit_ids)}
        return hashlib.sha256(canonical_json(seen)).hexdigest()

    def rows(self, case: Case) -> list[dict[str, Any]]:
        """The policies that it combines, each with the conditions under which its money and its goods leave."""
        goods = self._terms(case)
        on_top = Terms(str(T.COMPENSATION), release=str(R.APPROVED), amount_fen=self.compensation_fen, unit_ids=frozenset())
        return [goods.to_row(policy=case.policy_id), *([on_top.to_row()] if self.compensation_fen else [])]

    def _terms(self, case: Case) -> Terms:
        """The conditions of the policy; where goods were changed to money (C21), money takes their place and nothing goes out."""
        terms = Terms.of(case.policy, is_trusted=case.is_trusted, amount_fen=self.amount_fen, unit_ids=self.unit_ids)
        if self.basis.get("verdict") != "changed" or terms.ships == R.NONE:
            return terms
        return replace(terms, release=str(R.INSPECTED if terms.receipt in COMES_BACK else R.APPROVED), ships=str(R.NONE))


def proposal_for(case: Case, claims: Iterable[CaseUnit], **overrides: Any) -> Proposal:
    """What the policy of the case grants when nobody decides otherwise: every unit, at what it is still worth."""
    rows = list(claims)
    is_paid = case.policy.type not in IN_KIND | WITHOUT_GOODS
    worth = sum(claim.unit.entitled_fen - claim.unit.refunded_fen for claim in rows) if is_paid else 0
    draft = Proposal(tuple(sorted(claim.unit_id for claim in rows)), worth)
    proposal = replace(draft, **overrides)
    return proposal if proposal.shares else replace(proposal, shares=shares_of(case, proposal.total_fen))


def shares_of(case: Case, amount_fen: int) -> dict[str, int]:
    """Who bears an amount as long as nobody found out more: the shop, or the platform where the shop did not agree."""
    account = "platform" if case.policy.type in (T.REFUND_ONLY, T.ADVANCE_PAYOUT) else "merchant"
    return {account: amount_fen} if amount_fen else {}


def amounts_of(case: Case, proposal: Proposal) -> dict[str, int]:
    """How much of each scope a proposal takes. A case that is nothing but goodwill counts as goodwill."""
    is_goodwill = case.policy.type in WITHOUT_GOODS
    goods = 0 if is_goodwill else proposal.amount_fen
    return {CASE: goods, GRANT: proposal.compensation_fen + (proposal.amount_fen if is_goodwill else 0)}


def read_proposal(resolution: Resolution) -> Proposal:
    """The proposal that a resolution was written from."""
    goods = Terms.from_row(resolution.rows[0])
    return Proposal(
        unit_ids=tuple(sorted(goods.unit_ids or ())),
        amount_fen=goods.amount_fen or 0,
        compensation_fen=resolution.amount_fen - (goods.amount_fen or 0),
        shares=resolution.shares,
        basis=resolution.basis,
        is_grant=resolution.is_grant,
        has_consent=resolution.has_consent,
    )
