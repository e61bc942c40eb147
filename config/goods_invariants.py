"""I8: goods. What the rows say was received, inspected and sent out is what the scans, the inspection and the parcels add up to, once."""

from django.db import connection

# Cases in these states have let go of their units.
LET_GO = "('draft', 'completed', 'rejected', 'cancelled', 'closed')"
FAULTS = f"""
    SELECT 'parcel ' || id, 'is ' || state || CASE WHEN scanned_at IS NULL THEN ', but was not scanned' ELSE ', but was scanned' END
        FROM workflows_parcel WHERE (state = 'scanned') <> (scanned_at IS NOT NULL)
    UNION ALL SELECT 'parcel ' || (codes ->> 'parcel'), 'was taken in ' || count(*) || ' times for one case' FROM complaints_event
        WHERE kind = 'parcel.scan' GROUP BY codes ->> 'parcel', codes ->> 'case' HAVING count(*) > 1
    UNION ALL SELECT 'scan ' || id, 'has no outcome' FROM workflows_warehousescan WHERE outcome = ''
    UNION ALL SELECT 'unit ' || u.unit_id, 'counts as received, but nobody counted it' FROM workflows_caseunit u
        WHERE u.received_at IS NOT NULL
            AND NOT EXISTS (SELECT FROM workflows_inspectionline l WHERE l.claim_id = u.id AND (l.state <> 'pending' OR l.round > 1))
    UNION ALL SELECT 'unit ' || u.unit_id, 'counts as passed, its inspection says otherwise' FROM workflows_caseunit u
        LEFT JOIN LATERAL (
            SELECT state, fault FROM workflows_inspectionline WHERE claim_id = u.id ORDER BY round DESC LIMIT 1) last ON true
        WHERE u.verdict = 'passed' AND (last.state IS NULL OR last.state NOT IN ('passed', 'disposed') OR last.fault <> '')
    UNION ALL SELECT 'unit ' || u.unit_id, 'is inspected twice at once' FROM workflows_inspectionline l
        JOIN workflows_caseunit u ON u.id = l.claim_id
        WHERE l.state IN ('pending', 'counted', 'graded') GROUP BY u.id, u.unit_id HAVING count(*) > 1
    UNION ALL SELECT 'unit ' || u.unit_id, 'is claimed by ' || count(*) || ' open cases' FROM workflows_caseunit u
        JOIN workflows_case c ON c.id = u.case_id WHERE c.state NOT IN {LET_GO} GROUP BY u.unit_id HAVING count(*) > 1
    UNION ALL SELECT 'unit ' || u.unit_id, 'goes out ' || count(*) || ' times' FROM workflows_outbound_units m
        JOIN workflows_outbound o ON o.id = m.outbound_id JOIN workflows_caseunit u ON u.id = m.caseunit_id
        WHERE o.state <> 'cancelled' AND o.kind <> 'ship_back' GROUP BY u.id, u.unit_id HAVING count(*) > 1
    UNION ALL SELECT 'outbound ' || o.id, 'holds ' || count(m.id) || ' pieces and says ' || o.quantity FROM workflows_outbound o
        LEFT JOIN workflows_outbound_units m ON m.outbound_id = o.id GROUP BY o.id HAVING count(m.id) <> o.quantity
"""  # noqa: S608 - constants of this module


def goods_faults() -> list[str]:
    """What does not agree, each with what it is about."""
    with connection.cursor() as cursor:
        cursor.execute(FAULTS)
        return [f"{about}: {fault}" for about, fault in cursor.fetchall()]
