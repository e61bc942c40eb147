"""Which spike stands for which: pure, on hand-made series."""

from analytics.spikes.judging import Found, fold_broader
from analytics.spikes.series import Series
from analytics.spikes.statistics import Verdict

ALL = Series("category", "damaged")
SKU, CARRIER = Series("category", "damaged", "sku", "TEA1"), Series("category", "damaged", "carrier", "sf")


def spike(series: Series, count: int, median: float) -> Found:
    return Found(series, Verdict(count, median, 1.0, 9.0, 8), ())


def ids(first: int, last: int) -> frozenset[int]:
    return frozenset(range(first, last))


def test_a_category_is_folded_under_the_article_that_explains_it():
    members = {ALL: ids(0, 60), SKU: ids(0, 40)}

    assert fold_broader([spike(ALL, 60, 20), spike(SKU, 40, 2)], members) == {ALL: SKU}


def test_an_article_that_explains_less_than_sixty_percent_does_not_hide_the_rest():
    members = {ALL: ids(0, 80), SKU: ids(0, 25)}

    assert fold_broader([spike(ALL, 80, 20), spike(SKU, 25, 2)], members) == {}


def test_the_carrier_of_the_broken_article_is_folded_as_well():
    members = {ALL: ids(0, 60), CARRIER: ids(0, 50), SKU: ids(0, 40)}
    found = [spike(ALL, 60, 20), spike(CARRIER, 50, 10), spike(SKU, 40, 2)]

    assert fold_broader(found, members) == {ALL: SKU, CARRIER: SKU}


def test_two_articles_that_break_for_themselves_stand_both():
    other = Series("category", "damaged", "sku", "TEA2")
    members = {SKU: ids(0, 40), other: ids(40, 80)}

    assert fold_broader([spike(SKU, 40, 2), spike(other, 40, 2)], members) == {}


def test_where_nothing_usually_happens_the_carrier_behind_nearly_all_of_it_stands():
    members = {ALL: ids(0, 23), CARRIER: ids(0, 22)}

    assert fold_broader([spike(ALL, 23, 0), spike(CARRIER, 22, 0)], members) == {ALL: CARRIER}


def test_of_two_that_are_the_same_complaints_the_cross_stands():
    members = dict.fromkeys((ALL, SKU), ids(0, 40))

    assert fold_broader([spike(ALL, 40, 2), spike(SKU, 40, 2)], members) == {ALL: SKU}
