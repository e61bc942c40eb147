"""The pages of improvement items: list, proposal, acts, and the panel beside a complaint."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analytics.models import Improvement, Spike
from tests.analytics.improvements.builders import make_item, make_manager
from tests.analytics.spikes.test_pages import make_spike, text
from tests.factories import make_category, make_complaint, make_team, make_user

pytestmark = pytest.mark.django_db
LIST = "/admin/reports/improvements/"
PROPOSAL = {"title": "换更厚的内衬", "department": "warehouse", "category": "logistics.stalled", "request_id": "r1"}


@pytest.fixture
def manager(client):
    user = make_manager()
    client.force_login(user)
    make_category()
    return user


@pytest.fixture
def agent(client):
    user = make_user("agent")
    client.force_login(user)
    return user


def test_a_proposal_becomes_an_item(client, manager):
    answer = client.post(f"{LIST}new/", PROPOSAL)

    item = Improvement.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"{LIST}{item.pk}/")
    assert (item.title, item.team, item.proposed_by) == ("换更厚的内衬", make_team(), manager)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "title"),
        ({"category": ""}, "category"),
        ({"control_by": "warehouse"}, "control_value"),
        ({"control_by": "warehouse", "control_value": "nowhere"}, "control_value"),
        ({"target_percent": "101"}, "target_percent"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(client, manager, change, field):
    answer = client.post(f"{LIST}new/", PROPOSAL | change)

    assert answer.status_code == 422
    assert f'id="id_{field}-error"' in text(answer)


def test_a_proposal_from_a_spike_explains_it(client, manager):
    spike = make_spike()
    prefilled = text(client.get(f"{LIST}new/?spike={spike.pk}"))

    client.post(f"{LIST}new/", PROPOSAL | {"spike": spike.pk})

    assert f'name="spike" value="{spike.pk}"' in prefilled
    assert Spike.objects.values_list("state", "improvement").get() == ("explained", Improvement.objects.get().pk)


def test_a_proposal_from_a_complaint_links_it(client, manager):
    complaint = make_complaint()

    client.post(f"{LIST}new/", PROPOSAL | {"complaint": complaint.number})

    assert Improvement.objects.get().leads.get().complaint == complaint


def test_an_item_of_another_team_and_shop_is_not_there(client):
    client.force_login(make_user("lead", teams=[make_team("refunds")]))
    item = make_item()

    assert client.get(f"{LIST}{item.pk}/").status_code == 404


def test_accepting_without_an_owner_says_so_at_the_field(client, manager):
    item = make_item(by=manager)

    answer = client.post(f"{LIST}{item.pk}/accept/", {"expected_version": 1, "due_on": "2099-01-01"})

    assert answer.status_code == 422
    assert 'id="id_accept_owner-error"' in text(answer)


def test_accepting_with_a_day_that_has_passed_says_so(client, manager):
    item, owner = make_item(by=manager), make_user("lead")

    answer = client.post(f"{LIST}{item.pk}/accept/", {"expected_version": 1, "owner": owner.pk, "due_on": "2020-01-01"})

    assert answer.status_code == 409
    assert "这一天已经过去" in text(answer)


def test_an_accepted_item_offers_to_begin(client, manager):
    item, owner = make_item(by=manager), make_user("lead")
    day = timezone.localdate() + timedelta(days=9)
    client.post(f"{LIST}{item.pk}/accept/", {"expected_version": 1, "owner": owner.pk, "due_on": day.isoformat()})

    page = text(client.get(f"{LIST}{item.pk}/"))

    assert (f"{LIST}{item.pk}/begin/" in page, f"{LIST}{item.pk}/accept/" in page) == (True, False)


def test_a_lead_is_offered_nothing_that_only_managers_do(client):
    lead = make_user("lead")
    client.force_login(lead)
    item = make_item(by=lead)

    assert "/accept/" not in text(client.get(f"{LIST}{item.pk}/"))


def test_overdue_items_are_a_group_of_their_own(client, manager):
    late, fine = make_item(by=manager, title="迟了的"), make_item(by=manager, title="没迟的")
    taken_on = {"owner": make_user("lead"), "accepted_at": timezone.now(), "state": "accepted"}
    today = timezone.localdate()
    for item, day in ((late, today - timedelta(days=1)), (fine, today)):
        Improvement.objects.filter(pk=item.pk).update(**taken_on, due_on=day)

    page = text(client.get(f"{LIST}?group=overdue"))

    assert ("迟了的" in page, "没迟的" in page) == (True, False)


def test_a_list_of_three_asks_as_often_as_one_of_one(client, manager):
    make_item(by=manager)
    client.get(LIST)
    with CaptureQueriesContext(connection) as one:
        client.get(LIST)
    make_item(by=manager), make_item(by=manager)

    with CaptureQueriesContext(connection) as three:
        client.get(LIST)

    assert len(three) == len(one)


def test_the_panel_offers_the_open_items_of_the_team(client, agent):
    complaint = make_complaint(assignee=agent)
    make_item(title="换更厚的内衬")

    page = text(client.get(f"{LIST}of/{complaint.number}/"))

    assert ("换更厚的内衬" in page, "improvements/new/" in page) == (True, False)


def test_an_agent_links_the_complaint_beside_which_it_works(client, agent):
    complaint, item = make_complaint(assignee=agent), make_item()

    answer = client.post(f"{LIST}of/{complaint.number}/link/", {"improvement": item.pk})

    assert (answer.status_code, item.leads.get().complaint) == (303, complaint)


def test_a_complaint_of_another_team_has_no_panel(client):
    client.force_login(make_user("agent", teams=[make_team("refunds")]))

    assert client.get(f"{LIST}of/{make_complaint().number}/").status_code == 404


def test_the_workspace_loads_the_panel_when_it_is_opened(client, agent):
    complaint = make_complaint("open", assignee=agent)

    assert f"{LIST}of/{complaint.number}/" in text(client.get(f"/admin/desk/c/{complaint.number}/"))
