"""One command starts the whole house, keeps it whole and ends all of it."""

import json
import os
import signal
import socket
import subprocess
from urllib.parse import urlsplit

import psycopg2
import pytest

from config.environment import free_port, read_trial_values
from tests.stack import CHILDREN, Stack, wait_for

pytestmark = pytest.mark.xdist_group("up")  # one house, one worker
PATIENCE = 60  # on a busy machine; on an idle one a repair takes about two seconds


def test_up_answers_and_says_where(house):
    output = house.output.read_text()

    assert house.get("/livez") == (200, b"ok\n")
    assert f"{house.base_url}/admin/" in output


def test_up_hides_its_secrets_from_other_users(house):
    assert (house.data / "trial.env").stat().st_mode & 0o077 == 0


def test_up_lets_nobody_into_the_database_without_the_password(house):
    stranger = house.database_url.replace(urlsplit(house.database_url).password, "wrong")

    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(stranger)


def test_the_application_is_no_superuser_of_the_database(house):
    assert query(house, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == (False,)


@pytest.mark.parametrize("name", CHILDREN)
def test_up_repairs_a_killed_child(house, name):
    killed = house.kill(name)

    wait_for(lambda: house.pid(name) != killed, within=PATIENCE, what=house.describe)
    wait_for(house.is_ready, within=PATIENCE, what=house.describe)
    assert f"{name} was killed by SIGKILL" in house.output.read_text()


@pytest.mark.parametrize("name", ["mail", "web"])
def test_up_repairs_a_child_whose_own_child_was_killed(house, name):
    wait_for(lambda: house.inner(name), within=PATIENCE, what=house.describe)
    killed = house.inner(name)[0]

    killed.kill()

    wait_for(lambda: [each for each in house.inner(name) if each.pid != killed.pid], within=PATIENCE, what=house.describe)
    wait_for(house.is_ready, within=PATIENCE, what=house.describe)


def test_workers_and_sweeper_show_signs_of_life(house):
    kinds = ("sweeper", "worker:money", "worker:mail", "worker:clocks", "worker:bulk")

    wait_for(lambda: all(f'kind="{kind}"'.encode() in house.get("/metrics")[1] for kind in kinds), within=30, what=house.describe)


def test_a_second_up_in_the_same_folder_refuses(house):
    second = house.manage("up", "--no-demo")

    assert second.returncode != 0
    assert "already runs from" in second.stderr


def test_up_names_a_port_that_is_taken(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = Stack(tmp_path, env={"PORT": str(port)}).manage("up", "--no-demo")

    assert refused.returncode != 0
    assert f"Port {port} is in use" in refused.stderr


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_up_leaves_no_process_behind_and_keeps_the_data(house, by):
    query(house, f"CREATE TABLE kept_{int(by)} AS SELECT 42 AS answer")

    code = house.stop(by=by)
    left = house.processes()
    house.start()

    assert (code, left) == (0, [])
    assert query(house, f"SELECT answer FROM kept_{int(by)}") == (42,)


def test_up_killed_outright_takes_its_children_along_and_recovers(house):
    query(house, "CREATE TABLE kept AS SELECT 42 AS answer")

    house.stop(by=signal.SIGKILL)
    wait_for(lambda: not house.processes(), within=40, what=house.describe)
    house.start()

    assert query(house, "SELECT answer FROM kept") == (42,)


def test_up_refuses_an_open_address_while_demo_passwords_stand(house):
    create = "from accounts.models import User; User.objects.create_user('gu.admin', password='bihuan-demo', name='Gu')"
    assert house.manage("shell", "-c", create).returncode == 0
    second = {"BIHUAN_BIND": "0.0.0.0", "BIHUAN_DATA": str(house.data / "second"), "PORT": str(free_port())}
    environment = {**house.env, **read_trial_values(house.data), **second}

    refused = subprocess.run(house.argv, env=environment, capture_output=True, text=True, timeout=60, check=False)

    assert refused.returncode != 0
    assert "gu.admin" in refused.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder that another user cannot reach")
def test_up_works_for_root_in_a_closed_folder(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)

    with Stack(closed / "data") as stack:
        assert stack.is_ready()


def test_readiness_tells_the_truth_about_valkey(house):
    house.kill("valkey", by=signal.SIGSTOP)
    try:
        wait_for(lambda: json.loads(house.get("/readyz")[1])["degraded"] == ["hints"], within=20, what=house.describe)
        status, _ = house.get("/readyz")
    finally:
        house.kill("valkey", by=signal.SIGCONT)

    assert status == 200


def query(stack: Stack, statement: str) -> tuple | None:
    """Run one statement as the application's own role."""
    connection = psycopg2.connect(stack.database_url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone() if cursor.description else None
    finally:
        connection.close()
