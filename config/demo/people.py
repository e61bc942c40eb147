"""Customers and staff of the demo shop."""

from datetime import timedelta
from functools import lru_cache

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from accounts import roles
from accounts.models import AgentSkill, Membership, Presence, Skill, Team, User
from config.demo_logins import DEMO_LOGINS, DEMO_PASSWORD
from foundation.crypto import blind_index
from orders.models import Customer, Merchant, MerchantMember, Warehouse, WarehouseMember

from .corpus import person, words
from .plan import Plan, Tables

TEAM_GROUPS = (
    ("logistics", "after_sales"),
    ("after_sales", "quality"),
    ("finance_desk", "operations", "privacy"),
    ("service_quality", "members", "triage"),
)
LEADERS = {roles.LEAD: "周明", roles.WAREHOUSE: "韩冰", roles.FINANCE: "钱多", roles.MANAGER: "沈静", roles.ADMIN: "顾平"}


@lru_cache(maxsize=40_000)
def index_of(value: str, purpose: str) -> str:
    """The blind index of a value; the same people come up again and again."""
    return blind_index(value, purpose=purpose)


def write_customers(plan: Plan, tables: Tables, numbers: range) -> None:
    """The customers with these numbers."""
    table = tables[Customer]
    for number in numbers:
        who = person(plan.seed, number)
        table.add(
            id=plan.customer_id(number),
            merchant_id=plan.merchant_id,
            external_id=f"U{number:08}",
            name=who.name,
            phone=who.phone,
            phone_index=index_of(who.phone, "phone"),
            phone_tail_index=index_of(who.phone[-4:], "phone_tail"),
            email=who.email,
            email_index=index_of(who.email, "email"),
            language=who.language,
            tier=who.tier,
            city=who.city.name,
            since=plan.now - timedelta(days=plan.days * (1 - number / plan.customers) + 30),
            synced_at=plan.now,
        )


# Whoever tries the shop answers for all their absent colleagues, and still has room for somebody who wants to talk.
ROOM_OF_LOGIN = 400


def add_staff(merchant: Merchant, warehouses: list[Warehouse], *, agents: list[tuple[str, str]]) -> None:
    """One login per role with the public demo password, and colleagues who cannot log in; rows that exist stay."""
    password = make_password(DEMO_PASSWORD)
    teams = {team.code: team for team in Team.objects.all()}
    for place, (username, name) in enumerate(agents):
        own = TEAM_GROUPS[place % len(TEAM_GROUPS)] if username not in DEMO_LOGINS else teams
        add_user(username, name, roles.AGENT, merchant, password, [teams[code] for code in own if code in teams])
    for username, login in DEMO_LOGINS.items():
        if login.role in LEADERS:
            own = teams.values() if login.role in (roles.LEAD, roles.MANAGER) else []
            user = add_user(username, LEADERS[login.role], login.role, merchant, password, own)
            if login.role == roles.WAREHOUSE:
                WarehouseMember.objects.bulk_create(
                    [WarehouseMember(warehouse=each, user=user) for each in warehouses], ignore_conflicts=True
                )
    add_skills()


def agent_names(count: int) -> list[tuple[str, str]]:
    """The agents with names of their own, and as many more as the work needs."""
    more = [(f"agent{number:03}", person(0, number).name) for number in range(count - len(words()["agents"]))]
    return [*map(tuple, words()["agents"]), *more]


def add_user(username: str, name: str, role: str, merchant: Merchant, password: str, teams) -> User:
    """A member of the shop with a role and teams."""
    fields = {"name": name, "email": f"{username}@example.com", "password": password if username in DEMO_LOGINS else make_password(None)}
    user, is_new = User.objects.get_or_create(username=username, defaults=fields)
    if is_new:
        user.groups.add(Group.objects.get_or_create(name=role)[0])
        is_lead = role in (roles.LEAD, roles.MANAGER)
        Membership.objects.bulk_create([Membership(team=team, user=user, is_lead=is_lead) for team in teams])
        capacity = ROOM_OF_LOGIN if username in DEMO_LOGINS else Presence._meta.get_field("capacity").default
        Presence.objects.get_or_create(user=user, defaults={"capacity": capacity})
    if role != roles.ADMIN:
        MerchantMember.objects.get_or_create(merchant=merchant, user=user)
    return user


def add_skills() -> None:
    """Everybody in the quality team masters its skills; so does the agent who can log in."""
    agents = User.objects.filter(groups__name=roles.AGENT)
    skilled = agents.filter(teams__code="quality") | agents.filter(username__in=DEMO_LOGINS)
    rows = [AgentSkill(user=user, skill=skill, level=4) for user in skilled.distinct() for skill in Skill.objects.all()]
    AgentSkill.objects.bulk_create(rows, ignore_conflicts=True)
