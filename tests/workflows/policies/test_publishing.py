"""One proposes, another one publishes; what is worse for customers is announced; what was published stands."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from foundation.exceptions import NotAllowedError, ReasonedError, RefusedError, VersionConflictError
from tests.complaints.test_concurrency import at_once
from tests.factories import make_merchant, make_user
from tests.workflows.policies.builders import TYPE, in_days, make_manager, plain, propose, publish, shipped
from workflows.models import CasePolicy
from workflows.policies.content import worse_for_customers
from workflows.policies.publishing import policies_for, policy_for, propose_policy, publish_policy, sign_shipped_policy

pytestmark = pytest.mark.django_db


def codes_of(act) -> list[str]:
    with pytest.raises(ReasonedError) as refusal:
        act()
    return [reason.code for reason in refusal.value.reasons]


def current(merchant=None, days: float = 0) -> int:
    return policy_for(TYPE, merchant or make_merchant(), in_days(days)).version


def test_a_proposal_holds_for_nobody():
    propose(auto_limit_fen=9000)

    assert current() == 1


def test_a_version_holds_from_its_moment_on():
    publish(propose(window_days=15), effective_from=in_days(3))

    assert [current(days=days) for days in (2.9, 3.1)] == [1, 2]


def test_the_rules_of_a_shop_go_before_those_of_all():
    own, other = make_merchant(), make_merchant("other")
    publish(propose(merchant=own, seen=0, window_days=30))

    assert [policy_for(TYPE, shop, in_days(1)).window_days for shop in (own, other)] == [30, 7]


def test_all_types_at_once_are_those_asked_one_by_one(django_assert_num_queries):
    shop = make_merchant()
    publish(propose(merchant=shop, seen=0, window_days=30))
    publish(propose("repair", window_days=400))
    at = in_days(1)
    with django_assert_num_queries(1):
        found = policies_for(shop, at)

    assert found == {type: policy_for(type, shop, at) for type in CasePolicy.Type.values}


def test_before_there_are_rules_there_are_none():
    shipped()

    assert policy_for(TYPE, make_merchant(), in_days(-1)) is None


def test_a_version_is_the_newest_one_with_the_changes():
    first = publish(propose(window_days=20))
    second = propose(seen=2, auto_limit_fen=100)

    assert (second.version, second.window_days, second.auto_limit_fen, second.freight) == (3, 20, 100, first.freight)


def test_a_proposal_on_another_version_than_was_seen_is_refused():
    propose()
    with pytest.raises(VersionConflictError):
        propose(seen=1)


@pytest.mark.parametrize("role", ["agent", "lead", "warehouse", "finance", "admin"])
def test_only_managers_propose_and_publish(role):
    policy = propose()

    assert codes_of(lambda: propose(by=make_user(role), seen=2)) == ["no_permission"]
    assert codes_of(lambda: publish_policy(policy, by=make_user(role))) == ["no_permission"]


def test_nobody_publishes_their_own_proposal():
    manager = make_manager()
    policy = propose(by=manager)
    with pytest.raises(NotAllowedError) as refusal:
        publish_policy(policy, by=manager)

    assert [reason.code for reason in refusal.value.reasons] == ["own_proposal"]
    assert CasePolicy.objects.get(pk=policy.pk).published_at is None


def test_the_table_itself_refuses_an_own_proposal():
    manager = make_manager()
    policy = propose(by=manager)
    with pytest.raises(IntegrityError), transaction.atomic():
        CasePolicy.objects.filter(pk=policy.pk).update(published_by=manager, published_at=timezone.now(), effective_from=timezone.now())


@pytest.mark.parametrize(("version", "proposed", "is_refused"), [(1, False, False), (2, False, True), (1, True, True)])
def test_the_table_lets_only_the_shipped_version_stand_unsigned(version, proposed, is_refused):
    row = plain()
    row.version, row.proposed_by = version, make_manager() if proposed else None
    row.published_at = row.effective_from = timezone.now()
    if not is_refused:
        row.save()
        return
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_what_was_published_is_not_published_again_nor_changed():
    policy = publish(propose(window_days=8))

    assert codes_of(lambda: publish(policy)) == ["published"]
    with pytest.raises(IntegrityError), transaction.atomic():
        CasePolicy.objects.filter(pk=policy.pk).update(window_days=9)


def test_a_proposal_that_was_overtaken_is_not_published():
    late = propose(window_days=8)
    publish(propose(seen=2, window_days=9))

    assert codes_of(lambda: publish(late)) == ["replaced"]


def test_nothing_holds_for_the_past():
    policy = propose(window_days=8)
    with pytest.raises(RefusedError) as refusal:
        publish(policy, effective_from=in_days(-0.01))

    assert [(reason.code, str(reason.text)) for reason in refusal.value.reasons] == [("effective_from", "规则不能追溯生效。")]
    assert publish(policy, effective_from=in_days(0.01)).published_at


@pytest.mark.parametrize(("ahead", "is_refused"), [(timedelta(days=7, minutes=-1), True), (timedelta(days=7, minutes=1), False)])
def test_what_gets_worse_is_announced_seven_days_ahead(ahead, is_refused):
    policy = propose(freight_cap_fen=100, release_trusted="inspected")
    start = timezone.now() + ahead
    if is_refused:
        assert codes_of(lambda: publish(policy, effective_from=start)) == ["effective_from"]
    else:
        assert publish(policy, effective_from=start).effective_from == start


def test_without_a_day_it_holds_as_early_as_may_be():
    better, worse = publish(propose(window_days=8)), publish(propose("return_quality", release_trusted="repaired"))

    assert better.effective_from == better.published_at
    assert worse.effective_from - worse.published_at == timedelta(days=7)


def test_worse_than_what_was_announced_is_worse_too():
    """A better rule that nobody enjoys yet cannot be taken back without notice."""
    publish(propose(window_days=30), effective_from=in_days(2))
    back = propose(seen=2, window_days=7)

    assert codes_of(lambda: publish(back, effective_from=in_days(1))) == ["effective_from"]


def test_the_first_rules_of_a_shop_are_measured_by_those_of_all():
    policy = propose("return_quality", merchant=make_merchant(), seen=0, release_trusted="repaired")

    assert codes_of(lambda: publish(policy, effective_from=in_days(1))) == ["effective_from"]


BROKEN = {"name_zh": "破损", "name_en": "Broken", "liable": "merchant", "evidence": []}


@pytest.mark.parametrize(
    ("before", "after", "worse"),
    [
        ({"window_days": 8}, {"window_days": 7}, ["window_days"]),
        ({"window_days": None}, {"window_days": 70}, ["window_days"]),
        ({"window_days": 7}, {"window_days": None}, []),
        ({"receipt": "optional"}, {"receipt": "required"}, ["receipt"]),
        ({"receipt": "required"}, {"receipt": "none"}, []),
        ({"release": "first_scan"}, {"release": "inspected"}, ["release"]),
        ({"release": "inspected"}, {"release": "approved"}, []),
        ({"release_trusted": "first_scan"}, {"release_trusted": "received"}, ["release_trusted"]),
        ({"ships": "approved"}, {"ships": "none"}, ["ships"]),
        ({"ships_trusted": "first_scan"}, {"ships_trusted": "inspected"}, ["ships_trusted"]),
        ({"freight": "merchant"}, {"freight": "liable"}, ["freight"]),
        ({"freight": "customer"}, {"freight": "merchant"}, []),
        ({"freight": "merchant", "freight_cap_fen": None}, {"freight": "merchant", "freight_cap_fen": 900}, ["freight_cap_fen"]),
        ({"freight": "customer", "freight_cap_fen": None}, {"freight": "customer", "freight_cap_fen": 900}, []),
        ({"reasons": {"broken": BROKEN}}, {"reasons": {}}, ["reasons"]),
        ({"reasons": {"broken": BROKEN}}, {"reasons": {"broken": BROKEN | {"evidence": ["photo"]}}}, ["reasons"]),
        ({"reasons": {"broken": BROKEN | {"evidence": ["photo"]}}}, {"reasons": {"broken": BROKEN, "late": BROKEN}}, []),
        ({"reprices_discounts": False}, {"reprices_discounts": True}, ["reprices_discounts"]),
        ({"auto_limit_fen": 5000}, {"auto_limit_fen": 0}, []),
    ],
    ids=str,
)
def test_what_counts_as_worse_for_customers(before, after, worse):
    assert worse_for_customers(plain(**before), plain(**after)) == worse


def test_where_nothing_held_nothing_gets_worse():
    assert worse_for_customers(None, plain()) == []


@pytest.mark.parametrize(
    ("type", "changes", "code"),
    [
        ("return_no_reason", {"window_days": 6}, "window_days"),
        ("return_quality", {"window_days": 6}, "window_days"),
        ("exchange_quality", {"window_days": 14}, "window_days"),
        ("return_quality", {"freight": "customer"}, "freight"),
        ("advance_payout", {"approvers": ["lead"]}, "approvers"),
        (TYPE, {"approvers": ["boss"]}, "approvers"),
        (TYPE, {"checks": ["luck"]}, "checks"),
        (TYPE, {"checks": ["eligibility", "evidence"]}, "checks"),
        (TYPE, {"receipt": "perhaps"}, "receipt"),
        (TYPE, {"auto_limit_fen": -1}, "auto_limit_fen"),
        (TYPE, {"freight_cap_fen": -1}, "freight_cap_fen"),
        (TYPE, {"reasons": {}}, "reasons"),
        (TYPE, {"reasons": {"broken": BROKEN | {"name_en": " "}}}, "reasons"),
        (TYPE, {"reasons": {"broken": BROKEN | {"liable": "nobody"}}}, "reasons"),
        (TYPE, {"reasons": {"broken": BROKEN | {"evidence": ["oath"]}}}, "reasons"),
        (TYPE, {"reasons": {"not a code": BROKEN}}, "reasons"),
        (TYPE, {"published_at": None}, "published_at"),
    ],
    ids=str,
)
def test_what_cannot_be_a_rule_is_not_proposed(type, changes, code):
    shipped(type)

    assert codes_of(lambda: propose(type, **changes)) == [code]
    assert CasePolicy.objects.filter(type=type).count() == 1


def test_without_a_limit_a_rule_needs_no_checks():
    assert propose(checks=[], auto_limit_fen=0).checks == []


def test_the_shipped_rules_are_signed_by_one_person_as_they_are():
    manager = make_manager()
    signed = sign_shipped_policy(shipped(), by=manager)

    assert (signed.version, signed.published_by, policy_for(TYPE, make_merchant(), timezone.now())) == (2, manager, signed)
    assert codes_of(lambda: sign_shipped_policy(signed, by=manager)) == ["signed"]


def test_only_a_manager_signs_and_only_the_newest():
    first = shipped()

    assert codes_of(lambda: sign_shipped_policy(first, by=make_user("lead"))) == ["no_permission"]
    propose()
    assert codes_of(lambda: sign_shipped_policy(first, by=make_manager())) == ["replaced"]


@pytest.mark.django_db(transaction=True)
def test_of_many_proposals_at_once_one_is_the_next_version():
    shipped()
    managers = [make_manager() for _ in range(8)]

    made = at_once(*[lambda by=by: propose_policy(TYPE, merchant=None, by=by, expected_version=1) for by in managers])

    assert [type(each) for each in made].count(CasePolicy) == 1
    assert {type(each) for each in made} == {CasePolicy, VersionConflictError}


@pytest.mark.django_db(transaction=True)
def test_of_many_who_publish_at_once_one_does():
    policy = propose(window_days=8)

    done = at_once(*[lambda by=by: publish_policy(policy, by=by) for by in [make_manager() for _ in range(8)]])

    assert ([type(each) for each in done].count(CasePolicy), {type(each) for each in done}) == (1, {CasePolicy, RefusedError})
