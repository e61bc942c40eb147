"""A house under load, ways to look into it from outside, and the checker."""

import json
import os
import subprocess
import threading
from contextlib import contextmanager

import psycopg2

from config.environment import free_port
from tests.faults.clients import OK, Agent, History, Visitor
from tests.faults.mail_sink import MailSink
from tests.stack import ROOT, Stack, wait_for

PATIENCE = 90  # on a busy machine; what is waited for takes a few seconds on an idle one
PASSWORD = "seven-lanterns-42"
AGENTS = ("first.agent", "second.agent")
# Two agents with room for everything, who stay ready without an open desk.
STAFF = f"""
from datetime import timedelta
from django.utils import timezone
from accounts.models import Membership, Presence, Team
from accounts.services import create_user
for name in {AGENTS}:
    user = create_user(username=name, name=name, by=None, password="{PASSWORD}", roles=["agent"])
    Membership.objects.create(user=user, team=Team.objects.get(code="logistics"))
    Presence.objects.filter(user=user).update(state="ready", heartbeat_at=timezone.now() + timedelta(days=1), capacity=30000)
"""


class Proving:
    """A running house with agents, a mail server outside it, and everything that clients were told."""

    def __init__(self, stack: Stack, sink: MailSink):
        self.stack, self.sink, self.history = stack, sink, History()
        made = stack.manage("shell", "-c", STAFF)
        assert made.returncode == 0, made.stderr

    def visitor(self, base_url: str = "") -> Visitor:
        return Visitor(base_url or self.stack.base_url, self.history)

    def agent(self, number: int = 0) -> Agent:
        agent = Agent(self.stack.base_url).log_in(AGENTS[number], PASSWORD)
        self.rows("UPDATE accounts_presence SET heartbeat_at = now() + interval '1 day' RETURNING 1")
        return agent

    def rows(self, statement: str, *values) -> list[tuple]:
        with psycopg2.connect(self.stack.database_url) as connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            rows = cursor.fetchall()
        connection.close()
        return rows

    def value(self, statement: str, *values):
        return self.rows(statement, *values)[0][0]

    def wait(self, condition, *, within: float = PATIENCE) -> None:
        wait_for(condition, within=within, what=self.stack.describe)

    def wait_until_whole(self) -> None:
        self.wait(self.stack.is_whole)

    def wait_until_settled(self) -> None:
        """Every complaint has an agent, every mail that is due has left, every event is in the feed."""
        self.wait_until_whole()
        wait_for(lambda: not self.rows(UNSETTLED), within=2 * PATIENCE, what=lambda: f"{self.rows(UNSETTLED)}\n{self.stack.describe()}")

    def check_invariants(self) -> None:
        """The checker, with what clients, mail server and payment provider saw."""
        history = self.history.write(self.stack.data / "history")
        seen = {"history": history, "smtp-sink": self.sink.file, "gateway-ledger": self.stack.data / "gateway" / "ledger.jsonl"}
        outside = [part for name, path in seen.items() for part in (f"--{name}", str(path))]
        checked = self.stack.manage("check_invariants", "--json", *outside)
        found = json.loads(checked.stdout) if checked.stdout else {}
        broken = {code: each["broken"] + [each["error"]] for code, each in found.items() if each["state"] != "ok"}
        assert not broken and checked.returncode == 0, f"{broken}\n{checked.stderr}\n{self.stack.describe()}"

    @contextmanager
    def load(self, *, clients: int = 3):
        """Customers who file and write until the block ends; each ends what it has begun."""
        stopping = threading.Event()
        threads = [threading.Thread(target=self._use, args=(stopping,)) for _ in range(clients)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stopping.set()
            for thread in threads:
                thread.join(PATIENCE)

    def _use(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            visitor = self.visitor()
            if visitor.file() == OK and not stopping.is_set():
                visitor.write()
            stopping.wait(0.05)

    def wait_for_confirmed(self, more: int) -> None:
        """Wait until clients were told of so many more complaints: the house takes them again."""
        goal = len(self.history.confirmed()) + more
        self.wait(lambda: len(self.history.confirmed()) >= goal)

    def wait_for_assigned(self) -> None:
        """Wait until whoever files now gets an agent and a receipt."""
        visitor = self.visitor()
        self.wait(lambda: visitor.number_of_complaint or visitor.file() == OK)
        self.wait(lambda: self.value(HAS_AGENT, visitor.number_of_complaint) and self.sink.of(visitor.email))

    @contextmanager
    def second_web(self, failpoints: str):
        """Another web server of the same house, with failpoints that the first one does not have."""
        port = free_port()
        env = {**self.stack.env, "PORT": str(port), "FAILPOINTS": failpoints}
        argv = [self.stack.argv[0], "-m", "granian", "--interface", "asgi", "--port", str(port), "--workers", "1", "--no-ws"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT}
        server = subprocess.Popen([*argv, "config.asgi:application"], env=env, cwd=ROOT, **quiet)
        try:
            base_url = f"http://127.0.0.1:{port}"
            self.wait(lambda: self.visitor(base_url).get("/livez").status == 200)
            yield base_url
        finally:
            server.kill()
            server.wait()


HAS_AGENT = "SELECT count(*) FROM complaints_complaint WHERE number = %s AND assignee_id IS NOT NULL"
UNSETTLED = """
    SELECT 'waits for an agent', id::text, blocked_by FROM complaints_assignmentrequest WHERE state = 'waiting'
    UNION ALL SELECT 'mail is ' || state, id::text, (next_at - now())::text || ' ' || error FROM complaints_outbox
        WHERE state = 'sending' OR (state = 'queued' AND next_at < now() + interval '60 s')
    UNION ALL SELECT 'not in the feed', event_id::text, '' FROM complaints_eventpending
"""


def seeds() -> list[int]:
    """BIHUAN_SEEDS many seeds (one) from BIHUAN_SEED on, which is drawn at random unless it is set, to repeat a run."""
    first = int(os.environ["BIHUAN_SEED"])
    return [first + number for number in range(int(os.environ.get("BIHUAN_SEEDS", "1")))]


def kill_all(pids) -> None:
    for pid in pids:
        try:
            os.kill(pid, 9)
        except ProcessLookupError:
            continue
