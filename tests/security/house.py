"""A shop with one person of every role, a stranger to each, and one row of everything that an address can name."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Shift
from analytics.exports.files import keep_file
from analytics.improvements.verbs import propose_improvement
from analytics.models import ImportedLog, Improvement, ListExport, ResearchExport, SavedReport, Spike
from complaints.chat.callbacks import book_callback
from complaints.chat.hours import Window
from complaints.chat.sessions import accept_chat, start_chat
from complaints.intake.links import make_link
from complaints.intake.uploads import new_attachment, store_files
from complaints.models import ChatSession, Complaint, Message, RegionPause, RegionPauseRun, SavedView
from complaints.privacy.requests import ask_privacy
from complaints.services import post_note, post_reply
from orders.models import ApiToken, Warehouse, WarehouseMember
from tests.api.machine import Machine
from tests.complaints.chat.builders import offer_to
from tests.factories import make_category, make_complaint, make_customer, make_merchant, make_order, make_team, make_user
from tests.foundation.pictures import picture
from tests.knowledge.builders import make_article, make_next_version
from tests.security.visitors import read_all
from tests.workflows.builders import make_balance, make_case, make_refund, make_unit
from tests.workflows.reconciling.builders import line, take
from workflows.models import Case, CaseClock, CaseUnit, InspectionLine, Outbound, Parcel, ParcelCase, Recovery, Repair, Step
from workflows.services.flow_versions import load_default_flows

STAFF = ("agent", "colleague", "outsider", "lead", "warehouse", "finance", "manager", "rival", "admin")
ROLES = ("anonymous", "customer", *STAFF, "integration", "foreign_machine")
# Roles that the cast has under another name.
ROLE_OF = {"colleague": "agent", "outsider": "agent", "rival": "manager"}
_addresses = count(1)


class House:
    """The cast and the rows. ``own`` is the agent's complaint; the colleague is in the same team, the outsider in another one."""

    def __init__(self) -> None:
        self.team, self.other_team = make_team(), make_team("refunds", name_zh="退款组", name_en="Refunds")
        self.shop, self.other_shop = make_merchant(), make_merchant("other", name="别家")
        self.users = {name: make_user(ROLE_OF.get(name, name), **self._place_of(name)) for name in STAFF}
        self.own = self._file(make_customer())
        self.twin = self._file(self.own.customer)
        self.note = post_note(self.own, body="内部的话", by=self.users["agent"])
        self.reply = post_reply(self.own, body="我们在查", by=self.users["agent"], expected_version=None)
        # It can still be taken back, however slow the machine is.
        Message.objects.filter(pk=self.reply.pk).update(leaves_at=timezone.now() + timedelta(hours=1))
        self.wish = ask_privacy(self.own, "erasure", by=None)
        self.own.refresh_from_db()
        self.file = self.attach(self.own)
        self.shift = self._plan_shift()
        self.pause = self._pause()
        self.talk = self._talk()
        self.call = book_callback(self.twin, Window(timezone.now(), timezone.now() + timedelta(hours=2)))
        self.view = SavedView.objects.create(owner=self.users["agent"], name="我的", filter={})
        self.warehouse = Warehouse.objects.create(merchant=self.shop, code="wh1", name="一号仓")
        WarehouseMember.objects.create(warehouse=self.warehouse, user=self.users["warehouse"])
        self.machines = {
            "integration": Machine(*ApiToken.Scope.values),
            "foreign_machine": Machine(*ApiToken.Scope.values, shop="other"),
        }
        load_default_flows()
        self.case = self._withdrawn_case()
        self.refund = make_refund(self.case, balance=make_balance(self.case, held_fen=5000))
        self.statement = take(line("RFSTRANGE"))
        self.article = make_article("returns", kind="rule")
        make_next_version(self.article)
        self.research = self._research()
        self.file_of_list = self._file_of_list()
        self.report = SavedReport.objects.create(owner=self.users["manager"], name="早会", board="overview", query="period=28d")
        self.spike, self.item = self._look_for_causes()
        self.log = ImportedLog.objects.create(name="旧客服系统", file_name="desk.csv", format="csv", mapping_name="generic", state="done")
        self.secret = make_link(self.own)
        self.cookies = {name: self._cookies(name) for name in ROLES}

    def _look_for_causes(self) -> tuple[Spike, Improvement]:
        """A spike of the own shop, and an item that its manager has proposed."""
        now = timezone.now()
        figures = {"count": 37, "median": 9, "phi": 1, "z": 5.6, "latest_count": 37, "latest_z": 5.6}
        moments = dict.fromkeys(("until", "latest_until", "found_at", "due_at"), now)
        series = {"kind": "category", "code": "logistics.stalled", "cross": "merchant", "value": str(self.shop.pk)}
        spike = Spike.objects.create(**series, **figures, **moments, team=self.team, merchant=self.shop)
        about = {"title": "换更厚的内衬", "department": "warehouse", "category": "logistics.stalled", "merchant": self.shop}
        return spike, propose_improvement(**about, by=self.users["manager"])

    def _place_of(self, name: str) -> dict[str, Any]:
        teams = {"agent": [self.team], "colleague": [self.team], "lead": [self.team], "outsider": [self.other_team]}
        shops = {"rival": [self.other_shop]}
        return {"teams": teams.get(name, []), "shops": shops.get(name, [self.shop])}

    def _talk(self) -> ChatSession:
        """The customer talks live with the agent about the complaint."""
        _about, session = start_chat(self.own, body="在吗", request_id="talk")
        talking = accept_chat(offer_to(session, self.users["agent"]), by=self.users["agent"])
        post_reply(self.own, body="在的", by=self.users["agent"], expected_version=None, in_chat=True)
        self.own.refresh_from_db()
        return talking

    def _pause(self) -> RegionPause:
        """A pause of a region that the lead has decided and that the agent's complaint has followed."""
        begin, until = timezone.now(), timezone.now() + timedelta(days=2)
        lead = self.users["lead"]
        pause = RegionPause.objects.create(provinces=["福建"], reason="台风", starts_at=begin, until=until, created_by=lead)
        RegionPauseRun.objects.create(pause=pause, run=self.own.clock_runs.get(kind="resolution"), joined_at=begin)
        return pause

    def _research(self) -> ResearchExport:
        """An export for research that the manager has taken."""
        fields = {"first_on": "2026-01-01", "last_on": "2026-01-31", "reason": "毕业论文", "columns": ["outcome"], "state": "done"}
        return ResearchExport.objects.create(asked_by=self.users["manager"], merchant_ids=[self.shop.pk], ended_at=timezone.now(), **fields)

    def _file_of_list(self) -> ListExport:
        """A list of figures that the manager has taken along, and its file."""
        wish = {"metric": "frt", "part": "waits", "query": "from=2026-01-01&to=2026-01-31", "extension": "csv", "reason": "月报"}
        scope = [["merchant", [str(self.shop.pk)]]]
        export = ListExport.objects.create(
            asked_by=self.users["manager"], entry=1, scope=scope, state="done", ended_at=timezone.now(), name="frt", **wish
        )
        keep_file(export, [b"1"])
        return export

    def _withdrawn_case(self) -> Case:
        """A case of the agent's complaint that its customer gave up; it keeps nobody from ending the complaint."""
        case = make_case(complaint=self.own, order=self.own.order, warehouse=self.warehouse, state="cancelled", ended_at=timezone.now())
        claim = CaseUnit.objects.create(case=case, unit=make_unit(case))
        parcel = Parcel.objects.create(warehouse=self.warehouse, return_address="退货组", label={"code": case.number})
        ParcelCase.objects.create(parcel=parcel, case=case)
        self.tracks = {"parcel": parcel} | self._rows_beside(case, claim)
        return case

    def _rows_beside(self, case: Case, claim: CaseUnit) -> dict[str, Any]:
        """One row of everything that a case has beside it, each where most can be done with it."""
        owed = {"debtor": "carrier", "amount_fen": 900, "currency": "CNY", "reason": "lost"}
        since = timezone.now() - timedelta(days=1)
        return {
            "outbound": Outbound.objects.create(case=case, kind="ship_back", sku="SKU1", warehouse=self.warehouse, state="out_of_stock"),
            "inspection": InspectionLine.objects.create(claim=claim, state="failed", fault="used"),
            "repair": Repair.objects.create(claim=claim, state="diagnosing", in_warranty=False),
            "recovery": Recovery.objects.create(case=case, **owed),
            "step": Step.objects.create(case=case, phase="after", visit=1, key="call"),
            "clock": CaseClock.objects.create(
                case=case, kind="legal", code="refund_7d", because=1, started_at=since, due_at=since, parked_at=timezone.now()
            ),
        }

    def _plan_shift(self) -> Shift:
        """Last week's, so that this week can be planned like it."""
        begin = timezone.now() - timedelta(days=8)
        return Shift.objects.create(user=self.users["agent"], starts_at=begin, ends_at=begin + timedelta(hours=8))

    def _file(self, customer) -> Complaint:
        order = make_order(customer=customer, merchant=self.shop)
        return make_complaint("open", assignee=self.users["agent"], order=order, category=make_category())

    def attach(self, complaint: Complaint, **fields: Any):
        """A photo on a complaint, with its files on disk."""
        stored, _refusals = store_files([SimpleUploadedFile("photo.jpg", picture("JPEG"), content_type="image/jpeg")])
        file = new_attachment(stored[0], complaint=complaint, **fields)
        file.save()
        return file

    def _cookies(self, name: str) -> dict[str, str]:
        client = Client()
        if name == "customer":
            client.get(f"/t/{self.secret}/")
        elif name in self.users:
            client.force_login(self.users[name])
        return {key: morsel.value for key, morsel in client.cookies.items()}

    def client(self, name: str, **options: Any) -> Client:
        """A browser or machine of this role, from a network of its own so that no limit is met."""
        number = next(_addresses)
        client = Client(raise_request_exception=False, REMOTE_ADDR=f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}", **options)
        client.cookies.load(self.cookies[name])
        if name in self.machines:
            client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {self.machines[name].secret}"
        return client


def undone(call: Callable[[], Any]) -> Any:
    """The answer to one request, read to its end; whatever it changed is taken back."""
    with transaction.atomic():
        answer = call()
        read_all(answer)
        transaction.set_rollback(True)
    return answer


def this_monday() -> str:
    today = timezone.localdate()
    return (today - timedelta(days=today.weekday())).isoformat()


def tomorrow() -> str:
    return (timezone.localdate() + timedelta(days=1)).isoformat()
