import tempfile
from pathlib import Path

import pytest

from tests.stack import Stack


@pytest.fixture(scope="module")
def house():
    """A running house without a demo shop, shared by the tests of one module; its folder is open to every user, as a home often is."""
    with tempfile.TemporaryDirectory(prefix="bihuan-house-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with Stack(Path(folder)) as stack:
            yield stack
