"""What the screen says to a scan: one of three colours, a few large words, and where to go on."""

from dataclasses import asdict, dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from workflows.models import WarehouseScan
from workflows.scan.modes import HAND_OVER, INSPECT
from workflows.services.handing_over import HandOver
from workflows.services.scanning import ScanResult

Outcome = WarehouseScan.Outcome
GOOD, WARN, BAD = "good", "warn", "bad"
LOOKS = {
    Outcome.RECEIVED: (GOOD, "check", pgettext_lazy("scan", "Taken in")),
    Outcome.REPEAT: (WARN, "history", gettext_lazy("Scanned before")),
    Outcome.UNCLAIMED: (WARN, "parcel", gettext_lazy("No case found")),
    Outcome.CHOOSE: (WARN, "split", gettext_lazy("Choose one")),
    Outcome.LATE: (WARN, "clock", gettext_lazy("Too late")),
    Outcome.ELSEWHERE: (BAD, "warehouse", gettext_lazy("Other warehouse")),
}
OF_HAND_OVER = {
    HandOver.GOES: (GOOD, "truck", gettext_lazy("Goes out")),
    HandOver.REPEAT: (WARN, "history", gettext_lazy("Scanned before")),
    HandOver.UNKNOWN: (WARN, "alert", gettext_lazy("Not on the list")),
}
HAND_OVER_WORDS = {
    HandOver.GOES: gettext_lazy("It can go with its carrier."),
    HandOver.REPEAT: gettext_lazy("It was handed over already."),
    HandOver.UNKNOWN: gettext_lazy("No parcel of a case was packed under this number."),
}


@dataclass(frozen=True)
class Link:
    url: str
    text: str


@dataclass(frozen=True)
class Reply:
    """``is_new`` is false where a device asked again about a scan that was taken before."""

    client_id: str
    code: str
    outcome: str
    tone: str
    icon: str
    title: str
    words: str
    links: list[Link] = field(default_factory=list)
    is_new: bool = True

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def reply_to(result: ScanResult) -> Reply:
    scan = result.scan
    tone, icon, title = LOOKS[Outcome(result.outcome)]
    if scan.mode == INSPECT and result.task:
        tone, icon, title = GOOD, "check", pgettext("scan mode", "Inspect")
    told = () if result.outcome in (Outcome.RECEIVED, Outcome.REPEAT) else (str(result.words),)
    words = " · ".join((*told, *(case.number for case in result.cases)))
    return Reply(str(scan.client_id), scan.code, result.outcome, tone, icon, str(title), words, _links(result), not result.is_replay)


def _links(result: ScanResult) -> list[Link]:
    scan = result.scan
    if result.task is not None:
        return [Link(reverse("admin:scan-inspect", args=[result.task.pk]), _("Inspect now"))]
    if result.outcome == Outcome.CHOOSE:
        return [Link(reverse("admin:scan-choose", args=[scan.client_id]), _("Choose the parcel"))]
    if scan.unclaimed_id:
        return [Link(reverse("admin:scan-unclaimed-parcel", args=[scan.unclaimed_id]), _("Photo and search"))]
    return []


def reply_to_hand_over(result: HandOver) -> Reply:
    tone, icon, title = OF_HAND_OVER[result.outcome]
    words = " · ".join(filter(None, (str(HAND_OVER_WORDS[result.outcome]), result.case_number)))
    scan = result.scan
    return Reply(str(scan.client_id), scan.code, result.outcome, tone, icon, str(title), words, is_new=not result.is_replay)


def look_of(scan: WarehouseScan) -> tuple[str, str, str]:
    """Tone, icon and title of a scan in the list of those before."""
    if scan.mode == HAND_OVER or not scan.outcome:
        return "", "truck", _("Handed over")
    tone, icon, title = LOOKS[Outcome(scan.outcome)]
    return tone, icon, str(title)


def refusal(client_id: str, code: str, words: str) -> Reply:
    """A scan that cannot be taken for a reason that will not go away by itself."""
    return Reply(client_id, code, "refused", BAD, "alert", _("Not taken"), words, is_new=False)
