"""The queue: what each view holds, who sees it, paging, filters, claiming."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from complaints import access
from complaints.desk.filters import Filter, read_filter
from complaints.desk.queues import PAGE_SIZE, QUEUES, Queue, count_queues, page_of
from complaints.desk.scope import Scope
from complaints.models import Complaint, ReplyDraft, SavedView
from tests.factories import make_category, make_complaint, make_merchant, make_order, make_team, make_user

pytestmark = pytest.mark.django_db


def numbers(response) -> list[str]:
    return re.findall(r'<li class="row[^>]*data-number="(C\d+)"', response.content.decode())


def other_team():
    return make_team("quality", name_zh="质检组", name_en="Quality")


def elsewhere(**overrides) -> Complaint:
    return make_complaint(category=make_category("service.attitude", team=other_team()), **overrides)


def test_queue_shows_own_complaints_first_due_first(desk, agent, url):
    late = make_complaint("open", assignee=agent)
    early = make_complaint("open", assignee=agent)
    Complaint.objects.filter(pk=early.pk).update(due_at=late.due_at - timedelta(hours=2))
    make_complaint()

    response = desk.get(url("queue"))

    assert numbers(response) == [early.number, late.number]


def test_unassigned_view_holds_the_own_teams_only(desk, url):
    mine = make_complaint()
    elsewhere()

    assert numbers(desk.get(url("queue"), {"view": "unassigned"})) == [mine.number]


def test_every_queue_of_every_role_stays_within_what_access_shows(agent, lead):
    manager = make_user("manager", shops=[make_merchant()])
    outsider = make_user(teams=[])
    make_complaint(), make_complaint("open", assignee=agent), elsewhere()
    make_complaint(order=make_order(customer=None))

    for user in (agent, lead, manager, outsider):
        visible = set(access.visible_to(user).values_list("pk", flat=True))
        for queue in QUEUES.values():
            shown = {row.pk for row in page_of(queue, Filter(), Scope(user)).rows}
            assert shown <= visible, (user, queue.key)


def test_a_manager_sees_every_team_of_the_own_shops(desk, url):
    manager = make_user("manager", shops=[make_merchant()])
    foreign = make_complaint(merchant=make_merchant("other", name="别家"))
    near, far = make_complaint(), elsewhere()

    desk.login_as(manager)
    shown = numbers(desk.get(url("queue"), {"view": "team"}))

    assert set(shown) == {near.number, far.number} and foreign.number not in shown


def test_somebody_without_the_desk_is_refused(desk, url):
    desk.login_as(make_user("warehouse"))

    assert desk.get(url("queue")).status_code == 403


def test_a_visitor_is_sent_to_the_log_in(client, url):
    assert client.get(url("queue")).status_code == 302


@pytest.mark.parametrize("view", [*QUEUES, "nonsense"])
def test_query_count_is_the_same_with_one_row_and_three(desk, agent, url, view, django_assert_num_queries):
    make_complaint("open", assignee=agent)
    desk.get(url("queue"), {"view": view})
    counted = len(_queries(desk, url("queue"), view))
    for _each in range(2):
        make_complaint("open", assignee=agent)

    with django_assert_num_queries(counted):
        desk.get(url("queue"), {"view": view})

    assert counted <= 9


def _queries(desk, address, view):
    with CaptureQueriesContext(connection) as queries:
        desk.get(address, {"view": view})
    return queries.captured_queries


def test_counts_stop_at_a_thousand_rows(agent, monkeypatch):
    monkeypatch.setattr("complaints.desk.queues.COUNT_LIMIT", 2)
    for _each in range(4):
        make_complaint()

    assert count_queues([(QUEUES["unassigned"], Filter())], Scope(agent)) == [3]


def test_the_next_page_goes_on_where_the_first_ended(desk, url, monkeypatch):
    monkeypatch.setattr("complaints.desk.queues.PAGE_SIZE", 2)
    filed = [make_complaint() for _each in range(5)]

    first = desk.get(url("queue"), {"view": "unassigned"})
    second = desk.get(url("queue"), {"view": "unassigned", "after": first.context["page"].next_cursor})

    expected = [each.number for each in sorted(filed, key=lambda each: (each.due_at, each.pk))]
    assert numbers(first) + numbers(second) == expected[:4]
    assert PAGE_SIZE == 25


def test_pages_of_several_teams_are_in_one_order(agent, monkeypatch):
    monkeypatch.setattr("complaints.desk.queues.PAGE_SIZE", 3)
    agent.memberships.create(team=other_team())
    filed = [make_complaint() if number % 2 else elsewhere() for number in range(6)]
    now = timezone.now()
    for number, complaint in enumerate(filed):
        Complaint.objects.filter(pk=complaint.pk).update(due_at=now + timedelta(minutes=number))

    first = page_of(QUEUES["team"], Filter(), Scope(agent))
    second = page_of(QUEUES["team"], Filter(), Scope(agent), after=first.next_cursor)

    assert [row.pk for row in [*first.rows, *second.rows]] == [complaint.pk for complaint in filed]


def test_a_broken_cursor_shows_the_first_page(desk, agent, url):
    complaint = make_complaint("open", assignee=agent)

    assert numbers(desk.get(url("queue"), {"after": "broken"})) == [complaint.number]


def test_fields_of_a_filter_meet_with_and_or_with_or(desk, agent, url):
    urgent = make_complaint("open", assignee=agent, priority=3)
    fresh = make_complaint(priority=1)
    both = make_complaint(priority=3)

    every = numbers(desk.get(url("queue"), {"view": "team", "status": "new", "priority": "3"}))
    either = numbers(desk.get(url("queue"), {"view": "team", "status": "new", "priority": "3", "match": "any"}))

    assert every == [both.number]
    assert set(either) == {urgent.number, fresh.number, both.number}


def test_a_filter_for_closed_complaints_leaves_the_live_ones(desk, agent, url):
    closed = make_complaint("closed", assignee=agent)
    make_complaint("open", assignee=agent)

    assert numbers(desk.get(url("queue"), {"view": "team", "status": "closed"})) == [closed.number]


@pytest.mark.parametrize(
    ("field", "value"),
    [("status", "x"), ("priority", "9"), ("assignee", "1 OR 1"), ("matched", "maybe"), ("tag", "\x00"), ("team", "a" * 99)],
)
def test_unknown_filter_values_are_left_out(field, value):
    assert read_filter({field: [value]}) == Filter()


def test_a_filter_survives_being_saved():
    chosen = read_filter({"match": "any", "status": ["new", "open"], "tag": ["补发"]})

    assert read_filter(chosen.as_json()) == chosen


def test_a_private_view_is_saved_and_seen_by_its_owner_only(desk, agent, url):
    response = desk.post(url("view-save"), {"name": "我的高优", "priority": "3"})

    assert response.status_code == 303
    assert SavedView.objects.get().owner == agent
    desk.login_as(make_user())
    assert "我的高优" not in desk.get(url("queue")).content.decode()


def test_an_agent_cannot_save_a_view_for_the_team(desk, url):
    desk.post(url("view-save"), {"name": "大家的", "priority": "3", "team": make_team().pk})

    assert SavedView.objects.get().team is None


def test_a_lead_saves_a_view_for_the_team(desk, lead, agent, url):
    desk.login_as(lead)
    desk.post(url("view-save"), {"name": "大家的", "priority": "3", "team": make_team().pk})

    desk.login_as(agent)
    assert "大家的" in desk.get(url("queue")).content.decode()


def test_a_lead_chooses_the_team_of_a_view_by_its_name_in_their_language(desk, lead, url):
    lead.language = "en"
    lead.save(update_fields=["language"])
    desk.login_as(lead)

    page = desk.get(url("filter"), {"priority": "3"}).content.decode()

    assert f'<option value="{make_team().pk}">Delivery</option>' in page


def test_a_foreign_view_cannot_be_deleted(desk, agent, url):
    view = SavedView.objects.create(owner=make_user(), name="别人的", filter={"priority": ["3"]})

    assert desk.post(url("view-delete", view.pk)).status_code == 404
    assert SavedView.objects.count() == 1


def test_a_view_without_a_name_is_asked_for_again(desk, url):
    response = desk.post(url("view-save"), {"name": "", "priority": "3"})

    assert response.status_code == 422


def test_an_own_draft_is_marked(desk, agent, url):
    complaint = make_complaint("open", assignee=agent)
    ReplyDraft.objects.create(agent=agent, complaint=complaint, kind="reply", body="还没写完")

    assert desk.get(url("queue")).context["rows"][0].has_draft


def test_names_are_masked_and_numbers_in_texts_hidden(desk, url):
    make_complaint(contact_name="欧阳小满", description="请打 13812345678")

    page = desk.get(url("queue"), {"view": "unassigned"}).content.decode()

    assert "欧阳**" in page and "欧阳小满" not in page and "13812345678" not in page


def test_claiming_from_a_row_makes_it_mine(desk, agent, url):
    complaint = make_complaint()

    response = desk.post(url("claim", complaint.number), {"expected_version": complaint.version, "request_id": "r1"})

    complaint.refresh_from_db()
    assert response.status_code == 303 and complaint.assignee == agent


def test_claiming_what_a_colleague_has_says_who(desk, url):
    complaint = make_complaint("open", assignee=make_user(name="林晓"))

    response = desk.post(url("claim", complaint.number), {"expected_version": complaint.version})

    assert response.status_code == 409 and "林晓" in response.content.decode()


def test_claiming_a_complaint_of_another_team_is_not_found(desk, url):
    complaint = elsewhere()

    assert desk.post(url("claim", complaint.number), {"expected_version": 1}).status_code == 404
    complaint.refresh_from_db()
    assert complaint.assignee is None


def test_arrivals_count_what_came_since(desk, url):
    since = timezone.now()
    make_complaint(), make_complaint()

    shown = desk.get(url("arrivals"), {"view": "unassigned", "since": since.isoformat()})
    none = desk.get(url("arrivals"), {"view": "unassigned", "since": timezone.now().isoformat()})

    assert shown.context["number"] == 2 and none.context["number"] == 0


@pytest.mark.parametrize("since", ["", "yesterday", "2026-01-01T00:00:00", "9" * 60])
def test_arrivals_since_nonsense_are_not_found(desk, url, since):
    assert desk.get(url("arrivals"), {"since": since}).status_code == 404


def test_an_empty_queue_says_so_and_offers_the_next_one(desk, url):
    page = desk.get(url("queue")).content.decode()

    assert "?view=unassigned" in page and 'class="empty"' in page


def test_a_queue_that_cannot_hold_anything_counts_nothing(agent):
    nothing = Queue("nothing", "", "list", narrow=lambda complaints, user: complaints.none())

    assert count_queues([(nothing, Filter()), (QUEUES["mine"], Filter())], Scope(agent)) == [0, 0]
