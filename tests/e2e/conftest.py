import pytest

from tests.stack import Stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory):
    """One running house with a small demo shop for all browser tests."""
    folder = tmp_path_factory.mktemp("house")
    folder.chmod(0o755)
    with Stack(folder, demo=True) as house:
        yield house
