"""What carriers say of goods that we sent out: found by what the rows say, so that nothing depends on a message."""

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from foundation.sweeps import each_apart
from orders.carriers.base import CarrierTag, ProblemReason
from orders.models import WaybillScan
from workflows.machines.outbound import OutboundState
from workflows.models import Outbound, Repair
from workflows.services.outbounds import deliver_outbound, lose_outbound
from workflows.services.repairs import decline_quote, due_declines

ROUND = 50
ENDS = Q(tag=CarrierTag.DELIVERED) | Q(problem=ProblemReason.LOST)


def follow_outbounds(*, limit: int = ROUND) -> int:
    """Deliver, or give up as lost, every parcel of ours of which its carrier says so; returns how many moved. Safe doubled."""
    due = _sent().filter(said__isnull=False).order_by("since", "pk").values_list("pk", flat=True)[:limit]
    return each_apart(list(due), _follow, put_off=_again_next_time)


def _sent() -> QuerySet[Outbound]:
    """What is on its way, with the newest scan that ends it. A scan from before it was sent is about an earlier parcel of that number."""
    said = WaybillScan.objects.filter(
        ENDS, watch__waybill=OuterRef("waybill"), watch__carrier=OuterRef("carrier"), at__gte=OuterRef("since")
    )
    newest = Subquery(said.order_by("-at", "-pk").values("pk")[:1])
    return Outbound.objects.filter(state=OutboundState.SHIPPED).exclude(waybill="").annotate(said=newest)


def _follow(outbound_id: int) -> bool:
    row = _sent().select_related("case").filter(pk=outbound_id, said__isnull=False).first()
    if row is None:
        return False
    if WaybillScan.objects.get(pk=row.said).tag == CarrierTag.DELIVERED:
        deliver_outbound(row, event=row.said)
    else:
        lose_outbound(row, events=[row.said])
    return True


def decline_unanswered_quotes() -> int:
    """Take silence for a no: the pieces of quotes that nobody answered in a week go back as they are."""
    return each_apart([row.pk for row in due_declines(timezone.now())], _decline, put_off=_again_next_time)


def _decline(repair_id: int) -> bool:
    decline_quote(Repair.objects.select_related("claim__case").get(pk=repair_id))
    return True


def _again_next_time(_row_id: int) -> None:
    """The next round finds it again."""
