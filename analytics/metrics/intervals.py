"""How sure a figure is: 95 % intervals of proportions, means, differences and the net promoter score."""

from math import sqrt

Z = 1.959963984540054
Interval = tuple[float, float]


def wilson(k: int, n: int) -> Interval | None:
    """Wilson's interval of k out of n (E. B. Wilson, JASA 22, 1927): 13 of 17 gives 0.527 to 0.904. None without any."""
    if not n:
        return None
    p, z2 = k / n, Z * Z
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z * sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    # No rounding takes an end beyond what is possible.
    return max(0.0, middle - half) if k else 0.0, min(1.0, middle + half) if k < n else 1.0


def newcombe(k1: int, n1: int, k2: int, n2: int) -> Interval | None:
    """Interval of p1 − p2 of two independent proportions (R. G. Newcombe, Statistics in Medicine 17, 1998, method 10)."""
    one, two = wilson(k1, n1), wilson(k2, n2)
    if one is None or two is None:
        return None
    p1, p2 = k1 / n1, k2 / n2
    difference = p1 - p2
    return (
        difference - sqrt((p1 - one[0]) ** 2 + (two[1] - p2) ** 2),
        difference + sqrt((one[1] - p1) ** 2 + (p2 - two[0]) ** 2),
    )


def mean_interval(mean: float, variance: float, n: int) -> Interval | None:
    """mean ± 1.96·s/√n; ``variance`` is that of the sample. None below two values."""
    if n < 2:
        return None
    half = Z * sqrt(max(0.0, variance) / n)
    return mean - half, mean + half


def difference_of_means(one: tuple[float, float, int], two: tuple[float, float, int]) -> Interval | None:
    """Interval of the difference of two means, each given as (mean, variance, n)."""
    if min(one[2], two[2]) < 2:
        return None
    half = Z * sqrt(one[1] / one[2] + two[1] / two[2])
    return one[0] - two[0] - half, one[0] - two[0] + half


def net_promoter(promoters: int, detractors: int, n: int) -> tuple[float, Interval] | None:
    """Net promoter score in points with ± 1.96·√((p + d − (p − d)²)/n)·100: 60, 15 of 100 gives 45 ± 14.5."""
    if not n:
        return None
    p, d = promoters / n, detractors / n
    half = Z * sqrt(max(0.0, p + d - (p - d) ** 2) / n) * 100
    score = (p - d) * 100
    return score, (max(-100.0, score - half), min(100.0, score + half))
