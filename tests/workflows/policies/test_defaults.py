"""The rules that come with the house: one version of every type, whole in both languages, and within the law."""

from io import StringIO

import pytest
from django.core.management import call_command

from complaints.models import LegalRule
from complaints.sla.defaults import load_sla_defaults
from tests.workflows.policies.builders import plain
from workflows.flows.defaults import default_definition
from workflows.flows.tree import Auto, leaves
from workflows.models import CasePolicy
from workflows.policies.content import CHECKS, faults_in
from workflows.policies.defaults import load_default_policies, read_default_policies

HAN = range(0x4E00, 0xA000)


def test_every_type_has_its_rules():
    assert {row["type"] for row in read_default_policies()} == set(CasePolicy.Type.values)


@pytest.mark.parametrize("type", CasePolicy.Type.values)
def test_the_shipped_rules_could_be_proposed_as_they_are(type):
    assert faults_in(plain(type)) == []


@pytest.mark.parametrize("row", read_default_policies(), ids=lambda row: row["type"])
def test_every_reason_has_a_name_in_both_languages(row):
    for reason in row["reasons"].values():
        assert any(ord(sign) in HAN for sign in reason["name_zh"])
        assert reason["name_en"].isascii()


@pytest.mark.parametrize(
    ("type", "expected"),
    [
        ("return_no_reason", ("required", "inspected", "first_scan", "none", "customer", 7)),
        ("return_quality", ("required", "inspected", "inspected", "none", "merchant", 7)),
        ("exchange_quality", ("required", "inspected", "inspected", "inspected", "merchant", 15)),
        ("repair", ("required", "none", "none", "repaired", "merchant", 365)),
        ("refund_only", ("none", "approved", "approved", "none", "merchant", 30)),
        ("reship", ("none", "none", "none", "approved", "merchant", 30)),
        ("compensation", ("none", "approved", "approved", "none", "merchant", None)),
        ("advance_payout", ("optional", "approved", "approved", "none", "liable", None)),
        ("refused_parcel", ("carrier", "first_scan", "first_scan", "none", "liable", None)),
    ],
)
def test_the_table_of_types(type, expected):
    policy = plain(type)

    assert (policy.receipt, policy.release, policy.release_trusted, policy.ships, policy.freight, policy.window_days) == expected


def test_nobody_may_refuse_because_a_package_was_opened():
    assert not [code for row in read_default_policies() for code in row["reasons"] if "open" in code]


@pytest.mark.parametrize("type", CasePolicy.Type.values)
def test_every_check_that_a_procedure_starts_is_one_that_the_rules_want(type):
    """And nothing is approved by rule where the rules set no limit for it."""
    leaf_checks = {
        leaf.check for phase in default_definition(type).phases.values() for leaf in leaves(phase.root) if isinstance(leaf, Auto)
    }

    assert leaf_checks - {"auto_approve"} <= set(CHECKS)
    assert ("auto_approve" in leaf_checks) == (plain(type).auto_limit_fen > 0)


@pytest.mark.django_db
def test_loading_again_adds_nothing():
    assert (load_default_policies(), load_default_policies()) == (9, 0)
    assert CasePolicy.objects.filter(published_by=None, published_at__isnull=False, effective_from__isnull=False).count() == 9


@pytest.mark.django_db
def test_the_command_loads_them():
    out = StringIO()
    call_command("setup_cases", stdout=out)

    assert "after-sales policies: 9 added" in out.getvalue()


@pytest.mark.django_db
def test_the_deadlines_of_the_law_wait_to_be_confirmed():
    load_sla_defaults()
    rules = LegalRule.objects.filter(platform="law")

    assert {rule.code: rule.amount for rule in rules} == {
        "notice_7d": 7, "refund_7d": 7, "delay_15d": 15, "quality_7d": 7, "exchange_15d": 15, "repair_30d": 30, "carrier_7d": 7,
        "rule_notice_7d": 7,
    }  # fmt: skip
    assert {(rule.confirmed_by, rule.confirmed_at, rule.unit) for rule in rules} == {(None, None, "days")}
