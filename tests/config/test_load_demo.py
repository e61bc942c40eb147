import io
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts import roles
from accounts.calendars import forget_calendars
from accounts.models import Team, User
from complaints import access
from complaints.assignment.load import weight_of
from complaints.intake.rematch import rematch_orders
from complaints.lifecycle import LIVE, Status
from complaints.models import AgentLoad, ClockRun, Complaint, Event, EventFeed, FilingConsent, FollowUp, Message, Outbox, Survey
from complaints.numbers import parse_number
from complaints.privacy_notice import current_notice
from complaints.services import post_customer_message, post_reply, resolve_complaint
from complaints.services.invitations import codes_of
from complaints.sla.policies import forget_policies
from config import SETUP_COMMANDS
from config.clock_invariants import CLOCK_FAULTS
from config.demo import load as demo
from config.demo.chain import Chain, frame
from config.demo.copying import Table
from config.demo.corpus import chance
from config.demo.indexes import put_aside
from config.demo.plan import MODELS, Tables
from config.demo.plots import TODAY, filing_time
from config.demo_logins import DEMO_LOGINS, standing_demo_logins
from foundation.events import GENESIS, chain_hash, find_break, payload_digest
from orders.access import find_orders, orders_of
from orders.models import Merchant, Order, OrderEvent, OrderFeed, Payment, Shipment

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
QUIET = {"verbosity": 0, "stdout": io.StringIO(), "stderr": io.StringIO()}


def load_shop(*, orders=60, complaints=40, seed=1, now=NOW):
    call_command("load_demo", orders=orders, complaints=complaints, seed=seed, now=now.isoformat(), **QUIET)


def picture(**options):
    """What a shop looks like to people, without numbers that the database gave; leaves nothing behind."""
    with transaction.atomic():
        load_shop(**options)
        seen = (
            list(Order.objects.order_by("pk").values_list("number", "placed_at", "delivered_at", "receiver_name", "customer__phone")),
            list(Complaint.objects.order_by("pk").values_list("number", "status", "filed_at", "contact_name", "contact_email", "due_at")),
            list(Message.objects.order_by("pk").values_list("body", "created_at", "author__username")),
            list(Event.objects.order_by("pk").values_list("kind", "at")),
            sorted(Outbox.objects.values_list("key", "node", "next_at")),
        )
        transaction.set_rollback(True)
    forget_policies()
    forget_calendars()
    return seen


@pytest.fixture
def shop():
    load_shop()


def test_the_same_seed_and_moment_give_the_same_shop():
    assert picture() == picture()


def test_another_seed_gives_another_shop():
    first, second = picture(), picture(seed=2)

    assert all(one != other for one, other in zip(first, second, strict=True))


def test_there_is_a_complaint_in_every_state(shop):
    found = Counter(Complaint.objects.values_list("status", flat=True))

    assert found.keys() == set(Status.values)
    assert (Order.objects.count(), sum(found.values())) == (60, 40)
    assert Complaint.objects.filter(cycle=2, status=Status.OPEN).exists()
    assert Complaint.objects.filter(order=None).exists()
    assert set(Complaint.objects.values_list("outcome", flat=True)) == {"", "solved", "declined"}


def test_surveys_say_in_events_what_stands_in_their_rows():
    load_shop(orders=150, complaints=120)
    surveys = {survey.pk: survey for survey in Survey.objects.all()}
    told: dict[int, list[str]] = {}
    for event in Event.objects.filter(kind__startswith="survey.").order_by("complaint_id", "seq"):
        survey = surveys[event.codes["survey"]]
        assert event.codes.items() >= codes_of(survey).items()
        told.setdefault(survey.pk, []).append(event.kind.removeprefix("survey."))

    assert {survey.scale for survey in surveys.values()} == {"csat", "ces", "nps"}
    assert told.keys() == surveys.keys()
    for pk, survey in surveys.items():
        facts = {
            "suppressed": survey.suppressed_by,
            "invited": not survey.suppressed_by,
            "delivered": survey.delivered_at,
            "answered": survey.answered_at,
            "expired": survey.expired_at,
        }
        assert sorted(told[pk]) == sorted(kind for kind, fact in facts.items() if fact)
        assert survey.answered_at is None or survey.answered_at >= survey.delivered_at
        assert all(moment is None or moment <= NOW for moment in (survey.delivered_at, survey.answered_at, survey.expired_at))


def test_what_is_told_comes_in_the_order_in_which_it_happened():
    load_shop(orders=150, complaints=120)

    for complaint in Complaint.objects.all():
        told = complaint.events.filter(kind__regex="^(survey|status|cycle|message)")
        moments = list(told.order_by("seq").values_list("at", flat=True))
        assert moments == sorted(moments)


@pytest.mark.parametrize(("subjects", "lean"), [(Complaint, False), (Order, False), (Complaint, True), (Order, True)])
def test_every_chain_verifies(subjects, lean):
    if lean:
        load_lean()
    else:
        load_shop()

    rows = list(subjects.objects.all())
    breaks = [find_break(row.events.order_by("seq"), head_seq=row.head_seq, head_hash=row.head_hash) for row in rows]

    assert rows
    assert not any(breaks)
    assert all(row.head_seq > 0 for row in rows)


def test_the_feeds_hold_every_event_once(shop):
    assert list(EventFeed.objects.order_by("pos").values_list("event_id")) == list(Event.objects.order_by("pk").values_list("pk"))
    assert list(OrderFeed.objects.order_by("pos").values_list("event_id")) == list(OrderEvent.objects.order_by("pk").values_list("pk"))


def test_old_orders_are_not_searched_for_complaints_again(shop):
    assert rematch_orders() == 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nothing_happens_before_its_cause_or_after_the_present(seed):
    load_shop(seed=seed, orders=100, complaints=100)
    for order in Order.objects.all():
        times = [at for at in (order.placed_at, order.paid_at, order.shipped_at, order.delivered_at, order.confirmed_at) if at]
        assert times == sorted(times)
        assert times[-1] <= NOW
    for complaint in Complaint.objects.select_related("order"):
        # A clock's own events carry its deadline, whenever it was noticed.
        moments = list(complaint.events.exclude(kind__startswith="clock.").order_by("seq").values_list("at", flat=True))
        assert moments == sorted(moments)
        assert moments[0] == complaint.filed_at
        assert moments[-1] <= NOW
        assert complaint.order is None or complaint.order.placed_at < complaint.filed_at


def test_rows_agree_with_the_rules_of_the_services(shop):
    for complaint in Complaint.objects.select_related("category"):
        assert parse_number(complaint.number) == complaint.number
        runs = complaint.clock_runs.filter(ended_at__isnull=True, due_at__isnull=False)
        owed = [*runs.values_list("due_at", flat=True), *filter(None, [complaint.timer_at])]
        assert complaint.status not in LIVE or complaint.due_at == min(owed)
        assert (complaint.status == Status.MERGED) == (complaint.merged_into_id is not None)
        assert complaint.needs_reply == (complaint.unanswered_since is not None)
    held = Counter()
    for complaint in Complaint.objects.filter(status__in=LIVE, assignee__isnull=False).select_related("category"):
        held[complaint.assignee_id] += weight_of(complaint)
    assert dict(AgentLoad.objects.values_list("user_id", "used")) == held


def test_a_complaint_is_answered_only_by_members_of_its_team(shop):
    for complaint in Complaint.objects.filter(assignee__isnull=False):
        assert complaint.team.memberships.filter(user=complaint.assignee).exists()


def test_waiting_complaints_stand_in_the_queue(shop):
    unassigned = Complaint.objects.filter(status=Status.NEW, assignee=None)

    assert unassigned.exists()
    assert all(complaint.assignment_requests.filter(state="waiting").count() == 1 for complaint in unassigned)


def test_every_complaint_keeps_the_notice_that_was_given(shop):
    kept = FilingConsent.objects.values_list("complaint", "version", "language", "text_digest", "channel", "way", "at")
    notices = {language: current_notice(language) for language in ("zh-hans", "en")}

    assert sorted(kept) == sorted(
        (each.pk, notices[each.language].version, each.language, notices[each.language].digest, each.channel, "shown", each.filed_at)
        for each in Complaint.objects.all()
    )


def test_money_adds_up(shop):
    for order in Order.objects.prefetch_related("lines", "payments"):
        assert sum(line.paid_fen for line in order.lines.all()) == order.total_fen
        assert [payment.amount_fen for payment in order.payments.all()] == [order.total_fen]
    assert Payment.objects.count() == Order.objects.count()


def test_every_role_has_a_login_that_works(shop, settings):
    assert standing_demo_logins() == list(DEMO_LOGINS)
    people = {user.username: user for user in User.objects.all()}
    assert {name: people[name].role_names for name in DEMO_LOGINS} == {name: {login.role} for name, login in DEMO_LOGINS.items()}
    others = [user for name, user in people.items() if name not in DEMO_LOGINS]
    assert others
    assert not any(user.has_usable_password() for user in others)


def test_every_team_has_somebody_besides_the_login(shop):
    agents = User.objects.filter(groups__name=roles.AGENT).exclude(username__in=DEMO_LOGINS)

    assert set(agents.values_list("memberships__team__code", flat=True)) == set(Team.objects.values_list("code", flat=True))


def test_everybody_sees_what_their_role_shows(shop):
    agent = User.objects.get(username="lin.agent")
    code = Order.objects.first().number

    assert access.visible_to(agent).count() == Complaint.objects.count()
    assert [order.number for order in find_orders(orders_of(Merchant.objects.get()), code)] == [code]
    assert User.objects.filter(groups__name=roles.AGENT, memberships__isnull=True).count() == 0


def test_the_services_go_on_where_the_demo_ends():
    load_shop(now=timezone.now())
    complaint = Complaint.objects.filter(status=Status.OPEN, assignee__isnull=False).first()

    post_reply(complaint, body="今天送达。", by=complaint.assignee, expected_version=None)
    post_customer_message(complaint, body="收到货了吗？我还没看到。")
    post_reply(complaint, body="刚刚送到前台了。", by=complaint.assignee, expected_version=None)
    resolve_complaint(
        complaint, resolution="已送达。", reason_code="x", liability={"carrier": 100}, by=complaint.assignee, expected_version=None
    )

    complaint = Complaint.objects.get(pk=complaint.pk)
    assert complaint.status == Status.RESOLVED
    assert find_break(complaint.events.order_by("seq"), head_seq=complaint.head_seq, head_hash=complaint.head_hash) is None


def test_it_goes_into_an_empty_house_only(shop):
    call_command("load_demo", only_if_empty=True, **QUIET)
    assert Order.objects.count() == 60

    with pytest.raises(CommandError, match="empty"):
        load_shop()


@pytest.mark.parametrize(
    "wrong", [{"orders": 0}, {"complaints": -1}, {"orders": 10**9}, {"now": "yesterday"}, {"now": "2026-03-04T10:00:00"}]
)
def test_impossible_wishes_are_refused(wrong):
    with pytest.raises(CommandError):
        call_command("load_demo", **wrong, **QUIET)

    assert not Order.objects.exists()


def load_lean(orders=60, complaints=40):
    """A small piece of a large shop, in this process."""
    plan = lean_plan(orders, complaints)
    demo.write_piece(plan, "customers", range(plan.customers))
    written = demo.write_piece(plan, "orders", range(plan.orders))
    assert written == orders + complaints


def indexes():
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema() ORDER BY indexname")
        return cursor.fetchall()


def test_indexes_that_are_put_aside_come_back_even_after_an_error():
    before = indexes()

    with pytest.raises(ZeroDivisionError), put_aside():
        during = indexes()
        1 / 0  # noqa: B018

    assert len(during) < len(before)
    assert indexes() == before


def lean_plan(orders=60, complaints=40):
    for command in SETUP_COMMANDS:
        call_command(command, **QUIET)
    return replace(demo.make_plan(orders=orders, complaints=complaints, seed=1, now=NOW), is_lean=True)


def test_rows_of_a_large_shop_point_at_rows_that_exist():
    load_lean()
    for model in MODELS:
        for field in model._meta.concrete_fields:
            if field.is_relation:
                with connection.cursor() as cursor:
                    parent = field.related_model._meta.db_table
                    cursor.execute(
                        f"SELECT count(*) FROM {model._meta.db_table} child WHERE child.{field.column} IS NOT NULL"
                        f" AND NOT EXISTS (SELECT 1 FROM {parent} parent WHERE parent.id = child.{field.column})"
                    )
                    assert (model.__name__, field.name, cursor.fetchone()[0]) == (model.__name__, field.name, 0)


def test_the_complaints_of_a_large_shop_lie_where_their_orders_do():
    plan = replace(lean_plan(), orders=10**6, complaints=10**6, days=730)
    luck = chance(1, "complaint", 1)

    for plot in ("closed", "withdrawn", "merged", "spam"):
        placed_at, filed_at = filing_time(plan, 1000, plot, NOW - timedelta(days=700), luck)
        assert NOW - timedelta(days=690) > filed_at > placed_at > NOW - timedelta(days=701)
    for plot in TODAY:
        placed_at, filed_at = filing_time(plan, 10**6 - 1000, plot, NOW - timedelta(days=10), luck)
        assert NOW - timedelta(days=9) < filed_at < NOW
        assert placed_at < filed_at


@pytest.mark.parametrize(("orders", "complaints"), [(10, 30), (30, 7), (5, 0), (1, 1)])
def test_any_proportion_of_orders_and_complaints_can_be_had(orders, complaints):
    load_shop(orders=orders, complaints=complaints)

    assert (Order.objects.count(), Complaint.objects.count()) == (orders, complaints)


def test_the_next_order_gets_a_number_of_its_own(shop):
    order = Order.objects.first()
    order.pk, order.external_id = None, "new"
    order.save(force_insert=True)

    assert order.pk > Order.objects.exclude(pk=order.pk).latest("pk").pk


def test_every_answer_of_the_small_shop_took_some_minutes(shop):
    spent = Event.objects.filter(kind="effort.recorded").values_list("codes", flat=True)
    answers = Message.objects.filter(author_kind="human", kind="public").count()

    assert len(spent) == answers > 0
    assert all(0 < codes["active_ms"] == codes["to"] - codes["from"] <= 10.2 * 60_000 for codes in spent)


def test_the_quick_chain_makes_the_same_hashes_as_the_slow_one(shop):
    tables = Tables()
    chain = Chain(tables[OrderEvent], 7, 1)
    codes, payload, at = {"b": 1, "a": ["甲", None, True]}, {"body": '一\\\n\t"二"'}, NOW + timedelta(microseconds=5)

    chain.add("x.done", at, codes, payload=payload, actor=3)

    cells = tables[OrderEvent].rows[0].split("\t")
    salt, digest = (bytes.fromhex(cell.removeprefix("\\\\x")) for cell in cells[9:11])
    assert digest == payload_digest(salt, payload)
    assert chain.hash == chain_hash(GENESIS, 1, "x.done", at, "human:3", codes, digest)
    assert frame(b"ab") == b"\0\0\0\0\0\0\0\2ab"


def test_texts_survive_the_way_into_the_table():
    text = "a\tb\\n\r\n\\N “引号” \U0001f600"
    load_shop(orders=1, complaints=1)
    message = Message.objects.first()
    table = Table(Message)
    fields = ("complaint_id", "kind", "author_kind", "language", "created_at")
    table.add(id=10**9, body=text, **{name: getattr(message, name) for name in fields})
    table.flush()

    assert Message.objects.get(pk=10**9).body == text
    assert Shipment.objects.count() == 1


def test_some_results_are_called_about_and_some_calls_are_done():
    load_shop(orders=150, complaints=120)

    calls = FollowUp.objects.filter(callback_kind=FollowUp.Callback.AFTER_RESOLUTION)

    assert calls.filter(outcome=FollowUp.Outcome.REACHED_OK).exists()
    assert calls.filter(done_at=None, owner__isnull=False).exists()
    assert not calls.filter(owner=F("complaint__resolved_by")).exists()


def test_what_is_over_has_kept_or_missed_its_promises(shop):
    ended = Complaint.objects.filter(status=Status.CLOSED)
    runs = ClockRun.objects.filter(complaint__in=ended, kind__in=("first", "resolution"), cycle=1)

    assert runs.count() == 2 * ended.count()
    assert runs.filter(ended_at__isnull=True).count() == 0
    assert set(runs.values_list("state", flat=True)) == {"met", "missed"}


def test_clocks_of_the_small_shop_agree_with_their_events(shop):
    with connection.cursor() as cursor:
        cursor.execute(CLOCK_FAULTS, {"late": 10**9})
        assert cursor.fetchall() == []
