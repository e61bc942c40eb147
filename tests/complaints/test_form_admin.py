"""Publishing a form: a new version each time, errors at their place, a preview in both languages, old versions as they were."""

import json
import re

import pytest
from django.urls import reverse

from complaints.intake.catalogue import catalogue, forget_catalogue
from complaints.intake.publishing import publish_form
from complaints.intake.question_rules import as_text
from complaints.models import Form
from foundation.exceptions import NotAllowedError, RefusedError
from tests.factories import make_category, make_complaint, make_merchant, make_user

pytestmark = pytest.mark.django_db

COLOUR = {"key": "colour", "type": "text", "label_zh": "什么颜色", "label_en": "Which colour", "required": True}
A = {"code": "a", "zh": "甲", "en": "A"}
ADD = "admin:complaints_form_add"


@pytest.fixture
def first() -> Form:
    return make_category().forms.get()


@pytest.fixture
def manager(client):
    user = make_user("manager")
    client.force_login(user)
    return user


def written(questions, **more) -> dict:
    text = questions if isinstance(questions, str) else json.dumps(questions, ensure_ascii=False)
    return {"fields": text, "evidence_zh": "", "evidence_en": "", "seen": "1"} | more


def begin_with(client, form: Form, answers: dict, **more):
    return client.post(f"{reverse(ADD)}?from={form.pk}", answers | more)


def errors_of(answer) -> str:
    return str(answer.context["adminform"].form.errors)


def test_a_change_is_a_new_version_and_the_old_one_stays(client, manager, first):
    filed = make_complaint()

    answer = begin_with(client, first, written([COLOUR], asks_lines="on", evidence_zh="外箱", evidence_en="the box"))

    newest = Form.objects.get(version=2)
    assert answer["Location"] == reverse("admin:complaints_form_change", args=[newest.pk])
    assert (newest.category, newest.fields, newest.asks_lines, newest.evidence_en) == (first.category, [COLOUR], True, "the box")
    assert Form.objects.get(version=1).fields == [] and filed.form_id == first.pk


def test_the_page_begins_with_the_version_it_was_opened_from(client, manager, first):
    Form.objects.filter(pk=first.pk).update(fields=[COLOUR])

    form = client.get(f"{reverse(ADD)}?from={first.pk}").context["adminform"].form

    assert json.loads(form["fields"].value()) == [COLOUR]
    assert (form["category"].value(), form["seen"].value()) == (first.category_id, 1)


def test_questions_are_written_in_the_order_of_the_example():
    shuffled = {"options": [{"zh": "甲", "en": "A", "code": "a"}], **dict(reversed(COLOUR.items()))}

    lines = re.findall(r'"(\w+)":', as_text([shuffled]))

    assert lines == [*COLOUR, "options", *A]


def test_the_category_cannot_be_exchanged(client, manager, first):
    other = make_category("service.other")

    begin_with(client, first, written([COLOUR], category=other.pk))

    assert Form.objects.get(version=2).category == first.category


def test_a_category_without_a_form_gets_its_first_one(client, manager, first):
    bare = make_category("service.other")
    bare.forms.all().delete()

    offered = client.get(reverse(ADD)).context["adminform"].form.fields["category"].queryset
    client.post(reverse(ADD), written([COLOUR], category=bare.pk, seen=""))

    assert list(offered) == [] and bare.forms.get().version == 1


@pytest.mark.parametrize(
    ("questions", "place"),
    [
        ('[{"key": "a"', "第 1 行"),
        ("[" * 30_000, "嵌套"),
        ({"key": "a"}, "[ ]"),
        ([1], "1: "),
        ([COLOUR, COLOUR | {"key": "Größe"}], "2 › key: "),
        ([COLOUR, COLOUR], "2 › key: “colour”"),
        ([COLOUR | {"type": "colour"}], "1 › type: "),
        ([COLOUR | {"label_en": ""}], "1 › label_en: "),
        ([COLOUR | {"label_zh": "a\u202eb"}], "1 › label_zh: "),
        ([COLOUR | {"label_zh": "a\x00b"}], "1 › label_zh: "),
        ([COLOUR | {"hint_zh": "长" * 121}], "1 › hint_zh: "),
        ([COLOUR | {"hint_zh": ["x"]}], "1 › hint_zh: "),
        ([COLOUR | {"required": "yes"}], "1 › required: "),
        ([COLOUR | {"colour": 1}], "1 › colour: "),
        ([COLOUR | {"options": [{}]}], "1 › options: "),
        ([COLOUR | {"type": "choice"}], "1 › options: "),
        ([COLOUR | {"type": "choice", "options": [A, {"code": "b", "zh": "乙"}]}], "1 › options › 2 › en: "),
        ([COLOUR | {"type": "choice", "options": [A, A]}], "1 › options › 2 › code: “a”"),
        ([COLOUR | {"key": f"k{n}"} for n in range(21)], "20"),
    ],
)
def test_what_is_wrong_is_said_at_its_place_and_nothing_typed_is_lost(client, manager, first, questions, place):
    answer = begin_with(client, first, written(questions))

    assert place in answer.context["adminform"].form.errors["fields"].as_text()
    assert answer.context["adminform"].form["fields"].value() == written(questions)["fields"]
    assert Form.objects.count() == 1


def test_an_empty_request_is_an_error_not_a_crash(client, manager, first):
    assert client.post(reverse(ADD)).context["adminform"].form.errors.keys() == {"category"}


def test_photos_are_named_in_both_languages_or_in_none(client, manager, first):
    answer = begin_with(client, first, written([COLOUR], evidence_zh="外箱"))

    assert "中文" in errors_of(answer) and Form.objects.count() == 1


def test_a_key_never_changes_its_type(client, manager, first):
    publish_form(first.category, content=content([COLOUR]), by=None, expected_version=1)
    publish_form(first.category, content=content([]), by=None, expected_version=2)

    answer = begin_with(client, first, written([COLOUR | {"type": "money"}], seen="3"))

    assert "colour" in errors_of(answer) and Form.objects.count() == 3


def test_two_who_publish_at_once_do_not_overwrite_each_other(client, manager, first):
    publish_form(first.category, content=content([COLOUR]), by=None, expected_version=1)

    answer = begin_with(client, first, written([COLOUR | {"label_zh": "哪种颜色"}]))

    assert "另一版本" in errors_of(answer) and Form.objects.count() == 2
    with pytest.raises(RefusedError):
        publish_form(first.category, content=content([]), by=None, expected_version=1)


def test_what_changes_nothing_is_no_version(client, manager, first):
    assert "最新版本" in errors_of(begin_with(client, first, written([])))
    assert Form.objects.count() == 1


def test_the_preview_shows_both_languages_and_publishes_nothing(client, manager, first):
    answer = begin_with(client, first, written([COLOUR], asks_lines="on", evidence_zh="外箱", evidence_en="the box", _preview="1"))

    chinese, english = (each["html"] for each in answer.context["previews"])
    assert "什么颜色" in chinese and "哪些商品" in chinese and "外箱" in chinese and "Which colour" not in chinese
    assert "Which colour" in english and "Which goods?" in english and "the box" in english
    assert Form.objects.count() == 1
    assert answer.context["adminform"].form["fields"].value() == written([COLOUR])["fields"]


def test_what_does_not_hold_has_errors_and_no_preview(client, manager, first):
    answer = begin_with(client, first, written([{}], _preview="1"))

    assert answer.context["previews"] == [] and "1 › key: " in errors_of(answer)


def test_versions_say_which_is_current_and_how_many_were_filed(client, manager, first):
    make_complaint()
    make_complaint()
    publish_form(first.category, content=content([COLOUR]), by=None, expected_version=1)

    listed = client.get(reverse("admin:complaints_form_changelist")).context["cl"]

    assert [(row.version, listed.model_admin.is_current(row), row.uses) for row in listed.result_list] == [(2, True, 0), (1, False, 2)]


@pytest.mark.parametrize(("role", "may"), [("agent", False), ("lead", False), ("manager", True), ("admin", True)])
def test_agents_read_and_managers_publish(client, first, role, may):
    client.force_login(make_user(role))

    page = client.get(reverse("admin:complaints_form_change", args=[first.pk]))
    begun = begin_with(client, first, written([COLOUR]))

    assert page.status_code == 200 and ("?from=" in page.content.decode()) == may
    assert (begun.status_code, Form.objects.count()) == ((302, 2) if may else (403, 1))


@pytest.mark.parametrize("role", ["manager", "admin"])
def test_nobody_changes_or_deletes_a_version(client, first, role):
    client.force_login(make_user(role))

    for page in ("change", "delete"):
        url = reverse(f"admin:complaints_form_{page}", args=[first.pk])
        assert client.post(url, written([COLOUR], post="yes")).status_code == 403
    assert Form.objects.get().fields == []


def test_the_service_asks_who_publishes(first):
    with pytest.raises(NotAllowedError):
        publish_form(first.category, content=content([COLOUR]), by=make_user("lead"), expected_version=1)


def test_a_version_that_does_not_exist_is_an_empty_page(client, manager, first):
    for number in ("0", "abc", "9" * 30, "²"):
        assert client.get(reverse(ADD), {"from": number}).context["adminform"].form.source is None


def test_the_next_visitor_is_asked_the_new_questions(first, django_capture_on_commit_callbacks):
    make_merchant()
    forget_catalogue()
    before = catalogue().forms[first.category.code]

    with django_capture_on_commit_callbacks(execute=True):
        publish_form(first.category, content=content([COLOUR]), by=None, expected_version=1)

    assert (before.version, catalogue().forms[first.category.code].version) == (1, 2)
    forget_catalogue()


def content(questions) -> dict:
    return {"fields": questions, "asks_lines": False, "evidence_zh": "", "evidence_en": ""}
