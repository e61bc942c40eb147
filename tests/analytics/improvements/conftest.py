import pytest


@pytest.fixture(autouse=True)
def _fresh_directory():
    """Names of the desk are kept for half a minute; each test has rows of its own."""
    from complaints.desk import directory

    directory.forget()
