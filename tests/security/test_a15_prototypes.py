"""Words in an address never reach the prototypes that every object of a page inherits from."""

import pytest

from tests.e2e.browser import open_browser
from tests.security.house import House

QUERY = "__proto__[x]=1&__proto__.x=1&constructor[prototype][x]=1&constructor.prototype.x=1#__proto__[x]=1"


@pytest.mark.django_db(transaction=True)
def test_no_page_takes_a_prototype_from_its_address(live_server, shop):
    house, found = House(), {}
    paths = ["/", "/file/", "/human/", "/link/", f"/c/{house.own.number}/", f"/c/{house.own.number}/survey/"]

    with open_browser() as browser:
        page = browser.new_page()
        page.goto(f"{live_server.url}/t/{house.secret}/")
        for path in paths:
            page.goto(f"{live_server.url}{path}?{QUERY}", wait_until="load")
            found[path] = page.evaluate("[({}).x === undefined, ([]).x === undefined, Object.prototype.x === undefined]")

    assert set(map(tuple, found.values())) == {(True, True, True)}
