"""A house full of running clocks, with the sweeper and the workers of a deployment and no web server."""

import os
import threading
import time
from contextlib import closing, contextmanager
from datetime import timedelta

import psycopg2
import redis

from benchmarks.house import House, make_engine
from config.embedded import Postgres, Valkey
from config.environment import read_trial_values
from config.supervisor import Supervisor

AGENTS = 20
WORKERS = ("clocks", "mail")
# Sweeper and worker take turns, so each has run for twelve seconds and comes back at once.
KILL_EVERY = 6.0
# Every complaint is in work, owes an answer and a solution, and nothing of it is due within the hour.
FILL = """
    WITH chosen AS (
        INSERT INTO complaints_complaint ({columns})
        SELECT {values} FROM complaints_complaint t CROSS JOIN generate_series(1, %(complaints)s) AS n WHERE t.id = %(template)s
        RETURNING id
    ), runs AS (
        INSERT INTO complaints_clockrun (complaint_id, kind, cycle, state, started_at, target_s, consumed_s, counted_at, due_at, promise_at,
            reached, pause_reason, pauses, is_uncovered)
        SELECT id, kind, 1, 'running', now(), 8 * 3600, 0, now(), now() + '8 h'::interval, now() + '8 h'::interval, 0, '', 0, false
        FROM chosen CROSS JOIN (VALUES ('next'), ('resolution')) AS kinds (kind)
        RETURNING id, complaint_id, kind
    )
    INSERT INTO complaints_clock (run_id, complaint_id, kind, threshold, due_at)
    SELECT id, complaint_id, kind, 50, now() + '4 h'::interval FROM runs
"""
CHANGED = {
    "number": "'B' || n", "status": "'open'", "head_seq": "0", "head_hash": r"'\x" + "00" * 32 + "'", "first_reply_at": "now()",
    "needs_reply": "true", "unanswered_since": "now()", "due_at": "now() + '8 h'::interval", "due_kind": "'next'", "version": "1",
    "assignee_id": "(%(agents)s::bigint[])[1 + n %% cardinality(%(agents)s::bigint[])]", "submission_digest": "NULL",
}  # fmt: skip
# Next answers that were owed for eight hours, spread evenly; half and four fifths of the time have been noticed.
MAKE_DUE = """
    WITH chosen AS (
        SELECT r.id, r.complaint_id, row_number() OVER (ORDER BY r.id) AS place FROM complaints_clockrun r
        WHERE r.kind = 'next' AND r.state = 'running' AND r.reached = 0 ORDER BY r.id LIMIT %(due)s
    ), moments AS (
        SELECT id, complaint_id, now() + (%(lead)s + place * %(seconds)s::float / %(due)s) * '1 s'::interval AS due_at FROM chosen
    ), runs AS (
        UPDATE complaints_clockrun r SET due_at = m.due_at, promise_at = m.due_at, started_at = m.due_at - '8 h'::interval,
            counted_at = m.due_at - '8 h'::interval, reached = 80
        FROM moments m WHERE r.id = m.id RETURNING r.id
    ), complaints AS (
        UPDATE complaints_complaint c SET due_at = m.due_at, promise_at = m.due_at FROM moments m WHERE c.id = m.complaint_id
    ), passed AS (
        UPDATE complaints_clock k SET fired_at = now(), due_at = now() - '1 s'::interval FROM moments m WHERE k.run_id = m.id
    )
    INSERT INTO complaints_clock (run_id, complaint_id, kind, threshold, due_at)
    SELECT id, complaint_id, 'next', 100, due_at FROM moments RETURNING run_id
"""


class ClockHouse(House):
    """``running`` clocks on half as many complaints. ``supervisor`` keeps sweeper and workers alive once ``working`` began."""

    def __init__(self, folder, running: int):
        super().__init__(folder, running)
        self.supervisor = Supervisor(run_folder=folder / "run", say=lambda _text: None)

    def __enter__(self) -> "ClockHouse":
        values = read_trial_values(self.folder)
        self.env = os.environ | {"BIHUAN_DATA": str(self.folder), "BIHUAN_ENV": "trial", "EMAIL_URL": "dummymail://"} | values
        self.engines = [make_engine(kind, values, self.folder) for kind in (Postgres, Valkey)]
        self._start_engines()
        # When something was recorded is when it was committed, which the server must be told to remember.
        self._as_superuser("ALTER SYSTEM SET track_commit_timestamp = on")
        self.engines[0].stop()
        self._start_engines(self.engines[0])
        os.environ.update(self.env, DJANGO_SETTINGS_MODULE="config.settings")
        return self

    def __exit__(self, *_) -> None:
        for engine in reversed(self.engines):
            engine.stop()

    @contextmanager
    def working(self):
        """Sweeper and workers run, and are started again when they die, until the block ends."""
        from config import trial

        stopping = threading.Event()
        self.programs = [each for each in trial.make_programs(bind="127.0.0.1", port=self.port) if each.name in ("sweeper", *WORKERS)]
        for program in self.programs:
            program.env |= self.env
            self.supervisor.keep(program)
        watch = threading.Thread(target=self._watch, args=(stopping,))
        watch.start()
        try:
            yield
        finally:
            stopping.set()
            watch.join()
            self.supervisor.stop()
            self.supervisor.kept.clear()

    @property
    def groups(self) -> dict[str, int]:
        """The processes that count, by name."""
        return {"database": self.engines[0].process.pid} | {kept.program.name: kept.process.pid for kept in self.supervisor.kept}

    def kill(self, name: str) -> None:
        """End a program with everything below it, as a machine that goes away would."""
        from config import children

        children.kill_session(next(kept.process.pid for kept in self.supervisor.kept if kept.program.name == name))

    def flush_valkey(self) -> None:
        redis.Redis.from_url(self.env["REDIS_URL"]).flushall()

    def fill(self) -> None:
        """Copy one complaint that was filed as a customer does until there are enough."""
        if (self.folder / "filled").exists():
            return
        from django.db import connection

        from complaints.models import Complaint

        template, agents = file_template(), make_agents()
        columns = [field.column for field in Complaint._meta.concrete_fields if field.column != "id"]
        values = [CHANGED.get(column, f"t.{column}") for column in columns]
        with connection.cursor() as cursor:
            cursor.execute(
                FILL.format(columns=", ".join(columns), values=", ".join(values)),
                {"complaints": self.volume // 2, "template": template, "agents": agents},
            )
        (self.folder / "filled").touch()
        self.vacuum()

    def make_due(self, *, due: int, seconds: float, lead: float) -> list[int]:
        """Let so many answers fall due within ``seconds``, from ``lead`` seconds on; returns their runs."""
        with closing(psycopg2.connect(self.env["DATABASE_URL"])) as connection, connection, connection.cursor() as cursor:
            cursor.execute(MAKE_DUE, {"due": due, "seconds": seconds, "lead": lead})
            return [row[0] for row in cursor.fetchall()]

    def _start_engines(self, *chosen) -> None:
        for engine in chosen or self.engines:
            engine.end_leftover()
            engine.start()
        for engine in chosen or self.engines:
            engine.wait()

    def _as_superuser(self, statement: str) -> None:
        connection = psycopg2.connect(self.engines[0].superuser_url)
        connection.autocommit = True
        with closing(connection), connection.cursor() as cursor:
            cursor.execute(statement)

    def _watch(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            self.supervisor.look()
            stopping.wait(0.2)


def file_template() -> int:
    """A complaint with an address, so that a missed promise has somebody to apologise to."""
    from tests.factories import make_complaint

    return make_complaint().pk


def make_agents() -> list[int]:
    """People who are there and have room for everything, so that nobody takes their work back meanwhile."""
    from django.utils import timezone

    from accounts.models import Presence
    from tests.factories import make_user

    agents = [make_user(username=f"bench{number}").pk for number in range(AGENTS)]
    there = {"state": Presence.State.READY, "heartbeat_at": timezone.now() + timedelta(days=3650), "capacity": 30_000}
    for agent in agents:
        Presence.objects.update_or_create(user_id=agent, defaults=there)
    return agents


def disturb(house: ClockHouse, *, until: float) -> int:
    """Kill sweeper and clock worker in turns and flush Valkey each time; returns how often."""
    blows = 0
    while time.monotonic() < until:
        house.kill(("sweeper", "clocks")[blows % 2])
        house.flush_valkey()
        blows += 1
        time.sleep(KILL_EVERY)
    return blows
