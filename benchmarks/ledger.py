"""Measure the ledger: what reading, folding, storing and summing cost, and one day whose sums are made new.

python -m benchmarks.ledger --complaints 5000
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.assignment import house
from benchmarks.cpu import Meter
from benchmarks.house import ROOT

DAY_FACTS, ROUNDS = 1_000, 20
BAR_MS = 50
# One day with as many facts, spread over channels, categories, teams and agents as in a busy shop.
SPREAD = """
    INSERT INTO {table} ({columns}) SELECT {values} FROM (SELECT * FROM {table} WHERE source = 0 AND {counted} = 1 LIMIT 1) AS source,
        generate_series(1, %(facts)s) AS place
"""
SPREAD_VALUES = {
    "source": "1", "root_id": "place", "day": "date '2020-02-02'", "channel": "'c' || place %% 8", "category": "'g' || place %% 40",
    "team": "place %% 12", "agent": "place %% 200", "merchant": "place %% 5", "frt_s": "place * 37", "frt_s_b": "place %% 300",
    "rt_full_s": "place * 97", "rt_full_s_b": "place %% 300",
}  # fmt: skip


def main() -> None:
    options = read_arguments()
    with house(options.folder) as database:
        load(options.complaints)
        groups = {"program": os.getpid(), "database": database}
        print("| step | groups | statements | program ms a group | database ms a group | groups per CPU second |")
        print("|--|--:|--:|--:|--:|--:|")
        for line in [*measure_folding(groups), measure_fill(groups)]:
            print(line)
        for family, counted in (("arrival", "arrived"), ("cycle", "last")):
            print(f"\n{measure_day(family, counted, groups)}")


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--complaints", type=int, default=5_000)
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "benchmarks" / "ledger", help="emptied first")
    return parser.parse_args()


def load(complaints: int) -> None:
    command = ["load_demo", "--orders", str(complaints), "--complaints", str(complaints), "--seed", "1"]
    subprocess.run([sys.executable, str(ROOT / "manage.py"), *command], cwd=ROOT, check=True)


def measure_folding(groups: dict[str, int]) -> list[str]:
    """Reading the groups, and folding what was read."""
    from analytics.ledger.folding import fold
    from analytics.ledger.reading import house_settings, read_groups
    from complaints.models import Complaint

    ids = list(Complaint.objects.order_by("pk").values_list("pk", flat=True)[:2_000])
    found, read = metered(lambda: read_groups(ids), groups)
    settings = house_settings()
    _facts, folded = metered(lambda: [fold(each, settings) for each in found], groups)
    return [row("read", len(found), *read), row("fold", len(found), *folded)]


def measure_fill(groups: dict[str, int]) -> str:
    """Everything from the first event on, as the sweep does it."""
    from analytics.ledger.filling import refold
    from complaints.models import Complaint

    ids = list(Complaint.objects.order_by("pk").values_list("pk", flat=True))
    parts = [set(ids[place : place + 500]) for place in range(0, len(ids), 500)]
    _none, spent = metered(lambda: [refold(each) for each in parts], groups)
    return row("read, fold and store", len(ids), *spent)


def measure_day(name: str, counted: str, groups: dict[str, int]) -> str:
    """The sums of one day of many facts, made new again and again."""
    from datetime import date

    from django.db import connection

    from analytics.ledger.days import index_of
    from analytics.ledger.families import FAMILIES
    from analytics.ledger.rolling import roll_days
    from analytics.ledger.storing import columns_of, mark_days
    from analytics.models import DirtyNode

    DirtyNode.objects.all().delete()
    family, day = FAMILIES[name], date(2020, 2, 2)
    columns = columns_of(family.fact)
    values = ", ".join(SPREAD_VALUES.get(each, f'source."{each}"') for each in columns)
    names = ", ".join(f'"{each}"' for each in columns)
    with connection.cursor() as cursor:
        cursor.execute(SPREAD.format(table=family.table, columns=names, values=values, counted=counted), {"facts": DAY_FACTS})
        cursor.execute(f"ANALYZE {family.table}")
    times = []
    with Meter(groups) as meter:
        for _round in range(ROUNDS):
            mark_days(family, 1, [day])
            began = time.perf_counter()
            roll_days()
            times.append((time.perf_counter() - began) * 1000)
            DirtyNode.objects.all().delete()
    rows = family.rollup.objects.filter(source=1, level=0, idx=index_of(day)).count()
    spent = ", ".join(f"{each} {ms / ROUNDS:.1f} ms CPU" for each, ms in meter.spent.items())
    return f"one day of {DAY_FACTS:,} facts ({name}, {rows:,} sums): {sorted(times)[ROUNDS // 2]:.1f} ms (bar: {BAR_MS}); {spent}"


def metered(work: Callable[[], Any], groups: dict[str, int]) -> tuple[Any, tuple[int, dict[str, float]]]:
    """What some work gives, how many statements it took, and its CPU."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries, Meter(groups) as meter:
        found = work()
    return found, (len(queries), meter.spent)


def row(step: str, count: int, statements: int, spent: dict[str, float]) -> str:
    per_second = count / sum(spent.values()) * 1000
    return f"| {step} | {count:,} | {statements} | {spent['program'] / count:.2f} | {spent['database'] / count:.2f} | {per_second:,.0f} |"


if __name__ == "__main__":
    main()
