"""What goes of a case when the person behind its complaint is erased: every word that people wrote, and every trace of where they live.

Amounts, codes and times stay: the law wants the books. Source: trust.md 6.
"""

from complaints.models import Complaint
from workflows.models import Appeal, ApprovalStep, InspectionLine, Parcel, Repair, Resolution, Task, UnclaimedParcel, WarehouseScan


def erase_cases(complaint: Complaint, words: str) -> None:
    """Put ``words`` where a customer or somebody about them wrote."""
    Appeal.objects.filter(case__complaint=complaint).update(words=words, grounds="")
    ApprovalStep.objects.filter(approval__case__complaint=complaint).update(note="")
    InspectionLine.objects.filter(claim__case__complaint=complaint).update(note="", serial="", accessories=[])
    Parcel.objects.filter(cases__complaint=complaint).update(phone_tail="", return_address="", label={})
    UnclaimedParcel.objects.filter(parcel__cases__complaint=complaint).update(scan="", note="", phone_index="", photos=[])
    WarehouseScan.objects.filter(parcel__cases__complaint=complaint).update(code="")
    Repair.objects.filter(claim__case__complaint=complaint).update(finding="")
    Task.objects.filter(case__complaint=complaint).update(reason="")
    for resolution in Resolution.objects.filter(case__complaint=complaint).only("pk", "basis"):
        resolution.basis.pop("override", None)
        resolution.save(update_fields=["basis"])
