"""Deadlines of the law: confirmed by administrators, changed by new versions only."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from complaints.models import LegalRule
from complaints.services.external import confirm_legal_rule, newest_rules, publish_legal_rule
from foundation.exceptions import NotAllowedError, RefusedError
from tests.factories import make_user

pytestmark = pytest.mark.django_db

CELL = re.compile(r'field-is_confirmed">([^<]*)<')
LIST = "admin:complaints_legalrule_changelist"
CONTENT = {"platform": "12315", "name_zh": "答复期限", "name_en": "Reply", "amount": 5, "unit": "working_days", "source": "办法"}


@pytest.fixture
def rule() -> LegalRule:
    return LegalRule.objects.create(code="12315.reply", **CONTENT)


@pytest.fixture
def admin_user(client):
    user = make_user("admin")
    client.force_login(user)
    return user


def written(**changes) -> dict:
    return {name: value for name, value in CONTENT.items() if name != "platform"} | {"effective_from": "2026-01-01"} | changes


def test_an_administrator_confirms_from_the_list(client, admin_user, rule):
    before = client.get(reverse(LIST)).content.decode()

    client.post(reverse(LIST), {"action": "confirm", "_selected_action": [rule.pk]})

    after = client.get(reverse(LIST)).content.decode()
    rule.refresh_from_db()
    assert (rule.confirmed_by, rule.confirmed_at is not None) == (admin_user, True)
    assert (CELL.findall(before), CELL.findall(after)) == (["待确认"], ["是"])


@pytest.mark.parametrize("role", ["agent", "lead", "manager", "finance"])
def test_nobody_else_confirms_or_publishes(rule, role):
    user = make_user(role)

    with pytest.raises(NotAllowedError):
        confirm_legal_rule(rule, by=user)
    with pytest.raises(NotAllowedError):
        publish_legal_rule(rule.code, **CONTENT, by=user)

    assert LegalRule.objects.filter(confirmed_at=None).count() == LegalRule.objects.count() == 1


def test_what_was_confirmed_keeps_its_first_confirmation(rule):
    first = confirm_legal_rule(rule, by=make_user("admin"))

    with pytest.raises(RefusedError):
        confirm_legal_rule(rule, by=make_user("admin"))

    assert LegalRule.objects.get().confirmed_by == first.confirmed_by


def test_a_replaced_version_is_not_confirmed_any_more(rule):
    publish_legal_rule(rule.code, **CONTENT | {"amount": 7}, by=None)

    with pytest.raises(RefusedError):
        confirm_legal_rule(rule, by=make_user("admin"))


def test_a_change_is_a_new_version_that_waits_to_be_confirmed(client, admin_user, rule):
    confirm_legal_rule(rule, by=admin_user)

    client.post(reverse("admin:complaints_legalrule_change", args=[rule.pk]), written(amount=7))

    kept = list(LegalRule.objects.order_by("version").values_list("version", "platform", "amount", "confirmed_by"))
    assert kept == [(1, "12315", 5, admin_user.pk), (2, "12315", 7, None)]
    assert [each.version for each in newest_rules()] == [2]


def test_deadlines_of_the_law_begin_with_no_notice(rule):
    LegalRule.objects.create(code="refund_7d", **CONTENT | {"platform": "law"})

    assert newest_rules() == [rule]


@pytest.mark.parametrize(("days_ahead", "version"), [(-1, 2), (0, 2), (1, 1)])
def test_a_version_counts_from_its_day_on(rule, days_ahead, version):
    LegalRule.objects.update(effective_from=timezone.localdate() - timedelta(days=30))
    publish_legal_rule(rule.code, **CONTENT | {"amount": 7}, effective_from=timezone.localdate() + timedelta(days=days_ahead), by=None)

    assert [each.version for each in newest_rules()] == [version]


@pytest.mark.parametrize("changes", [{}, {"amount": 0}])
def test_a_version_that_says_the_same_or_nothing_is_refused(client, admin_user, rule, changes):
    sent = written(effective_from=rule.effective_from.isoformat(), **changes)

    answer = client.post(reverse("admin:complaints_legalrule_change", args=[rule.pk]), sent)

    assert answer.context["adminform"].form.errors
    assert LegalRule.objects.count() == 1
