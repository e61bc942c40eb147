"""What became of canned replies: counted for the list, and part by part for the page of one."""

import pytest

from complaints.models import Survey
from complaints.services import post_reply, reopen_complaint, resolve_complaint, retract_message
from knowledge.figures import Uses, cuts_of, uses_of
from knowledge.services import create_reply, edit_reply
from tests.factories import make_complaint, make_merchant, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent():
    return make_user(shops=[make_merchant()])


@pytest.fixture
def reply():
    texts = {"title_zh": "退款", "title_en": "Refund", "body_zh": "款项已退。", "body_en": "It is paid."}
    return create_reply(by=None, code="refund", **texts)


def send(agent, body: str = "款项已退。", *, version: int = 1, complaint=None):
    complaint = complaint or make_complaint("open", assignee=agent)
    post_reply(complaint, body=body, by=agent, expected_version=None, canned={"refund": version})
    complaint.refresh_from_db()
    return complaint


def resolve(complaint, agent):
    words = {"resolution": "已退款", "reason_code": "logistics.stalled", "liability": {"carrier": 100}}
    return resolve_complaint(complaint, by=agent, expected_version=complaint.version, **words)


def test_a_reply_that_nobody_sent_has_no_figures(reply):
    assert uses_of([reply.pk]) == {} and cuts_of(reply.pk) == []


def test_uses_edits_and_what_followed_are_counted(agent, reply):
    send(agent)
    resolve(send(agent, "别的话"), agent)
    again = resolve(send(agent), agent)
    reopen_complaint(again, as_customer=True, reason="没到")

    assert uses_of([reply.pk]) == {reply.pk: Uses(sent=3, edited=1, resolved=2, reopened=1)}


def test_the_answer_to_the_survey_of_its_round_is_its_score(agent, reply):
    for score, scale in ((5, "csat"), (2, "csat"), (7, "ces")):
        complaint = resolve(send(agent), agent)
        given = {"scale": scale, "score": score, "delivered_at": complaint.resolved_at, "suppressed_by": ""}
        Survey.objects.filter(complaint=complaint, cycle=complaint.cycle).update(**given)

    assert uses_of([reply.pk])[reply.pk].score == 3.5


def test_an_answer_that_counts_no_more_is_no_score(agent, reply):
    complaint = resolve(send(agent), agent)
    given = {"scale": "csat", "score": 5, "delivered_at": complaint.resolved_at, "expired_at": complaint.resolved_at}
    Survey.objects.filter(complaint=complaint).update(**given)

    assert uses_of([reply.pk])[reply.pk].score is None


def test_what_was_taken_back_is_no_use(agent, reply):
    complaint = send(agent)
    retract_message(complaint.messages.order_by("id").last(), by=agent)

    assert uses_of([reply.pk]) == {}


def test_versions_teams_categories_and_languages_are_told_apart(agent, reply):
    complaint = send(agent)
    edit_reply(reply, by=None, expected_version=1, body_zh="明天到账。")
    send(agent, "明天到账。", version=2, complaint=complaint)
    send(agent, "It is paid.", complaint=make_complaint("open", assignee=agent, language="en"))

    cuts = [(cut.title, cut.name, cut.uses.sent) for cut in cuts_of(reply.pk)]

    assert cuts[:2] == [("版本", "v1", 2), ("版本", "v2", 1)]
    assert [(name, sent) for title, name, sent in cuts if title == "语言"] == [("英文", 1), ("中文", 2)]
    assert [sent for _title, _name, sent in cuts] == [2, 1, 3, 3, 1, 2]


def test_percent_of_nothing_is_nought():
    assert (Uses().edited_percent, Uses().reopened_percent) == (0, 0)
    assert (Uses(sent=3, edited=1, resolved=4, reopened=1).edited_percent, Uses(resolved=4, reopened=1).reopened_percent) == (33, 25)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_shows_the_figures_at_one_price(count, client, agent, reply, django_assert_num_queries):
    manager = make_user("manager", shops=[make_merchant()])
    client.force_login(manager, backend="accounts.backends.StaffBackend")
    texts = {"title_zh": "退款", "title_en": "Refund", "body_zh": "款项已退。", "body_en": "It is paid."}
    for number in range(count):
        create_reply(by=None, code=f"more-{number}", **texts)
    send(agent, "别的话")
    client.get("/admin/knowledge/cannedreply/")

    with django_assert_num_queries(LIST_QUERIES):
        page = client.get("/admin/knowledge/cannedreply/").content.decode()

    assert '<td class="field-edited">100 %</td>' in page


LIST_QUERIES = 5


def test_the_page_of_a_reply_shows_what_became_of_it(client, agent, reply):
    client.force_login(make_user("manager", shops=[make_merchant()]), backend="accounts.backends.StaffBackend")
    send(agent)

    page = client.get(f"/admin/knowledge/cannedreply/{reply.pk}/change/").content.decode()

    assert "v1" in page and "使用效果" in page
