import pytest

from tests.workflows.demo_gateway.running import SECRET, RunningGateway


@pytest.fixture(scope="package")
def running(tmp_path_factory):
    """One demo gateway in a process of its own."""
    gateway = RunningGateway(tmp_path_factory.mktemp("gateway"))
    yield gateway
    gateway.terminate()


@pytest.fixture
def demo(running, monkeypatch):
    """The gateway as this installation is set up for it."""
    use(monkeypatch, running.url)
    return running


@pytest.fixture
def configured(monkeypatch):
    """An installation whose demo gateway nobody answers for."""
    use(monkeypatch, "http://127.0.0.1:1")


def use(monkeypatch, url: str) -> None:
    monkeypatch.setenv("BIHUAN_GATEWAY_DEMO_URL", url)
    monkeypatch.setenv("BIHUAN_GATEWAY_DEMO_SECRET", SECRET)
