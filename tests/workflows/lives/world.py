"""What happens to a case by itself: time, carriers and providers."""

from datetime import timedelta

from django.utils import timezone

from orders.carriers.base import CarrierScan, CarrierTag
from tests.workflows.lives.life import Life, happens
from tests.workflows.settling.builders import answer, limits_of, make_due
from workflows.models import CaseClock
from workflows.services import case_clocks, deliveries, flow_steps, intake, outbounds, tracks
from workflows.settling.calls import take_errand
from workflows.settling.recording import record_answer

SEEN = (CarrierTag.INFO_RECEIVED, CarrierTag.IN_TRANSIT, CarrierTag.DELIVERED, CarrierTag.EXCEPTION)
ANSWERS = ["paid", "paid", "paid", "processing", "declined", "bounced", "absent", "ambiguous"]


@happens(often=2)
def check(life: Life, *, friendly: bool = False) -> None:
    """The hint that a case was sent."""
    intake.take_in_by_id(life.number)


@happens(often=1)
def pass_time(life: Life, *, friendly: bool = False) -> None:
    """One of the running clocks is over; nobody who helps a case waits for that."""
    if friendly:
        return
    clocks = list(CaseClock.objects.filter(case=life.number, state="running", fired_at=None))
    if clocks:
        clock = life.chance.choice(clocks)
        CaseClock.objects.filter(pk=clock.pk).update(due_at=timezone.now() - timedelta(hours=1))
        case_clocks.run_due_case_clocks()
    flow_steps.run_due_steps()


@happens(often=1)
def see_parcels(life: Life, *, friendly: bool = False) -> None:
    """A carrier has seen one of the parcels."""
    for parcel in life.rows("parcel"):
        if parcel.waybill and parcel.carrier_id:
            life.at += 1
            tag = CarrierTag.DELIVERED if friendly else life.chance.choice(SEEN)
            scan = CarrierScan(waybill=parcel.waybill, at=timezone.now() + timedelta(seconds=life.at), tag=tag, text="")
            tracks.take_scans(parcel, [scan])


@happens(often=2)
def hear_providers(life: Life, *, friendly: bool = False) -> None:
    """A provider answers, or is asked."""
    for refund in life.rows("refund"):
        make_due(refund, submitted_at=timezone.now() - timedelta(hours=2) if refund.submitted_at else None)
        errand = take_errand(refund.pk)
        if errand is not None:
            kind = "paid" if friendly else life.chance.choice(ANSWERS)
            record_answer(errand, answer(kind, refund=errand.refund, code="X"), limits_of(errand.refund))


@happens(often=1)
def deliver(life: Life, *, friendly: bool = False) -> None:
    """What was sent arrives, or is lost."""
    for row in life.rows("outbound"):
        if row.state == "shipped":
            if friendly or life.chance.random() < 0.8:
                outbounds.deliver_outbound(row, event="seen")
            else:
                outbounds.lose_outbound(row, events=["seen"])
    deliveries.decline_unanswered_quotes()
