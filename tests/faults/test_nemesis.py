"""The house under load while something dies. Nothing that a customer was told is lost, and nothing happens twice.

Each fault strikes at a moment that the seed decides. Then the house must take complaints again by itself, and the checker
compares what clients and mail server saw with what is there.
"""

import random
import signal

import psutil
import pytest
import redis
from celery import Celery

from tests.faults.harness import kill_all, seeds

WORKERS = ("money", "mail", "clocks", "bulk")
END_SESSIONS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid() AND pid %% 2 = %s
"""


def kill_workers(proving, dice):
    """F2, F3: whole workers with their pools, one after the other."""
    for name in dice.sample(WORKERS, len(WORKERS)):
        kill_all([proving.stack.pid(name), *[each.pid for each in proving.stack.inner(name)]])


def kill_pool_child(proving, dice):
    """F1: the process in which a task runs, not the worker around it."""
    kill_all(each.pid for name in ("mail", "clocks") for each in proving.stack.inner(name))


def kill_sweeper(proving, dice):
    """F20: nobody sweeps for a moment."""
    proving.stack.kill("sweeper")


def kill_web(proving, dice):
    """The web server with everything that it is answering."""
    kill_all([*[each.pid for each in proving.stack.inner("web")], proving.stack.pid("web")])


def kill_valkey(proving, dice):
    """F6."""
    proving.stack.kill("valkey")


def flush_all(proving, dice):
    """F7."""
    redis.Redis.from_url(proving.stack.redis_url).flushall()


def kill_postgres(proving, dice):
    """F10: the postmaster, in the middle of whatever it writes."""
    proving.stack.kill("postgres")


def end_sessions(proving, dice):
    """F11: the database ends half of its connections."""
    proving.rows(END_SESSIONS, dice.randrange(2))


def stop_worker_for_a_while(proving, dice):
    """F22: a mail worker stands still in the middle of its work and wakes up again."""
    frozen = [psutil.Process(proving.stack.pid("mail")), *proving.stack.inner("mail")]
    for process in frozen:
        process.suspend()
    proving.wait_for_confirmed(2)
    for process in frozen:
        process.resume()


def deploy(proving, dice):
    """F4: web server, workers and sweeper are asked to end in the middle of their work, while hints of another release wait for them."""
    send_unknown_hints(proving)
    names = ["web", "sweeper", *WORKERS]
    for name in dice.sample(names, len(names)):
        proving.stack.kill(name, by=signal.SIGTERM)
    send_unknown_hints(proving)


def send_unknown_hints(proving):
    """A task that this release does not know, and arguments that its tasks do not take."""
    with Celery(broker=proving.stack.redis_url) as newer:
        for queue in WORKERS:
            newer.send_task("complaints.of_a_later_release", args=[1], queue=queue, retry=False, ignore_result=True)
            newer.send_task("complaints.relay", args=[1, 2], kwargs={"wish": "new"}, queue=queue, retry=False, ignore_result=True)


def hang_valkey(proving, dice):
    """F8: Valkey takes connections and says nothing. Complaints are taken meanwhile, and worked on from the database."""
    valkey = psutil.Process(proving.stack.pid("valkey"))
    valkey.suspend()
    try:
        proving.wait_for_confirmed(3)
        proving.wait_for_assigned()
    finally:
        valkey.resume()


def fill_valkey(proving, dice):
    """F9: Valkey refuses every write. Complaints are taken meanwhile, and worked on from the database."""
    valkey = redis.Redis.from_url(proving.stack.redis_url)
    valkey.config_set("maxmemory-policy", "noeviction")
    valkey.config_set("maxmemory", 1)
    try:
        proving.wait_for_confirmed(3)
        proving.wait_for_assigned()
    finally:
        valkey.config_set("maxmemory", 0)


FAULTS = [
    kill_workers, kill_pool_child, kill_sweeper, kill_web, kill_valkey, flush_all, kill_postgres, end_sessions, stop_worker_for_a_while,
    deploy, hang_valkey, fill_valkey,
]  # fmt: skip


@pytest.mark.parametrize("seed", seeds())
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_nothing_confirmed_is_lost(proving, fault, seed):
    dice = random.Random(f"{fault.__name__} {seed}")

    with proving.load():
        proving.wait_for_confirmed(dice.randint(1, 4))
        fault(proving, dice)
        proving.wait_until_whole()
        proving.wait_for_confirmed(2)

    proving.check_invariants()


def test_after_all_faults_everybody_has_an_agent_and_one_mail(proving):
    """At least once under one name: whoever looks at the Message-ID sees one acknowledgement per complaint."""
    proving.visitor().file()

    proving.wait_until_settled()

    proving.check_invariants()
    for number, key, state, email in acknowledgements(proving):
        assert state == "sent", number
        assert key in proving.sink.of(email), number
    assert proving.value("SELECT count(*) FROM complaints_complaint WHERE assignee_id IS NULL") == 0
    assert proving.value("SELECT count(*) FROM complaints_outbox WHERE node = 'acknowledged'") == proving.value(COMPLAINTS)


COMPLAINTS = "SELECT count(*) FROM complaints_complaint WHERE contact_email_index <> ''"


def acknowledgements(proving) -> list[tuple]:
    rows = proving.rows(
        "SELECT c.number, o.key::text, o.state, c.description FROM complaints_outbox o"
        " JOIN complaints_complaint c ON c.id = o.complaint_id WHERE o.node = 'acknowledged'"
    )
    return [(number, key, state, f"visitor{text.split()[1]}@mail.example") for number, key, state, text in rows]
