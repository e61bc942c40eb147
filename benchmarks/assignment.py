"""Measure the assignment: 200 complaints and 20 workers at once, then what one assignment costs with 100 to 100,000 waiting.

python -m benchmarks.assignment --volumes 100,1000,10000,100000
"""

import argparse
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.cpu import Meter
from benchmarks.house import PREPARATION, ROOT, make_engine

AGENTS, RACERS, RACED = 20, 20, 200
GIVEN_EACH = 100

COPY = """
    INSERT INTO complaints_complaint ({columns}) SELECT {values} FROM complaints_complaint source, generate_series(1, %(count)s) AS place
    WHERE source.id = %(source)s
"""
WAIT = """
    INSERT INTO complaints_assignmentrequest (complaint_id, state, team_id, skill_code, skill_level, language, weight, band, excluded_ids,
        enqueued_at, rank_at, blocked_by)
    SELECT c.id, 'waiting', c.team_id, '', 1, c.language, 5, 1, ARRAY[]::bigint[], now() - c.id * interval '1 millisecond',
        now() - c.id * interval '1 millisecond', ''
    FROM complaints_complaint c
    WHERE c.assignee_id IS NULL AND c.status = 'new' AND c.id <> %(source)s
        AND NOT EXISTS (SELECT FROM complaints_assignmentrequest r WHERE r.complaint_id = c.id)
"""


def main() -> None:
    options = read_arguments()
    with house(options.folder) as database:
        measure(options.volumes, {"worker": os.getpid(), "database": database})


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    volumes = {"type": lambda text: [int(part) for part in text.split(",")], "default": [100, 1_000, 10_000, 100_000]}
    parser.add_argument("--volumes", help="how many wait", **volumes)
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "benchmarks" / "assignment", help="emptied first")
    return parser.parse_args()


@contextmanager
def house(folder: Path) -> Iterator[int]:
    """An empty, durable house without a web server, and Django set up on it; gives the number of PostgreSQL's process."""
    from config.embedded import Postgres, Valkey
    from config.environment import read_trial_values

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ |= {"BIHUAN_DATA": str(folder), "BIHUAN_ENV": "trial"}
    values = read_trial_values(folder)
    engines = [make_engine(kind, values, folder) for kind in (Postgres, Valkey)]
    try:
        for engine in engines:
            engine.start()
        for engine in engines:
            engine.wait()
        os.environ |= values | {"DJANGO_SETTINGS_MODULE": "config.settings"}
        for command in PREPARATION:
            subprocess.run([sys.executable, str(ROOT / "manage.py"), *command], cwd=ROOT, check=True)
        import django

        django.setup()
        yield engines[0].process.pid
    finally:
        for engine in reversed(engines):
            engine.stop()


def measure(volumes: list[int], groups: dict[str, int]) -> None:
    source = build_shop()
    race = run_race(source, groups)
    print("| waiting | assignments | statements each | worker ms | database ms | together ms | a second | Jain |")
    print("|--:|--:|--:|--:|--:|--:|--:|--:|")
    for volume in volumes:
        print(measure_volume(source, volume, groups))
    print(f"\n{race}")


def build_shop() -> int:
    """A team of equal agents who are there, and one complaint that the others are copied from; returns its number."""
    from django.contrib.auth.models import Group
    from django.utils import timezone

    from accounts.models import Membership, Presence, User
    from complaints.models import Category
    from complaints.services import Filing, file_complaint
    from orders.models import Merchant

    category = Category.objects.filter(skill_code="", is_active=True).select_related("team").order_by("pk")[0]
    for number in range(AGENTS):
        agent = User.objects.create(username=f"agent{number}", name=f"Agent {number}", password="!")  # noqa: S106 - nobody logs in
        agent.groups.add(Group.objects.get(name="agent"))
        Membership.objects.create(team=category.team, user=agent)
        Presence.objects.create(user=agent, state="ready", heartbeat_at=timezone.now(), capacity=100)
    shop = Merchant.objects.get_or_create(code="bench", defaults={"name": "Bench"})[0]
    form = category.forms.order_by("-version")[0]
    return file_complaint(Filing(merchant=shop, category=category, form=form, description="包裹三天没有更新了。", language="zh-hans")).pk


def run_race(source: int, groups: dict[str, int]) -> str:
    """As many workers as there are agents give out ten times as many complaints at once."""
    from django.db.models import Count

    from complaints.models import Complaint, Decision

    fill(source, RACED)
    began = time.monotonic()
    with Meter(groups) as meter:
        run_at_once([drain] * RACERS)
    seconds = time.monotonic() - began
    given = Decision.objects.count()
    doubles = Complaint.objects.alias(times=Count("decisions")).filter(times__gt=1).count()
    beyond = sum(row["used"] + row["weight"] > row["capacity"] for (row, *_) in Decision.objects.values_list("candidates", flat=True))
    spent = sum(meter.spent.values()) / given
    return (
        f"Race: {RACERS} workers, {given} complaints, {seconds:.1f} s, {spent:.1f} ms of CPU each, {doubles} with two owners, "
        f"{beyond} beyond the cap, Jain {jain(units_given()):.4f}."
    )


def measure_volume(source: int, waiting: int, groups: dict[str, int]) -> str:
    """One worker gives out a hundred of those that wait, in rounds as the sweep does."""
    from django.db import connection

    from complaints.assignment.claim import ROUND, assign_waiting

    fill(source, waiting)
    statements = 0

    def count(run: Callable, sql: str, values: Any, many: bool, context: dict) -> Any:
        nonlocal statements
        statements += 1
        return run(sql, values, many, context)

    assign_waiting(limit=1)
    began, given = time.monotonic(), 0
    with Meter(groups) as meter, connection.execute_wrapper(count):
        while given < min(GIVEN_EACH, waiting - 1):
            given += assign_waiting(limit=min(ROUND, GIVEN_EACH - given))
    seconds = time.monotonic() - began
    worker, database = (meter.spent[name] / given for name in ("worker", "database"))
    spent = f"{worker:.1f} | {database:.1f} | {worker + database:.1f}"
    return f"| {waiting:,} | {given} | {statements / given:.1f} | {spent} | {given / seconds:.0f} | {jain(units_given()):.4f} |"


def fill(source: int, count: int) -> None:
    """Let so many complaints wait, and nobody hold anything; agents have room for all that is given out."""
    from django.db import connection
    from django.utils import timezone

    from accounts.models import Presence
    from complaints.models import AgentLoad, AssignmentRequest, Complaint, Decision

    Decision.objects.all().delete()
    AssignmentRequest.objects.all().delete()
    AgentLoad.objects.all().delete()
    Presence.objects.update(heartbeat_at=timezone.now() + timedelta(hours=1), capacity=100)  # nobody's browser runs beside
    fields = [field.column for field in Complaint._meta.concrete_fields if not field.primary_key]
    fresh = {"number": f"'B' || {time.time_ns()} + place", "submission_digest": "NULL", "assignee_id": "NULL", "status": "'new'"}
    values = ", ".join(fresh.get(name, f"source.{name}") for name in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE complaints_complaint SET status = 'withdrawn', assignee_id = NULL WHERE id <> %s AND status = 'new'", [source]
        )
        cursor.execute(COPY.format(columns=", ".join(fields), values=values), {"count": count, "source": source})
        cursor.execute(WAIT, {"source": source})
        cursor.execute("ANALYZE")


def drain() -> None:
    from complaints.assignment.claim import assign_waiting

    while assign_waiting(limit=5):
        continue


def run_at_once(acts: list[Callable[[], None]]) -> None:
    from django.db import connections

    start = threading.Barrier(len(acts))

    def run(act: Callable[[], None]) -> None:
        start.wait()
        try:
            act()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def units_given() -> list[int]:
    from complaints.models import AgentLoad

    units = list(AgentLoad.objects.values_list("shift_units", flat=True))
    return units + [0] * (AGENTS - len(units))


def jain(units: list[int]) -> float:
    """Jain's index: 1 when all got the same, 1/n when one got everything."""
    return sum(units) ** 2 / (len(units) * sum(each * each for each in units)) if any(units) else 1.0


if __name__ == "__main__":
    main()
