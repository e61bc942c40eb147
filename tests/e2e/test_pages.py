"""Every page of the inventory in both languages, light and dark, on a phone and on a desk: nothing for axe, nothing misshapen, nothing on
the console, nothing from elsewhere."""

import os
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from django.urls import resolve
from django.utils import translation

from tests.e2e import pages, stock
from tests.e2e.browser import LOCALES, SETTLED, SIZES, find_axe_violations, find_shape_faults, open_page, show_whole, watch_page
from tests.e2e.house import LANGUAGES, PREFIXES
from tests.e2e.samples import Samples
from tests.e2e.words import find_foreign_words, read_written

CASES = [*pages.PORTAL, *pages.ACCOUNTS, *pages.DESK, *stock.stock_cases()]
# Each page is looked at in both languages, both sizes and both schemes, Chinese and English taking turns; with BIHUAN_LONG in all
# eight ways.
LOOKS = [("desk", "light"), ("desk", "dark"), ("phone", "dark"), ("phone", "light")]
LOCALES_IN_TURN = list(LOCALES)


@pytest.fixture(scope="module")
def samples(house):
    return Samples(house)


@pytest.fixture(scope="module")
def windows(house, samples):
    """One open window for everybody who looks at pages, by person and language."""
    house.log_in(pages.ADMIN)  # has the second factor from now on
    with ExitStack() as stack:
        opened = {}

        def window(who: str, language: str):
            for username in {who, pages.ADMIN, pages.FINANCE, pages.MANAGER} - {pages.GUEST, pages.CUSTOMER}:
                house.speak(username, language)
            # A guest has no past: what one case leaves behind must not show in the next.
            key = (who, language, len(opened) if who == pages.GUEST else 0)
            if key not in opened:
                known = {pages.GUEST: lambda: None, pages.CUSTOMER: lambda: samples.customer}.get(who, lambda: house.log_in(who))()
                look = {"size": "desk", "language": language, "known_as": known}
                opened[key] = stack.enter_context(open_page(house.browser, house.base_url, **look))
            return opened[key]

        yield window


@pytest.fixture(scope="module")
def written(house, samples):
    """What people wrote or named, by the language of the page that it may stand on; in the configuration both languages stand."""
    assert samples.letter  # the mail that a case opens is written by now
    return {"zh": read_written(house, but="_en"), "en": read_written(house, but="_zh"), "configuration": read_written(house)}


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_page_is_sound(case, language, house, samples, windows, written):
    page = windows(case.who, language)
    heard = watch_page(page, house.base_url)

    status = open_case(page, case, samples, language)

    assert status == case.status
    with translation.override(LANGUAGES[language]):
        assert resolve(urlsplit(page.url).path).view_name in case.names
    assert find_foreign_words(page, language, written["configuration" if case.is_stock else language]) == []
    assert find_faults(page, language) == []
    assert heard == []


def open_case(page, case, samples, language: str) -> int:
    """Bring the page into the state of the case; returns the status of its first answer."""
    page.set_viewport_size(SIZES["desk"])
    page.emulate_media(color_scheme="light")
    prefix = PREFIXES[language] if case.is_public else ""
    response = page.goto(prefix + samples.place(case.path, language=language))
    page.wait_for_function(SETTLED)
    if case.then:
        case.then(page)
        page.wait_for_function(SETTLED)
    return response.status


def find_faults(page, language: str) -> list[str]:
    """What is wrong with a page on the screens of this language."""
    faults = []
    for size, scheme in LOOKS if os.environ.get("BIHUAN_LONG") else LOOKS[LOCALES_IN_TURN.index(language) :: 2]:
        show_whole(page, size)
        page.emulate_media(color_scheme=scheme)
        faults += [f"{size} {scheme}: {fault}" for fault in [*find_axe_violations(page), *find_shape_faults(page)]]
    return faults


def test_every_address_has_a_case():
    known = {case.name for case in CASES} | pages.WITHOUT_PAGE

    assert pages.own_names() - known - stock.stock_without_page() == set()
    assert known - pages.own_names() == set()
