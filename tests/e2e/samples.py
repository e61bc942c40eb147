"""Places of the demo shop that the cases of ``pages.py`` name in braces, and a customer who may open all of its complaints."""

import hashlib
import re
import secrets
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from config.demo_logins import DEMO_PASSWORD
from tests.e2e import returns, warehouse
from tests.e2e.hand import Hand
from tests.e2e.house import LANGUAGES, House
from tests.e2e.pages import MANAGER, NEWCOMER

LOG = Path(__file__).parent.parent / "analytics/imports/fixtures/desk.xes"
A_COMPLAINT_OF_EACH_STATUS = "SELECT DISTINCT ON (status) status, number FROM complaints_complaint ORDER BY status, {order}"

IS_ASKED = (
    "s.suppressed_by = '' AND s.expired_at IS NULL AND"
    " (s.answered_at > now() - interval '6 days' OR s.answered_at IS NULL AND s.expires_at > now() + interval '1 hour')"
)
ASKED = (
    "SELECT c.number FROM complaints_survey s JOIN complaints_complaint c ON c.id = s.complaint_id"
    f" WHERE {IS_ASKED} AND s.scale = %s ORDER BY c.id DESC"
)
ASK_HOW_EASY = f"""
    UPDATE complaints_survey SET scale = 'ces' WHERE id = (
        SELECT s.id FROM complaints_survey s JOIN complaints_complaint c ON c.id = s.complaint_id
        WHERE {IS_ASKED} AND s.scale = 'csat' AND c.number <> ALL(%s) ORDER BY c.id DESC LIMIT 1)
"""
OPEN_SPIKE = "SELECT id FROM analytics_spike WHERE state = 'open' AND folded_under_id IS NULL ORDER BY id LIMIT 1"
MAKE_SPIKE = """
from datetime import timedelta
from django.utils import timezone
from analytics.models import Spike
from complaints.models import Category
now, category = timezone.now(), Category.objects.get(code="logistics.stalled")
found = {"until": now, "count": 14, "median": 2, "phi": 1.1, "z": 6.2}
latest = {"latest_until": now, "latest_count": 14, "latest_z": 6.2}
history = [[(now - timedelta(weeks=week)).isoformat(), 2] for week in range(1, 9)]
about = {"kind": Spike.Kind.CATEGORY, "code": category.code, "team": category.team, "history": history}
Spike.objects.create(**about, **found, **latest, found_at=now, due_at=now + timedelta(hours=4))
"""
# Lists made into files, one in each state; the file of the first one is nowhere, because the page does not open it.
MAKE_FILES = """
from datetime import timedelta
from django.utils import timezone
from accounts.models import User
from analytics.models import ListExport
now, hour = timezone.now(), timedelta(hours=1)
query = "from=2026-01-01&to=2026-06-30&channel=web"
wish = {{"metric": "vol_new", "part": "arrived", "query": query, "name": "vol_new", "extension": "csv"}}
about = {{"asked_by": User.objects.get(username="{who}"), "reason": "月度复盘", "entry": 1, "row_count": 61234, **wish}}
states = [
    {{"state": "done", "ended_at": now, "byte_count": 4200000}},
    {{"state": "running", "done_count": 20000, "next_at": now + 24 * hour}},
    {{"state": "done", "ended_at": now - 30 * hour}},
    {{"state": "refused", "why": "too_long", "ended_at": now}},
]
for place, state in enumerate(states):
    ListExport.objects.create(key="{keys}" + str(place), **about, **state)
"""
ARTICLES = ("topic", "guide", "rule", "guide_id", "inside_id")
LAZY = (
    "order",
    "order_number",
    "password_link",
    "letter",
    "proof",
    "returned",
    "case",
    "parcel",
    "refund",
    "task",
    "newcomer",
    "eased",
    "asked",
    "spike",
    "proposed",
    "measured",
    "log",
    "made",
    *ARTICLES,
)
CASE_OF = "SELECT w.number FROM workflows_case w JOIN complaints_complaint c ON c.id = w.complaint_id WHERE c.number = %s"
PARCEL_OF = "SELECT max(l.parcel_id) FROM workflows_parcelcase l JOIN workflows_case w ON w.id = l.case_id WHERE w.number = %s"
REFUND_OF = "SELECT r.out_refund_no FROM workflows_refund r JOIN workflows_case w ON w.id = r.case_id WHERE w.number = %s"
TASK_OF = (
    "SELECT t.id FROM workflows_task t JOIN workflows_case w ON w.id = t.case_id"
    " WHERE w.number = %s AND t.role = 'warehouse' AND t.done_at IS NULL"
)
ARTICLE = (
    "SELECT {part} FROM knowledge_article a JOIN knowledge_articlecategory c ON c.id = a.category_id"
    " WHERE a.kind = '{kind}' AND a.audience = 'public' AND a.live_id IS NOT NULL AND a.outdated_at IS NULL ORDER BY a.id LIMIT 1"
)
MAKE_NEWCOMER = """
from django.contrib.auth.models import Group
from accounts.models import User
known = User.objects.filter(username="{name}").first()
user = known or User.objects.create_user("{name}", password="{password}", name="新来的", is_staff=True)
user.groups.set(Group.objects.filter(name="finance"))
"""


class Samples:
    """What stands in the demo shop. Nothing of it is changed but the links that the customer gets."""

    def __init__(self, house: House):
        self.house = house

    @cached_property
    def numbers(self) -> dict[str, str]:
        """One complaint of each status, by somebody with an address: with an open survey first, then such that the agent has open."""
        is_asked = (
            f"EXISTS (SELECT FROM complaints_survey s WHERE s.complaint_id = complaints_complaint.id AND s.scale = 'csat' AND {IS_ASKED})"
        )
        order = f"contact_email_index = '', {is_asked} DESC, assignee_id = 1 DESC NULLS LAST, id DESC"
        return dict(self.house.rows(A_COMPLAINT_OF_EACH_STATUS.format(order=order)))

    @cached_property
    def order(self) -> str:
        """A signed link to an order of several lines."""
        many = "SELECT order_id FROM orders_orderline GROUP BY order_id ORDER BY count(*) DESC, order_id LIMIT 1"
        return self.house.order_link(self.house.value(many))

    @cached_property
    def order_number(self) -> str:
        """An order that more than one complaint is about, so that looking for it lists them."""
        twice = "SELECT order_id FROM complaints_complaint WHERE order_id IS NOT NULL GROUP BY order_id HAVING count(*) > 1"
        return self.house.value(f"SELECT number FROM orders_order WHERE id IN ({twice}) ORDER BY id")

    @cached_property
    def password_link(self) -> str:
        """Where the mail for a forgotten password leads."""
        address = self.house.value("SELECT email FROM accounts_user WHERE username = %s", MANAGER)
        with self.house.visitor() as page:
            page.goto("/admin/password/")
            page.locator("[name=name]").fill(MANAGER)
            with page.expect_navigation():
                page.locator("[name=name]").press("Enter")
        return urlsplit(re.search(r"http\S+", self.house.wait_for_letter(address, "/admin/password/"))[0]).path

    @cached_property
    def letter(self) -> str:
        """The key of a mail in the local mailbox: the one of the forgotten password at least."""
        assert self.password_link
        folder = self.house.stack.data / "mailbox"
        return sorted(path.name.split(":")[0] for part in ("new", "cur") for path in (folder / part).iterdir())[-1]

    @cached_property
    def customer(self) -> dict:
        """The stored state of a browser that has opened the links of all sampled complaints."""
        with self.house.visitor() as page:
            for number in (*self.numbers.values(), self.returned, self.eased, self.asked):
                page.goto(f"/t/{self.make_link(number)}/")
            return page.context.storage_state()

    @cached_property
    def eased(self) -> str:
        """A complaint whose customer is asked how easy it was; the demo shop is too small to have one on every day."""
        if (known := self.house.value(ASKED, "ces")) is None:
            self.house.rows(ASK_HOW_EASY, list(self.numbers.values()))
        return known or self.house.value(ASKED, "ces")

    @cached_property
    def asked(self) -> str:
        """A complaint whose customer is asked about the shop."""
        return self.house.value(ASKED, "nps")

    @cached_property
    def spike(self) -> int:
        """A spike that nobody has explained; the demo shop is too small to have one on every day."""
        if (known := self.house.value(OPEN_SPIKE)) is None:
            done = self.house.stack.manage("shell", "-c", MAKE_SPIKE)
            assert done.returncode == 0, done.stderr
        return known or self.house.value(OPEN_SPIKE)

    @cached_property
    def proposed(self) -> int:
        return self.house.value("SELECT id FROM analytics_improvement WHERE state = 'proposed' ORDER BY id LIMIT 1")

    @cached_property
    def measured(self) -> int:
        return self.house.value("SELECT id FROM analytics_improvement WHERE state = 'measuring' ORDER BY id LIMIT 1")

    @cached_property
    def case(self) -> str:
        """The case of that complaint."""
        return self.house.value(CASE_OF, self.returned)

    @cached_property
    def parcel(self) -> int:
        """The parcel that this case waits for."""
        return self.house.value(PARCEL_OF, self.case)

    @cached_property
    def refund(self) -> str:
        """A refund that waits for a signature."""
        number, _waybill = warehouse.make_case(self.house)
        return self.house.value(REFUND_OF, number)

    @cached_property
    def newcomer(self) -> str:
        """Somebody of finance who has never logged in."""
        done = self.house.stack.manage("shell", "-c", MAKE_NEWCOMER.format(name=NEWCOMER, password=DEMO_PASSWORD))
        assert done.returncode == 0, done.stderr
        return NEWCOMER

    @cached_property
    def log(self) -> int:
        """The log of another help desk, with something odd in it."""
        newest = "SELECT max(id) FROM analytics_importedlog"
        if (known := self.house.value(newest)) is None:
            done = self.house.stack.manage("import_event_log", str(LOG))
            assert done.returncode == 0, done.stderr
        return known or self.house.value(newest)

    @cached_property
    def made(self) -> str:
        """The beginning of the keys of lists that the manager has had made into files."""
        keys = "00000000-0000-4000-8000-00000000000"
        if self.house.value("SELECT id FROM analytics_listexport LIMIT 1") is None:
            done = self.house.stack.manage("shell", "-c", MAKE_FILES.format(keys=keys, who=MANAGER))
            assert done.returncode == 0, done.stderr
        return keys

    @cached_property
    def returned(self) -> str:
        """A complaint whose customer has to send something back."""
        if known := self.house.value(returns.AWAITED):
            return known
        [(order_id, _number)] = returns.free_orders(self.house, 1)
        with self.house.visitor() as page:
            page.goto(f"/return/?order={self.house.order_link(order_id)}")
            returns.grant(self.house, returns.apply_from_order(Hand(page)))
        return self.house.value("SELECT number FROM complaints_complaint WHERE order_id = %s", order_id)

    @cached_property
    def task(self) -> int:
        """What the warehouse has to do about a parcel that was just scanned in."""
        number, waybill = warehouse.make_case(self.house, pieces=2)
        with self.house.staff(warehouse.PACKER, size="phone") as page:
            warehouse.open_screen(page)
            warehouse.fire(page, waybill)
            warehouse.wait_until_sent(page)
        return self.house.value(TASK_OF, number)

    @cached_property
    def topic(self) -> str:
        """A category of the help centre that has something to read."""
        return self.house.value(ARTICLE.format(part="c.code", kind="guide"))

    @cached_property
    def guide(self) -> str:
        return self.house.value(ARTICLE.format(part="a.code", kind="guide"))

    @cached_property
    def guide_id(self) -> int:
        return self.house.value(ARTICLE.format(part="a.id", kind="guide"))

    @cached_property
    def inside_id(self) -> int:
        """An article that only the staff may read."""
        return self.house.value("SELECT id FROM knowledge_article WHERE audience = 'internal' AND live_id IS NOT NULL ORDER BY id LIMIT 1")

    @cached_property
    def rule(self) -> str:
        return self.house.value(ARTICLE.format(part="a.code", kind="rule"))

    @cached_property
    def proof(self) -> str:
        """A link as it is mailed to somebody who wants to see personal data."""
        return self.make_link(self.numbers["open"], purpose="privacy")

    def make_link(self, number: str, purpose: str = "track") -> str:
        """A private link to a complaint, as a mail would carry it."""
        token = secrets.token_urlsafe(32)
        self.house.rows(
            "INSERT INTO complaints_secretlink (complaint_id, digest, purpose, contact_index, created_at, expires_at)"
            " SELECT id, %s, %s, contact_email_index, now(), now() + interval '1 day' FROM complaints_complaint WHERE number = %s",
            hashlib.sha256(token.encode()).hexdigest(),
            purpose,
            number,
        )
        return token

    def place(self, path: str, *, language: str) -> str:
        """A path with its samples."""
        lazy = {name: getattr(self, name) for name in LAZY if f"{{{name}}}" in path}
        return path.format(**self.numbers, **lazy, language=LANGUAGES[language])
