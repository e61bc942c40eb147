import pytest

from tests.workflows.demo_gateway.running import Receiver, RunningGateway


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    """One process for a module; each test takes keys and a plan of its own."""
    running = RunningGateway(tmp_path_factory.mktemp("gateway"))
    yield running
    running.terminate()


@pytest.fixture
def receiver():
    listening = Receiver()
    yield listening
    listening.close()
