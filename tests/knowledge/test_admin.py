import pytest

from knowledge import services
from knowledge.models import CannedReply
from tests.knowledge.test_canned_replies import TEXTS, make_mate, make_reply

pytestmark = pytest.mark.django_db
LIST = "/admin/knowledge/cannedreply/"
FORM = {**TEXTS, "tier": "base", "scene": "complaint", "category_code": "", "is_active": "on"}


@pytest.fixture
def agent(client):
    client.user = make_mate("agent")
    client.force_login(client.user)
    return client


def test_agent_adds_an_own_reply(agent):
    assert agent.post(f"{LIST}add/", FORM | {"code": "mine", "whose": "own", "team": ""}).status_code == 302

    reply = CannedReply.objects.get()
    assert (reply.owner, reply.initials, reply.version) == (agent.user, "tkjd rp", 1)


def test_agent_cannot_make_it_the_shops(agent):
    assert agent.post(f"{LIST}add/", FORM | {"code": "mine", "whose": "shop", "team": ""}).status_code == 200

    assert not CannedReply.objects.exists()


def test_agent_reads_the_shops_replies_and_changes_none(agent):
    reply = make_reply()

    assert reply.title_zh in agent.get(LIST).content.decode()
    assert agent.get(f"{LIST}{reply.pk}/change/").status_code == 200
    assert agent.post(f"{LIST}{reply.pk}/change/", FORM | {"title_zh": "改了"}).status_code == 403


def test_private_replies_of_others_do_not_exist(agent):
    reply = make_reply("private", owner=make_mate("agent"))

    assert reply.code not in agent.get(LIST).content.decode()
    assert agent.get(f"{LIST}{reply.pk}/change/").status_code == 302
    assert agent.get(f"{LIST}?q=refund").content.decode().count("private") == 0


def test_manager_changes_words_and_gets_the_next_version(client):
    manager, reply = make_mate("manager"), make_reply()
    client.force_login(manager)

    client.post(f"{LIST}{reply.pk}/change/", FORM | {"body_zh": "{amount} 好了", "expected_version": "1"})

    reply.refresh_from_db()
    assert (reply.version, reply.body_zh, reply.owner, reply.team) == (2, "{amount} 好了", None, None)


def test_manager_who_is_late_is_told_and_overwrites_nothing(client):
    reply = make_reply()
    client.force_login(make_mate("manager"))
    services.edit_reply(reply, by=None, expected_version=1, body_zh="新 {amount}")

    client.post(f"{LIST}{reply.pk}/change/", FORM | {"body_zh": "旧 {amount}", "expected_version": "1"})

    reply.refresh_from_db()
    assert reply.body_zh == "新 {amount}"


@pytest.mark.parametrize("changes", [{"body_en": ""}, {"body_en": "none"}, {"body_zh": "{x}", "body_en": "{x}"}])
def test_wrong_texts_come_back_with_words(agent, changes):
    answer = agent.post(f"{LIST}add/", FORM | {"code": "mine", "whose": "own", "team": ""} | changes)

    assert answer.status_code == 200
    assert not CannedReply.objects.exists()


def test_replies_are_retired_not_deleted(client):
    reply = make_reply()
    client.force_login(make_mate("manager"))

    assert client.post(f"{LIST}{reply.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(LIST, {"action": "delete_selected", "_selected_action": [reply.pk], "post": "yes"})

    assert CannedReply.objects.filter(pk=reply.pk).exists()


def test_who_is_late_keeps_what_was_typed_and_sees_what_stands_there(client):
    reply = make_reply()
    client.force_login(make_mate("manager"))
    services.edit_reply(reply, by=None, expected_version=1, body_zh="别人 {amount}", scene="consult")
    typed = FORM | {"body_zh": "我打的 {amount}", "expected_version": "1"}

    page = client.post(f"{LIST}{reply.pk}/change/", typed).content.decode()

    assert "我打的 {amount}</textarea>" in page
    assert '<pre class="theirs">别人 {amount}</pre>' in page
    assert '<input type="hidden" name="expected_version" value="2"' in page
    client.post(f"{LIST}{reply.pk}/change/", typed | {"expected_version": "2"})
    reply.refresh_from_db()
    assert (reply.version, reply.body_zh) == (3, "我打的 {amount}")


def test_what_the_service_refuses_leaves_the_typed_reply_on_the_page(client):
    reply = make_reply()
    client.force_login(make_mate("manager"))

    page = client.post(f"{LIST}{reply.pk}/change/", FORM | {"body_zh": "打了很久 {x}", "expected_version": "1"}).content.decode()

    assert "打了很久 {x}</textarea>" in page
    assert 'class="errornote"' in page
    reply.refresh_from_db()
    assert reply.version == 1


def test_an_address_that_is_taken_is_said_beside_the_form(agent):
    make_reply("taken")

    answer = agent.post(f"{LIST}add/", FORM | {"code": "taken", "whose": "own", "team": "", "body_zh": "打了很久 {amount}"})

    assert answer.status_code == 200
    assert "打了很久 {amount}</textarea>" in answer.content.decode()


def test_lines_as_browsers_send_them_are_no_next_version(client):
    reply = make_reply(body_zh="一 {amount}\n二", body_en="one {amount}\ntwo")
    client.force_login(make_mate("manager"))
    texts = {"body_zh": "一 {amount}\r\n二", "body_en": "one {amount}\r\ntwo"}

    client.post(f"{LIST}{reply.pk}/change/", FORM | texts | {"title_zh": "新题目", "expected_version": "1"})

    reply.refresh_from_db()
    assert (reply.version, reply.title_zh, reply.body_zh) == (1, "新题目", "一 {amount}\n二")
