"""The stock admin: configuration, and nothing of what customers wrote."""

import re

import pytest
from django.urls import reverse

from complaints.lifecycle import Status
from complaints.models import Macro, Outbox, Template
from tests.factories import make_category, make_complaint, make_team, make_user

pytestmark = pytest.mark.django_db

LISTS = ["complaint", "category", "form", "template", "outbox", "tag", "macro", "legalrule"]
OPEN_TO = {
    "agent": {"complaint", "category", "form"},
    "lead": {"complaint", "category", "form", "outbox"},
    "manager": {"complaint", "category", "form", "outbox", "macro"},
    "admin": {"category", "form", "template", "outbox", "tag", "macro", "legalrule"},
    "warehouse": set(),
    "finance": set(),
}


def list_url(name: str) -> str:
    return reverse(f"admin:complaints_{name}_changelist")


@pytest.mark.parametrize("role", OPEN_TO)
def test_each_role_opens_its_own_lists(client, role):
    client.force_login(make_user(role))

    assert {name for name in LISTS if client.get(list_url(name)).status_code == 200} == OPEN_TO[role]


def test_the_list_of_complaints_is_scoped_and_shows_no_words(client):
    seen = make_complaint(description="我的秘密", contact_name="欧阳小满")
    hidden = make_complaint(category=make_category("service.other", team=make_team("quality")))
    client.force_login(make_user())

    page = client.get(list_url("complaint")).content.decode()

    assert seen.number in page and hidden.number not in page
    assert "我的秘密" not in page and "欧阳" not in page


def test_a_complaint_is_opened_at_the_desk_not_edited(client):
    complaint = make_complaint()
    client.force_login(make_user())
    url = reverse("admin:complaints_complaint_change", args=[complaint.pk])

    assert reverse("admin:desk-complaint", args=[complaint.number]) in client.get(url).content.decode()
    assert client.post(url, {"status": Status.CLOSED}).status_code == 403


def test_a_changed_notice_is_a_new_version_and_the_old_one_is_kept(client):
    client.force_login(make_user("admin"))
    words = {"node": "link", "language": "en", "subject": "Your link", "body": "{link}\n\n{shop}"}
    client.post(reverse("admin:complaints_template_add"), words)
    first = Template.objects.get()

    client.post(reverse("admin:complaints_template_change", args=[first.pk]), {"subject": "Here it is", "body": words["body"]})

    kept = list(Template.objects.order_by("version").values_list("version", "node", "language", "subject"))
    assert kept == [(1, "link", "en", "Your link"), (2, "link", "en", "Here it is")]
    listed = client.get(list_url("template")).content.decode()
    assert "Here it is" in listed and "Your link" not in listed


def test_a_mistyped_value_in_a_notice_is_an_error_at_the_field(client):
    client.force_login(make_user("admin"))

    page = client.post(reverse("admin:complaints_template_add"), {"node": "link", "language": "en", "subject": "x", "body": "{lnik}"})

    assert "lnik" in str(page.context["adminform"].form.errors["body"])
    assert not Template.objects.exists()


def test_failed_mail_is_sent_again_from_the_list(client):
    make_complaint()
    row = Outbox.objects.get()
    Outbox.objects.update(state=Outbox.State.DEAD)
    client.force_login(make_user("lead"))

    client.post(list_url("outbox"), {"action": "retry", "_selected_action": [row.pk]})

    assert Outbox.objects.get().state == Outbox.State.QUEUED


TEXTS = {"body_zh": "抱歉，{date} 前答复。", "body_en": "Sorry; answer by {date}."}
MACRO = {"code": "calm", "name_zh": "先安抚", "name_en": "Calm first", **TEXTS}


def test_a_macro_keeps_its_acts_and_the_letters_it_is_found_by(client):
    client.force_login(make_user("admin"))
    team = make_team("quality")

    client.post(reverse("admin:complaints_macro_add"), MACRO | {"priority": 3, "tag": "催件", "passes_to": team.code, "is_active": "on"})

    macro = Macro.objects.get()
    assert macro.initials == "xaf cf"
    assert [list(action.values()) for action in macro.actions] == [["set_priority", "3"], ["add_tag", "催件"], ["set_team", "quality"]]


@pytest.mark.parametrize(
    ("fields", "word"), [({"body_en": ""}, "英文"), ({"body_zh": "", "body_en": ""}, "操作"), ({"body_zh": "{dtae}"}, "dtae")]
)
def test_a_macro_that_cannot_work_is_refused_in_words(client, fields, word):
    client.force_login(make_user("admin"))

    page = client.post(reverse("admin:complaints_macro_add"), MACRO | fields)

    assert word in str(page.context["adminform"].form.non_field_errors())
    assert not Macro.objects.exists()


def test_pages_about_a_notice_are_titled_by_what_it_tells(client):
    make_complaint()
    template = Template.objects.create(node="link", language="en", body="{link}")
    client.force_login(make_user("admin"))

    pages = [
        client.get(reverse(f"admin:complaints_{name}_{page}", args=[row.pk])).content.decode()
        for name, row in (("template", template), ("outbox", Outbox.objects.get()))
        for page in ("change", "history")
    ]

    titles = [re.search("<title>(.*?)</title>", page, re.S)[1] for page in pages]
    assert ["私密链接" in title for title in titles] == [True, True, False, False]
    assert ["收到投诉" in title for title in titles] == [False, False, True, True]
    assert not any("link –" in page or "acknowledged" in page for page in pages)


def test_saving_a_notice_says_which_by_its_words(client):
    client.force_login(make_user("admin"))
    words = {"node": "link", "language": "en", "subject": "Your link", "body": "{link}"}

    page = client.post(reverse("admin:complaints_template_add"), words, follow=True)

    assert "私密链接 – en – v1" in page.content.decode()


def test_a_notice_is_listed_by_what_it_tells(client):
    Template.objects.create(node="link", language="en", body="{link}")
    client.force_login(make_user("admin"))

    listed = client.get(list_url("template"), {"node": "link"}).context["cl"]

    assert [str(listed.model_admin.notice(row)) for row in listed.result_list] == ["私密链接"]
    assert client.get(list_url("template"), {"node": "reply"}).context["cl"].result_count == 0
