import os
from pathlib import Path

import pytest

from tests.e2e.browser import open_browser
from tests.e2e.house import House, attach
from tests.stack import Stack


def pytest_collection_modifyitems(items):
    """All browser tests share one house, so with xdist they go to one worker (--dist loadgroup)."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("e2e"))


@pytest.fixture(scope="package")
def stack(tmp_path_factory):
    """One running house with a small demo shop for all browser tests; BIHUAN_HOUSE names the data folder of one that runs already."""
    if folder := os.environ.get("BIHUAN_HOUSE"):
        yield attach(Path(folder))
        return
    folder = tmp_path_factory.mktemp("house")
    folder.chmod(0o755)
    with Stack(folder, demo=True, env={"BIHUAN_SECOND_FACTOR": "required", "BIHUAN_CHAT_CALENDAR": ""}) as running:
        yield running


@pytest.fixture(scope="package")
def browser():
    """Closed with the last browser test: while it is open an event loop runs, and Django refuses the database to what comes after."""
    with open_browser() as opened:
        yield opened


@pytest.fixture(scope="package")
def house(stack, browser):
    """The running house as the journeys see it."""
    with House(stack, browser) as house:
        yield house
