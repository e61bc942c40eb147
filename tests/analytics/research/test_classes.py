"""Classes of rows that look alike: never fewer than k, never more suppressed than allowed, the same for the same rows."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.research.classes import SUPPRESSED, Classes, Demand, Former, TooRareError, make_tree
from analytics.research.hierarchies import AMOUNT, GOODS, MATTER, PLACE, WAY, flat, time_within

HIERARCHIES = (time_within("month"), PLACE, WAY, MATTER, GOODS, AMOUNT, flat("tier"))
LEAVES = (
    ("2026-01/W01", "2026-01/W02", "2026-01/W05"),
    ("CN-GD", "CN-GX", "CN-BJ", ""),
    ("web", "phone", "mail", "chat"),
    ("logistics.damaged", "logistics.lost", "refund.slow"),
    ("QH-T01", "QH-T02", "ZZ-1", "single", ""),
    ("0", "1-49", "500-999", "5000+"),
    ("standard", "vip"),
)
TOPS = tuple(each.top for each in HIERARCHIES)
ROW = st.tuples(*(st.sampled_from(leaves) for leaves in LEAVES), st.integers(0, 3))
ROWS = st.lists(ROW, min_size=1, max_size=120)


def form(rows, demand: Demand) -> Classes:
    """Classes of rows whose last value is sensitive."""
    codebooks = [sorted({row[place] for row in rows}) for place in range(len(HIERARCHIES))]
    leaves = np.array([[book.index(row[place]) for row in rows] for place, book in enumerate(codebooks)], dtype=np.int32)
    trees = [make_tree(book, hierarchy) for book, hierarchy in zip(codebooks, HIERARCHIES, strict=True)]
    return Former(trees, leaves, np.array([[row[-1] for row in rows]]), demand).form()


def published(rows, classes: Classes) -> list[tuple[str, ...] | None]:
    """What is published of each row, or nothing."""
    return [
        None
        if classes.number[place] == SUPPRESSED
        else tuple(each.climb(value, level) for each, value, level in zip(HIERARCHIES, row[:-1], classes.level[place], strict=True))
        for place, row in enumerate(rows)
    ]


def demand(k=3, **overrides) -> Demand:
    return Demand(**({"floors": TOPS, "k": k, "cap": 1.0} | overrides))


@given(ROWS, st.integers(3, 8))
def test_no_published_row_looks_like_fewer_than_k(rows, k):
    counted = Counter(each for each in published(rows, form(rows, demand(k))) if each)

    assert all(count >= k for count in counted.values())


@given(ROWS, st.integers(3, 8))
def test_whoever_knows_everything_about_somebody_finds_at_least_k_rows(rows, k):
    out = published(rows, form(rows, demand(k)))

    def fits(known, row) -> bool:
        pairs = zip(HIERARCHIES, known, row, strict=True)
        return all(value in {each.climb(leaf, level) for level in range(each.top + 1)} for each, leaf, value in pairs)

    for known, own in zip(rows, out, strict=True):
        candidates = sum(fits(known[:-1], row) for row in out if row)
        assert own is None or candidates >= k


@given(ROWS, st.integers(3, 8), st.lists(st.integers(0, 2), min_size=len(TOPS), max_size=len(TOPS)))
def test_what_is_suppressed_is_counted_and_the_rest_is_in_a_class(rows, k, floors):
    floors = tuple(min(floor, top) for floor, top in zip(floors, TOPS, strict=True))

    classes = form(rows, demand(k, floors=floors))

    assert classes.suppressed + sum(classes.sizes) == len(rows)
    assert [int((classes.number == number).sum()) for number in range(len(classes.sizes))] == classes.sizes
    assert (classes.level[classes.number != SUPPRESSED] <= np.array(floors)).all()


@given(ROWS, st.integers(3, 5))
def test_every_class_keeps_as_many_sensitive_values_as_were_asked_for(rows, k):
    wanted = min(2, len({row[-1] for row in rows}))

    classes = form(rows, demand(k, l=2))

    kinds = [{row[-1] for row, number in zip(rows, classes.number, strict=True) if number == each} for each in range(len(classes.sizes))]
    assert all(len(each) >= wanted for each in kinds)


@given(ROWS, st.randoms())
def test_the_order_of_rows_changes_nothing(rows, luck):
    shuffled = luck.sample(rows, len(rows))

    one, other = (sorted(map(str, published(each, form(each, demand())))) for each in (rows, shuffled))

    assert one == other


@given(ROWS, st.integers(0, len(TOPS) - 1))
def test_a_coarser_floor_never_suppresses_more(rows, column):
    floors = tuple(top - 1 for top in TOPS)
    coarser = tuple(floor + (place == column) for place, floor in enumerate(floors))

    assert form(rows, demand(floors=coarser)).suppressed <= form(rows, demand(floors=floors)).suppressed


@pytest.mark.parametrize(("hierarchy", "leaves"), zip(HIERARCHIES, LEAVES, strict=True))
def test_levels_nest_and_end_in_one_value(hierarchy, leaves):
    for level in range(hierarchy.top):
        above: dict[str, set[str]] = {}
        for leaf in leaves:
            above.setdefault(hierarchy.climb(leaf, level), set()).add(hierarchy.climb(leaf, level + 1))
        assert all(len(each) == 1 for each in above.values())
    assert len({hierarchy.climb(leaf, hierarchy.top) for leaf in leaves}) == 1


def plain(count: int, **values) -> list[tuple]:
    """Rows that are all alike but for these values, by the place of their column."""
    row = [leaves[0] for leaves in LEAVES]
    for place, value in values.items():
        row[int(place[1:])] = value
    return [(*row, number % 4) for number in range(count)]


def test_what_is_frequent_enough_stays_as_fine_as_it_is():
    rows = plain(5) + plain(5, c1="CN-BJ")

    assert set(published(rows, form(rows, demand(5)))) == {row[:-1] for row in rows}


def test_what_is_too_rare_stays_together_one_level_up():
    rows = plain(6, c1="CN-BJ") + plain(6, c1="CN-GD") + plain(2, c1="CN-GX")

    out = Counter(row[1] for row in published(rows, form(rows, demand(5))))

    assert out == {"CN-BJ": 6, "south": 8}


def test_too_much_suppression_is_refused_with_the_column_to_coarsen():
    rows = plain(20) + [plain(1, c1=place, c6="vip")[0] for place in ("CN-BJ", "CN-GX", "")]
    floors = tuple(0 if place in (1, 6) else top for place, top in enumerate(TOPS))

    with pytest.raises(TooRareError) as refused:
        form(rows, demand(3, floors=floors, cap=0.05))

    assert (refused.value.suppressed, refused.value.total, refused.value.column) == (3, 23, 1)


def test_fewer_rows_than_k_are_refused_with_no_column_to_blame():
    with pytest.raises(TooRareError) as refused:
        form(plain(4), demand(5, cap=0.05))

    assert refused.value.column is None


@pytest.mark.parametrize("wrong", [{"k": 2}, {"l": 0}])
def test_no_demand_goes_below_three(wrong):
    with pytest.raises(ValueError, match="at least 3"):
        demand(**wrong)
