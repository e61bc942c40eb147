"""The pages of figures in every state worth looking at."""

from playwright.sync_api import Page

from tests.e2e.pages import ADMIN, AGENT, FINANCE, LEAD, MANAGER, Case, press

REPORTS = "/admin/reports/"
BOARDS = ("channels", "efficiency", "quality", "types", "agents", "cost", "products", "carriers", "regions")


def open_every_filter(page: Page) -> None:
    """Unfold what can be chosen, which comes when it is asked for."""
    page.locator(".figures__more > summary").first.click()
    page.locator(".figures__group > summary").first.click()


def send_to_nobody(page: Page) -> None:
    """Ask for a report by mail without its recipients."""
    page.locator("[name=rhythm]").select_option("daily")
    for box in page.locator("[name=recipients]:checked").all():
        box.uncheck()
    press(".saved__form .button--primary")(page)


FIGURES = [
    Case("admin:reports", REPORTS, MANAGER),
    Case("admin:reports", f"{REPORTS}?tv=1", MANAGER, "wall"),
    Case("admin:reports", f"{REPORTS}?from=2001-01-01&to=2001-01-07", MANAGER, "nothing"),
    Case("admin:reports", REPORTS, MANAGER, "choosing", then=open_every_filter),
    Case("admin:reports", f"{REPORTS}?team=1&choose=on", MANAGER, "chosen"),
    Case("admin:reports", REPORTS, AGENT, "own"),
    Case("admin:reports", REPORTS, FINANCE, "money"),
    Case("admin:reports", REPORTS, ADMIN, "forbidden", status=403),
    *(Case("admin:reports-board", f"{REPORTS}{key}/", MANAGER, key) for key in BOARDS),
    Case("admin:reports-metric", f"{REPORTS}metric/frt/", LEAD),
    Case("admin:reports-metric", f"{REPORTS}metric/complaint_rate/?team=1", MANAGER, "unknown"),
    Case("admin:reports-list", f"{REPORTS}metric/frt/list/?part=waits", LEAD),
    Case("admin:reports-list", f"{REPORTS}metric/frt/list/?from=2001-01-01&to=2001-01-07", LEAD, "nothing"),
    Case("admin:reports-backlog", f"{REPORTS}backlog/", LEAD),
    Case("admin:reports-goals", f"{REPORTS}goals/", MANAGER),
    Case("admin:reports-goals", f"{REPORTS}goals/", MANAGER, "error", then=press("form[action*='goals'] button.button--primary")),
    Case("admin:reports-saved", f"{REPORTS}saved/", MANAGER),
    Case("admin:reports-save", f"{REPORTS}saved/new/?board=overview&period=7d", MANAGER),
    Case("admin:reports-save", f"{REPORTS}saved/new/?metric=frt", MANAGER, "error", then=send_to_nobody),
    Case("admin:reports-saved", f"{REPORTS}saved/new/?board=quality", MANAGER, "kept", then=press(".saved__form .button--primary")),
    Case("admin:reports-saved-one", f"{REPORTS}saved/0/", MANAGER, "unknown", status=404),
]
