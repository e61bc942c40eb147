"""Every machine of an after-sales case, declared as a table. ``MACHINES`` is in the order of the pages."""

from workflows.machines.appeal import APPEAL
from workflows.machines.approval import APPROVAL
from workflows.machines.inspection import INSPECTION
from workflows.machines.outbound import OUTBOUND
from workflows.machines.parcel import PARCEL
from workflows.machines.recovery import RECOVERY
from workflows.machines.refund import REFUND
from workflows.machines.repair import REPAIR
from workflows.machines.spine import SPINE

MACHINES = (SPINE, REFUND, PARCEL, INSPECTION, OUTBOUND, REPAIR, APPROVAL, RECOVERY, APPEAL)
