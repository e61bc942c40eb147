"""What a class gives away: worked out by hand on classes small enough to see."""

import numpy as np
import pytest

from analytics.research.bands import AMOUNT, COUNT, LONG, RESPONSE, band_of
from analytics.research.classes import SUPPRESSED
from analytics.research.diversity import Diversity, diversity_of
from analytics.research.hierarchies import province_of
from analytics.research.regions import PROVINCES, REGIONS


@pytest.mark.parametrize(
    ("number", "values", "found"),
    [
        ([0, 0, 0, 0], [0, 0, 1, 1], Diversity(2, 0, 0)),  # one class is the whole
        ([0, 0, 1, 1], [0, 0, 1, 1], Diversity(1, 1000, 500)),  # each class has one value, half of all rows
        ([0, 0, 0, 1, 1, 1], [0, 0, 0, 0, 1, 2], Diversity(1, 500, 333)),
        ([0, 0, SUPPRESSED], [0, 1, 1], Diversity(2, 0, 0)),  # what is not published counts nowhere
        ([SUPPRESSED], [0], Diversity(0, 0, 0)),
        ([], [], Diversity(0, 0, 0)),
    ],
)
def test_diversity_is_that_of_the_worst_class(number, values, found):
    assert diversity_of(np.array(number, dtype=np.int32), np.array(values, dtype=np.int32)) == found


@pytest.mark.parametrize(
    ("value", "bands", "name"),
    [
        (None, RESPONSE, ""), (0, RESPONSE, "0-3min"), (179, RESPONSE, "0-3min"), (180, RESPONSE, "3-15min"), (10**9, RESPONSE, "3d+"),
        (86_400, LONG, "1-2d"), (0, AMOUNT, "0"), (49, AMOUNT, "1-49"), (50, AMOUNT, "50-99"), (5000, AMOUNT, "5000+"), (5, COUNT, "3-5"),
        (-3, COUNT, "0"),
    ],
)  # fmt: skip
def test_a_band_begins_with_its_own_value(value, bands, name):
    assert band_of(value, bands) == name


@pytest.mark.parametrize(
    ("name", "code"), [("广东省", "CN-GD"), ("内蒙古自治区", "CN-NM"), ("黑龙江", "CN-HL"), ("张三家", ""), ("", ""), ("上海市", "CN-SH")]
)
def test_only_provinces_are_places(name, code):
    assert province_of(name) == code


def test_every_province_has_a_code_of_its_own_and_a_region():
    assert (len(PROVINCES), len(REGIONS), len(set(REGIONS.values()))) == (34, 34, 8)
