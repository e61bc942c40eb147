"""The product's money worker against the demo gateway: two sides, two books, real sockets between them."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db.models import F
from django.utils import timezone

from tests.workflows.demo_gateway.running import SECRET, Receiver, RunningGateway
from workflows import gateways
from workflows.machines.refund import RefundState
from workflows.models import GatewayHealth, Refund
from workflows.services.notifications import read_notices, receive_notice
from workflows.settling.rounds import settle_due

HASTY = "tests.workflows.demo_gateway.running.HastyGateway"
HOLDS_STILL = (RefundState.SUCCEEDED, RefundState.FAILED, RefundState.BOUNCED, RefundState.VOIDED)
WORK = f"""
from workflows.gateways import ADAPTERS
ADAPTERS["demo"] = "{HASTY}"
from workflows.settling.rounds import settle_due
settle_due(10)
"""


class Trading:
    """A gateway that sends its notices to a receiver of ours, from which they reach the product as its hook would take them."""

    def __init__(self, gateway: RunningGateway, receiver: Receiver):
        self.gateway, self.receiver, self._taken = gateway, receiver, 0

    @classmethod
    def start(cls, folder: Path) -> "Trading":
        receiver = Receiver()
        return cls(RunningGateway(folder, "--webhook-url", receiver.url), receiver)

    @property
    def env(self) -> dict[str, str]:
        return {"BIHUAN_GATEWAY_DEMO_URL": self.gateway.url, "BIHUAN_GATEWAY_DEMO_SECRET": SECRET}

    def set_up(self, monkeypatch) -> None:
        for name, value in self.env.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setitem(gateways.ADAPTERS, "demo", HASTY)
        self.forget()

    def forget(self) -> None:
        self.gateway.plan()
        self._taken = len(self.receiver.received)

    def stop(self) -> None:
        self.gateway.terminate()
        self.receiver.close()

    def plan(self, refund: Refund, *faults: str) -> None:
        self.gateway.plan(keys={refund.out_refund_no: list(faults)})

    def facts(self, refund: Refund) -> list[str]:
        return self.gateway.facts_about(refund.out_refund_no)

    def bring_notices(self) -> int:
        """Hand what has arrived to the product, in the order of its arrival."""
        arrived = self.receiver.received[self._taken :]
        self._taken += len(arrived)
        for notice in arrived:
            receive_notice(self.gateway.adapter, notice.headers, notice.body)
        read_notices()
        return len(arrived)


def settle(*, rounds: int = 12, notices: Any = None) -> None:
    """Work until everything holds still, as if half an hour passed between two rounds."""
    for _round in range(rounds):
        if notices is not None:
            notices.bring_notices()
        let_time_pass()
        if not settle_due(1000) and not open_refunds().exists():
            return


def let_time_pass(by: timedelta = timedelta(minutes=30)) -> None:
    """What waits becomes due, what was sent was sent long ago, pauses are over. No lease of a worker that lives is cut short."""
    earlier = timezone.now() - timedelta(seconds=1)
    # What is due waits for a worker only. Written anew each time, ten thousand such rows cost more than all the work on them.
    open_refunds().filter(next_at__gt=earlier).update(next_at=earlier, submitted_at=F("submitted_at") - by)
    GatewayHealth.objects.update(paused_until=None)


def open_refunds():
    return Refund.objects.exclude(state__in=(*HOLDS_STILL, RefundState.PENDING_APPROVAL, RefundState.ARMED))
