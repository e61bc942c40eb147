import pytest


@pytest.fixture(scope="session")
def _gateway_process(tmp_path_factory):
    from tests.workflows.settling.trading import Trading

    trading = Trading.start(tmp_path_factory.mktemp("provider"))
    yield trading
    trading.stop()


@pytest.fixture
def trading(_gateway_process, monkeypatch):
    """A payment provider as a process of its own, which the product is set up for; without any fault planned."""
    _gateway_process.set_up(monkeypatch)
    yield _gateway_process
    _gateway_process.forget()
