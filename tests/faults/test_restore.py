"""F28: a backup is restored while the provider has gone on. Nothing is paid twice, and in the end both books agree. I5, I6."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.utils import timezone

from config.embedded import postgres_programs
from config.money_invariants import read_ledger
from foundation.models import RestoreMarker
from foundation.standstill import keep_marker
from tests.faults.test_crash_points import same_house
from tests.stack import ROOT, inherited_environment
from tests.workflows.settling.builders import decide, fresh, make_finance, make_owed, make_queued
from tests.workflows.settling.trading import WORK, Trading
from workflows.settling.rounds import settle_due

pytestmark = pytest.mark.django_db(transaction=True)
LONG_AGO = timedelta(minutes=10)
# Whoever does not know of the restore approves the case once more.
DECIDE_AGAIN = """
from tests.workflows.settling.builders import decide
from workflows.models import Case
[refund] = decide(Case.objects.get(pk={case}))
print(refund.state)
"""
FETCH = "from workflows.services.pulling import pull_due; print(pull_due())"
LOOK = """
from accounts.models import User
from workflows.models import Anomaly, Refund
from workflows.services.anomalies import count_elsewhere, explain_anomaly, is_elsewhere, lift_freeze
from workflows.services.refunds import void_refund
finance = User.objects.get(username="{finance}")
for anomaly in Anomaly.objects.filter(closed_at=None).order_by("pk"):
    settle = count_elsewhere if is_elsewhere(anomaly) else explain_anomaly
    settle(anomaly, reason="looked at the statement", by=finance)
for refund in Refund.objects.filter(state="armed"):
    void_refund(refund, reason="was paid before the restore", by=finance)
for anomaly in Anomaly.objects.all():
    lift_freeze(anomaly, reason="counted", by=finance)
"""
JUDGE = """
from pathlib import Path
from config.money_invariants import ledger_faults, money_faults
from workflows.models import PaymentBalance, Refund
print(money_faults(), ledger_faults(Path({ledger!r})))
print(sorted(Refund.objects.values_list("state", flat=True)))
print(sorted(PaymentBalance.objects.values_list("captured_fen", "refunded_fen", "external_fen", "held_fen")))
"""


class Restored:
    """Another database of the same server, made of a backup of this test's, and the house as it starts with it."""

    def __init__(self, folder: Path, env: dict[str, str]):
        house = same_house()
        self.dump, self.source = folder / "bihuan.dump", house["DATABASE_URL"]
        self.name = f"{urlsplit(self.source).path[1:]}_restored"
        self.url = urlsplit(self.source)._replace(path=f"/{self.name}").geturl()
        self.env = {**inherited_environment(), **house, **env, "DATABASE_URL": self.url, "BIHUAN_DATA": str(folder)}

    def back_up(self) -> None:
        self._program("pg_dump", "-Fc", "-f", self.dump, "-d", self.source)

    def restore(self) -> None:
        self._program("psql", "-q", "-d", self.source, "-c", f'CREATE DATABASE "{self.name}"')
        self._program("pg_restore", "--exit-on-error", "-d", self.url, self.dump)

    def drop(self) -> None:
        self._program("psql", "-q", "-d", self.source, "-c", f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')

    def run(self, script: str) -> str:
        return self.manage("shell", "-v0", "-c", script)

    def manage(self, *arguments: str, fails: bool = False) -> str:
        argv = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(argv, env=self.env, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
        assert (done.returncode != 0) is fails, f"{done.stdout}\n{done.stderr}"
        return done.stderr if fails else done.stdout

    def _program(self, name: str, *arguments: object) -> None:
        done = subprocess.run(
            [postgres_programs(None) / name, *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr


@pytest.fixture
def provider(tmp_path, monkeypatch):
    trading = Trading.start(tmp_path / "provider")
    trading.set_up(monkeypatch)
    yield trading
    trading.stop()


@pytest.fixture
def restored(tmp_path, provider, settings):
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    house = Restored(settings.DATA_DIR, provider.env)
    yield house
    connection.close()
    house.drop()


def paid(provider: Trading) -> list[int]:
    """What the provider paid for each number, and so how often."""
    ledger = read_ledger(provider.gateway.folder / "ledger.jsonl")
    return sorted(fact["amount_minor"] for facts in ledger.values() for fact in facts if fact["kind"] == "paid")


def test_a_restored_house_pays_nothing_until_finance_has_looked_and_nothing_twice(restored, provider):
    known, case = make_queued(), make_owed(lines=2, auto_limit=9900)
    case.units.order_by("-pk").first().delete()
    finance = make_finance(case)
    RestoreMarker.objects.create(pk=1, at=timezone.now() - LONG_AGO)
    restored.back_up()
    [forgotten] = decide(case)
    assert settle_due() == 2 and keep_marker() == 1
    assert {fresh(known).state, fresh(forgotten).state} == {"succeeded"} and paid(provider) == [9900, 9900]
    restored.restore()

    restored.run(WORK)
    assert restored.run(DECIDE_AGAIN.format(case=case.pk)).strip() == "armed"
    restored.run(WORK)
    assert paid(provider) == [9900, 9900]

    assert "statement demo" in restored.manage("after_restore")
    assert restored.run(FETCH).strip() == "1"
    left = restored.manage("after_restore")
    assert f"only_there {forgotten.out_refund_no}" in left and "left for finance: 0 statements, 2 anomalies" in left
    release = ("after_restore", "--release", "--by", finance.username, "--reason", "all counted")
    restored.manage(*release, fails=True)
    restored.run(LOOK.format(finance=finance.username))
    restored.manage(*release)

    restored.run(WORK)

    assert paid(provider) == [9900, 9900]
    faults, states, balances = restored.run(JUDGE.format(ledger=str(provider.gateway.folder / "ledger.jsonl"))).splitlines()
    assert (faults, states) == ("[] []", "['succeeded', 'voided']")
    assert balances == "[(9900, 9900, 0, 0), (19800, 0, 9900, 0)]"
