"""How much somebody may decide alone: many small grants are one large one, whoever gives them and however often at once."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from accounts import roles
from accounts.models import AuthorityLimit
from complaints.models import Link
from foundation.exceptions import RefusedError
from tests.complaints.test_concurrency import at_once
from tests.factories import make_complaint, make_customer, make_order, make_user
from tests.workflows.builders import make_case
from workflows.models import AuthorityUse
from workflows.money.authority import CASE, GRANT, give_back_authority, remaining, rooms_of, use_authority

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def used(case, amount: int, *, by=None, scope: str = GRANT, ago: timedelta = timedelta()) -> AuthorityUse:
    """A use of somebody else's, long ago if need be."""
    about = {"order_id": case.order_id, "customer_id": case.order.customer_id, "at": timezone.now() - ago}
    return AuthorityUse.objects.create(agent=by or make_user(), case=case, scope=scope, amount_fen=amount, **about)


def case_of(customer, order=None):
    return make_case(order=order or make_order(customer=customer))


@pytest.mark.parametrize(
    ("role", "grant", "case"),
    [("agent", 5000, 50000), ("lead", 50000, 50000), ("manager", 50000, 50000), ("warehouse", 0, 0), ("finance", 0, 0), ("admin", 0, 0)],
)
def test_each_role_has_its_limits(role, grant, case):
    subject, user = make_case(), make_user(role)

    assert (remaining(user, subject), remaining(user, subject, scope=CASE)) == (grant, case)


def test_the_machine_a_superuser_and_whoever_left_may_grant_nothing():
    case = make_case()

    assert [remaining(who, case) for who in (None, make_user("", is_superuser=True), make_user(is_active=False))] == [0, 0, 0]


def test_what_somebody_else_granted_on_the_order_counts():
    case = make_case()
    used(case, 3000)

    assert remaining(make_user(), case) == 2000


def test_a_grant_is_no_use_of_the_limit_per_case_nor_the_other_way_round():
    case = make_case()
    used(case, 3000)
    used(case, 700, scope=CASE)

    assert (remaining(make_user(), case), remaining(make_user(), case, scope=CASE)) == (2000, 49300)


@pytest.mark.parametrize(("ago", "left"), [(DAY - timedelta(minutes=1), 2000), (DAY + timedelta(minutes=1), 5000)])
def test_the_day_of_a_customer_spans_their_orders(ago, left):
    customer = make_customer()
    used(case_of(customer), 3000, ago=ago)

    assert remaining(make_user(), case_of(customer)) == left


@pytest.mark.parametrize(("ago", "left"), [(29 * DAY, 1000), (31 * DAY, 5000)])
def test_the_month_of_a_customer_spans_their_orders(ago, left):
    customer = make_customer()
    for amount in (5000, 4000):
        used(case_of(customer), amount, ago=ago)

    assert remaining(make_user(), case_of(customer)) == left


@pytest.mark.parametrize(("ago", "left"), [(timedelta(hours=23), 100), (timedelta(hours=25), 5000)])
def test_the_day_of_an_agent_spans_their_customers(ago, left):
    agent = make_user()
    for _ in range(10):
        used(make_case(), 4990, by=agent, ago=ago)

    assert (remaining(agent, make_case()), remaining(make_user(), make_case())) == (left, 5000)


def linked(own, other) -> None:
    Link.objects.create(source=own, target=other, kind=Link.Kind.FOLLOWS)


def linked_back(own, other) -> None:
    linked(other, own)


def merged(own, other) -> None:
    type(own).objects.filter(pk=own.pk).update(merged_into=other, status="merged")


def merged_back(own, other) -> None:
    merged(other, own)


@pytest.mark.parametrize("join", [linked, linked_back, merged, merged_back])
def test_linked_complaints_share_their_limit(join):
    first, second = make_complaint(order=make_order()), make_complaint(order=make_order())
    used(make_case(complaint=first, order=first.order), 4000)
    own = make_case(complaint=second, order=second.order)
    before = remaining(make_user(), own)
    join(second, first)

    assert (before, remaining(make_user(), own)) == (5000, 1000)


def test_a_split_case_shares_the_limit_of_its_parent():
    parent = make_case()
    child, sibling = (make_case(parent=parent, order=parent.order, complaint=parent.complaint) for _ in range(2))
    used(child, 40000, scope=CASE)

    assert [remaining(make_user(), each, scope=CASE) for each in (parent, child, sibling, make_case())] == [10000, 10000, 10000, 50000]


def test_the_newest_published_limit_counts():
    for version, fen in ((1, 100), (3, 300), (2, 200)):
        AuthorityLimit.objects.create(role=roles.AGENT, scope="grant", limit_fen=fen, version=version)

    assert remaining(make_user(), make_case()) == 300


def test_a_manager_has_a_leads_limits_until_they_get_their_own():
    AuthorityLimit.objects.create(role=roles.LEAD, scope="order", limit_fen=700)
    before = remaining(make_user("manager"), make_case())
    AuthorityLimit.objects.create(role=roles.MANAGER, scope="order", limit_fen=900)

    assert (before, remaining(make_user("manager"), make_case()), remaining(make_user("lead"), make_case())) == (700, 900, 700)


def test_rooms_tell_which_limit_binds(django_assert_num_queries):
    case, agent = make_case(), make_user()
    used(case, 4500)
    agent.role_names  # noqa: B018 - comes with a session
    case.order.customer_id  # noqa: B018
    with django_assert_num_queries(5):
        rooms = rooms_of(agent, case)["agent"]

    assert {(room.limit.scope, room.limit.window): room.left_fen for room in rooms if room.left_fen < 5000} == {
        ("complaint", None): 500, ("order", None): 500, ("customer", DAY): 500
    }  # fmt: skip


@pytest.mark.parametrize("amount", [5001, 0, -1])
def test_more_than_is_left_is_refused_and_not_counted(amount):
    case = make_case()
    with pytest.raises(RefusedError) as refusal:
        use_authority(case, amount, by=make_user())

    assert ([reason.code for reason in refusal.value.reasons], AuthorityUse.objects.count()) == (["above_authority"], 0)


def test_what_was_used_says_who_for_whom_and_on_what():
    case, agent = make_case(), make_user()
    row = use_authority(case, 5000, by=agent)

    assert (row.agent, row.order_id, row.customer_id, row.scope, remaining(agent, case)) == (
        agent, case.order_id, case.order.customer_id, "grant", 0
    )  # fmt: skip


def test_what_was_not_granted_after_all_is_given_back_once():
    case, agent = make_case(), make_user()
    use_authority(case, 3000, by=agent)
    use_authority(case, 700, by=agent, scope=CASE)

    assert [give_back_authority(case, scope=GRANT), give_back_authority(case), give_back_authority(case)] == [3000, 700, 0]
    assert (remaining(agent, case), remaining(agent, case, scope=CASE)) == (5000, 50000)


def test_what_is_given_back_leaves_its_window_with_the_use():
    customer = make_customer()
    case = case_of(customer)
    used(case, 3000, ago=25 * timedelta(hours=1))
    give_back_authority(case)
    used(case_of(customer), 4000)

    assert remaining(make_user(), case_of(customer)) == 1000


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("shared", ["order", "customer", "agent"])
def test_ten_small_grants_at_once_never_pass_the_limit(shared):
    """Ten times 1,000 against what is left of 5,000, where only the order, the customer or the agent is the same."""
    customer, agent = make_customer(), make_user()
    order = make_order(customer=customer)
    if shared == "agent":
        for _ in range(9):
            used(make_case(), 5000, by=agent)
    cases = {
        "order": lambda: make_case(order=order),
        "customer": lambda: make_case(order=make_order(customer=customer)),
        "agent": lambda: make_case(order=make_order(customer=make_customer())),
    }
    tries = [(cases[shared](), agent if shared == "agent" else make_user()) for _ in range(10)]

    def grant(case, by):
        with transaction.atomic():
            return use_authority(case, 1000, by=by)

    outcomes = at_once(*[lambda case=case, by=by: grant(case, by) for case, by in tries])

    granted = [each for each in outcomes if isinstance(each, AuthorityUse)]
    assert (len(granted), {type(each) for each in outcomes} - {AuthorityUse}) == (5, {RefusedError})
