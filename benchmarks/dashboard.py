"""Measure the figures: boards, metric pages and lists of a manager at volume, and how soon an event is in them.

python -m benchmarks.dashboard --volume 1000000 --requests 40
"""

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import psycopg2

from benchmarks.cpu import Meter
from benchmarks.house import ROOT, House
from benchmarks.operations import PASSWORD
from benchmarks.reference import at_rest, reference_ms
from benchmarks.visitor import Visitor
from config import children

MANAGER = "shen.manager"
WARM_UP = 3
BAR_MS, BAR_CPU_MS = 300, 60
PERIODS = ("7d", "28d", "quarter", "365d")
VISIBLE_WITHIN_S, SETTLES_WITHIN_S = 10, 1800
FILINGS = 5


@dataclass(frozen=True)
class Case:
    """One kind of page, asked for again and again; ``has_cpu_bar`` where the processor's time is held to a bar too."""

    name: str
    paths: list[str]
    has_cpu_bar: bool = False


BOARDS = ("channels", "efficiency", "quality", "types", "agents", "cost", "products", "carriers", "regions")


@dataclass(frozen=True)
class Measured:
    """What one kind of page took; ``samples`` are of the work that says how slow the machine was meanwhile."""

    case: Case
    times: list[float]
    samples: list[float]
    web: float
    database: float

    def row(self, best: float) -> str:
        bar = f" (bar {BAR_CPU_MS} in all)" if self.case.has_cpu_bar else ""
        p50, p95 = statistics.median(self.times), sorted(self.times)[int(len(self.times) * 0.95)]
        slowness = statistics.fmean(self.samples) / best
        return (
            f"| {self.case.name} | {len(self.times)} | {p50:.0f} | {p95:.0f} | {self.web:.0f}{bar} | {self.database:.0f} | {slowness:.2f} |"
        )


def cases() -> list[Case]:
    lists = ("frt/list/?part=waits", "sla_att/list/?part=missed", "fcr_gross/list/?part=once", "vol_new/list/?channel=web")
    return [
        Case("first board", [f"/admin/reports/?period={period}" for period in PERIODS], has_cpu_bar=True),
        Case("first board, of days that nobody has asked for", list(other_days())),
        Case("other boards", [f"/admin/reports/{key}/?period={period}" for key in BOARDS for period in PERIODS]),
        Case("board with a filter", [f"/admin/reports/?period=28d&team={team}" for team in (1, 2, 3)]),
        Case("metric page", [f"/admin/reports/metric/{one}/?period=28d" for one in ("frt", "rt_full", "csat", "complaint_rate")]),
        Case("list", [f"/admin/reports/metric/{each}&period={period}" for each in lists for period in ("28d", "365d")]),
    ]


def other_days() -> Iterator[str]:
    """Four weeks that end on another day each time, so that nothing is kept of them."""
    for back in range(1, 61):
        last = date.today() - timedelta(days=back)
        yield f"/admin/reports/?from={last - timedelta(days=27)}&to={last}"


def main() -> None:
    options = read_arguments()
    with House(options.folder / str(options.volume), options.volume) as house:
        fill(house)
        visitor = log_in(house.base_url)
        measured = [measure(case, visitor, house, options.requests) for case in cases()]
        best = at_rest([sample for each in measured for sample in each.samples])
        print(f"| page | n | p50 ms | p95 ms (bar {BAR_MS}) | web CPU ms | database CPU ms | slowness |")
        print("|--|--:|--:|--:|--:|--:|--:|")
        for each in measured:
            print(each.row(best))
        waits = until_visible(visitor, house)
        print(f"\nan event is on the board after {max(waits):.1f} s (the slowest of {len(waits)}; bar {VISIBLE_WITHIN_S})")


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--volume", type=int, default=100_000, help="complaints")
    parser.add_argument("--requests", type=int, default=40, help="of each kind of page")
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "benchmarks", help="where the data of each volume stays")
    return parser.parse_args()


def fill(house: House) -> None:
    """Fold everything into the ledger once, and let no longer span be behind."""
    marker = house.folder / "folded"
    if not marker.exists():
        began = time.monotonic()
        house.manage("kpi_rebuild")
        marker.write_text(f"{time.monotonic() - began:.0f} s")
        house.vacuum()
    print(f"the ledger was folded in {marker.read_text()}")


def log_in(base_url: str) -> Visitor:
    visitor = Visitor(base_url)
    visitor.get("/admin/login/")
    visitor.post("/admin/login/", {"username": MANAGER, "password": PASSWORD})
    return visitor


def measure(case: Case, visitor: Visitor, house: House, count: int) -> Measured:
    asked = [case.paths[place % len(case.paths)] for place in range(max(count, len(case.paths)))]
    for path in case.paths[-WARM_UP:]:
        visitor.get(path)
    samples, times = [], []
    with Meter(house.groups) as meter:
        for path in asked:
            samples.append(reference_ms())
            times.append(timed(lambda path=path: visitor.get(path)))
    web, database = (meter.spent[name] / len(asked) for name in ("web", "database"))
    return Measured(case, times, samples, web, database)


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def until_visible(visitor: Visitor, house: House) -> list[float]:
    """From a filing to the board that counts it, with the sweeper of a deployment at work; as often as it is asked for."""
    argv = [sys.executable, str(ROOT / "manage.py"), "sweeper"]
    sweeper = children.spawn(argv, log=house.folder / "log" / "sweeper.log", env=house.env | {"BIHUAN_PROCESS": "sweeper"})
    connection = psycopg2.connect(house.env["DATABASE_URL"])
    connection.autocommit = True
    try:
        with closing(connection), connection.cursor() as cursor:
            settle(cursor)
            return [until_counted(visitor, house, cursor) for _filing in range(FILINGS)]
    finally:
        children.stop(sweeper)


def settle(cursor) -> None:
    """Wait until nothing waits to be folded for a while: a house that has slept has clocks to run out first."""
    deadline, still = time.monotonic() + SETTLES_WITHIN_S, 0
    while still < VISIBLE_WITHIN_S and time.monotonic() < deadline:
        still = still + 1 if read(cursor, BEHIND) == 0 else 0
        time.sleep(1)  # ten looks in a row that find nothing are ten seconds of rest


def until_counted(visitor: Visitor, house: House, cursor) -> float:
    """Seconds from the moment that a complaint carries to the moment at which the board says one more."""
    before, began = counted(visitor), time.monotonic()
    filing = subprocess.Popen([sys.executable, str(ROOT / "manage.py"), "shell", "-v", "0", "-c", FILE_ONE], env=house.env, cwd=ROOT)
    while counted(visitor) == before and time.monotonic() - began < 6 * VISIBLE_WITHIN_S:
        time.sleep(0.1)  # how exactly the wait is measured; looking without a pause would slow down what is waited for
    age = read(cursor, "SELECT extract(epoch FROM clock_timestamp() - filed_at) FROM complaints_complaint ORDER BY id DESC LIMIT 1")
    filing.wait()
    return float(age)


def read(cursor, statement: str):
    cursor.execute(statement)
    return cursor.fetchone()[0]


BEHIND = """
    SELECT (SELECT count(*) FROM complaints_eventpending) + (SELECT max(pos) FROM complaints_eventfeed)
        - (SELECT pos FROM analytics_analyticscursor WHERE feed = 'complaints.eventfeed')
"""
FILE_ONE = """
from complaints.models import Complaint
from complaints.services import Filing, file_complaint
row = Complaint.objects.select_related("merchant", "category", "form").order_by("-pk").first()
file_complaint(Filing(merchant=row.merchant, category=row.category, form=row.form, description="外箱破损"))
"""


def counted(visitor: Visitor) -> str:
    """How many complaints today has, as the first board says it."""
    visitor.get("/admin/reports/?period=today")
    return visitor.page.partition('id="vol-total-name"')[2].partition('class="kpi__n">')[2].partition("<")[0]


if __name__ == "__main__":
    main()
