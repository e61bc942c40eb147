"""Every page of the inventory in both languages, light and dark, on a phone and on a desk: nothing for axe, nothing misshapen, nothing on
the console, nothing from elsewhere."""

import os
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from django.urls import resolve
from django.utils import translation

from tests.e2e import (
    article_pages,
    export_pages,
    figure_pages,
    finance_pages,
    import_pages,
    loop_pages,
    pages,
    research_pages,
    stock,
    warehouse_pages,
)
from tests.e2e.browser import LOCALES, SETTLED, SIZES, find_axe_violations, find_shape_faults, open_page, show_whole, watch_page
from tests.e2e.house import LANGUAGES, PREFIXES
from tests.e2e.samples import Samples
from tests.e2e.words import find_foreign_words, read_written

PUBLIC = [*pages.PORTAL, *article_pages.HELP_PAGES]
STAFF = [
    *pages.DESK,
    *finance_pages.MONEY,
    *warehouse_pages.WAREHOUSE,
    *article_pages.DESK_ARTICLES,
    *figure_pages.FIGURES,
    *loop_pages.LOOP,
    *research_pages.PUBLISHED,
    *export_pages.MADE,
    *import_pages.LOGS,
]
CASES = [*PUBLIC, *pages.ACCOUNTS, *STAFF, *stock.stock_cases()]
# The shape of each page is looked at in both languages and sizes. Axe reads it in both languages, sizes and schemes too, but in turns:
# Chinese in one size and scheme, English in the others, the next page the other way round; with BIHUAN_LONG in all eight ways.
LOOKS = [("desk", "light"), ("phone", "dark"), ("phone", "light"), ("desk", "dark")]
LOCALES_IN_TURN = list(LOCALES)


@pytest.fixture(scope="module")
def samples(house):
    return Samples(house)


@pytest.fixture(scope="module")
def windows(house, samples):
    """One open window for everybody who looks at pages, by person and language, with what is heard in it from now on."""
    house.log_in(pages.ADMIN)  # has the second factor from now on
    with ExitStack() as stack:
        opened = {}

        def window(who: str, language: str):
            for username in {who, pages.ADMIN, pages.FINANCE, pages.MANAGER, pages.NEWCOMER} - {pages.GUEST, pages.CUSTOMER}:
                house.speak(username, language)
            # A guest has no past: what one case leaves behind must not show in the next.
            key = (who, language, len(opened) if who == pages.GUEST else 0)
            if key not in opened:
                known = {pages.GUEST: lambda: None, pages.CUSTOMER: lambda: samples.customer}.get(who, lambda: house.log_in(who))()
                look = {"size": "desk", "language": language, "known_as": known}
                page = stack.enter_context(open_page(house.browser, house.base_url, **look))
                opened[key] = page, watch_page(page, house.base_url)
            page, heard = opened[key]
            heard.clear()  # what came too late for the case before is told when the window closes
            return page, heard

        yield window


# Of what exists in both languages a page must choose the right one; in the configuration both stand.
OTHER_LANGUAGE = {"zh": "_en", "en": "_zh", "configuration": ""}


@pytest.fixture(scope="module")
def written(house, samples):
    """What people wrote or named, by the language of the page that it may stand on; in the configuration both languages stand."""
    assert samples.letter  # the mail that a case opens is written by now
    return {kind: read_written(house, but=but) for kind, but in OTHER_LANGUAGE.items()}


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_page_is_sound(case, language, house, samples, windows, written):
    page, heard = windows(case.who, language)

    status = open_case(page, case, samples, language)

    assert status == case.status
    with translation.override(LANGUAGES[language]):
        assert resolve(urlsplit(page.url).path).view_name in case.names
    kind = "configuration" if case.is_stock else language
    if find_foreign_words(page, language, written[kind]):
        # Other tests of the same house write as well.
        written[kind] = read_written(house, but=OTHER_LANGUAGE[kind])
    assert find_foreign_words(page, language, written[kind]) == []
    assert find_faults(page, looks_at(case, language)) == []
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


def looks_at(case, language: str) -> list[tuple[str, str]]:
    """The sizes and schemes in which this page is looked at in this language."""
    if os.environ.get("BIHUAN_LONG"):
        return LOOKS
    turn = 2 * (CASES.index(case) % 2) + LOCALES_IN_TURN.index(language)
    return [LOOKS[turn]]


def find_faults(page, looks: list[tuple[str, str]]) -> list[str]:
    """What is wrong with a page: its shape in every size, and what axe says of these looks."""
    faults = []
    for size in SIZES:
        show_whole(page, size)
        faults += [f"{size}: {fault}" for fault in find_shape_faults(page)]
        for scheme in [scheme for look, scheme in looks if look == size]:
            page.emulate_media(color_scheme=scheme)
            faults += [f"{size} {scheme}: {fault}" for fault in find_axe_violations(page)]
    return faults


def test_every_address_has_a_case():
    known = {case.name for case in CASES} | pages.WITHOUT_PAGE

    assert pages.own_names() - known - stock.stock_without_page() == set()
    assert known - pages.own_names() == set()
