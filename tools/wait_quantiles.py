"""Compute ``complaints/chat/wait_quantiles.json``: by how much a mean of observed gaps may be off for the sum of those to come.

    python tools/wait_quantiles.py

For ``m`` observed gaps and ``k`` gaps to come the file holds the 10 % and the 90 % quantile of Snedecor's F with 2k and 2m degrees of
freedom, found by bisection of its distribution function, which is a regularised incomplete beta function in Lentz's continued fraction.
"""

import json
import math
from pathlib import Path

TABLE = Path(__file__).resolve().parent.parent / "complaints" / "chat" / "wait_quantiles.json"
FEWEST_GAPS, MOST_GAPS, MOST_AHEAD = 15, 30, 40
LOW, HIGH = 0.1, 0.9
TINY, CLOSE, STEPS = 1e-300, 1e-13, 500


def share_below(x: float, d1: int, d2: int) -> float:
    """The distribution function of F with ``d1`` and ``d2`` degrees of freedom."""
    return incomplete_beta(d1 * x / (d1 * x + d2), d1 / 2, d2 / 2) if x > 0 else 0.0


def incomplete_beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function; its fraction converges fast below the mean, above which the mirrored one is taken."""
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(1 - x, b, a)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    return front / a * _fraction(x, a, b)


def _fraction(x: float, a: float, b: float) -> float:
    c, d = 1.0, 1 / _not_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for part in (even, odd):
            d = 1 / _not_zero(1 + part * d)
            c = _not_zero(1 + part / c)
            value *= c * d
        if abs(c * d - 1) < CLOSE:
            return value
    raise ArithmeticError("the fraction does not converge")


def _not_zero(value: float) -> float:
    return value if abs(value) > TINY else TINY


def quantile(share: float, d1: int, d2: int) -> float:
    """Below which a share of F lies."""
    low, high = 0.0, 64.0
    while high - low > 1e-7:
        middle = (low + high) / 2
        low, high = (middle, high) if share_below(middle, d1, d2) < share else (low, middle)
    return (low + high) / 2


def row(gaps: int) -> list[list[float]]:
    """The two factors for each place in the queue, the first place first."""
    return [[round(quantile(share, 2 * place, 2 * gaps), 4) for share in (LOW, HIGH)] for place in range(1, MOST_AHEAD + 1)]


def main() -> None:
    table = {str(gaps): row(gaps) for gaps in range(FEWEST_GAPS, MOST_GAPS + 1)}
    TABLE.write_text(json.dumps(table, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
