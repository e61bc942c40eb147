"""Measure how often the test for spikes errs: false ones on quiet series, and tripled series that it finds.

python -m benchmarks.spikes --series 2000 --days 50
"""

import argparse
from dataclasses import dataclass

import numpy as np

from analytics.spikes.statistics import FEWEST_EVENTS, judge
from analytics.spikes.windows import WEEKS

HOURS = 24
WEEK = 7 * HOURS
SIZES = (5, 10, 20, 50, 100, 200, 500)


@dataclass(frozen=True)
class Simulation:
    """``series`` independent series of ``per_day`` complaints, judged every hour of ``days`` days after eight weeks of history.

    Hourly counts are negative binomial with a variance of ``phi`` times their mean, so those of 24 hours are as well.
    """

    per_day: float
    series: int
    days: int
    seed: int
    phi: float = 2.0

    def hourly(self, *, factor: float = 1.0) -> np.ndarray:
        """Counts by series and hour; after the history the mean is ``factor`` times what it was."""
        rng = np.random.default_rng(self.seed)
        mean = np.full((WEEKS * 7 + self.days) * HOURS, self.per_day / HOURS)
        mean[WEEKS * WEEK :] *= factor
        shape = (self.series, len(mean))
        if self.phi <= 1:
            return rng.poisson(mean, shape)
        return rng.negative_binomial(mean / (self.phi - 1), 1 / self.phi, shape)


def raised_per_day(simulation: Simulation) -> float:
    """Spikes that are raised on each day of a quiet series. One that goes on over several hours is one."""
    judged = _judged(simulation, factor=1.0)
    return HOURS * sum(map(_episodes, judged)) / sum(map(len, judged))


def found_share(simulation: Simulation, *, factor: float) -> float:
    """The share of series that grew and that are found while it lasts."""
    return sum(any(flags) for flags in _judged(simulation, factor=factor)) / simulation.series


def _judged(simulation: Simulation, *, factor: float) -> list[list[bool]]:
    """For each series, whether each hour after its history is a spike."""
    sums = np.cumsum(simulation.hourly(factor=factor), axis=1)
    windows = sums[:, HOURS:] - sums[:, :-HOURS]  # the k-th ends with hour HOURS + k
    first = WEEKS * WEEK
    return [[_is_spike(row, hour - 1) for hour in range(first, len(row) + 1)] for row in windows]


def _is_spike(row: np.ndarray, last: int) -> bool:
    count = int(row[last])
    if count < FEWEST_EVENTS:
        return False
    history = [int(row[last - back * WEEK]) for back in range(1, WEEKS + 1) if last >= back * WEEK]
    return judge(count, history).is_spike


def _episodes(flags: list[bool]) -> int:
    """Runs of spiking hours; a pause of less than a day belongs to the run."""
    count, quiet = 0, HOURS
    for flag in flags:
        count += flag and quiet >= HOURS
        quiet = 0 if flag else quiet + 1
    return count


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.spikes", description=__doc__.splitlines()[0])
    parser.add_argument("--series", type=int, default=1000)
    parser.add_argument("--days", type=int, default=50)
    parser.add_argument("--phi", type=float, default=2.0)
    options = parser.parse_args()
    print("| a day | false spikes per 1,000 series-days | tripled and found within 3 days |\n|--|--|--|")
    for per_day in SIZES:
        quiet = Simulation(per_day, options.series, options.days, per_day, options.phi)
        grown = Simulation(per_day, options.series, 3, per_day, options.phi)
        print(f"| {per_day} | {1000 * raised_per_day(quiet):.2f} | {100 * found_share(grown, factor=3):.1f} % |")


if __name__ == "__main__":
    main()
