"""Writes the demo shop: first the customers, then orders with their complaints, in pieces that several processes share."""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import django
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max

from accounts import roles
from accounts.models import User
from complaints.assignment.load import weight_of
from complaints.intake.rematch import CONSUMER as REMATCH
from complaints.lifecycle import LIVE
from complaints.models import AgentLoad, Category, Complaint, ComplaintCursor, Event, EventFeed, Form, Tag
from complaints.search.indexing import CONSUMER as SEARCH
from config.demo_logins import DEMO_LOGINS
from orders.models import Carrier, Merchant, OrderEvent, OrderFeed, Warehouse
from orders.services import Row, add_carriers, upsert_warehouses

from .calls import add_calls
from .corpus import chance, words
from .indexes import put_aside
from .orders import OrderWriter
from .people import TEAM_GROUPS, add_staff, agent_names, write_customers
from .plan import CHUNK, LEAN_FROM, MODELS, Plan, Tables, Topic
from .plots import LIVE_SHARE, SMALL, choose_plot, choose_topic, fate_of, filing_time, tell_story
from .promises import start_clocks
from .readings import add_readings
from .surveys import alarm_leads

SMALL_DAYS, LONG_DAYS, LONG_FROM = 84, 730, 5_000
PROCESSES = 2
TAGGED_SHARE = 10
PER_AGENT = 20


def make_plan(*, orders: int, complaints: int, seed: int, now: datetime) -> Plan:
    """Prepare shop, couriers, warehouses and staff, and note around which rows the rest is built."""
    merchant = Merchant.objects.order_by("id").first()
    played = {"tracker": Carrier.Tracker.DEMO}
    add_carriers(
        [Row(code, {"name_zh": zh, "name_en": en, "phone": phone, **played}) for code, zh, en, phone, *_rest in words()["carriers"]]
    )
    upsert_warehouses(merchant, [Row(code, {"name": name}) for code, name, *_rest in words()["warehouses"]])
    warehouses = list(Warehouse.objects.filter(merchant=merchant, code__in=[place[0] for place in words()["warehouses"]]))
    by_code = {place.code: place.pk for place in warehouses}
    agents = agent_names(round(complaints * LIVE_SHARE / PER_AGENT) if complaints >= SMALL else 0)
    add_staff(merchant, warehouses, agents=agents)
    return Plan(
        seed=seed,
        orders=orders,
        complaints=complaints,
        now=now.astimezone(UTC).replace(microsecond=0),
        days=LONG_DAYS if orders >= LONG_FROM else SMALL_DAYS,
        merchant_id=merchant.pk,
        carriers=dict(Carrier.objects.values_list("code", "id")),
        warehouses=[by_code[place[0]] for place in words()["warehouses"]],
        topics=_topics(),
        agents=_agents([username for username, _name in agents]),
        names=dict(User.objects.values_list("id", "name")),
        base={model._meta.db_table: model._base_manager.aggregate(top=Max("pk"))["top"] or 0 for model in MODELS},
        sends_mail=not settings.HAS_SMTP,
        is_lean=orders >= LEAN_FROM,
    )


def load(plan: Plan, *, progress: Callable[[int, int], None] = lambda done, total: None) -> None:
    """Write everything the plan asks for; large plans with two processes. Ends with sequences, feeds and loads set right."""
    pieces = [range(start, min(start + CHUNK, plan.orders)) for start in range(0, plan.orders, CHUNK)]
    work = [("customers", piece) for piece in _pieces_of(plan.customers)], [("orders", piece) for piece in pieces]
    total, done = plan.customers + plan.orders + plan.complaints, 0
    with put_aside() if plan.is_lean else nullcontext():
        for stage in work:
            for count in _run(plan, stage):
                done += count
                progress(min(done, total - 1), total)
    _finish(plan)
    progress(total, total)


def write_piece(plan: Plan, kind: str, numbers: range) -> int:
    """One piece of work in one transaction; returns how many customers, or orders and complaints, it wrote."""
    tables = Tables()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        if plan.is_lean:
            _spare_checks(cursor)
        if kind == "customers":
            write_customers(plan, tables, numbers)
            count = len(numbers)
        else:
            count = write_orders(plan, tables, numbers)
        tables.flush()
    return count


def write_orders(plan: Plan, tables: Tables, numbers: range) -> int:
    """Orders, and the complaints about them; returns how many rows of both."""
    writer, before, written = OrderWriter(plan, tables), None, 0
    for number in numbers:
        complaints = plan.complaints_of(number)
        if not complaints:
            writer.write(number, placed_at=None, filed_at=None, fate="")
            continue
        first = complaints[0]
        plot, topic, luck = choose_plot(plan, first), choose_topic(plan, first), chance(plan.seed, "complaint", first)
        guess = plan.seasons.moment((number + 0.5) / plan.orders, luck)
        placed_at, filed_at = filing_time(plan, first, plot, guess, luck)
        order = writer.write(number, placed_at=placed_at, filed_at=filed_at, fate=fate_of(topic) if plot != "merged" else "delivered")
        for complaint in complaints:
            if complaint != first:
                plot, luck = choose_plot(plan, complaint), chance(plan.seed, "complaint", complaint)
            joined = before if plot == "merged" else None
            before = tell_story(plan, tables, complaint, luck, plot=plot, order=order, filed_at=filed_at, joined=joined)
            written += 1
    return len(numbers) + written


def _run(plan: Plan, work: list[tuple[str, range]]) -> Iterator[int]:
    """Do the pieces one after the other, or at a large volume in several processes of their own."""
    if not plan.is_lean:
        yield from (write_piece(plan, kind, numbers) for kind, numbers in work)
        return
    # Fresh processes: a forked one would share this one's connection.
    with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn"), initializer=django.setup) as pool:
        waiting = [pool.submit(write_piece, plan, kind, numbers) for kind, numbers in work]
        for piece in as_completed(waiting):
            yield piece.result()


def _pieces_of(count: int) -> list[range]:
    return [range(start, min(start + CHUNK * 4, count)) for start in range(0, count, CHUNK * 4)]


def _spare_checks(cursor) -> None:
    """Rows point at rows that this very plan writes, so an owner who may do so leaves out the look-up of each of them."""
    cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    if cursor.fetchone()[0]:
        cursor.execute("SET LOCAL session_replication_role = replica")


def _finish(plan: Plan) -> None:
    _set_sequences()
    start_clocks(plan)
    add_calls(plan)
    add_readings(plan)
    if not plan.is_lean:
        alarm_leads(plan.base["complaints_complaint"], plan.now)
    with connection.cursor() as cursor:
        for event, feed, subject in ((OrderEvent, OrderFeed, "order_id"), (Event, EventFeed, "complaint_id")):
            names = {"feed": feed._meta.db_table, "event": event._meta.db_table, "subject": subject}
            cursor.execute(FEED.format(**names), [plan.base[event._meta.db_table]])
            cursor.execute(PENDING.format(pending=event.pending_model._meta.db_table), [plan.base[event._meta.db_table]])
    _pass_over_feed()
    _add_tags(plan)
    _add_loads(plan)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _set_sequences() -> None:
    with connection.cursor() as cursor:
        for model in MODELS:
            table = model._meta.db_table
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), GREATEST((SELECT MAX(id) FROM {table}), 1))")  # noqa: S608


FEED = "INSERT INTO {feed} (event_id, subject_id, kind) SELECT id, {subject}, kind FROM {event} WHERE id > %s ORDER BY id"


PENDING = "DELETE FROM {pending} WHERE event_id > %s"


def _pass_over_feed() -> None:
    """Nobody need read old news: the demo's complaints are matched already, and ``complaint_search_fill`` makes all of them findable."""
    for consumer, feed in ((REMATCH, OrderFeed), (SEARCH, EventFeed)):
        end = feed.objects.aggregate(end=Max("pos"))["end"] or 0
        ComplaintCursor.objects.update_or_create(consumer=consumer, feed=feed._meta.label_lower, defaults={"pos": end})


def _add_tags(plan: Plan) -> None:
    """A few labels on the newest complaints."""
    tags = [Tag.objects.get_or_create(name=name)[0] for name in words()["tags"]]
    newest = range(plan.complaints - 1, max(-1, plan.complaints - 2000), -1)
    ids = [plan.complaint_id(number) for number in newest if number % TAGGED_SHARE == 0]
    link = Complaint.tags.through
    link.objects.bulk_create([link(complaint_id=pk, tag=tags[pk % len(tags)]) for pk in ids], ignore_conflicts=True)


def _add_loads(plan: Plan) -> None:
    """How much work each agent holds, counted as the services count it."""
    held: dict[int, int] = {}
    live = Complaint.objects.filter(status__in=LIVE, assignee__isnull=False).select_related("category", "customer")
    fields = ("assignee_id", "status", "priority", "category__skill_level", "customer__is_green")
    for complaint in live.only(*fields).iterator(chunk_size=5000):
        held[complaint.assignee_id] = held.get(complaint.assignee_id, 0) + weight_of(complaint)
    rows = [AgentLoad(user_id=user_id, used=used, last_assigned_at=plan.now - timedelta(minutes=5)) for user_id, used in held.items()]
    AgentLoad.objects.bulk_create(rows, update_conflicts=True, unique_fields=["user"], update_fields=["used", "last_assigned_at"])


def _topics() -> dict[str, Topic]:
    forms = {form.category_id: form for form in Form.objects.order_by("version")}
    return {
        each.code: Topic(
            id=each.pk, code=each.code, form_id=forms[each.pk].pk, form_version=forms[each.pk].version, team_id=each.team_id,
            priority=each.priority, promise_hours=each.promise_hours, asks_lines=forms[each.pk].asks_lines, fields=forms[each.pk].fields,
        )
        for each in Category.objects.all()
    }  # fmt: skip


def _agents(usernames: list[str]) -> dict[int, list[int]]:
    """Who answers for each team. The agent who can log in is in every team; among many colleagues only the first team counts."""
    members: dict[int, list[int]] = {}
    people = User.objects.filter(username__in=usernames, groups__name=roles.AGENT).order_by("id")
    for user_id, username, team_id, code in people.values_list("id", "username", "memberships__team", "memberships__team__code"):
        if username not in DEMO_LOGINS or len(usernames) == len(words()["agents"]) or code == TEAM_GROUPS[0][0]:
            members.setdefault(team_id, []).append(user_id)
    return members
