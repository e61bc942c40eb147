"""A house to measure: PostgreSQL with its own data, and the web server of a deployment. No worker and no sweeper beside them."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

import psycopg2

from config import SETUP_COMMANDS, children
from config.embedded import Postgres, Valkey
from config.environment import free_port, read_trial_values

ROOT = Path(__file__).resolve().parent.parent
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
SET_UP = tuple([name] for name in SETUP_COMMANDS)
PREPARATION = (["migrate", "-v", "0"], ["compilemessages"], ["collectstatic", "--noinput", "-v", "0"], *SET_UP)
WEB = ["-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--workers", "1", "--blocking-threads", "4", "--log-level", "warning"]


class House:
    """One volume of data with its servers. The data stays in ``folder`` and is loaded once."""

    def __init__(self, folder: Path, volume: int):
        self.folder, self.volume = folder, volume
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "House":
        self.env = os.environ | {"BIHUAN_DATA": str(self.folder), "BIHUAN_ENV": "trial", "PORT": str(self.port)}
        self.env |= {"BIHUAN_TRUSTED_PROXIES": "127.0.0.1", "BIHUAN_COMPRESS": "0"}  # as behind a proxy, which compresses
        values = read_trial_values(self.folder)
        self.engines = [make_engine(kind, values, self.folder) for kind in (Postgres, Valkey)]
        for engine in self.engines:
            engine.end_leftover()
            engine.start()
        for engine in self.engines:
            engine.wait()
        self.env |= values
        self.load()
        argv = [sys.executable, *WEB, "--port", str(self.port), "config.wsgi:application"]
        self.web = children.spawn(argv, log=self.folder / "log" / "web.log", env=self.env | {"BIHUAN_PROCESS": "web"})
        self.wait_for_answer()
        return self

    def __exit__(self, *_) -> None:
        children.stop(self.web)
        for engine in reversed(self.engines):
            engine.stop()

    @property
    def groups(self) -> dict[str, int]:
        """The processes that count, by name."""
        return {"web": self.web.pid, "database": self.engines[0].process.pid}

    def load(self) -> None:
        """Migrate, and fill an empty database; a full one is left as it is."""
        for command in PREPARATION:
            self.manage(*command)
        if not (self.folder / "loaded").exists():
            began = time.monotonic()
            self.manage("load_demo", "--orders", str(self.volume), "--complaints", str(self.volume), "--seed", "1")
            (self.folder / "loaded").write_text(f"{time.monotonic() - began:.0f} s")
            self.vacuum()

    def vacuum(self) -> None:
        """What autovacuum would have done by now in a house that filled up slowly; else it works while we measure."""
        connection = psycopg2.connect(self.env["DATABASE_URL"])
        connection.autocommit = True
        with closing(connection), connection.cursor() as cursor:
            cursor.execute("VACUUM (ANALYZE)")

    def manage(self, *arguments: str) -> None:
        subprocess.run([sys.executable, str(ROOT / "manage.py"), *arguments], env=self.env, cwd=ROOT, check=True)

    def wait_for_answer(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                with OPENER.open(f"{self.base_url}/livez", timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise RuntimeError(f"The web server does not answer; see {self.folder / 'log' / 'web.log'}.")


def make_engine(kind, values: dict[str, str], folder: Path):
    from urllib.parse import urlsplit

    address = urlsplit(values["DATABASE_URL" if kind is Postgres else "REDIS_URL"])
    return kind(folder=folder / kind.name, port=address.port, password=address.password, log=folder / "log" / f"{kind.name}.log")
