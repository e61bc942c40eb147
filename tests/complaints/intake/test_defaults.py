"""What the product ships to be complained of."""

from io import StringIO

import pytest
from django.core.management import call_command

from accounts.models import Team
from complaints.intake.catalogue import OTHER, catalogue
from complaints.intake.defaults import load_catalogue_defaults, read_defaults
from complaints.intake.questions import FIELDS, question_fields
from complaints.models import Category, Form
from orders.models import Merchant, Order

HAN = range(0x4E00, 0xA000)


def test_loading_again_adds_nothing_and_changes_nothing():
    Category.objects.filter(code="logistics.lost").update(name_zh="改过的名字", promise_hours=2)

    assert set(load_catalogue_defaults().values()) == {0}
    assert Category.objects.get(code="logistics.lost").name_zh == "改过的名字"


def test_the_command_loads_everything_and_says_so():
    Form.objects.all().delete()
    Category.objects.all().delete()
    out = StringIO()
    call_command("setup_defaults", stdout=out)

    assert "categories: 24 added" in out.getvalue()
    assert "forms: 24 added" in out.getvalue()
    assert "canned replies:" in out.getvalue()


def test_every_kind_has_a_team_a_form_and_words_in_both_languages():
    for category in Category.objects.select_related("team"):
        form = category.forms.get()
        words = [(category.name_zh, category.name_en), (category.hint_zh, category.hint_en)]
        words += [(each["label_zh"], each["label_en"]) for each in form.fields]
        words += [(option["zh"], option["en"]) for each in form.fields for option in each.get("options", [])]

        assert category.team.is_active
        for chinese, english in words:
            assert any(ord(sign) in HAN for sign in chinese), (category.code, chinese)
            assert english.isascii() and english, (category.code, english)


def test_evidence_is_named_in_both_languages_or_in_none():
    for form in Form.objects.all():
        assert bool(form.evidence_zh) == bool(form.evidence_en)


def test_the_nine_teams_are_there():
    codes = {"logistics", "after_sales", "quality", "finance_desk", "service_quality", "operations", "members", "privacy", "triage"}

    assert set(Team.objects.values_list("code", flat=True)) == codes
    assert {row["team"] for row in read_defaults("categories")} == codes


@pytest.mark.parametrize(
    ("code", "team", "priority"),
    [
        ("logistics.stalled", "logistics", 2), ("logistics.address", "logistics", 3), ("refund.counterfeit", "quality", 3),
        ("refund.unpaid", "finance_desk", 2), ("refund.refused", "service_quality", 2), ("service.payment", "finance_desk", 3),
        ("service.privacy", "privacy", 3), ("service.account", "members", 0), ("service.other", "triage", 0),
    ],
)  # fmt: skip
def test_who_gets_what_and_how_urgent(code, team, priority):
    category = Category.objects.get(code=code)

    assert (category.team.code, category.priority) == (team, priority)


def test_every_question_has_a_field():
    for form in Form.objects.all():
        assert set(question_fields(form)) == {f"q_{each['key']}" for each in form.fields}
        assert {each["type"] for each in form.fields} <= set(FIELDS)


@pytest.mark.parametrize("status", ["", *Order.Status.values])
def test_at_most_seven_kinds_come_first_and_other_is_always_last(status):
    top, rest = catalogue().offered(status)

    assert 1 <= len(top) <= 6
    assert OTHER not in {each.code for each in top + rest}
    assert catalogue().other.code == OTHER


def test_an_order_that_is_not_shipped_is_not_asked_about_its_quality():
    top, rest = catalogue().offered("paid")
    codes = {each.code for each in top + rest}

    assert "logistics.not_shipped" in codes
    assert "refund.quality" not in codes


def test_the_catalogue_is_read_once_and_again_when_it_is_old(monkeypatch, django_assert_num_queries):
    from complaints.intake import catalogue as module

    first = catalogue()
    with django_assert_num_queries(0):
        assert catalogue() is first
    monkeypatch.setattr(module, "FRESH_SECONDS", -1.0)
    with django_assert_num_queries(3):
        assert catalogue() is not first


def test_the_newest_form_is_asked():
    category = Category.objects.get(code="logistics.lost")
    newer = Form.objects.create(category=category, version=2, fields=[])

    assert catalogue().forms["logistics.lost"] == newer


def test_a_shop_that_exists_is_kept():
    shop = Merchant.objects.get()
    load_catalogue_defaults()

    assert Merchant.objects.get() == shop
