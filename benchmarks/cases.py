"""Measure a return's way through the house, and what its sweeps and lists cost, beside 1,000 and 100,000 open cases.

python -m benchmarks.cases --volumes 1000,100000 --cases 100
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.case_house import CaseHouse
from benchmarks.cpu import Meter
from benchmarks.house import ROOT
from benchmarks.reference import at_rest, reference_ms
from benchmarks.run import describe_machine

WARM_UP = 10
LOOKS = 50


@dataclass(frozen=True)
class Figure:
    """One row: per case, CPU milliseconds of the program, of PostgreSQL and of the gateway, and seconds on the clock."""

    name: str
    cases: int
    statements: str
    program: float
    database: float
    gateway: float
    seconds: float
    slowness: float

    @property
    def total(self) -> float:
        return self.program + self.database


def main() -> None:
    options = read_arguments()
    if options.volume:
        print(json.dumps([[asdict(figure) for figure in figures] for figures in measure_volume(options)]))
        return
    found = {volume: measure_apart(volume, options) for volume in options.volumes}
    for volume, (steps, looks) in found.items():
        print(f"\n### {volume:,} open cases\n\n{draw_table([*steps, sum_up(steps), *looks])}\n\n{say_speed(steps)}")
    print(f"\n{compare(found)} {describe_machine()}.")


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--volumes", type=lambda text: [int(part) for part in text.split(",")], default=[1_000, 100_000])
    parser.add_argument("--cases", type=int, default=100, help="how many go the whole way")
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "benchmarks")
    parser.add_argument("--volume", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


def measure_apart(volume: int, options: argparse.Namespace) -> list[list[Figure]]:
    """Each volume in a process of its own: settings belong to one database."""
    argv = [sys.executable, "-m", "benchmarks.cases", "--volume", str(volume), "--cases", str(options.cases)]
    done = subprocess.run([*argv, "--folder", str(options.folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return [[Figure(**row) for row in rows] for rows in json.loads(done.stdout.splitlines()[-1])]


def measure_volume(options: argparse.Namespace) -> Iterator[list[Figure]]:
    """The steps of the way, then the looks of lists and sweeps that find nothing due."""
    with CaseHouse(options.folder / f"cases-{options.volume}", options.volume) as house:
        import django

        django.setup()
        house.fill()
        from benchmarks.case_house import make_owner, open_shop
        from benchmarks.case_looks import looks
        from benchmarks.case_steps import STEPS, Way
        from benchmarks.plans import explain

        shop, first = open_shop(), int(time.time())
        ways = [Way(shop, make_owner(shop, first + number)) for number in range(options.cases + WARM_UP)]
        yield [measure(step.name, step.run, ways, house, prepare=step.prepare) for step in STEPS]
        asked = looks(shop)
        (house.folder / "plans.txt").write_text("\n".join(f"{name}\n{explain(ask)}\n" for name, ask in asked.items()))
        yield [measure(name, lambda _number, ask=ask: ask(), range(LOOKS + WARM_UP), house) for name, ask in asked.items()]


def measure(name: str, run: Callable, cases: Any, house: CaseHouse, *, prepare: Callable = lambda cases: None) -> Figure:
    """Warm up on the first cases, then count the rest together."""
    prepare(cases)
    for case in cases[:WARM_UP]:
        run(case)
    tallies, samples, seconds, own = [], [], 0.0, 0.0
    with Meter(house.groups) as meter:
        for case in cases[WARM_UP:]:
            samples.append(reference_ms())
            with counted() as tally:
                began, spent = time.monotonic(), time.process_time()
                run(case)
                own, seconds = own + time.process_time() - spent, seconds + time.monotonic() - began
            tallies.append(tally[0])
    count = len(tallies)
    print(f"{name}: {count}", file=sys.stderr, flush=True)
    least, most = min(tallies), max(tallies)
    spent = {group: cost / count for group, cost in meter.spent.items()}
    return Figure(
        name=name,
        cases=count,
        statements=str(least) if least == most else f"{least}–{most}",
        program=own * 1000 / count,
        database=spent["database"],
        gateway=spent["gateway"],
        seconds=seconds / count,
        slowness=statistics.fmean(samples) / at_rest(samples),
    )


@contextmanager
def counted() -> Iterator[list[int]]:
    """How many statements are sent meanwhile; a batch is several."""
    from django.db import connection

    tally = [0]

    def count(run: Callable, statement: str, *rest: Any) -> Any:
        tally[0] += 1 + statement.strip("; \n").count(";")
        return run(statement, *rest)

    with connection.execute_wrapper(count):
        yield tally


def sum_up(steps: list[Figure]) -> Figure:
    """The whole way."""
    sums = {name: sum(getattr(step, name) for step in steps) for name in ("program", "database", "gateway", "seconds")}
    ends = [[int(part) for part in step.statements.split("–")] for step in steps]
    least, most = sum(end[0] for end in ends), sum(end[-1] for end in ends)
    statements = str(least) if least == most else f"{least}–{most}"
    return Figure("**whole way**", steps[0].cases, statements, **sums, slowness=statistics.fmean(step.slowness for step in steps))


def draw_table(figures: list[Figure]) -> str:
    lines = [
        "| step | statements | program | database | together | gateway | ms on the clock | slowness |",
        "|--|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for figure in figures:
        costs = (figure.program, figure.database, figure.total, figure.gateway, figure.seconds * 1000)
        spent = " | ".join(f"{cost:.1f}" for cost in costs)
        lines.append(f"| {figure.name} | {figure.statements} | {spent} | {figure.slowness:.2f} |")
    return "\n".join(lines)


def say_speed(steps: list[Figure]) -> str:
    whole = sum_up(steps)
    rates = f"{1 / whole.seconds:.1f} cases a second on the clock, {1000 / whole.total:.1f} a second of CPU"
    load = f"load of the machine {os.getloadavg()[0]:.1f}"
    return f"{whole.cases} cases through the whole flow, one after the other in one process: {rates}; {load}."


def compare(found: dict[int, list[list[Figure]]]) -> str:
    """Whether anything asks for more statements beside more cases."""
    told = [{figure.name: figure.statements for figures in both for figure in figures} for both in found.values()]
    grown = [name for name in told[0] if len({each[name] for each in told}) > 1]
    return f"Statements differ between the volumes: {', '.join(grown)}." if grown else "Statements are the same at every volume."


if __name__ == "__main__":
    main()
