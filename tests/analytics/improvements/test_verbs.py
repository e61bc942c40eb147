"""The life of an improvement item: who may do what when."""

from datetime import timedelta

import pytest
from django.utils import timezone

from analytics.improvements.verbs import (
    accept_improvement,
    begin_improvement,
    conclude_improvement,
    drop_improvement,
    finish_improvement,
    link_complaint,
    propose_improvement,
)
from analytics.models import Improvement, ImprovementStep
from foundation.exceptions import NotAllowedError, RefusedError, VersionConflictError
from tests.analytics.improvements.builders import make_done, make_item, make_manager
from tests.factories import make_complaint, make_team, make_user

pytestmark = pytest.mark.django_db
SOON = timezone.localdate() + timedelta(days=30)


def codes(caught) -> list[str]:
    return [reason.code for reason in caught.value.reasons]


def test_a_lead_proposes_and_the_item_belongs_to_the_team_of_its_category():
    item = make_item(by=make_user("lead"))

    assert (item.state, item.team, item.steps.get().verb) == ("proposed", make_team(), "propose")


def test_an_agent_does_not_propose():
    with pytest.raises(NotAllowedError):
        propose_improvement(by=make_user("agent"), title="x", department="page", category="logistics.stalled")


def test_a_repeated_proposal_is_one_item():
    lead = make_user("lead")
    first, second = (make_item(by=lead, request_id="r1") for _each in range(2))

    assert (first, Improvement.objects.count()) == (second, 1)


def test_a_complaint_that_led_to_it_is_linked():
    complaint = make_complaint()

    item = make_item(complaint=complaint)

    assert item.leads.get().complaint == complaint


@pytest.mark.parametrize(("missing", "code"), [({"owner": None}, "no_owner"), ({"due_on": None}, "no_day")])
def test_nothing_is_accepted_without_an_owner_and_a_day(missing, code):
    manager = make_manager()
    item = make_item(by=manager)
    wanted = {"owner": make_user("lead"), "due_on": SOON} | missing

    with pytest.raises(RefusedError) as caught:
        accept_improvement(item, **wanted, by=manager, expected_version=1)

    assert codes(caught) == [code]


def test_an_agent_cannot_own_what_agents_do_not_see():
    manager = make_manager()

    with pytest.raises(RefusedError) as caught:
        accept_improvement(make_item(by=manager), owner=make_user("agent"), due_on=SOON, by=manager, expected_version=1)

    assert codes(caught) == ["owner_cannot"]


def test_a_lead_does_not_accept():
    lead = make_user("lead")

    with pytest.raises(NotAllowedError):
        accept_improvement(make_item(by=lead), owner=lead, due_on=SOON, by=lead, expected_version=1)


def test_a_manager_of_another_shop_does_not_accept():
    item = make_item()
    rival = make_user("manager")

    with pytest.raises(NotAllowedError):
        accept_improvement(item, owner=make_user("lead"), due_on=SOON, by=rival, expected_version=1)


def test_the_owner_carries_it_out():
    owner, manager = make_user("lead"), make_manager()
    item = accept_improvement(make_item(by=manager), owner=owner, due_on=SOON, by=manager, expected_version=1)
    begin_improvement(item, cause="内衬太薄", by=owner, expected_version=2)

    done = finish_improvement(item, action="换了内衬", by=owner, expected_version=3)

    assert (done.state, done.version, done.action) == ("done", 4, "换了内衬")
    assert list(done.steps.order_by("pk").values_list("verb", flat=True)) == ["propose", "accept", "begin", "finish"]


def test_another_lead_does_not_carry_it_out():
    manager = make_manager()
    item = accept_improvement(make_item(by=manager), owner=make_user("lead"), due_on=SOON, by=manager, expected_version=1)

    with pytest.raises(NotAllowedError):
        begin_improvement(item, cause="x", by=make_user("lead"), expected_version=2)


def test_a_change_that_somebody_has_not_seen_is_not_written_over():
    manager = make_manager()
    item = make_item(by=manager)
    drop_improvement(item, reason="重复了", by=manager, expected_version=1)

    with pytest.raises(VersionConflictError):
        drop_improvement(item, reason="重复了", by=manager, expected_version=1)


def test_a_repeated_request_is_one_act():
    manager = make_manager()
    item = make_item(by=manager)
    for _each in range(2):
        drop_improvement(item, reason="重复了", by=manager, expected_version=1, request_id="r1")

    assert ImprovementStep.objects.filter(verb="drop").count() == 1


def test_dropping_takes_a_reason():
    with pytest.raises(RefusedError) as caught:
        drop_improvement(make_item(by=(manager := make_manager())), reason=" ", by=manager, expected_version=1)

    assert codes(caught) == ["no_words"]


def test_the_owner_does_not_close_the_own_item():
    owner = make_manager()
    item = make_done(owner=owner)

    with pytest.raises(NotAllowedError) as caught:
        drop_improvement(item, reason="x", by=owner, expected_version=None)

    assert codes(caught) == ["own_item"]


def test_nothing_is_concluded_before_it_is_measured():
    item = make_done(manager=(manager := make_manager()))

    with pytest.raises(RefusedError) as caught:
        conclude_improvement(item, note="", by=manager, expected_version=None)

    assert codes(caught) == [
        "not_now",
    ]


def test_an_agent_links_a_complaint_once():
    agent = make_user("agent")
    item, complaint = make_item(), make_complaint()

    for _each in range(2):
        link_complaint(item, complaint, by=agent)

    assert item.leads.count() == 1


def test_an_agent_of_another_team_links_nothing():
    stranger = make_user("agent", teams=[make_team("refunds")])

    with pytest.raises(NotAllowedError):
        link_complaint(make_item(), make_complaint(), by=stranger)


def test_what_has_ended_takes_no_more_complaints():
    manager = make_manager()
    item = drop_improvement(make_item(by=manager), reason="重复了", by=manager, expected_version=1)

    with pytest.raises(NotAllowedError):
        link_complaint(item, make_complaint(), by=manager)
