import pytest
from django.db import DatabaseError, connection, transaction

from accounts import services
from accounts.models import AccessLog
from foundation.exceptions import NotAllowedError, RefusedError
from tests.accounts.builders import make_person, make_person_with_app
from tests.factories import make_customer

pytestmark = pytest.mark.django_db
PHONE = "13800003898"


def reveal(by, *, field="phone", reason="call back", subject=None) -> str:
    return services.reveal_personal(subject or make_customer(phone=PHONE), field, by=by, reason=reason, network="192.0.2.1")


def test_revealing_shows_the_field_and_leaves_a_trace_without_it():
    customer, agent = make_customer(phone=PHONE), make_person("agent")

    assert reveal(agent, subject=customer) == PHONE

    row = AccessLog.objects.get()
    kept = (row.actor, row.act, row.subject_type, row.subject_id, row.field, row.reason, row.network)
    assert kept == (agent, "reveal", "orders.customer", customer.pk, "phone", "call back", "192.0.2.1")


@pytest.mark.parametrize("role", ["warehouse", "finance", "admin"])
def test_roles_without_the_right_see_nothing(role):
    with pytest.raises(NotAllowedError):
        reveal(make_person(role))

    assert not AccessLog.objects.exists()


@pytest.mark.parametrize("reason", ["", " ", "x"])
def test_a_reason_is_needed(reason):
    with pytest.raises(RefusedError):
        reveal(make_person("agent"), reason=reason)

    assert not AccessLog.objects.exists()


@pytest.mark.parametrize("field", ["external_id", "phone_index", "pk", "__class__", "merchant", ""])
def test_only_personal_fields_can_be_revealed(field):
    with pytest.raises(NotAllowedError):
        reveal(make_person("agent"), field=field)


def test_secrets_of_colleagues_cannot_be_revealed():
    with pytest.raises(NotAllowedError):
        reveal(make_person("agent"), field="totp_secret", subject=make_person_with_app("agent"))


def test_the_daily_limit_holds(settings):
    settings.BIHUAN_REVEALS_PER_DAY = 2
    agent, colleague = make_person("agent"), make_person("agent")
    reveal(agent)
    reveal(agent)

    with pytest.raises(RefusedError):
        reveal(agent)

    assert reveal(colleague) == PHONE
    assert AccessLog.objects.count() == 3


def test_many_reveals_are_an_alarm_in_the_log(settings, caplog):
    settings.BIHUAN_REVEALS_PER_DAY = 5
    agent = make_person("agent")
    for _number in range(4):
        reveal(agent)

    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert PHONE not in caplog.text


@pytest.mark.parametrize("statement", ["UPDATE {} SET reason = ''", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_trace_cannot_be_changed_or_removed(statement):
    reveal(make_person("agent"))

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format("accounts_accesslog"))
