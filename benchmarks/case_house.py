"""A house full of open cases with the demo gateway beside it. No worker, no sweeper and no web server."""

import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from benchmarks.house import PREPARATION, ROOT, House, make_engine
from config import children
from config.embedded import Postgres, Valkey, wait_until
from config.environment import read_trial_values

AGENTS, WAREHOUSES = 20, 4
# How the open cases of a shop are spread over the states.
SHARES = {
    "in_review": 0.20,
    "info_needed": 0.10,
    "pending_approval": 0.05,
    "awaiting_return": 0.20,
    "in_transit": 0.20,
    "received": 0.08,
    "inspecting": 0.05,
    "unsigned": 0.05,
    "processing": 0.05,
    "exception": 0.02,
}


class CaseHouse(House):
    """``volume`` open cases, each with everything that services wrote for one like it."""

    def __enter__(self) -> "CaseHouse":
        values = read_trial_values(self.folder)
        self.env = os.environ | {"BIHUAN_DATA": str(self.folder), "BIHUAN_ENV": "trial", "EMAIL_URL": "dummymail://"} | values
        self.engines = [make_engine(kind, values, self.folder) for kind in (Postgres, Valkey)]
        for engine in self.engines:
            engine.end_leftover()
            engine.start()
        for engine in self.engines:
            engine.wait()
        os.environ.update(self.env, DJANGO_SETTINGS_MODULE="config.settings")
        for command in PREPARATION:
            self.manage(*command)
        self.gateway = self._start_gateway()
        return self

    def __exit__(self, *_) -> None:
        children.stop(self.gateway)
        for engine in reversed(self.engines):
            engine.stop()

    @property
    def groups(self) -> dict[str, int]:
        """The processes that count besides this one, by name."""
        return {"database": self.engines[0].process.pid, "gateway": self.gateway.pid}

    @property
    def superuser_url(self) -> str:
        """Of the product's own database."""
        return urlsplit(self.engines[0].superuser_url)._replace(path=urlsplit(self.env["DATABASE_URL"]).path).geturl()

    def fill(self) -> None:
        """Make one case of each state by the services and copy it until there are enough; a full house is left as it is."""
        from benchmarks.copies import copy_cases

        shop = open_shop()
        if not (self.folder / "filled").exists():
            copies = {case.pk: round(self.volume * SHARES[name]) for name, case in make_templates(shop).items()}
            copy_cases(copies, shop, superuser_url=self.superuser_url)
            (self.folder / "filled").touch()
            self.vacuum()

    def _start_gateway(self) -> subprocess.Popen:
        from workflows.demo_gateway.loopback import call, loopback_place

        url, log = self.env["BIHUAN_GATEWAY_DEMO_URL"], self.folder / "log" / "gateway.log"
        argv = [sys.executable, str(ROOT / "manage.py"), "demo_gateway", "--port", str(urlsplit(url).port)]
        gateway = children.spawn([*argv, "--folder", str(self.folder / "gateway")], log=log, env=self.env)

        def is_answering() -> bool:
            try:
                return call(loopback_place(url), "GET", "/", body=b"", headers={}, seconds=2).status > 0
            except OSError:
                return False

        wait_until(is_answering, gateway, name="demo gateway", log=log)
        return gateway


@dataclass(frozen=True)
class Shop:
    """Everybody who works on a case, and where."""

    agents: list
    lead: object
    finance: object
    packers: list
    warehouses: list
    carrier: object
    policy: object


def open_shop() -> Shop:
    """The people and places, found again when they are there already."""
    from orders.models import Carrier, Warehouse, WarehouseMember
    from tests.factories import make_merchant

    merchant = make_merchant("bench", name="Bench")
    place = {"address": "浙江省杭州市余杭区仓前街道 1 号", "contact": "退货组", "phone": "05710000000"}
    codes = [f"bench{number}" for number in range(WAREHOUSES)]
    warehouses = [Warehouse.objects.get_or_create(merchant=merchant, code=code, defaults={"name": code, **place})[0] for code in codes]
    packers = [_person("warehouse", number) for number in range(WAREHOUSES)]
    for warehouse, packer in zip(warehouses, packers, strict=True):
        WarehouseMember.objects.get_or_create(warehouse=warehouse, user=packer)
    return Shop(
        agents=[_person("agent", number) for number in range(AGENTS)],
        lead=_person("lead", 0),
        finance=_person("finance", 0, shops=[merchant]),
        packers=packers,
        warehouses=warehouses,
        carrier=Carrier.objects.get_or_create(code="sf", defaults={"name_zh": "顺丰", "name_en": "SF"})[0],
        policy=_policy(merchant),
    )


def _person(role: str, number: int, **kinds):
    from accounts.models import User
    from tests.factories import make_user

    name = f"bench.{role}{number}"
    return User.objects.filter(username=name).first() or make_user(role, username=name, **kinds)


def _policy(merchant):
    """A quality return whose money leaves with the inspection, and which a person looks at."""
    from tests.workflows.builders import make_policy, publish
    from tests.workflows.house import REASONS
    from workflows.models import CasePolicy

    known = CasePolicy.objects.filter(merchant=merchant).first()
    checks = ["eligibility", "risk", "evidence", "route", "liability"]
    rules = {"version": 1, "reasons": REASONS, "checks": checks, "auto_limit_fen": 0, "window_days": 7}
    return known or publish(make_policy(merchant=merchant, **rules))


def make_owner(shop: Shop, number: int, *, unit_fen: int = 9900):
    """A complaint about an order of two pieces, delivered and paid, of a customer of its own; ``number`` is used once in a house."""
    from django.utils import timezone

    from orders.models import Order, Payment, Shipment
    from tests.factories import make_complaint, make_customer, make_order

    merchant = shop.policy.merchant
    phone = f"139{number % 10**8:08}"
    customer = make_customer(merchant=merchant, external_id=f"b{number}", phone=phone, email=f"b{number}@mail.example")
    told = {"status": Order.Status.DELIVERED, "delivered_at": timezone.now(), "paid_at": timezone.now()}
    order = make_order(customer=customer, external_id=f"b{number}", number=f"BN{number:010}", total_fen=2 * unit_fen, **told)
    order.lines.update(quantity=2, unit_fen=unit_fen, paid_fen=2 * unit_fen)
    paid_at = timezone.now() - timedelta(days=2)
    Payment.objects.create(order=order, external_id=f"T{number}", method="wechat", amount_fen=2 * unit_fen, paid_at=paid_at)
    warehouse = shop.warehouses[number % len(shop.warehouses)]
    Shipment.objects.create(order=order, external_id="1", carrier=shop.carrier, warehouse=warehouse, waybill=f"SF1{number % 10**12:012}")
    agent = shop.agents[number % len(shop.agents)]
    return make_complaint(order=order, customer=customer, contact_phone=phone, assignee=agent, status="open")


def make_templates(shop: Shop) -> dict:
    """One case in each state, brought there as customers, agents and packers bring theirs."""
    from benchmarks.case_steps import Way, bring_to

    dear = {"pending_approval": {"unit_fen": 60_000}}
    return {name: bring_to(Way(shop, make_owner(shop, number, **dear.get(name, {}))), name) for number, name in enumerate(SHARES, 1)}
