"""What must always be true of the data, asked in one snapshot. Nothing is repaired here.

Each invariant is a function that returns how many rows it looked at and what breaks it. The numbers are those of docs/security.md;
I7 (inbound mail) comes with its tables, I11 and I12 are asked of the running house by the tests.
"""

import hashlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from complaints.assignment.agents import read_agents
from complaints.assignment.candidates import Need, judge, winner_of
from complaints.assignment.load import find_wrong_loads
from complaints.models import AssignmentRequest, Complaint
from complaints.services.verification import verify_chains
from config.article_invariants import article_faults
from config.clock_invariants import CLOCK_FAULTS
from config.goods_invariants import goods_faults
from config.money_invariants import ledger_faults, money_faults
from foundation.files import file_path
from foundation.leases import MAX_CRASHES

logger = logging.getLogger(__name__)
# A lease of a dead worker, two sweeps and what a busy machine adds.
LATE_SECONDS = 120
WAITS_IN_VAIN_SECONDS = 15
MOST_LOOKED_AT = 500


@dataclass(frozen=True)
class Evidence:
    """What was seen from outside: the acts of clients with their outcome, the file in which a mail server notes Message-IDs, and the
    ledger of the demo gateway.

    A line of ``history`` is ``{"kind": "complaint" | "message", "text", "outcome": "ok" | "fail" | "info", "number"}``; the text is
    unique, "info" means that the client never learned the outcome.
    """

    history: list[dict[str, Any]] | None = None
    smtp_sink: Path | None = None
    gateway_ledger: Path | None = None


@dataclass
class Finding:
    """How one invariant fares: ``error`` is why it could not be asked, which never counts as holding."""

    code: str
    rule: str
    rows: int = 0
    broken: list[str] = field(default_factory=list)
    error: str = ""

    @property
    def state(self) -> str:
        return "not checked" if self.error else "broken" if self.broken else "ok"


Look = tuple[int, list[str]]


def check_all(evidence: Evidence) -> list[Finding]:
    """Ask every invariant in one snapshot. Files are hashed after it, and who seems to wait in vain is looked at once more."""
    with snapshot():
        findings = {code: _ask(code, rule, look, evidence) for code, (rule, look) in INVARIANTS.items()}
        files = _rows("SELECT path, size, sha256 FROM complaints_attachment ORDER BY id")
        suspects = waiting_in_vain()
    findings["I1"].rows += len(files)
    findings["I1"].broken += [fault for row in files for fault in _file_faults(*row)]
    findings["I3"].broken += [f"{number}: waits although somebody could take it" for number in _still_waiting(suspects)]
    return list(findings.values())


@contextmanager
def snapshot() -> Iterator[None]:
    """A transaction that sees one moment and can write nothing."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


def _ask(code: str, rule: str, look: Callable[[Evidence], Look], evidence: Evidence) -> Finding:
    try:
        with transaction.atomic():
            rows, broken = look(evidence)
    except Exception as error:
        logger.exception("%s could not be checked", code)
        return Finding(code, rule, error=f"{type(error).__name__}: {error}")
    return Finding(code, rule, rows, broken)


def confirmed_is_kept(evidence: Evidence) -> Look:
    """I1: what a client was told is there, what it was refused is not, what it never learned about is there at most once."""
    acts = evidence.history or []
    texts = [act["text"] for act in acts]
    found = Counter(text for (text,) in _rows("SELECT body FROM complaints_message WHERE body = ANY(%s)", [texts]))
    allowed = {"ok": {1}, "fail": {0}, "info": {0, 1}}
    wrong = [act for act in acts if found[act["text"]] not in allowed[act["outcome"]]]
    lost = [f"{act['text']}: {act['outcome']}, but there {found[act['text']]} times" for act in wrong]
    known = {number for (number,) in _rows("SELECT number FROM complaints_complaint")} if acts else set()
    lost += [f"{act['number']}: confirmed, but not there" for act in acts if act.get("number") and act["number"] not in known]
    return len(acts), lost


def one_submission_is_one_complaint(evidence: Evidence) -> Look:
    """I2: the constraint stands, and no text of the history was filed twice."""
    held = _rows(
        "SELECT 1 FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)"
        " WHERE i.indrelid = 'complaints_complaint'::regclass AND i.indisunique AND i.indisvalid AND a.attname = 'submission_digest'"
    )
    broken = [] if held else ["complaints_complaint.submission_digest is not unique"]
    texts = [act["text"] for act in evidence.history or [] if act["kind"] == "complaint"]
    twice = "SELECT description FROM complaints_complaint WHERE description = ANY(%s) GROUP BY description HAVING count(*) > 1"
    return _count("complaints_complaint"), broken + [f"{text}: filed twice" for (text,) in _rows(twice, [texts])]


def work_is_assigned_once_and_fits(_evidence: Evidence) -> Look:
    """I3: who waits is in the queue, who is assigned is not, nobody got more than they have room for, loads are counted right."""
    broken = [f"{number}: {fault}" for number, fault in _rows(ASSIGNMENT_FAULTS)]
    broken += [f"user {user_id}: the counted load is not {units}" for user_id, units in find_wrong_loads()]
    return _count("complaints_complaint") + _count("complaints_decision"), broken


def waiting_in_vain() -> list[str]:
    """Complaints that wait for a while although somebody who is there has room for them; not those that wait for their owner, or
    for room that is kept for who came before."""
    old = "SELECT id FROM complaints_assignmentrequest WHERE state = 'waiting' AND enqueued_at < now() - make_interval(secs => %s)"
    chosen = [row[0] for row in _rows(f"{old} ORDER BY rank_at, id LIMIT %s", [WAITS_IN_VAIN_SECONDS, MOST_LOOKED_AT])]
    requests = AssignmentRequest.objects.filter(pk__in=chosen).exclude(Q(blocked_by="held") | Q(blocked_by="kept", sticky_until__gt=Now()))
    related = requests.select_related("complaint__category", "complaint__customer")
    needs = [(request.complaint, Need.of(request.complaint, request)) for request in related]
    agents = read_agents(team_ids={need.team_id for _complaint, need in needs}) if needs else []
    return [complaint.number for complaint, need in needs if winner_of(judge([a for a in agents if need.team_id in a.team_ids], need))]


def _still_waiting(suspects: list[str]) -> list[str]:
    """Somebody may have become ready a moment before the snapshot; whoever still waits after two sweeps does so in vain."""
    if not suspects:
        return []
    time.sleep(WAITS_IN_VAIN_SECONDS)
    with snapshot():
        return sorted(set(suspects) & set(waiting_in_vain()))


def timers_fire_in_time(_evidence: Evidence) -> Look:
    """I4: no state has outlived its end, and clocks, their rungs and their events agree."""
    late = _rows("SELECT number FROM complaints_complaint WHERE timer_at < now() - make_interval(secs => %s)", [LATE_SECONDS])
    running = _rows("SELECT count(*) FROM complaints_complaint WHERE timer_at IS NOT NULL")[0][0]
    broken = [f"{number}: its time is over" for (number,) in late]
    broken += [f"{about}: {fault}" for about, fault in _rows(CLOCK_FAULTS, {"late": LATE_SECONDS})]
    return running + _count("complaints_clockrun"), broken


def money_adds_up(evidence: Evidence) -> Look:
    """I5: counters, refunds, their facts and the books say the same; and so does the provider, as long as nothing is being sent."""
    broken = money_faults()
    if evidence.gateway_ledger is not None:
        broken += ledger_faults(evidence.gateway_ledger)
    return _count("workflows_paymentbalance") + _count("workflows_refund"), broken


def mail_leaves_once_under_one_name(evidence: Evidence) -> Look:
    """I6: one notice per act; what counts as sent was taken by the mail server, what was taken belongs to a notice."""
    broken = [f"{number}: {node} {count} times for one act" for number, node, count in _rows(DOUBLE_NOTICES)]
    timeless = _rows("SELECT id FROM complaints_outbox WHERE state = 'sent' AND sent_at IS NULL")
    broken += [f"outbox {pk}: sent without a time" for (pk,) in timeless]
    if evidence.smtp_sink is not None:
        # Read now, after the snapshot was taken: what it calls sent must have arrived before.
        taken = {_key_of(line) for line in evidence.smtp_sink.read_text().splitlines()}
        states = dict(_rows("SELECT key::text, state FROM complaints_outbox"))
        broken += [f"{key}: counts as sent, but no server took it" for key, state in states.items() if state == "sent" and key not in taken]
    return _count("complaints_outbox"), broken


def goods_are_counted_once(_evidence: Evidence) -> Look:
    """I8: every piece is received, inspected and sent out once."""
    return _count("workflows_warehousescan") + _count("workflows_inspectionline"), goods_faults()


def state_has_its_event(_evidence: Evidence) -> Look:
    """I9: chains are whole, heads fit, and the last event about the state says the state of the row."""
    broken = [f"{chain.number}: entry {chain.seq} is {chain.fault}" for chain in verify_chains(Complaint.objects.all())]
    broken += [f"{number}: is {state}, its last event says {said}" for number, state, said in _rows(STATE_WITHOUT_EVENT)]
    broken += [f"order {pk}: {count} events, the row says {head}" for pk, count, head in _rows(ORDER_HEADS)]
    return _count("complaints_event") + _count("orders_orderevent") + _count("knowledge_articleevent"), broken + article_faults()


def nothing_stays_claimed(_evidence: Evidence) -> Look:
    """I10: whatever is due is worked on, and what kills its workers is parked."""
    broken = [f"{place}: {count} due for more than {LATE_SECONDS} s" for place, count in _rows(STUCK, {"late": LATE_SECONDS})]
    tried = "SELECT id FROM complaints_outbox WHERE attempts > %s AND state IN ('queued', 'sending')"
    broken += [f"outbox {pk}: tried too often" for (pk,) in _rows(tried, [MAX_CRASHES])]
    broken += [f"refund {number}: given up, and finance does not know" for (number,) in _rows(GIVEN_UP, [MAX_CRASHES])]
    return _count("complaints_outbox") + _count("foundation_periodicjob") + _count("workflows_refund"), broken


INVARIANTS: dict[str, tuple[str, Callable[[Evidence], Look]]] = {
    "I1": ("a confirmed complaint, message or file is never lost", confirmed_is_kept),
    "I2": ("one submission is one complaint", one_submission_is_one_complaint),
    "I3": ("work is assigned once, in time, and fits", work_is_assigned_once_and_fits),
    "I4": ("timers and clocks fire once and in time", timers_fire_in_time),
    "I5": ("money adds up, and moves once", money_adds_up),
    "I6": ("a mail leaves under one name, once for whoever looks at it", mail_leaves_once_under_one_name),
    "I8": ("goods are received, inspected and sent out once", goods_are_counted_once),
    "I9": ("every change of state has its event", state_has_its_event),
    "I10": ("nothing stays claimed", nothing_stays_claimed),
}

LIVE = "('new', 'open', 'waiting_customer', 'waiting_internal', 'snoozed')"
ASSIGNMENT_FAULTS = f"""
    SELECT c.number, 'waits and is not in the queue' FROM complaints_complaint c
        WHERE c.assignee_id IS NULL AND c.status IN {LIVE}
            AND NOT EXISTS (SELECT FROM complaints_assignmentrequest r WHERE r.complaint_id = c.id AND r.state = 'waiting')
    UNION ALL SELECT c.number, 'is in the queue and needs nobody' FROM complaints_assignmentrequest r
        JOIN complaints_complaint c ON c.id = r.complaint_id
        WHERE r.state = 'waiting' AND (c.assignee_id IS NOT NULL AND r.chat_id IS NULL OR c.status NOT IN {LIVE})
    UNION ALL SELECT c.number, 'is in the queue twice' FROM complaints_assignmentrequest r
        JOIN complaints_complaint c ON c.id = r.complaint_id WHERE r.state = 'waiting' GROUP BY c.number HAVING count(*) > 1
    UNION ALL SELECT c.number, 'was given beyond the cap without a reason' FROM complaints_decision d
        JOIN complaints_complaint c ON c.id = d.complaint_id
        WHERE d.reason = '' AND (d.candidates -> 0 ->> 'weight')::int > 0
            AND (d.candidates -> 0 ->> 'used')::int + (d.candidates -> 0 ->> 'weight')::int > (d.candidates -> 0 ->> 'capacity')::int
"""  # noqa: S608 - constants of this module
DOUBLE_NOTICES = """
    SELECT c.number, o.node, count(*) FROM complaints_outbox o JOIN complaints_complaint c ON c.id = o.complaint_id
    WHERE o.event_seq IS NOT NULL AND o.state <> 'cancelled' GROUP BY c.number, o.event_seq, o.node HAVING count(*) > 1
"""
STATE_WITHOUT_EVENT = """
    SELECT c.number, c.status, COALESCE(last.state, 'new') FROM complaints_complaint c LEFT JOIN LATERAL (
        SELECT e.codes ->> 'to' AS state FROM complaints_event e
        WHERE e.complaint_id = c.id AND e.kind = 'status.changed' ORDER BY e.seq DESC LIMIT 1) last ON true
    WHERE c.status <> COALESCE(last.state, 'new')
"""
ORDER_HEADS = """
    SELECT o.id, count(e.id), o.head_seq FROM orders_order o LEFT JOIN orders_orderevent e ON e.order_id = o.id
    GROUP BY o.id HAVING count(e.id) <> o.head_seq OR COALESCE(max(e.seq), 0) <> o.head_seq
"""
GIVEN_UP = """
    SELECT out_refund_no FROM workflows_refund r WHERE attempts > %s
        AND NOT EXISTS (SELECT FROM workflows_task t WHERE t.case_id = r.case_id AND t.key = 'refund_stuck-' || r.id)
"""
STUCK = """
    SELECT place, count(*) FROM (
        SELECT 'outbox' AS place, next_at AS due FROM complaints_outbox WHERE state IN ('queued', 'sending')
        UNION ALL SELECT 'password mail', next_at FROM accounts_passwordmail WHERE sent_at IS NULL
        UNION ALL SELECT 'periodic job ' || name, next_at FROM foundation_periodicjob
        UNION ALL SELECT 'refund ' || state, next_at FROM workflows_refund r WHERE attempts <= 5
            AND state NOT IN ('pending_approval', 'armed') AND NOT (state = 'queued' AND EXISTS (
                SELECT FROM workflows_gatewayhealth h WHERE h.gateway = r.gateway AND h.paused_until > now()))
        UNION ALL SELECT 'feed of complaints', e.recorded_at FROM complaints_eventpending p JOIN complaints_event e ON e.id = p.event_id
        UNION ALL SELECT 'feed of orders', e.recorded_at FROM orders_ordereventpending p JOIN orders_orderevent e ON e.id = p.event_id
    ) AS waiting WHERE due < now() - make_interval(secs => %(late)s) GROUP BY place ORDER BY place
"""


def _file_faults(key: str, size: int, sha256: str) -> Iterator[str]:
    path = file_path(key)
    if not path.exists():
        yield f"file {key}: gone"
    elif path.stat().st_size != size or _digest(path) != sha256:
        yield f"file {key}: changed"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _key_of(message_id: str) -> str:
    return message_id.strip("<> ").partition("@")[0]


def _rows(sql: str, values: Any = None) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def _count(table: str) -> int:
    return _rows(f"SELECT count(*) FROM {table}")[0][0]  # noqa: S608 - our own tables
