"""A scan that somebody calls a mistake. What it set off stays in the books; a lead decides what becomes of it."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from foundation.verbs import is_replay
from workflows.machines.table import Role
from workflows.models import UnclaimedParcel, WarehouseScan
from workflows.services.act import lock_act

KIND = "scan_doubted"


@transaction.atomic
def doubt_scan(scan: WarehouseScan, *, by: Any) -> int:
    """Ask a lead to look at each case that a scan touched; a parcel without a case gets a note.

    Done once per scan. Returns how many cases were asked about.
    """
    if is_replay(scan, "doubt", str(scan.client_id), by=by):
        return 0
    if scan.unclaimed_id:
        note = _("Scanned by mistake, says %(name)s.") % {"name": by}
        UnclaimedParcel.objects.filter(pk=scan.unclaimed_id, note="").update(note=note[:200])
    if scan.parcel_id is None:
        return 0
    acts = [lock_act(case, "doubt_scan", by=by) for case in scan.parcel.cases.order_by("pk")]
    for act in acts:
        codes = {"scan": scan.pk, "parcel": scan.parcel_id}
        act.note("case.scan_doubted", codes={"case": act.case.pk} | codes)
        act.open_task(KIND, role=Role.LEAD, key=f"scan-{scan.pk}", codes=codes)
    for act in sorted(acts, key=lambda act: (act.case.complaint_id, act.case.pk)):
        act.finish()
    return len(acts)
