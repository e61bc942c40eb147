import pytest

from tests.played_server import PlayedServer


@pytest.fixture
def server():
    """Somebody else's server, that answers what the test says."""
    with PlayedServer() as played:
        yield played


@pytest.fixture
def keys(monkeypatch):
    """The secrets that pushes are proven with."""
    from tests.orders.carriers import news  # models can be imported only once Django is set up

    monkeypatch.setenv("BIHUAN_GATEWAY_DEMO_SECRET", news.SECRET)
    monkeypatch.setenv("BIHUAN_KUAIDI100_SALT", news.SALT)
