"""Measure how long after its deadline each missed promise is recorded, with and without workers that die.

python -m benchmarks.clocks --running 100000 --due 5000
"""

import argparse
import os
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.clock_house import ClockHouse, disturb
from benchmarks.cpu import Meter
from benchmarks.house import ROOT
from benchmarks.run import describe_machine

LEAD = 5.0
PATIENCE = 180.0
BAR_SECONDS = 10.0
# One row per event: the run, and how long after the deadline the transaction that holds it was committed.
RECORDED = """
    SELECT (e.codes ->> 'run')::bigint, extract(epoch FROM pg_xact_commit_timestamp(e.xmin) - (e.codes ->> 'due_at')::timestamptz)
    FROM complaints_event e WHERE e.kind = 'clock.missed' AND (e.codes ->> 'run')::bigint = ANY(%s)
"""


@dataclass(frozen=True)
class Figure:
    """One round: the delays of all missed promises, and what they cost."""

    name: str
    delays: list[float]
    twice: int
    never: int
    blows: int
    cpu: dict[str, float]
    load: float

    def quantile(self, share: float) -> float:
        return sorted(self.delays)[max(0, round(share * len(self.delays)) - 1)] if self.delays else float("nan")


def main() -> None:
    options = read_arguments()
    with ClockHouse(options.folder / f"clocks-{options.running}", options.running) as house:
        import django

        house.manage("migrate", "-v", "0")
        house.manage("setup_defaults")
        house.manage("setup_roles")
        django.setup()
        house.fill()
        print(explain_sweep(house))
        for name in options.rounds:
            show(measure(house, name, options))


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.clocks", description=__doc__.splitlines()[0])
    parser.add_argument("--running", type=int, default=100_000, help="clocks that run")
    parser.add_argument("--due", type=int, default=5_000, help="how many of them fall due")
    parser.add_argument("--seconds", type=float, default=60.0, help="within how long")
    parser.add_argument("--rounds", nargs="+", choices=["quiet", "killed"], default=["quiet", "killed"])
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "benchmarks")
    return parser.parse_args()


def measure(house: ClockHouse, name: str, options: argparse.Namespace) -> Figure:
    """Let the clocks fall due while sweeper and workers run; ``killed``: while they are killed and Valkey forgets everything."""
    with house.working():
        wait_for_sweeper(house)
        runs = house.make_due(due=options.due, seconds=options.seconds, lead=LEAD)
        began = time.monotonic()
        groups = house.groups if name == "quiet" else {"database": house.groups["database"]}  # the others are killed
        with Meter(groups) as meter:
            time.sleep(LEAD)
            blows = disturb(house, until=began + LEAD + options.seconds) if name == "killed" else 0
            recorded = wait_for_all(runs, until=began + LEAD + options.seconds + PATIENCE)
        load = os.getloadavg()[0]
    counted = [run for run, _delay in recorded]
    return Figure(
        name=name,
        delays=[float(delay) for _run, delay in recorded],
        twice=len(counted) - len(set(counted)),
        never=len(set(runs) - set(counted)),
        blows=blows,
        cpu={group: spent / len(runs) for group, spent in meter.spent.items()},
        load=load,
    )


def wait_for_sweeper(house: ClockHouse) -> None:
    """Until every sweep of a fresh process had its first turn."""
    deadline = time.monotonic() + PATIENCE
    while rows("SELECT count(*) FROM foundation_heartbeat WHERE kind = 'sweeper' AND beaten_at > now() - '5 s'::interval")[0][0] == 0:
        if time.monotonic() > deadline:
            raise RuntimeError(f"The sweeper does not beat; see {house.folder / 'log' / 'sweeper.log'}.")
        time.sleep(0.2)


def wait_for_all(runs: list[int], *, until: float) -> list[tuple]:
    recorded: list[tuple] = []
    while len(recorded) < len(runs) and time.monotonic() < until:
        time.sleep(1)
        recorded = rows(RECORDED, runs)
    return recorded


def rows(statement: str, *values) -> list[tuple]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchall()


def explain_sweep(house: ClockHouse) -> str:
    """The plan of a sweep that finds nothing among all the clocks."""
    from benchmarks.plans import explain
    from complaints.services.clocks import run_due_clocks

    return explain(run_due_clocks)


def show(figure: Figure) -> None:
    spent = ", ".join(f"{name} {cost:.1f}" for name, cost in figure.cpu.items())
    late = f"p50 {figure.quantile(0.5):.2f} s, p99 {figure.quantile(0.99):.2f} s, max {max(figure.delays, default=0):.2f} s"
    verdict = "holds" if max(figure.delays, default=BAR_SECONDS) <= BAR_SECONDS and not (figure.twice or figure.never) else "MISSED"
    print(
        f"{figure.name}: {len(figure.delays)} recorded, {late} (mean {statistics.fmean(figure.delays or [0]):.2f});"
        f" {figure.twice} twice, {figure.never} never; {figure.blows} kills\n"
        f"  CPU ms per breach: {spent}, together {sum(figure.cpu.values()):.1f}; load of the machine {figure.load:.1f};"
        f" bar {BAR_SECONDS:g} s {verdict}; {describe_machine()}",
        flush=True,
    )


if __name__ == "__main__":
    main()
