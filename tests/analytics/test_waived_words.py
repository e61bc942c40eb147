"""A figure that leaves something out says so, and what it is with it."""

from django.utils.translation import override

from analytics.desk.words import say_parts
from analytics.metrics.registry import metric
from analytics.metrics.results import count, share


def said(waived: int) -> str:
    with override("en"):
        return say_parts(metric("sla_att"), share(90, 100, beside={"waived": count(waived), "with_waived": share(90, 100 + waived)}))


def test_what_is_left_out_stands_beside_the_figure_with_and_without():
    assert said(20).endswith("20 left out with approval, 75.0 % with them")


def test_where_nothing_is_left_out_nothing_is_said():
    assert "left out" not in said(0)
