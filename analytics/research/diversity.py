"""How much a class gives away although nobody's row can be told in it: l-diversity and t-closeness of the sensitive columns."""

from dataclasses import dataclass

import numpy as np

from .classes import SUPPRESSED


@dataclass(frozen=True)
class Diversity:
    """Of one sensitive column: the fewest different values of a class, the share (in thousandths) of rows whose class has only one,
    and the farthest that a class is from the whole (total variation, in thousandths)."""

    least: int
    single_permille: int
    farthest_permille: int


def diversity_of(number: np.ndarray, values: np.ndarray) -> Diversity:
    """Of the rows that are in a class; ``values`` are places of a codebook. Source: Machanavajjhala et al. 2007, Li et al. 2007."""
    published = number != SUPPRESSED
    number, values = number[published], values[published]
    if not len(number):
        return Diversity(0, 0, 0)
    width = int(values.max()) + 1
    pairs, counts = np.unique(number.astype(np.int64) * width + values, return_counts=True)
    classes, of_class = np.unique(pairs // width, return_inverse=True)
    sizes = np.bincount(of_class, weights=counts)
    kinds = np.bincount(of_class)
    whole = np.bincount(values, minlength=width) / len(values)
    # What a class has too much of is what it has too little of elsewhere, so half of the distance is enough.
    excess = np.maximum(counts / sizes[of_class] - whole[pairs % width], 0)
    farthest = np.bincount(of_class, weights=excess, minlength=len(classes)).max()
    single = sizes[kinds == 1].sum() / len(number)
    return Diversity(int(kinds.min()), round(1000 * single), round(1000 * farthest))
