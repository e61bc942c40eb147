"""A fixed piece of work that says how slow the machine is while something else is measured.

On a virtual machine the neighbours push programs out of the processor's caches, and the same instructions cost up to twice the CPU time.
"""

import statistics
import time

ROUNDS = 15_000


def reference_ms() -> float:
    """CPU milliseconds of this process for the fixed work: dictionaries and strings, as in most of a web server's day."""
    began = time.process_time()
    counts: dict[str, int] = {}
    for number in range(ROUNDS):
        key = str(number % 977)
        counts[key] = counts.get(key, 0) + len(f"{number:x}")
    return (time.process_time() - began) * 1000


def at_rest(samples: list[float]) -> float:
    """What the work costs when nothing disturbs it: what one sample in twenty falls below, so that no single lucky one decides."""
    return statistics.quantiles(samples, n=20)[0]
