"""The trial run: which programs it consists of, and what has to stand before they start."""

import fcntl
import ipaddress
import os
import socket
import sys
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command, get_commands
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config import SETUP_COMMANDS, celery
from config.embedded import Engine, Postgres, Valkey
from config.environment import DEMO_GATEWAY, make_engine_addresses, read_trial_values, write_trial_values
from config.static import collect_stale
from config.supervisor import Program
from config.translations import compile_stale

LOG_FOLDER = settings.DATA_DIR / "log"
RUN_FOLDER = settings.DATA_DIR / "run"
LARGEST_LOG = 5_000_000


class TrialError(Exception):
    """The trial run cannot start; the text says why and what to do."""


def lock_folder():
    """Make sure that this data folder has one trial run; the lock ends with the process, however it ends."""
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    lock = (settings.DATA_DIR / "up.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        raise TrialError(f"Bihuan already runs from {settings.DATA_DIR} (process {lock.read().strip()}).") from None
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock


def require_free_port(bind: str, port: int, *, within: float = 5) -> None:
    """Wait a moment for a port that a just ended run still holds; raises ``TrialError`` when it stays taken."""
    deadline = time.monotonic() + within
    while is_taken(bind, port):
        if time.monotonic() > deadline:
            raise TrialError(f"Port {port} is in use. Choose another one: PORT={port + 1} make run")
        time.sleep(0.1)


def is_taken(bind: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in bind else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
        except OSError:
            return True
    return False


def make_engines() -> list[Engine]:
    """PostgreSQL and Valkey, unless the environment names servers of its own."""
    kinds = {"DATABASE_URL": Postgres, "REDIS_URL": Valkey}
    engines = []
    for variable in sorted(settings.EMBEDDED):
        address, kind = urlsplit(os.environ[variable]), kinds[variable]
        folder, log = settings.DATA_DIR / kind.name, LOG_FOLDER / f"{kind.name}.log"
        engines.append(kind(folder=folder, port=address.port, password=address.password, log=log))
    return engines


def move_engines_if_taken(engines: list[Engine]) -> None:
    """Give the engines other ports when a stranger took one meanwhile, and start this command over with them."""
    for engine in engines:
        engine.end_leftover()
    if not any(is_taken("127.0.0.1", engine.port) for engine in engines):
        return
    values = read_trial_values(settings.DATA_DIR)
    password = urlsplit(values["DATABASE_URL"]).password
    write_trial_values(settings.DATA_DIR, values | make_engine_addresses(password=password), replace=True)
    for variable in settings.EMBEDDED:
        del os.environ[variable]
    os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606 - ourselves again


def prepare_house(say: Callable[[str], None]) -> None:
    """Texts, static files, tables, roles and shipped defaults; what is up to date costs next to nothing."""
    compile_stale(settings.LOCALE_PATHS)
    if collect_stale():
        say("static files collected")
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        say("preparing the database …")
        call_command("migrate", interactive=False, verbosity=0)
    for name in SETUP_COMMANDS:
        if name in get_commands():
            call_command(name, verbosity=0, stdout=StringIO())


def make_programs(*, bind: str, port: int) -> list[Program]:
    """The web server first: people wait for it."""
    trim_logs()
    manage = [settings.BASE_DIR / "manage.py"]
    web = ["-m", "granian", "--interface", "asgi", "--host", bind, "--port", port, "--workers", 1, "--no-ws", "--http", "1"]
    web += ["--workers-kill-timeout", 5, "--log-level", "warning", "config.asgi:application"]
    return [
        make_program("web", web),
        make_program("gateway", gateway_arguments(manage, port)),
        make_program("sweeper", [*manage, "sweeper"]),
        *(make_program(queue, worker_arguments(queue)) for queue in celery.QUEUES),
    ]


def gateway_arguments(manage: list, port: int) -> list:
    """The play money of the trial: a process of its own, which knows nothing of the product's database."""
    address = urlsplit(os.environ[DEMO_GATEWAY[0]])
    notices = f"http://127.0.0.1:{port}/hooks/pay/demo/"
    return [*manage, "demo_gateway", "--port", address.port, "--folder", settings.DATA_DIR / "gateway", "--webhook-url", notices]


def make_program(name: str, argv: list) -> Program:
    return Program(name=name, argv=argv, log=LOG_FOLDER / f"{name}.log", env={"BIHUAN_PROCESS": name, "PYTHONUNBUFFERED": "1"})


def worker_arguments(queue: str) -> list:
    common = ["--concurrency", 1, "--without-gossip", "--without-mingle", "--loglevel", "WARNING"]
    return ["-m", "celery", "-A", "config.celery", "worker", "--queues", queue, "--hostname", f"{queue}@%h", *common]


def trim_logs() -> None:
    """Keep the previous log of a program whose log grew large, and start a new one."""
    for log in LOG_FOLDER.glob("*.log"):
        if log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_suffix(".log.old"))


def is_loopback_name(bind: str) -> bool:
    try:
        return ipaddress.ip_address(bind).is_loopback
    except ValueError:
        return bind == "localhost"


def list_urls(bind: str, port: int) -> list[tuple[str, str]]:
    base = f"http://{'127.0.0.1' if bind in ('0.0.0.0', '::') else bind}:{port}"  # noqa: S104 - compared, not bound
    return [("customers", f"{base}/"), ("staff", f"{base}/admin/"), ("API", f"{base}/api/docs/")]


def describe_place(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
