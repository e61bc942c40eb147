"""The house keeps its own rules, and each rule is shown a line that it lets pass and one that it stops."""

import re
from functools import cache

import pytest

from tests import house_rules as rules
from tests.house_rules import FLOORS, ROOT, Module

RULES = [
    rules.imports_upward,
    rules.is_too_long,
    rules.queries_in_a_view,
    rules.publishes_to_celery,
    rules.schedules_far_ahead,
    rules.trusts_markup,
    rules.reads_a_naive_clock,
    rules.counts_money_in_floats,
    rules.opens_csrf,
    rules.uses_banned_words,
    rules.names_vaguely,
    rules.feeds_requests_to_the_orm,
    rules.hears_of_saving,
    rules.fetches_by_itself,
]
# rule, path, a line that passes, a line that is stopped
SAMPLES = [
    (rules.imports_upward, "orders/services.py", "from accounts.models import User", "from complaints.models import Complaint"),
    (rules.imports_upward, "ui/forms.py", "from ui import icons", "def load():\n    import accounts.models"),
    (rules.imports_upward, "orders/models/order.py", 'm.ForeignKey("accounts.Team")', 'm.ForeignKey("complaints.Complaint")'),
    (rules.imports_upward, "orders/models/order.py", 'm.ForeignKey("Merchant")', 'm.ManyToManyField(to="workflows.Case")'),
    (rules.imports_upward, "accounts/migrations/0001_x.py", 'dependencies = [("auth", "0001")]', 'dependencies = [("orders", "0001_x")]'),
    (rules.is_too_long, "ui/money.py", "x = 1\n" * 400, "x = 1\n" * 401),
    (rules.queries_in_a_view, "complaints/portal/tracker.py", "complaint_for(user)", "Complaint.objects.get(pk=1)"),
    (rules.queries_in_a_view, "complaints/desk/labels.py", "def teams(): Team.objects", "def teams(request): Team.objects"),
    (rules.queries_in_a_view, "accounts/admin.py", "super().get_queryset(request)", "Customer._default_manager.all()"),
    (rules.publishes_to_celery, "complaints/services/filing.py", 'hint("complaints.assign")', "assign.delay(1)"),
    (rules.publishes_to_celery, "complaints/tasks.py", "relay()", "relay.apply_async()"),
    (rules.schedules_far_ahead, "foundation/hints.py", "f(when=1)", "f(countdown=30)"),
    (rules.trusts_markup, "complaints/portal/tracker.py", "format_html('<b>{}</b>', x)", "mark_safe(x)"),
    (rules.reads_a_naive_clock, "orders/services.py", "timezone.now()", "datetime.now()"),
    (rules.reads_a_naive_clock, "orders/services.py", "datetime.now(UTC)", "date.today()"),
    (rules.counts_money_in_floats, "orders/services.py", "float(seconds)", "float(row.amount_fen)"),
    (rules.counts_money_in_floats, "orders/services.py", "price: int = 1", "price: float = 1"),
    (rules.counts_money_in_floats, "orders/models/order.py", "weight = m.FloatField()", "paid_fen = m.FloatField()"),
    (rules.opens_csrf, "complaints/portal/filing.py", "csrf_protect(view)", "csrf_exempt(view)"),
    (rules.uses_banned_words, "orders/tokens.py", "def issue_token(): ...", "def open_issue(): ..."),
    (rules.uses_banned_words, "complaints/forms.py", "complaint = 1", "ticket_id = 1"),
    (rules.names_vaguely, "orders/services.py", "def match_order(): ...", "def order_helper(): ..."),
    (rules.names_vaguely, "orders/services.py", "x = 1", "class DataManager: ..."),
    (rules.feeds_requests_to_the_orm, "orders/api.py", "f(**cleaned)", "f(**request.GET)"),
    (rules.feeds_requests_to_the_orm, "orders/api.py", "rows.filter(a=1)", "rows.extra(where=[])"),
    (rules.hears_of_saving, "orders/receivers.py", "from orders.signals import x", "from django.db.models.signals import post_save"),
    (rules.fetches_by_itself, "complaints/channels/mail.py", "import smtplib", "import urllib.request"),
]
TEMPLATE_OFFENCES = re.compile(r"\|\s*safe\b|\{%\s*autoescape\s+off|\sstyle=|\son[a-z]+=\"|<script(?![^>]*\bsrc=)(?![^>]*application/json)")


@cache
def house_modules() -> list[Module]:
    paths = sorted(path for floor in FLOORS for path in (ROOT / floor).rglob("*.py"))
    return [Module(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in paths]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_the_rule(rule):
    written = [module for module in house_modules() if rule is rules.imports_upward or "/migrations/" not in module.path]

    assert [f"{module.path}: {offence}" for module in written for offence in rule(module)] == []


@pytest.mark.parametrize(("rule", "path", "good", "bad"), SAMPLES)
def test_the_rule_tells_good_from_bad(rule, path, good, bad):
    assert list(rule(Module(path, good))) == []
    assert len(list(rule(Module(path, bad)))) == 1


def test_every_rule_has_a_sample():
    assert {rule for rule, *_ in SAMPLES} == set(RULES)


def test_tests_stay_readable():
    paths = [path for path in (ROOT / "tests").rglob("*.py") if len(path.read_text(encoding="utf-8").splitlines()) > 400]

    assert paths == []


def test_templates_hold_no_inline_script_style_or_trusted_markup():
    offences = {
        f"{path.relative_to(ROOT)}: {found[0].strip()}"
        for path in (ROOT / "templates").rglob("*.html")
        for found in TEMPLATE_OFFENCES.finditer(path.read_text(encoding="utf-8"))
    }

    assert offences == set()


@pytest.mark.parametrize(
    ("line", "is_offence"),
    [
        ('<script src="/static/js/public.js" type="module"></script>', False),
        ('<script type="application/json" id="values">{}</script>', False),
        ("<script>alert(1)</script>", True),
        ('<p style="color:red">', True),
        ('<a onclick="x()">', True),
        ("{{ text|safe }}", True),
        ("{% autoescape off %}", True),
        ('<rect width="62%" class="bar"/>', False),
    ],
)
def test_the_template_rule_tells_good_from_bad(line, is_offence):
    assert bool(TEMPLATE_OFFENCES.search(line)) == is_offence
