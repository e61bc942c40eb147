"""I4 for clocks: runs, rungs and events say the same, each rung fired once, at or after its moment, and nothing due lies about."""

LIVE = "('new', 'open', 'waiting_customer', 'waiting_internal', 'snoozed')"
# Each gives (what it is about, what is wrong with it). %(late)s: how many seconds a due clock may lie.
CLOCK_FAULTS = f"""
    WITH noted AS MATERIALIZED (
        SELECT e.complaint_id, e.seq, e.kind, (e.codes ->> 'run')::bigint AS run_id, (e.codes ->> 'rung')::int AS rung,
            (e.codes ->> 'due_at')::timestamptz AS due_at
        FROM complaints_event e WHERE e.kind LIKE 'clock.%%'
    ), told AS (
        SELECT run_id, rung, count(*) AS times, min(due_at) AS due_at FROM noted
        WHERE kind IN ('clock.warned', 'clock.missed', 'clock.escalated') GROUP BY run_id, rung
    ), folded AS (
        SELECT DISTINCT ON (run_id) run_id, kind, due_at FROM noted
        WHERE kind IN ('clock.started', 'clock.paused', 'clock.resumed', 'clock.recomputed') ORDER BY run_id, complaint_id, seq DESC
    ), moved AS (SELECT run_id FROM noted GROUP BY run_id HAVING count(DISTINCT complaint_id) > 1)
    SELECT 'complaints_clock' AS about, 'may fire a rung twice' AS fault WHERE NOT EXISTS (
        SELECT FROM pg_constraint WHERE conname = 'complaints_clock_rung_once' AND contype = 'u' AND convalidated)
    UNION ALL SELECT 'run ' || k.run_id, 'rung ' || k.threshold || ' is due and was not fired' FROM complaints_clock k
        WHERE k.fired_at IS NULL AND k.parked_at IS NULL AND k.due_at < now() - make_interval(secs => %(late)s)
    UNION ALL SELECT 'run ' || k.run_id, 'rung ' || k.threshold || ' was fired early' FROM complaints_clock k
        WHERE k.fired_at IS NOT NULL AND (k.due_at IS NULL OR k.fired_at < k.due_at)
    UNION ALL SELECT 'run ' || k.run_id, 'rung ' || k.threshold || ' waits although the clock has ended' FROM complaints_clock k
        JOIN complaints_clockrun r ON r.id = k.run_id WHERE k.fired_at IS NULL AND k.due_at IS NOT NULL AND r.ended_at IS NOT NULL
    UNION ALL SELECT 'run ' || r.id, 'runs and nobody looks at it' FROM complaints_clockrun r
        WHERE r.state = 'running' AND r.reached < 200 AND NOT EXISTS (
            SELECT FROM complaints_clock k
            WHERE k.run_id = r.id AND k.threshold > r.reached AND k.fired_at IS NULL AND k.due_at IS NOT NULL)
    UNION ALL SELECT 'run ' || run_id, 'rung ' || rung || ' was noted ' || times || ' times' FROM told WHERE times > 1
    UNION ALL SELECT 'run ' || k.run_id, 'rung ' || k.threshold || ' was fired and not noted' FROM complaints_clock k
        LEFT JOIN told t ON t.run_id = k.run_id AND t.rung = k.threshold
        WHERE k.fired_at IS NOT NULL AND k.threshold >= 50 AND t.run_id IS NULL
    UNION ALL SELECT 'run ' || t.run_id, 'rung ' || t.rung || ' was noted and not fired' FROM told t
        LEFT JOIN complaints_clock k ON k.run_id = t.run_id AND k.threshold = t.rung WHERE k.fired_at IS NULL
    UNION ALL SELECT 'run ' || COALESCE(r.id, t.run_id), 'was missed ' || COALESCE(r.missed_at::text, 'never') || ', its event says '
            || COALESCE(t.due_at::text, 'never')
        FROM (SELECT id, missed_at FROM complaints_clockrun WHERE missed_at IS NOT NULL) r
        FULL JOIN (SELECT run_id, due_at FROM told WHERE rung = 100) t ON t.run_id = r.id WHERE t.due_at IS DISTINCT FROM r.missed_at
    UNION ALL SELECT 'run ' || r.id, 'is due ' || COALESCE(r.due_at::text, 'never') || ', its events say '
            || COALESCE(f.due_at::text, 'never')
        FROM complaints_clockrun r LEFT JOIN folded f ON f.run_id = r.id
        WHERE r.ended_at IS NULL AND f.due_at IS DISTINCT FROM r.due_at AND r.id NOT IN (SELECT run_id FROM moved)
    UNION ALL SELECT c.number, 'owes a solution and no clock says so' FROM complaints_complaint c
        WHERE c.status IN {LIVE} AND NOT EXISTS (
            SELECT FROM complaints_clockrun r
            WHERE r.complaint_id = c.id AND r.kind = 'resolution' AND r.cycle = c.cycle AND r.ended_at IS NULL)
    UNION ALL SELECT c.number, 'owes an answer and no clock says so' FROM complaints_complaint c
        WHERE c.status IN {LIVE} AND c.needs_reply AND NOT EXISTS (
            SELECT FROM complaints_clockrun r WHERE r.complaint_id = c.id AND r.kind IN ('first', 'contact', 'next') AND r.ended_at IS NULL)
"""  # noqa: S608 - constants of this module
