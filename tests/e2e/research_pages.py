"""The pages of exports for research in every state worth looking at."""

from playwright.sync_api import Page

from tests.e2e.pages import AGENT, MANAGER, Case, press

RESEARCH = "/admin/reports/research/"


def take_last_month(page: Page) -> None:
    """Ask for the newest month that can be published."""
    page.locator("#id_reason").fill("毕业论文")
    press("form.policies__form .button--primary")(page)


PUBLISHED = [
    Case("admin:research", RESEARCH, MANAGER),
    Case("admin:research", RESEARCH, AGENT, "forbidden", status=403),
    Case("admin:research-new", f"{RESEARCH}new/", MANAGER),
    Case("admin:research-new", f"{RESEARCH}new/", MANAGER, "error", then=press("form.policies__form .button--primary")),
    Case("admin:research-export", f"{RESEARCH}new/", MANAGER, then=take_last_month),
    Case("admin:research-export", f"{RESEARCH}0/", MANAGER, "unknown", status=404),
]
