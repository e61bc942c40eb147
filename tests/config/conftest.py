import pytest

from tests.stack import Stack


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A running house without a demo shop, shared by the tests of one module."""
    folder = tmp_path_factory.mktemp("house")
    folder.chmod(0o755)
    with Stack(folder) as stack:
        yield stack
