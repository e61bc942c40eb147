"""What somebody in a warehouse does: scans with a gun, and waits until the server has everything."""

import json
from pathlib import Path
from random import randrange

from playwright.sync_api import Page, expect

from tests.e2e.house import House
from tests.stack import wait_for

PACKER = "han.warehouse"
SCREEN = "/admin/scan/"
FIRE = (Path(__file__).parent / "gun.js").read_text()
# Milliseconds for hundreds of scans on a machine that is busy with other things.
PATIENCE = 180_000
IS_KEPT = "async path => Boolean(await caches.match(path))"
# A granted case with a parcel on its way to the packer's warehouse, made by the services of the house itself.
MAKE_CASE = """
from itertools import count
from django.db import transaction
from accounts.models import User
from orders.models import Warehouse
from tests import factories
from tests.workflows import builders
from tests.workflows.house import make_house
from tests.workflows.scan.builders import expected
factories._numbers = count({seed}); builders._numbers = count({seed})
factories.make_merchant.__defaults__ = ("shop",)  # the demo shop, whose warehouses the packer works in
packer = User.objects.get(username="{packer}")
house = make_house(quantity={pieces})
house.warehouse = Warehouse.objects.filter(memberships__user=packer, merchant=house.order.merchant).order_by("name", "pk").first()
house.warehouse.address = house.warehouse.address or "浙江省杭州市余杭区仓前街道 1 号"
house.warehouse.save()
with transaction.atomic():  # or the workers of the house would go on with it meanwhile
    print("case", expected(house, waybill="{waybill}", pieces={pieces}).number)
"""


def make_codes(many: int) -> list[str]:
    """Codes that nobody scanned before, in the order in which they are fired."""
    first = randrange(10**8, 9 * 10**8)
    return [f"W{first + number:011}" for number in range(many)]


def make_case(house: House, *, pieces: int = 1) -> tuple[str, str]:
    """The number of a case whose goods are on their way, and their waybill."""
    waybill = f"SF{randrange(10**12, 10**13)}"
    script = MAKE_CASE.format(seed=randrange(10**7, 10**8), packer=PACKER, pieces=pieces, waybill=waybill)
    done = house.stack.manage("shell", "-c", script)
    assert done.returncode == 0, done.stderr
    return done.stdout.split("case ")[-1].strip(), waybill


def open_screen(page: Page, *, mode: str = "receive") -> None:
    page.goto(f"{SCREEN}?mode={mode}")
    expect(page.locator("scan-box[data-live]")).to_be_visible()


def wait_until_kept(page: Page, path: str = SCREEN) -> None:
    """The worker has this for the time without a network. Playwright's own waiting takes the promise of an answer for the answer."""
    wait_for(lambda: page.evaluate(IS_KEPT, path), within=PATIENCE / 1000, what=f"{path} in the caches")


def fire(page: Page, *codes: str, ending: str = "Enter") -> None:
    page.evaluate(FIRE, {"codes": list(codes), "ending": ending})


def wait_until_sent(page: Page) -> None:
    wait_for_waiting(page, 0)


def wait_for_waiting(page: Page, many: int) -> None:
    """So many scans are on the disk of the device, and none is on its way there."""
    expect(page.locator("scan-box[data-keeping='0']")).to_have_attribute("data-waiting", str(many), timeout=PATIENCE)


def taken(house: House, codes: list[str]) -> list[str]:
    """Which of these the server has, in the order in which it took them; a code that it took twice stands there twice."""
    return [code for (code,) in house.rows("SELECT code FROM workflows_warehousescan WHERE code = ANY(%s) ORDER BY id", codes)]


def result(page: Page) -> str:
    return page.locator("[data-result]").inner_text()


def looks_of(page: Page) -> list[str]:
    return json.loads(page.evaluate("JSON.stringify([...document.querySelectorAll('.looks__row .id')].map(each => each.textContent))"))
