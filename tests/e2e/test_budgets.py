"""How much a page may cost: compressed bytes and requests of the first view, and how far it may jump while it loads; and what scrolls."""

import pytest

from tests.e2e import pages
from tests.e2e.browser import SETTLED, SIZES
from tests.e2e.samples import Samples
from tests.e2e.traffic import listen

SHIFTS = (
    "new Promise((done) => new PerformanceObserver((list) => done(list.getEntries().reduce((sum, each) => sum + each.value, 0)))"
    ".observe({type: 'layout-shift', buffered: true}) || setTimeout(() => done(0), 200))"
)
RETURNS = {"/c/{returned}/return/": 60, "/c/{returned}/return/apply/": 60, "/return/?order={order}": 60}
PUBLIC = {
    **RETURNS,
    "/": 60,
    "/human/": 60,
    "/file/": 60,
    "/link/": 60,
    "/help/": 60,
    "/help/{guide}/": 60,
    "/help/search/?q=退款": 60,
    "/c/{resolved}/survey/": 60,
    "/c/{open}/": 150,
    "/c/{resolved}/": 150,
}
DESK = ["/admin/desk/?view=all", "/admin/desk/c/{open}/", "/admin/desk/c/{resolved}/"]
STOCK = ["/admin/configuration/", "/admin/complaints/macro/", "/admin/accounts/user/1/change/", "/admin/complaints/category/"]


@pytest.fixture(scope="module")
def samples(house):
    return Samples(house)


@pytest.mark.parametrize("path", PUBLIC)
def test_public_page_is_light(path, house, samples):
    with house.visitor(size="phone") as page:
        page.context.add_cookies(samples.customer["cookies"])
        with listen(page) as traffic:
            page.goto(samples.place(path, language="zh"))
            page.wait_for_function(SETTLED)
        shift = page.evaluate(SHIFTS)

    assert traffic.kilobytes <= PUBLIC[path], traffic.describe()
    assert len(traffic.urls) <= 6, traffic.describe()
    assert shift <= 0.05


@pytest.mark.parametrize("path", DESK)
def test_desk_page_is_light(path, house, samples):
    with house.staff(pages.AGENT, size="desk") as page:
        with listen(page) as traffic:
            page.goto(samples.place(path, language="zh"))
            page.wait_for_function(SETTLED)
        shift = page.evaluate(SHIFTS)

    assert traffic.kilobytes <= 250, traffic.describe()
    assert len(traffic.urls) <= 12, traffic.describe()
    assert shift <= 0.05


@pytest.mark.parametrize("path", DESK)
@pytest.mark.parametrize("size", SIZES)
def test_only_the_panes_of_the_desk_scroll(size, path, house, samples):
    with house.staff(pages.AGENT, size=size) as page:
        page.goto(samples.place(path, language="zh"))
        page.wait_for_function(SETTLED)
        below = page.evaluate("document.documentElement.scrollHeight - innerHeight")

    assert below == 0


def test_the_next_complaint_is_lighter(house):
    with house.staff(pages.AGENT, size="desk") as page:
        page.goto("/admin/desk/?view=mine")
        with page.expect_navigation():
            page.locator(".row__subject").first.click()
        row = page.locator("#list-pane [data-number]:not([aria-current]) .row__subject").first
        number = row.locator("xpath=ancestor::li").get_attribute("data-number")
        with listen(page) as traffic:
            row.click()
            page.locator(f"[data-complaint='{number}']").wait_for()
            page.wait_for_function(SETTLED)

    assert traffic.kilobytes <= 30, traffic.describe()


@pytest.mark.parametrize("path", STOCK)
def test_configuration_page_is_light(path, house):
    with house.staff(pages.ADMIN, size="desk") as page, listen(page) as traffic:
        page.goto(path)

    assert traffic.kilobytes <= 300, traffic.describe()
