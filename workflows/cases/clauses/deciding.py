"""Guards of the exception, of the join at the end, and of what comes after the end."""

from workflows.cases.asking import Asking
from workflows.cases.clauses.binding import against
from workflows.cases.joining import FAILED, failed_tracks, open_tracks, unfinished_tracks
from workflows.cases.quantities import Terms
from workflows.machines.recovery import RecoveryState
from workflows.machines.spine import CaseState
from workflows.machines.table import Role
from workflows.models import CaseClock, CasePolicy

VERDICTS = ("full", "partial", "changed", "return_goods", "retry_payment")
LOST_OR_LATE = ("problem",)


@against("verdict_unknown", needs=("verdict",))
def has_no_verdict(asking: Asking) -> bool:
    return asking.given("verdict") not in VERDICTS


@against("goods_owed", needs=("resolution",))
def still_owes_goods(asking: Asking) -> bool:
    """Whatever the verdict neither has, accepts nor waives must still come: that is C22. What never came cannot be repaired."""
    proposal = asking.given("resolution")
    if asking.case.policy.receipt not in ("required", "carrier") or proposal is None or asking.given("verdict") == "retry_payment":
        return False
    rows = [Terms.from_row(row) for row in proposal.rows(asking.case)]
    to_repair = {unit_id for row in rows if row.ships == CasePolicy.Release.REPAIRED for unit_id in row.unit_ids or ()}
    settled = set(proposal.basis.get("accepted", ())) | set(proposal.basis.get("waived", ())) - to_repair
    return any(claim.unit_id in proposal.unit_ids and claim.received_at is None and claim.unit_id not in settled for claim in asking.claims)


@against("consent_missing", needs=("verdict", "resolution"))
def lacks_consent(asking: Asking) -> bool:
    """A partial solution needs the customer's consent, or says that the appeal stays open."""
    proposal = asking.given("resolution")
    is_open = proposal is not None and (proposal.has_consent or proposal.basis.get("appeal_open"))
    return asking.given("verdict") == "partial" and not is_open


@against("not_a_payment", needs=("verdict",))
def failed_otherwise(asking: Asking) -> bool:
    """Paying again ends an exception only where a payment failed and nothing else is open about the goods."""
    if asking.given("verdict") != "retry_payment":
        return False
    return not any(refund.state in FAILED["refund"] for refund in asking.refunds) or not owes_no_goods(asking)


@against("finance_pays_only", needs=("verdict",))
def decides_beyond_finance(asking: Asking) -> bool:
    return Role.LEAD not in asking.roles and asking.given("verdict") != "retry_payment"


@against("nothing_owed")
def owes_no_goods(asking: Asking) -> bool:
    wanted = [claim for claim in asking.claims if claim.is_approved and claim.verdict not in ("passed", "accepted", "waived")]
    return not wanted and not any(parcel.state in LOST_OR_LATE for parcel in asking.parcels)


@against("no_parcel_found")
def found_no_parcel(asking: Asking) -> bool:
    """The system takes a case up again only when a lost parcel moves again."""
    return Role.SYSTEM in asking.roles and not any(parcel.state in ("moving", "carrier_signed", "scanned") for parcel in asking.parcels)


@against("no_track_failed")
def nothing_failed(asking: Asking) -> bool:
    return not failed_tracks(asking)


@against("only_bounced")
def is_over_without_a_bounce(asking: Asking) -> bool:
    is_over = asking.case.state == CaseState.COMPLETED
    return is_over and not any(refund.state == "bounced" for refund in asking.refunds)


@against("track_open")
def has_an_open_track(asking: Asking) -> bool:
    return bool(open_tracks(asking))


@against("window_over")
def window_is_over(asking: Asking) -> bool:
    """An upheld appeal was made in time, however long it took."""
    if any(appeal.state == "upheld" for appeal in asking.appeals):
        return False
    clock = CaseClock.objects.filter(case=asking.case, kind=CaseClock.Kind.SERVICE, code=asking.case.state).order_by("-pk").first()
    return clock is not None and clock.due_at is not None and clock.due_at <= asking.at


@against("appeal_not_upheld")
def has_no_upheld_appeal(asking: Asking) -> bool:
    return Role.SYSTEM in asking.roles and not any(appeal.state == "upheld" for appeal in asking.appeals)


@against("track_unfinished")
def has_unfinished_tracks(asking: Asking) -> bool:
    handed_on = {RecoveryState.CLAIMED, RecoveryState.ACCEPTED, RecoveryState.DISPUTED, RecoveryState.PARTLY_COLLECTED}
    ended = {RecoveryState.COLLECTED, RecoveryState.CANCELLED, RecoveryState.WRITTEN_OFF}
    return bool(unfinished_tracks(asking)) or any(row.state not in ended | handed_on for row in asking.recoveries)
