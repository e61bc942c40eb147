import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import IntegrityError, transaction

from accounts import roles, services
from accounts.models import RoleGrant, User
from foundation.exceptions import NotAllowedError, RefusedError
from tests.accounts.builders import make_person

pytestmark = pytest.mark.django_db


def roles_of(user) -> frozenset:
    return User.objects.get(pk=user.pk).role_names


def test_administrator_gives_an_ordinary_role_at_once():
    admin, user = make_person("admin"), make_person()

    assert services.set_roles(user, ["agent"], by=admin) == []
    assert roles_of(user) == {"agent"}


@pytest.mark.parametrize("role", ["agent", "lead", "warehouse", "finance", "manager"])
def test_nobody_but_administrators_gives_roles(role):
    user = make_person()

    with pytest.raises(NotAllowedError):
        services.set_roles(user, ["agent"], by=make_person(role))

    assert roles_of(user) == frozenset()


def test_nobody_changes_the_own_roles():
    admin = make_person("admin")

    with pytest.raises(NotAllowedError):
        services.set_roles(admin, ["admin", "agent"], by=admin)

    assert roles_of(admin) == {"admin"}


@pytest.mark.parametrize("role", sorted(roles.CONFIRMED_BY_ANOTHER))
def test_powerful_role_waits_for_a_second_administrator(role):
    first, second, user = make_person("admin"), make_person("admin"), make_person()

    (grant,) = services.set_roles(user, [role], by=first)

    assert roles_of(user) == frozenset()
    services.decide_grant(grant, accept=True, by=second)
    assert roles_of(user) == {role}


def test_powerful_role_that_was_turned_down_is_not_given():
    first, second, user = make_person("admin"), make_person("admin"), make_person("agent")
    (grant,) = services.set_roles(user, ["agent", "finance"], by=first)

    services.decide_grant(grant, accept=False, by=second)

    assert roles_of(user) == {"agent"}


def test_whoever_asked_cannot_confirm():
    admin, user = make_person("admin"), make_person()
    make_person("admin")
    (grant,) = services.set_roles(user, ["finance"], by=admin)

    with pytest.raises(NotAllowedError):
        services.decide_grant(grant, accept=True, by=admin)

    assert roles_of(user) == frozenset()


def test_whoever_receives_cannot_confirm():
    first, second = make_person("admin"), make_person("admin")
    (grant,) = services.set_roles(second, ["admin", "finance"], by=first)

    with pytest.raises(NotAllowedError):
        services.decide_grant(grant, accept=True, by=second)

    assert roles_of(second) == {"admin"}


def test_the_table_itself_refuses_a_confirmation_by_the_asker():
    admin, user = make_person("admin"), make_person()
    (grant,) = services.set_roles(user, ["finance"], by=admin)

    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.filter(pk=grant.pk).update(decided_by=admin)


def test_a_decision_is_final():
    first, second, user = make_person("admin"), make_person("admin"), make_person()
    (grant,) = services.set_roles(user, ["finance"], by=first)
    services.decide_grant(grant, accept=False, by=second)

    with pytest.raises(RefusedError):
        services.decide_grant(grant, accept=True, by=second)


def test_asking_twice_leaves_one_open_wish():
    first, user = make_person("admin"), make_person()
    make_person("admin")

    services.set_roles(user, ["finance"], by=first)
    services.set_roles(user, ["finance"], by=first)

    assert RoleGrant.objects.filter(user=user, decided_at=None).count() == 1


def test_taking_the_wish_back_removes_it():
    first, user = make_person("admin"), make_person()
    make_person("admin")
    services.set_roles(user, ["finance"], by=first)

    services.set_roles(user, [], by=first)

    assert RoleGrant.objects.filter(user=user, decided_at=None).count() == 0


def test_a_single_administrator_may_appoint_the_second_one_alone():
    only, user = make_person("admin"), make_person()

    services.set_roles(user, ["admin"], by=only)

    assert roles_of(user) == {"admin"}


def test_a_role_is_taken_at_once():
    first, user = make_person("admin"), make_person("finance")

    services.set_roles(user, [], by=first)

    assert roles_of(user) == frozenset()


@pytest.mark.parametrize("role", ["integration", "root"])
def test_roles_of_machines_and_unknown_ones_are_refused(role):
    with pytest.raises(RefusedError):
        services.set_roles(make_person(), [role], by=make_person("admin"))


def test_nobody_closes_the_own_account():
    admin = make_person("admin")

    with pytest.raises(NotAllowedError):
        services.deactivate_user(admin, by=admin)

    assert User.objects.get(pk=admin.pk).is_active


def test_closed_account_may_do_nothing():
    user = services.deactivate_user(make_person("agent"), by=None)

    assert not user.has_perm("complaints.use_desk")
    assert user.get_all_permissions() == set()


def test_superuser_is_an_administrator_and_sees_no_complaints():
    user = make_person()
    User.objects.filter(pk=user.pk).update(is_superuser=True)
    user = User.objects.get(pk=user.pk)

    assert user.get_all_permissions() == roles.PERMISSIONS["admin"]
    assert not user.has_perm("complaints.use_desk")


def test_group_of_another_name_gives_nothing():
    user = make_person()
    user.groups.add(Group.objects.create(name="friends"))

    assert roles_of(user) == frozenset()


def test_setup_roles_makes_the_groups_equal_to_the_table():
    Group.objects.create(name="agent")
    call_command("setup_roles", verbosity=0)
    stray = Group.objects.get(name="admin").permissions.first()
    Group.objects.get(name="warehouse").permissions.add(stray)

    call_command("setup_roles", verbosity=0)

    assert {group.name: permissions_of(group) for group in Group.objects.all()} == roles.PERMISSIONS


def permissions_of(group) -> frozenset:
    return frozenset(f"{app}.{code}" for app, code in group.permissions.values_list("content_type__app_label", "codename"))
