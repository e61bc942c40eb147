import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def in_english():
    """The words in the code are English; the tests read those."""
    with translation.override("en"):
        yield
