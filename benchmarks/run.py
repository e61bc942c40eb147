"""Measure every operation at each volume and write docs/performance.md.

python -m benchmarks.run --volumes 100000,1000000 --requests 200
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from benchmarks.cpu import Meter
from benchmarks.house import ROOT, House
from benchmarks.reference import at_rest, reference_ms

WARM_UP = 20


@dataclass(frozen=True)
class Figure:
    """CPU milliseconds of one operation, per case; ``slowness`` is how many times what it takes at rest the reference took meanwhile."""

    operation: str
    limit: float
    cases: int
    web: float
    database: float
    statements: str
    bytes: int
    slowness: float

    @property
    def total(self) -> float:
        return self.web + self.database

    @property
    def at_rest(self) -> float:
        return self.total / self.slowness


def main() -> None:
    options = read_arguments()
    if options.volume:
        print(json.dumps([asdict(figure) for figure in measure_volume(options.volume, options)]))
        return
    from benchmarks.report import write_report

    results = {volume: measure_apart(volume, options) for volume in options.volumes}
    write_report(results, machine=describe_machine())


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__.splitlines()[0])
    parser.add_argument("--volumes", type=lambda text: [int(part) for part in text.split(",")], default=[100_000, 1_000_000])
    parser.add_argument("--requests", type=int, default=200, help="cases per operation")
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "benchmarks", help="where the data of each volume stays")
    parser.add_argument("--volume", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


def measure_apart(volume: int, options: argparse.Namespace) -> list[Figure]:
    """Each volume in a process of its own: settings belong to one database."""
    argv = [sys.executable, "-m", "benchmarks.run", "--volume", str(volume), "--requests", str(options.requests)]
    done = subprocess.run([*argv, "--folder", str(options.folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return [Figure(**row) for row in json.loads(done.stdout.splitlines()[-1])]


def measure_volume(volume: int, options: argparse.Namespace) -> list[Figure]:
    with House(options.folder / str(volume), volume) as house:
        os.environ.update(house.env, DJANGO_SETTINGS_MODULE="config.settings")
        import django

        django.setup()
        from benchmarks.operations import make_operations
        from benchmarks.plans import write_plans
        from benchmarks.statements import count_statements

        write_plans(house.folder / "plans.txt")
        tallies = count_statements(house.base_url)
        operations = make_operations(house.base_url, options.requests + WARM_UP)
        measured = [measure(operation, house, tallies[operation.name]) for operation in operations]
        best = at_rest([sample for _figure, samples in measured for sample in samples])
        return [replace(figure, slowness=statistics.fmean(samples) / best) for figure, samples in measured]


def measure(operation, house: House, tally) -> tuple[Figure, list[float]]:
    """Warm up on the first cases, then count the rest together; with what the reference took before each of them."""
    if "prepare" in operation.notes:
        operation.cases = operation.notes["prepare"]()
    for case in operation.cases[:WARM_UP]:
        operation.run(case)
    cases, samples = operation.cases[WARM_UP:], []
    with Meter(house.groups) as meter:
        for done, case in enumerate(cases, 1):
            samples.append(reference_ms())
            operation.run(case)
            show_progress(operation.name, done, len(cases))
    spent = [meter.spent[name] / len(cases) for name in ("web", "database")]
    return Figure(operation.name, operation.limit, len(cases), *spent, tally.statements, tally.size, slowness=1), samples


def show_progress(name: str, done: int, total: int) -> None:
    if done % 20 == 0 or done == total:
        print(f"\r{name}: {done}/{total}   ", end="\n" if done == total else "", file=sys.stderr, flush=True)


def describe_machine() -> str:
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


if __name__ == "__main__":
    main()
