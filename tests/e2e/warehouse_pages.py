"""The warehouse's pages in every state worth looking at; ``pages.py`` has those of everybody else."""

from playwright.sync_api import Page

from tests.e2e.pages import AGENT, Case
from tests.e2e.warehouse import PACKER, SCREEN, fire, make_codes, wait_until_sent

NOBODY = "00000000-0000-0000-0000-000000000001"


def scan_unknown(page: Page) -> None:
    """A code that fits no case."""
    fire(page, *make_codes(1))
    wait_until_sent(page)
    page.locator("[data-result-links] a").wait_for()


def open_unknown(page: Page) -> None:
    scan_unknown(page)
    with page.expect_navigation():
        page.locator("[data-result-links] a").click()


def save_nothing(page: Page) -> None:
    """Something else than good, without saying what."""
    page.locator(".bench__more > summary").first.click()
    with page.expect_navigation():
        page.locator(".bench__more form .button--primary").first.click()


WAREHOUSE = [
    Case("admin:scan", SCREEN, PACKER),
    Case("admin:scan", SCREEN, PACKER, "unknown", then=scan_unknown),
    Case("admin:scan", SCREEN, AGENT, "forbidden", status=403),
    Case("admin:scan-choose", f"{SCREEN}choose/{NOBODY}/", PACKER, "wrong", status=404),
    Case("admin:scan-tasks", f"{SCREEN}tasks/", PACKER),
    Case("admin:scan-inspect", f"{SCREEN}inspect/{{task}}/", PACKER),
    Case("admin:scan-inspect-line", f"{SCREEN}inspect/{{task}}/", PACKER, "error", then=save_nothing),
    Case("admin:scan-inspect-print", f"{SCREEN}inspect/{{task}}/print/", PACKER),
    Case("admin:scan-send", f"{SCREEN}send/", PACKER),
    Case("admin:scan-unclaimed", f"{SCREEN}unclaimed/", PACKER),
    Case("admin:scan-unclaimed-parcel", SCREEN, PACKER, then=open_unknown),
]
