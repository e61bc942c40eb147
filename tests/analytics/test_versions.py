"""A definition that changes is a new version; its words are complete in both languages."""

import inspect
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.translation import override

from analytics.management.commands.kpi_docs import TARGET, document
from analytics.metrics.registry import all_metrics
from analytics.metrics.versions import current_seals, kept_seals, note_versions
from analytics.models import MetricVersion


def test_no_definition_has_changed_under_its_number():
    assert current_seals() == {key: digest for key, digest in kept_seals().items() if key in current_seals()}


@pytest.mark.parametrize("metric", all_metrics(), ids=lambda each: each.key)
def test_every_definition_has_its_words_in_both_languages(metric):
    words = (metric.name, metric.says, metric.formula)

    with override("en"):
        english = [str(each) for each in words]
    with override("zh-hans"):
        chinese = [str(each) for each in words]

    assert all(english) and all(any("一" <= sign <= "鿿" for sign in each) for each in chinese)
    assert metric.measure.__doc__


@pytest.mark.django_db
def test_the_day_of_a_version_is_noted_once():
    first = note_versions()

    assert (first, note_versions()) == (len(all_metrics()), 0)
    assert MetricVersion.objects.count() == len(all_metrics())


def test_the_page_of_definitions_is_current():
    assert (Path(settings.BASE_DIR) / TARGET).read_text(encoding="utf-8") == document()


@pytest.mark.parametrize("one", all_metrics(), ids=lambda one: one.id)
def test_what_a_definition_reads_is_found_without_any_facts(one):
    """Guard: a sum that is read only where another one is not zero would never be asked for."""
    named = set(re.findall(r'tally\["(\w+)"\]', inspect.getsource(one.measure)))

    assert named <= set(one.needs.sums)
