"""Who sees which complaint. Wang's team is logistics; what he may not see does not exist for him."""

from datetime import timedelta

import pytest
from django.http import Http404
from django.utils import timezone

from complaints.access import can_see, complaint_for, complaint_for_links, files_of, is_lead_of, thread_of, visible_to
from complaints.lifecycle import Status
from complaints.models import SecretLink
from complaints.services import post_note, post_reply, retract_message
from tests.complaints.builders import later, make_file
from tests.factories import make_complaint, make_merchant, make_team, make_user

pytestmark = pytest.mark.django_db


def everyone(complaint):
    shop, elsewhere = complaint.merchant, make_team("quality")
    return {
        "agent": make_user(),
        "agent_elsewhere": make_user(teams=[elsewhere]),
        "assignee_elsewhere": complaint.assignee,
        "agent_gone": make_user(is_active=False),
        "lead": make_user("lead"),
        "lead_elsewhere": make_user("lead", teams=[elsewhere]),
        "manager": make_user("manager", shops=[shop]),
        "manager_elsewhere": make_user("manager", shops=[make_merchant("other")]),
        "warehouse": make_user("warehouse", teams=[complaint.team]),
        "finance": make_user("finance", teams=[complaint.team]),
        "admin": make_user("admin", teams=[complaint.team]),
        "integration": make_user("integration", teams=[complaint.team]),
        "superuser": make_user("", is_superuser=True),
    }


SEEING = {"agent", "assignee_elsewhere", "lead", "manager"}


def make_foreign_case():
    agent = make_user(teams=[make_team()])
    complaint = make_complaint(Status.OPEN, assignee=agent)
    agent.memberships.update(team=make_team("quality"))
    complaint.assignee = type(agent).objects.get(pk=agent.pk)
    return complaint


def test_the_list_shows_a_complaint_to_exactly_those_who_may_see_it():
    complaint = make_foreign_case()

    found = {name for name, user in everyone(complaint).items() if visible_to(user).filter(pk=complaint.pk).exists()}

    assert found == SEEING


def test_the_row_check_agrees_with_the_list():
    complaint = make_foreign_case()

    assert {name for name, user in everyone(complaint).items() if can_see(user, complaint)} == SEEING


def test_leads_lead_their_own_teams_and_managers_their_own_shops():
    complaint = make_foreign_case()

    assert {name for name, user in everyone(complaint).items() if is_lead_of(user, complaint)} == {"lead", "manager"}


def test_a_lead_is_only_a_member_elsewhere():
    lead = make_user("lead", teams=[make_team("quality")])
    lead.memberships.create(team=make_team())

    assert can_see(lead, make_complaint()) and not is_lead_of(lead, make_complaint())


@pytest.mark.parametrize("typed", ["{number}", " {number} ", "{lower}", "{digits}", "C-{digits}"])
def test_a_number_is_found_however_it_is_typed(typed):
    complaint = make_complaint()
    number = complaint.number

    assert complaint_for(make_user(), typed.format(number=number, lower=number.lower(), digits=number[1:])) == complaint


@pytest.mark.parametrize("typed", ["", "C", "C000000000000000", "' OR 1=1 --", "9" * 5000, "C²61121000000001"])
def test_no_such_number_is_not_found(typed):
    with pytest.raises(Http404):
        complaint_for(make_user(), typed)


def make_link(complaint, **overrides):
    fields = {"digest": str(SecretLink.objects.count()), "expires_at": timezone.now() + timedelta(days=1), **overrides}
    return SecretLink.objects.create(complaint=complaint, **fields)


def test_a_link_opens_its_own_complaint_only(django_assert_num_queries):
    complaint, other = make_complaint(), make_complaint()
    link = make_link(complaint)

    with django_assert_num_queries(1):
        assert complaint_for_links([link.pk], complaint.number) == complaint
    with pytest.raises(Http404):
        complaint_for_links([link.pk], other.number)
    with pytest.raises(Http404):
        complaint_for_links([], complaint.number)


def test_a_link_ends_at_its_time_and_when_it_is_revoked():
    complaint = make_complaint()
    expiring = make_link(complaint, expires_at=timezone.now() + timedelta(seconds=60))
    revoked = make_link(complaint, revoked_at=timezone.now())

    with later(seconds=59):
        assert complaint_for_links([expiring.pk], complaint.number) == complaint
    with later(seconds=61), pytest.raises(Http404):
        complaint_for_links([expiring.pk], complaint.number)
    with pytest.raises(Http404):
        complaint_for_links([revoked.pk], complaint.number)


def test_a_reply_that_was_taken_back_never_shows_to_the_customer():
    agent = make_user()
    complaint = make_complaint()
    retract_message(post_reply(complaint, body="写错了", by=agent, expected_version=None), by=agent)

    with later(seconds=11):
        assert [message.body for message in thread_of(complaint, is_staff=False)] == ["包裹三天没有更新了。"]
    assert thread_of(complaint, is_staff=True).filter(body="写错了").exists()


def test_customers_see_neither_notes_nor_internal_files_nor_what_can_still_be_taken_back():
    agent = make_user()
    complaint = make_complaint()
    file = make_file(uploaded_by=agent)
    post_note(complaint, body="内部：疑似重复", by=agent, attachments=[file.pk])
    post_reply(complaint, body="您好", by=agent, expected_version=None)

    assert [message.body for message in thread_of(complaint, is_staff=False)] == ["包裹三天没有更新了。"]
    assert list(files_of(complaint, is_staff=False)) == []
    with later(seconds=11):
        assert [message.body for message in thread_of(complaint, is_staff=False)] == ["包裹三天没有更新了。", "您好"]
    assert thread_of(complaint, is_staff=True).count() == 3
