from pathlib import Path

import pytest

from tests.faults.harness import Proving
from tests.faults.mail_sink import MailSink
from tests.stack import Stack


def pytest_collection_modifyitems(items):
    """All of these share one house and the machine's attention, so with xdist they go to one worker (--dist loadgroup)."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("faults"))


@pytest.fixture(scope="session")
def proving(tmp_path_factory):
    """One running house whose mail goes to a server outside it. Each test leaves it healed."""
    folder = tmp_path_factory.mktemp("house")
    folder.chmod(0o755)
    with MailSink(folder / "mail") as sink:
        env = {"EMAIL_URL": sink.url, "BIHUAN_TRUSTED_PROXIES": "127.0.0.1"}
        with Stack(folder, env=env) as stack:
            yield Proving(stack, sink)
