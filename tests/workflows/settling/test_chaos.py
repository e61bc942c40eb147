"""Many refunds, a provider with every fault, notices doubled and late, workers killed at any moment: nothing is paid twice or lost."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest
from django.db import connection
from django.db.models import F

from config.money_invariants import ledger_faults, money_faults
from tests.faults.test_crash_points import same_house
from tests.stack import ROOT, inherited_environment, wait_for
from tests.workflows.settling.builders import decide, make_owed
from tests.workflows.settling.trading import HASTY, Trading, let_time_pass, open_refunds, settle
from workflows.machines.refund import RefundState
from workflows.models import InboundNotification, LedgerEntry, Refund, RefundAttempt, Task

pytestmark = pytest.mark.django_db(transaction=True)
REFUNDS = 10_000 if os.environ.get("BIHUAN_LONG") else 200
PER_CASE = 10
PATIENCE = 60 + REFUNDS // 5
# Shares of the numbers that each fault meets; the rest is paid at once.
RATIOS = {
    "ok_but_drop_reply": 0.15,
    "500_then_ok": 0.15,
    "processing:2": 0.15,
    "reject": 0.10,
    "duplicate_webhook:3": 0.10,
    "absent_then_lands:0": 0.05,
    "bounce:0": 0.05,
    "slow": 0.02,
}
WORKER = f"""
import time
from pathlib import Path
from workflows.gateways import ADAPTERS
ADAPTERS["demo"] = "{HASTY}"
from workflows.settling.rounds import settle_due
while not Path({{stop!r}}).exists():
    settle_due(20) or time.sleep(0.05)
"""


class Workers:
    """Two processes that settle refunds; each that is killed is replaced."""

    def __init__(self, env: dict[str, str], stop: Path):
        self.env, self.stop, self.running = {**inherited_environment(), **same_house(), **env}, stop, []

    def __enter__(self) -> "Workers":
        self.running = [self.start(), self.start()]
        return self

    def __exit__(self, *_) -> None:
        self.stop.touch()
        for worker in self.running:
            worker.wait(120)

    def start(self) -> subprocess.Popen:
        argv = [sys.executable, "manage.py", "shell", "-v0", "-c", WORKER.format(stop=str(self.stop))]
        return subprocess.Popen(argv, env=self.env, cwd=ROOT, start_new_session=True)

    def kill_one(self, chance: Random) -> None:
        place = chance.randrange(len(self.running))
        os.killpg(self.running[place].pid, signal.SIGKILL)
        self.running[place].wait()
        self.running[place] = self.start()


def make_refunds(number: int) -> None:
    for _case in range(number // PER_CASE):
        decide(make_owed(lines=PER_CASE, payments=(9900,) * PER_CASE, auto_limit=9900 * PER_CASE))
    assert Refund.objects.filter(state=RefundState.QUEUED).count() == number


def progress() -> int:
    return REFUNDS - open_refunds().count()


def wait_for_a_call() -> None:
    before = RefundAttempt.objects.count()
    wait_for(lambda: RefundAttempt.objects.count() > before or not open_refunds(), within=PATIENCE)


def work_until(share: float, workers: Workers, trading: Trading) -> None:
    """Bring notices and let time pass, leases of living workers included, until so much of it holds still."""
    until = time.monotonic() + PATIENCE
    while progress() < share * REFUNDS:
        assert time.monotonic() < until, f"{progress()} of {REFUNDS}"
        trading.bring_notices()
        let_time_pass()
        for worker in workers.running:
            assert worker.poll() is None
        wait_for_a_call()


def ask_about_everything(trading: Trading) -> None:
    """A last question about each refund, as the statement of the day would raise it."""
    Refund.objects.update(next_at=F("created_at"), attempts=0)
    settle(notices=trading)


def test_whatever_happens_nothing_is_paid_twice_or_lost(trading, tmp_path):
    seed = int(os.environ["BIHUAN_SEED"])
    chance = Random(seed)  # noqa: S311 - faults to be repeated, no secret
    make_refunds(REFUNDS)
    trading.gateway.plan(ratios=RATIOS, seed=seed)

    with Workers(trading.env, tmp_path / "stop") as workers:
        for share in (0.1, 0.25, 0.4, 0.6):
            work_until(share, workers, trading)
            workers.kill_one(chance)
        work_until(0.9, workers, trading)
    settle(rounds=30, notices=trading)
    ask_about_everything(trading)

    connection.close()
    assert ledger_faults(trading.gateway.folder / "ledger.jsonl") == [], f"BIHUAN_SEED={seed}"
    assert money_faults() == [], f"BIHUAN_SEED={seed}"
    assert_all_is_resolved_or_on_a_desk()
    assert InboundNotification.objects.filter(state="read").exists()
    assert LedgerEntry.objects.filter(account="customer").exists()


def assert_all_is_resolved_or_on_a_desk() -> None:
    states = set(Refund.objects.values_list("state", flat=True))
    assert {"succeeded", "failed"} <= states <= {"succeeded", "failed", "bounced", "unknown"}
    on_desks = set(Task.objects.filter(done_at__isnull=True, role="finance").values_list("case_id", flat=True))
    assert set(Refund.objects.exclude(state="succeeded").values_list("case_id", flat=True)) <= on_desks
