import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import services
from accounts.models import AccessLog, AuthorityLimit, RoleGrant, Skill, Team, User
from tests.accounts.builders import make_person
from tests.factories import make_team

pytestmark = pytest.mark.django_db
USERS = "/admin/accounts/user/"


@pytest.fixture
def admin(client):
    client.user = make_person("admin")
    client.force_login(client.user)
    return client


@pytest.fixture
def lead(client):
    client.user = make_person("lead")
    client.user.memberships.create(team=make_team(), is_lead=True)
    client.force_login(client.user)
    return client


def account(user, **changes) -> dict:
    """What the form of an account sends, with its empty inlines."""
    blocks = {f"{name}-{part}": 0 for name in ("memberships", "skills", "presence") for part in ("TOTAL_FORMS", "INITIAL_FORMS")}
    return {"name": user.name, "email": user.email, "language": user.language, "roles": sorted(user.role_names), **blocks, **changes}


def test_administrator_makes_an_account_with_a_role(admin):
    blocks = {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}

    fields = {"username": "neu", "name": "新同事", "email": "", "language": "zh-hans", "roles": ["agent"]}
    answer = admin.post(f"{USERS}add/", fields | blocks)

    assert answer.status_code == 302
    user = User.objects.get(username="neu")
    assert (user.role_names, user.is_staff, user.has_usable_password()) == ({"agent"}, True, False)


def test_administrator_asks_for_a_powerful_role(admin):
    make_person("admin")
    user = make_person("agent")

    admin.post(f"{USERS}{user.pk}/change/", account(user, roles=["agent", "finance"]))

    assert User.objects.get(pk=user.pk).role_names == {"agent"}
    assert RoleGrant.objects.get().role == "finance"


def test_administrator_confirms_what_another_one_asked_for(admin):
    user = make_person("agent")
    (grant,) = services.set_roles(user, ["agent", "finance"], by=make_person("admin"))

    admin.post("/admin/accounts/rolegrant/", {"action": "confirm", "_selected_action": [grant.pk]})

    assert User.objects.get(pk=user.pk).role_names == {"agent", "finance"}


def test_administrator_cannot_change_the_own_roles(admin):
    user = admin.user

    admin.post(f"{USERS}{user.pk}/change/", account(user, roles=["admin", "agent"]))

    assert User.objects.get(pk=user.pk).role_names == {"admin"}


def test_forged_fields_of_an_account_change_nothing(admin):
    user = make_person("agent")
    forged = {"is_superuser": "on", "is_staff": "", "password": "x", "groups": ["1"], "session_epoch": "9", "username": "boss"}

    admin.post(f"{USERS}{user.pk}/change/", account(user, **forged))

    fields = ("username", "is_superuser", "password", "session_epoch")
    assert User.objects.values_list(*fields).get(pk=user.pk) == tuple(getattr(user, name) for name in fields)


def test_closing_accounts_leaves_the_own_one_open(admin):
    user = make_person("agent")

    admin.post(USERS, {"action": "deactivate", "_selected_action": [user.pk, admin.user.pk]})

    open_ones = set(User.objects.filter(is_active=True).values_list("pk", flat=True))
    assert open_ones == {admin.user.pk}


def test_lead_sees_the_own_team_only(lead):
    mate, stranger = make_person("agent"), make_person("agent")
    mate.memberships.create(team=make_team())

    page = lead.get(USERS).content.decode()

    assert mate.username in page and stranger.username not in page
    assert lead.get(f"{USERS}{stranger.pk}/change/").status_code == 302
    assert lead.get(f"{USERS}{mate.pk}/change/").status_code == 200


def test_lead_sets_skills_but_neither_roles_nor_address(lead):
    mate = make_person("agent", email="a@shop.example")
    mate.memberships.create(team=make_team())
    skill = Skill.objects.create(code="logistics", name_zh="物流", name_en="Delivery")
    new_skill = {"skills-TOTAL_FORMS": 1, "skills-0-skill": skill.pk, "skills-0-level": 3, "skills-0-user": mate.pk}

    lead.post(f"{USERS}{mate.pk}/change/", account(mate, email="mine@evil.example", roles=["admin"], **new_skill))

    mate = User.objects.get(pk=mate.pk)
    assert (mate.email, mate.role_names) == ("a@shop.example", {"agent"})
    assert [(own.skill, own.level) for own in mate.skills.all()] == [(skill, 3)]


def test_lead_has_no_actions_on_accounts(lead):
    mate = make_person("agent")
    mate.memberships.create(team=make_team())

    lead.post(USERS, {"action": "deactivate", "_selected_action": [mate.pk]})

    assert User.objects.get(pk=mate.pk).is_active


@pytest.mark.parametrize("role", ["agent", "warehouse", "finance"])
@pytest.mark.parametrize("path", ["user", "team", "skill", "authoritylimit", "accesslog", "rolegrant"])
def test_configuration_is_closed_to_other_roles(client, role, path):
    client.force_login(make_person(role))

    assert client.get(f"/admin/accounts/{path}/").status_code == 403
    assert client.post(f"/admin/accounts/{path}/add/", {}).status_code == 403


FOREIGN = [
    "password__startswith=a",
    "groups__name=admin",
    "totp_secret__isnull=1",
    "is_active__regex=1",
    "email__contains=a",
    "nonsense=1",
    "_connector=OR",
]


@pytest.mark.parametrize("query", FOREIGN)
def test_lists_refuse_filters_that_are_not_theirs(admin, query):
    assert admin.get(f"{USERS}?{query}").status_code == 400


def test_lists_take_their_own_filters(admin):
    assert admin.get(f"{USERS}?is_active__exact=1&q=a&o=1").status_code == 200


def test_order_of_a_list_does_not_tell_what_a_column_hides(admin):
    first, second = make_person("agent", name="一"), make_person("agent", name="二")
    User.objects.filter(pk=first.pk).update(is_active=False)
    names = [first.username, second.username]

    orders = {direction: order_on_page(admin.get(f"{USERS}?o={direction}4"), names) for direction in ("", "-")}

    assert orders[""] == orders["-"]


def order_on_page(answer, names) -> list:
    page = answer.content.decode()
    return sorted(names, key=page.index)


@pytest.mark.parametrize("path", ["user", "team", "skill", "accesslog"])
def test_nothing_is_deleted(admin, path):
    admin_pages = {"user": make_person("agent"), "team": make_team(), "skill": Skill.objects.create(code="a", name_zh="a", name_en="a")}
    agent = make_person("agent")
    admin_pages["accesslog"] = services.record_access(AccessLog.Act.DOWNLOAD, agent, by=agent)
    row = admin_pages[path]

    assert admin.post(f"/admin/accounts/{path}/{row.pk}/delete/", {"post": "yes"}).status_code == 403
    admin.post(f"/admin/accounts/{path}/", {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})

    assert type(row).objects.filter(pk=row.pk).exists()


def test_access_log_is_read_and_never_written(admin):
    row = services.record_access(AccessLog.Act.DOWNLOAD, admin.user, by=admin.user, reason="why")

    assert "why" in admin.get("/admin/accounts/accesslog/").content.decode()
    assert admin.post(f"/admin/accounts/accesslog/{row.pk}/change/", {"reason": "x"}).status_code == 403
    assert admin.post("/admin/accounts/accesslog/add/", {"reason": "x"}).status_code == 403


def test_limit_is_added_and_never_changed(admin):
    fields = {"role": "agent", "scope": "order", "window": "", "limit_fen": "5000", "version": "9"}

    assert admin.post("/admin/accounts/authoritylimit/add/", fields).status_code == 302
    row = AuthorityLimit.objects.get()
    assert admin.post("/admin/accounts/authoritylimit/add/", fields | {"limit_fen": "6000"}).status_code == 302
    assert list(AuthorityLimit.objects.order_by("version").values_list("version", "limit_fen")) == [(1, 5000), (2, 6000)]
    assert admin.post(f"/admin/accounts/authoritylimit/{row.pk}/change/", fields | {"limit_fen": "9"}).status_code == 403


def test_team_is_made_and_renamed_but_keeps_its_code(admin):
    admin.post("/admin/accounts/team/add/", {"code": "quality", "name_zh": "质检", "name_en": "Quality", "is_active": "on"})
    team = Team.objects.get(code="quality")

    admin.post(f"/admin/accounts/team/{team.pk}/change/", {"code": "other", "name_zh": "质量", "name_en": "Quality", "is_active": "on"})

    team.refresh_from_db()
    assert (team.code, team.name_zh) == ("quality", "质量")


@pytest.mark.parametrize("path", ["user", "team", "skill", "authoritylimit", "accesslog", "rolegrant"])
def test_every_list_of_an_administrator_opens(admin, path):
    assert admin.get(f"/admin/accounts/{path}/").status_code == 200


def test_user_list_asks_the_same_for_one_row_and_for_three(admin):
    with CaptureQueriesContext(connection) as one:
        admin.get(USERS)
    for _number in range(3):
        make_person("agent")
    with CaptureQueriesContext(connection) as more:
        admin.get(USERS)

    assert len(more) == len(one)
