"""Which version of which canned reply went into a message, and whether its words were changed before it was sent."""

import re
from collections.abc import Mapping

from complaints.models import CannedUse, Message
from complaints.services.act import Act
from knowledge.models import CannedReplyVersion
from ui.localize import localized
from ui.placeholders import PLACEHOLDER


def note_uses(act: Act, message: Message, canned: Mapping[str, int | None]) -> None:
    """Note the canned replies of a message, by code and version; without a version it is the present one. Unknown codes are passed over."""
    if not canned:
        return
    known = CannedReplyVersion.objects.filter(reply__code__in=canned).select_related("reply")
    sent = [each for each in known if each.number == (canned[each.reply.code] or each.reply.version)]
    CannedUse.objects.bulk_create([_use(act, message, version) for version in sent])


def stands_in(template: str, body: str) -> bool:
    """Whether a canned text is in a message word for word; its placeholders may hold anything, and spaces do not count."""
    parts = PLACEHOLDER.split(template)[::2]
    pattern = r".*?".join(re.escape("".join(part.split())) for part in parts)
    return re.search(pattern, "".join(body.split()), re.DOTALL) is not None


def _use(act: Act, message: Message, version: CannedReplyVersion) -> CannedUse:
    return CannedUse(
        complaint=act.complaint,
        message=message,
        reply=version.reply,
        version=version.number,
        team_id=act.complaint.team_id,
        cycle=act.complaint.cycle,
        language=message.language,
        is_edited=not stands_in(localized(version, "body", message.language), message.body),
        at=act.at,
    )
