"""Side doors of the stock admin: actions, inlines, pop-ups, look-ups and sorting that a forged request names."""

import pytest
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import models

from accounts.models import AccessLog, RoleGrant
from accounts.services import record_access, set_roles
from complaints.intake.drafts import save_draft
from complaints.models import Outbox
from foundation.crypto import EncryptedTextField
from tests.factories import make_user
from tests.security.house import STAFF, House
from tests.security.test_a27_forged_fields import rows_of_everything
from tests.security.visitors import status

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
MODELS = [model for model, _admin in sorted(admin.site._registry.items(), key=lambda pair: pair[0]._meta.label)]
SECRET_WORDS = ("password", "secret", "digest", "index", "totp", "token", "hash", "salt")


@pytest.fixture
def house(db):
    house = House()
    record_access(AccessLog.Act.DOWNLOAD, house.users["agent"], by=house.users["agent"])
    set_roles(house.users["agent"], ["agent", "finance"], by=house.users["admin"])
    save_draft("draft", {"description": "x"})
    return house


def path_of(model: type[models.Model]) -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/"


def everything(house: House) -> tuple:
    return rows_of_everything(), sorted(Outbox.objects.values_list("pk", "state")), list(RoleGrant.objects.values_list("is_accepted"))


def actions_of(model: type[models.Model]) -> set[str]:
    return {"delete_selected"} | {getattr(each, "__name__", each) for each in admin.site._registry[model].actions or ()}


@pytest.mark.parametrize("role", [name for name in STAFF if name not in ("admin", "manager", "rival", "lead")])
def test_nobody_runs_an_action_from_a_list_that_is_not_theirs(house, role):
    before = everything(house)

    for model in MODELS:
        rows = list(model._default_manager.values_list("pk", flat=True)[:5])
        for name in actions_of(model):
            sent = {"action": name, ACTION_CHECKBOX_NAME: rows, "index": 0, "select_across": 1, "post": "yes"}
            house.client(role).post(path_of(model), sent)

    assert everything(house) == before


@pytest.mark.parametrize("role", STAFF)
def test_nobody_deletes_from_a_list_or_a_page(house, role):
    counts = {model: model._default_manager.count() for model in MODELS}
    for model in MODELS:
        rows = list(model._default_manager.values_list("pk", flat=True)[:5])
        sent = {"action": "delete_selected", ACTION_CHECKBOX_NAME: rows, "post": "yes"}
        house.client(role).post(path_of(model), sent)
        for row in rows[:1]:
            assert house.client(role).post(f"{path_of(model)}{row}/delete/?_popup=1", {"post": "yes"}).status_code in (302, 403, 404)

    assert {model: model._default_manager.count() for model in MODELS} == counts
    assert sum(counts.values()) > 30


@pytest.mark.parametrize("role", STAFF)
def test_no_list_is_edited_as_a_table(house, role):
    """CVE-2026-4292's class: a list without editable columns takes a forged set of forms."""
    before = everything(house)

    for model in MODELS:
        row = model._default_manager.order_by("pk").first()
        names = [field.name for field in model._meta.concrete_fields]
        sent = {f"form-0-{name}": "1" for name in names} | {"form-0-id": getattr(row, "pk", 1), "_save": "1"}
        sent |= {f"form-{part}": 1 for part in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")}
        house.client(role).post(path_of(model), sent)

    assert everything(house) == before


@pytest.mark.parametrize("role", ["lead", "manager", "admin"])
def test_no_list_is_searched_filtered_or_opened_by_a_secret_column(house, role):
    opened = {}

    for model in MODELS:
        for name in hidden_columns(model):
            for query in (f"{name}__startswith=a", f"{name}__isnull=1", f"{name}__exact=a", f"{name}=a"):
                if status(house.client(role), f"{path_of(model)}?{query}") not in (400, 403):
                    opened[f"{model._meta.label}?{query}"] = role

    assert opened == {}


def hidden_columns(model: type[models.Model]) -> list[str]:
    """Secrets and personal fields, of the row itself and of those that it points to."""
    own = [each.name for each in model._meta.concrete_fields if is_hidden(each)]
    around = [each for each in model._meta.concrete_fields if each.is_relation]
    return own + [f"{each.name}__{far.name}" for each in around for far in each.related_model._meta.concrete_fields if is_hidden(far)]


def is_hidden(field: models.Field) -> bool:
    return isinstance(field, EncryptedTextField) or any(word in field.name for word in SECRET_WORDS)


def test_there_are_hidden_columns_to_look_for():
    assert sum(len(hidden_columns(model)) for model in MODELS) > 20
    assert sum("__" in name for model in MODELS for name in hidden_columns(model)) > 10


ODD_QUERIES = ("_to_field=password", "_to_field=totp_secret", "_to_field=digest", "_popup=1&_to_field=secret_links", "e=1", "p=-1",
               "p=99999999999",
               "o=99", "o=-99.x", "o=1.2.3.-4", "all=1", "q=%25%27%22%3B--", "is_active__exact=x", "id__in=1", "pk__regex=(a%2B)%2B%24",
               "user__customer__phone__startswith=1", "_connector=OR", "_negated=1", "_changelist_filters=x%3Dy")  # fmt: skip


@pytest.mark.parametrize("query", ODD_QUERIES)
def test_odd_queries_break_no_list_and_open_no_other_column(house, query):
    answers = {model._meta.label: status(house.client("admin"), f"{path_of(model)}?{query}") for model in MODELS}

    assert {label: found for label, found in answers.items() if found not in (200, 302, 400, 403)} == {}
    if query.startswith(("_to_field", "_connector", "_negated", "user__", "pk__")):
        assert 200 not in answers.values()


LOOK_UPS = [(model, field) for model in MODELS for field in model._meta.fields if field.is_relation]


@pytest.mark.parametrize("role", STAFF)
def test_look_ups_of_the_admin_show_no_more_than_its_lists(house, role):
    wrong = []

    for model, field in LOOK_UPS:
        place = {"app_label": model._meta.app_label, "model_name": model._meta.model_name, "field_name": field.name, "term": ""}
        answer = house.client(role).get("/admin/autocomplete/", place)
        listed = house.client(role).get(path_of(field.related_model))
        found = {int(row["id"]) for row in answer.json()["results"]} if answer.status_code == 200 else set()
        shown = set(listed.context["cl"].queryset.values_list("pk", flat=True)) if listed.status_code == 200 else set()
        if not found <= shown:
            wrong.append(f"{model._meta.label}.{field.name}")

    assert wrong == []


def test_look_ups_find_something_for_those_who_may(house):
    place = {"app_label": "complaints", "model_name": "complaint", "field_name": "merged_into", "term": house.own.number}

    found = [house.client(role).get("/admin/autocomplete/", place).json() for role in ("agent", "outsider")]

    assert [len(each["results"]) for each in found] == [1, 0]


def test_a_lead_opens_no_history_of_a_stranger(house):
    stranger = make_user("agent", teams=[house.other_team])

    found = status(house.client("lead"), f"/admin/accounts/user/{stranger.pk}/history/")

    assert found in (302, 403, 404)
