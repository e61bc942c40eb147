import pytest

from tests.workflows.gateways.provider import playing_provider


@pytest.fixture
def provider():
    with playing_provider() as provider:
        yield provider
