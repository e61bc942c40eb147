"""The pages of finance in every state worth looking at; ``pages.py`` has those of everybody else."""

import secrets
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page

from tests.e2e.pages import AGENT, FINANCE, MANAGER, Case, press

REFUNDS = "/admin/refunds/"
RECONCILE = f"{REFUNDS}reconcile/"


def take_statement_in(page: Page) -> None:
    """Upload a statement of yesterday with a refund that nobody knows."""
    day = (timezone.localdate() - timedelta(days=1)).isoformat()
    key = f"RF{secrets.token_hex(8)}"
    text = f"out_refund_no,transaction_id,amount,currency,at,kind\n{key},T1,12.50,CNY,{day} 10:00:05,paid\ntotal,1,12.50\n"
    page.locator("#id_gateway").select_option("demo")
    page.locator("#id_day").fill(day)
    page.locator("#id_file").set_input_files({"name": "bill.csv", "mimeType": "text/csv", "buffer": text.encode()})
    press("form[action$='/upload/'] button")(page)


def choose_refund(page: Page) -> None:
    """Ask to sign the first refund of the list along with others; a phone has no boxes to tick."""
    page.goto(f"{REFUNDS}bulk/?row={page.locator('[name=row]').first.get_attribute('value')}")


def print_statement(page: Page) -> None:
    take_statement_in(page)
    press("a[href$='/print/']")(page)


MONEY = [
    Case("admin:refunds", REFUNDS, FINANCE),
    Case("admin:refunds", f"{REFUNDS}?tab=trouble", FINANCE, "nothing"),
    Case("admin:refunds", REFUNDS, AGENT, "forbidden", status=403),
    Case("admin:refunds-bulk", f"{REFUNDS}?at={{refund}}", FINANCE, "review", then=choose_refund),
    Case("admin:refunds-bulk", f"{REFUNDS}bulk/", FINANCE, "nothing"),
    Case("admin:refunds-bulk", f"{REFUNDS}bulk/?signed=0", FINANCE, "signed"),
    Case("admin:refunds-chaos", f"{REFUNDS}chaos/", FINANCE),
    Case("admin:refunds-chaos", f"{REFUNDS}chaos/", FINANCE, "error", then=press("[name=step][value=one]")),
    Case("admin:refund", f"{REFUNDS}{{refund}}/", FINANCE),
    Case("admin:refund", f"{REFUNDS}RF000/", FINANCE, "unknown", status=404),
    Case("admin:refund-print", f"{REFUNDS}{{refund}}/print/", FINANCE),
    *(Case("admin:refund-act", f"{REFUNDS}{{refund}}/{name}/", FINANCE, name) for name in ("authorise", "refuse", "lower", "second")),
    Case("admin:refund-act", f"{REFUNDS}{{refund}}/question/", FINANCE, "error", then=press("[data-act-form] button.button")),
    Case("admin:reconcile", RECONCILE, FINANCE),
    Case("admin:reconcile", RECONCILE, MANAGER, "sums"),
    Case("admin:reconcile", RECONCILE, AGENT, "forbidden", status=403),
    Case("admin:reconcile-upload", RECONCILE, FINANCE, "error", then=press("form[action$='/upload/'] button")),
    Case("admin:reconcile-day", RECONCILE, FINANCE, "difference", then=take_statement_in),
    Case("admin:reconcile-print", RECONCILE, FINANCE, then=print_statement),
    Case("admin:reconcile-anomalies", f"{RECONCILE}anomalies/", FINANCE),
    Case("admin:reconcile-anomalies", f"{RECONCILE}anomalies/?shown=explained", FINANCE, "explained"),
    Case("admin:reconcile-explain", f"{RECONCILE}anomalies/", FINANCE, "error", then=press("form[action$='/explain/'] button")),
    Case("admin:reconcile-recoveries", f"{RECONCILE}recoveries/", FINANCE),
]
