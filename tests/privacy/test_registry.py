"""Every field of every table has a class, and the record in docs/ says what the registry says."""

from dataclasses import replace

from django.apps import apps
from django.conf import settings
from django.core.management import call_command

from config.personal import TABLES, TARGET, describe_registry
from foundation.crypto import EncryptedTextField
from foundation.personal import Kind, find_gaps
from orders import personal as orders
from orders.models import Customer


def customers(**changes):
    table = next(table for table in orders.TABLES if table.label == "orders.Customer")
    return replace(table, **changes)


def test_every_field_has_a_class():
    assert find_gaps(apps.get_models(include_auto_created=True), TABLES) == []


def test_a_field_that_nobody_classified_is_found():
    assert find_gaps([Customer], [customers(identity="")]) == ["orders.Customer.external_id has no class"]
    assert "orders.Customer.phone has no class" in find_gaps([Customer], [])


def test_a_field_that_is_gone_or_listed_twice_is_found():
    twice = customers(identity="external_id phone", content="fax")

    assert find_gaps([Customer], [twice]) == ["orders.Customer.fax is not there", "orders.Customer.phone has two classes"]
    assert find_gaps([], [customers()]) == ["orders.Customer is not there"]


def test_whatever_is_encrypted_counts_as_personal():
    kinds = {(table.label, name): kind for table in TABLES for kind in Kind for name in table.fields(kind)}
    encrypted = [
        (model._meta.label, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, EncryptedTextField)
    ]

    assert encrypted
    assert [each for each in encrypted if kinds[each] == Kind.NONE] == []


def test_the_record_is_current():
    assert (settings.BASE_DIR / TARGET).read_text(encoding="utf-8") == describe_registry(), "run manage.py privacy_record --write"


def test_the_command_prints_the_record(capsys):
    call_command("privacy_record")

    assert "| contact | `name` (encrypted), `phone` (encrypted)" in capsys.readouterr().out
