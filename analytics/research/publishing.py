"""Publishing a closed period of a shop: made anonymous once, kept as it is, and read by every export that covers it."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from datetime import date

import numpy as np
from django.db import transaction

from analytics.models import ResearchCohort, ResearchPage
from foundation.verbs import lock
from orders.models import Merchant

from .classes import SUPPRESSED, Classes, Demand, Former, Tree, make_tree
from .columns import BY_NAME, NAMES, QUASI, SENSITIVE, VERSION, hierarchies_of
from .diversity import diversity_of
from .reading import read_matters
from .sheet import Sheet

PAGE = 500
BATCH = 100
KEY_BITS = 48
MOST_SUPPRESSED = 0.05


@dataclass(frozen=True)
class Period:
    """A closed period of a shop; ``cohort`` once it is published."""

    merchant: Merchant
    first: date
    last: date
    step: str
    cohort: ResearchCohort | None = None


def publish_period(period: Period, *, k: int, l: int = 1, floors: Mapping[str, int] | None = None) -> ResearchCohort:  # noqa: E741
    """Make one period anonymous and keep it for ever; returns it, also when somebody else has published it meanwhile.

    Raises ``TooRareError`` when more than one row in twenty would have to be left out. ``floors`` are the coarsest levels that will
    do, by column. Reads the whole period into memory, about 150 bytes a row.
    """
    hierarchies = hierarchies_of(period.step)
    coarsest = tuple(min((floors or {}).get(name, each.top), each.top) for name, each in zip(QUASI, hierarchies, strict=True))
    demand = Demand(coarsest, k, l, MOST_SUPPRESSED, tuple(BY_NAME[name].worth for name in QUASI))
    sheet = Sheet(read_matters(period.merchant, period.first, period.last), len(NAMES))
    trees = [make_tree(names, each) for names, each in zip(sheet.names, hierarchies, strict=False)]
    classes = _form(sheet, trees, demand)
    with transaction.atomic():
        lock(period.merchant)
        known = ResearchCohort.objects.filter(merchant=period.merchant, first_on__lte=period.last, last_on__gte=period.first).first()
        return known or _keep(period, sheet, trees, classes, demand)


def _form(sheet: Sheet, trees: list[Tree], demand: Demand) -> Classes:
    if not len(sheet):
        return Classes(np.zeros(0, np.int32), np.zeros((0, len(trees)), np.uint8))
    sensitive = np.array([sheet.columns[NAMES.index(name)] for name in SENSITIVE])
    return Former(trees, np.array(sheet.columns[: len(trees)]), sensitive, demand).form()


def _keep(period: Period, sheet: Sheet, trees: list[Tree], classes: Classes, demand: Demand) -> ResearchCohort:
    chosen = np.flatnonzero(classes.number != SUPPRESSED)
    columns = [_published(sheet, trees, classes, place, chosen) for place in range(len(NAMES))]
    cohort = ResearchCohort.objects.create(
        merchant=period.merchant,
        first_on=period.first,
        last_on=period.last,
        step=period.step,
        version=VERSION,
        k=demand.k,
        l=demand.l,
        row_count=len(chosen),
        suppressed_count=classes.suppressed,
        columns=list(NAMES),
        codes=[names for names, _numbers in columns],
        figures=_figures(period.step, sheet, classes),
    )
    _keep_pages(cohort, np.array([numbers for _names, numbers in columns]), len(chosen))
    return cohort


def _published(sheet: Sheet, trees: list[Tree], classes: Classes, place: int, chosen: np.ndarray) -> tuple[list[str], np.ndarray]:
    """The names that one column is published with, and for each row the place of its own."""
    leaves = sheet.columns[place][chosen]
    if place >= len(trees):
        names, numbers = sheet.names[place], leaves
    else:
        names, numbers = _at_levels(trees[place], leaves, classes.level[chosen, place])
    used, numbers = np.unique(numbers, return_inverse=True)
    return [names[each] for each in used], numbers.astype(np.int32)


def _at_levels(tree: Tree, leaves: np.ndarray, levels: np.ndarray) -> tuple[list[str], np.ndarray]:
    names: list[str] = []
    numbers = np.zeros(len(leaves), dtype=np.int64)
    for level, values in enumerate(tree.values):
        here = levels == level
        numbers[here] = len(names) + tree.codes[level][leaves[here]]
        names += values
    return names, numbers


def _keep_pages(cohort: ResearchCohort, cells: np.ndarray, count: int) -> None:
    """Rows in an order that nobody can guess, each with a key by which the rows of several periods are mixed."""
    luck = np.random.default_rng(secrets.randbits(128))
    order, keys = luck.permutation(count), np.sort(luck.integers(0, 1 << KEY_BITS, count))
    pages = (
        ResearchPage(cohort=cohort, number=number, body=_write_page(keys[begin : begin + PAGE], cells[:, order[begin : begin + PAGE]]))
        for number, begin in enumerate(range(0, count, PAGE))
    )
    ResearchPage.objects.bulk_create(pages, batch_size=BATCH)


def _write_page(keys: np.ndarray, cells: np.ndarray) -> str:
    return json.dumps(np.vstack([keys, cells]).T.tolist(), separators=(",", ":"))


def _figures(step: str, sheet: Sheet, classes: Classes) -> dict:
    levels_of = classes.level[classes.number != SUPPRESSED]
    levels = {
        name: [[level, int((levels_of[:, place] == depth).sum())] for depth, level in enumerate(hierarchy.levels)]
        for place, (name, hierarchy) in enumerate(zip(QUASI, hierarchies_of(step), strict=True))
    }
    diversity = {name: astuple(diversity_of(classes.number, sheet.columns[NAMES.index(name)])) for name in SENSITIVE}
    return {"classes": len(classes.sizes), "smallest": min(classes.sizes, default=0), "levels": levels, "diversity": diversity}
