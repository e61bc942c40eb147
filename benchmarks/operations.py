"""What is measured: each operation prepares its cases first and then runs them one after the other."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.visitor import Visitor

AGENT, PASSWORD = "lin.agent", "bihuan-demo"  # noqa: S105 - the demo shop's public password
NETWORKS = random.Random(1)  # noqa: S311 - addresses of made-up visitors, so that the flood limit sees many
REPLY = "您好，已为您查到包裹，正在联系承运商加急，有进展马上告诉您。"


@dataclass
class Operation:
    """One row of the report. ``run`` does one case; ``limit`` is its bar at a million complaints, in CPU milliseconds."""

    name: str
    limit: float
    cases: list
    run: Callable[[object], None]
    notes: dict = field(default_factory=dict)


def make_operations(base_url: str, count: int) -> list[Operation]:
    """All operations with ``count`` cases each. Orders that an earlier run complained of are not drawn again. Needs Django to be set up."""
    chance = random.Random(last_id("complaints.Complaint"))  # noqa: S311 - a sample, no secret
    agent = log_in(base_url)
    orders = sample_orders(count, chance)
    numbers = sample_live_numbers(count, chance)
    return [
        Operation("filing, all five requests", 20, orders, lambda order: file_complaint(base_url, order)),
        Operation("queue page", 20, list(range(count)), lambda _: agent.get("/admin/desk/")),
        Operation("workspace", 15, numbers, lambda number: agent.get(f"/admin/desk/c/{number}/")),
        reply_operation(agent, sample_live_numbers(count, chance, of_agent=True)),
        Operation("search for an order", 20, [number for number, _ in orders], lambda number: search(agent, number)),
    ]


def file_complaint(base_url: str, order: tuple[str, str]) -> None:
    """A visitor without any cookie: form, its answer, check, its answer, receipt."""
    number, phone = order
    visitor = Visitor(base_url, network=".".join(str(part) for part in NETWORKS.choices(range(1, 250), k=4)))
    visitor.get("/file/")
    problem = {"category": "logistics.stalled", "wish": "reship", "order_text": number, "phone": phone, "description": "包裹五天没有动静。"}
    check = visitor.post("/file/", problem)
    visitor.get(check)
    details = {"draft": visitor.hidden("draft"), "phone": phone, "email": "", "name": "", "hours": ""}
    receipt = visitor.post(check, details)
    visitor.get(receipt)


def reply_operation(agent: Visitor, numbers: list[str]) -> Operation:
    """The POST alone. The page that an agent replies from is opened before, and is a row of its own."""
    forms = []

    def read_forms() -> list[tuple[str, dict]]:
        for number in numbers:
            agent.get(f"/admin/desk/c/{number}/")
            names = ("expected_version", "request_id", "seen", "snapshot")
            forms.append((number, {name: agent.hidden(name, after='data-composer-form="reply"') for name in names}))
        return forms

    def send(case: tuple[str, dict]) -> None:
        number, fields = case
        agent.post(f"/admin/desk/c/{number}/reply/", fields | {"body": REPLY, "then": "", "language_ok": "1"})

    return Operation("reply", 15, [], send, {"prepare": read_forms})


def search(agent: Visitor, order_number: str) -> None:
    """Most orders have one complaint or none; one leads straight to it."""
    try:
        agent.get(f"/admin/desk/search/?q={order_number}")
    except RuntimeError as error:
        if "answered 302" not in str(error):
            raise


def log_in(base_url: str) -> Visitor:
    agent = Visitor(base_url)
    agent.get("/admin/login/")
    agent.post("/admin/login/", {"username": AGENT, "password": PASSWORD})
    return agent


def last_id(model: str) -> int:
    from django.apps import apps

    return apps.get_model(model).objects.order_by("-pk").values_list("pk", flat=True)[0]


def sample_orders(count: int, chance: random.Random) -> list[tuple[str, str]]:
    """Order numbers with the phone that proves them, spread over the whole table."""
    from orders.models import Order

    last = last_id("orders.Order")
    wanted = chance.sample(range(1, last + 1), min(count * 2, last))
    rows = Order.objects.filter(pk__in=wanted).exclude(receiver_phone_index="")[:count]
    return [(order.number, order.receiver_phone) for order in rows]


def sample_live_numbers(count: int, chance: random.Random, *, of_agent: bool = False) -> list[str]:
    """Open complaints that the agent may see, or may answer as well because they are the agent's own."""
    from accounts.models import User
    from complaints.lifecycle import LIVE
    from complaints.models import Complaint

    agent = User.objects.get(username=AGENT)
    whose = {"assignee": agent} if of_agent else {"team__in": agent.team_ids}
    rows = Complaint.objects.filter(**whose, status__in=LIVE).order_by("due_at").values_list("number", flat=True)[: count * 5]
    return chance.sample(list(rows), min(count, len(rows)))
