"""The view of the queue that lists complaints whose case waits for an agent."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from complaints.desk.filters import Filter
from complaints.desk.queues import count_queues, page_of, queue_for, queues_for
from complaints.desk.scope import Scope
from tests.factories import make_complaint, make_team, make_user
from tests.workflows.builders import make_case
from tests.workflows.house import granted, in_review, make_house
from workflows.models import Task

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return make_house()


def listed(user) -> list[str]:
    scope = Scope(user)
    queue = queue_for(user, "returns")
    found = [row.number for row in page_of(queue, Filter(), scope).rows]
    assert count_queues([(queue, Filter())], scope) == [len(found)]
    return found


def test_a_complaint_is_listed_while_its_case_waits_for_an_agent(house):
    assert listed(house.agent) == []

    in_review(house)

    assert listed(house.agent) == [house.complaint.number]


def test_it_leaves_the_list_when_the_case_waits_for_somebody_else(house):
    granted(house)

    assert listed(house.agent) == []


def test_a_step_of_the_procedure_for_an_agent_lists_it_and_one_for_a_lead_does_not(house):
    case = make_case(order=house.order, complaint=house.complaint, policy=house.policy, state="settling")
    task = Task.objects.create(case=case, kind="call", role=Task.Role.LEAD)
    assert listed(house.agent) == []

    Task.objects.filter(pk=task.pk).update(role=Task.Role.AGENT)

    assert listed(house.agent) == [house.complaint.number]


def test_two_cases_of_one_complaint_are_one_row(house):
    for _number in range(2):
        case = make_case(order=house.order, complaint=house.complaint, policy=house.policy, state="in_review")
        Task.objects.create(case=case, kind="in_review", role=Task.Role.AGENT)

    assert listed(house.agent) == [house.complaint.number]


def test_another_team_sees_neither_the_row_nor_the_number(house):
    in_review(house)

    assert listed(make_user("agent", teams=[make_team("elsewhere")])) == []


def test_whoever_does_not_work_on_cases_has_no_such_view():
    assert "returns" not in [queue.key for queue in queues_for(make_user("finance"))]
    assert queue_for(make_user("finance"), "returns").key == "mine"


@pytest.mark.parametrize(("language", "title"), [("zh-hans", "退货待处理"), ("en", "Returns to handle")])
def test_it_is_called_by_its_name_in_both_languages(house, language, title):
    with override(language):
        assert str(queue_for(house.agent, "returns").title) == title


def test_the_page_takes_as_many_queries_for_many_cases_as_for_one(house):
    in_review(house)
    client = Client()
    client.force_login(house.agent)
    few = _queries(client)
    for _number in range(5):
        complaint = make_complaint(order=house.order, assignee=house.agent, status="open")
        case = make_case(order=house.order, complaint=complaint, policy=house.policy, state="in_review")
        Task.objects.create(case=case, kind="in_review", role=Task.Role.AGENT)

    assert _queries(client) == few


def _queries(client) -> int:
    client.get(reverse("admin:desk-queue"), {"view": "returns"})
    with CaptureQueriesContext(connection) as queries:
        page = client.get(reverse("admin:desk-queue"), {"view": "returns"})
    assert page.status_code == 200
    return len(queries)
