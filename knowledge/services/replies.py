"""Everything that changes canned replies. A new wording is a new version, so that a sent text can be traced to what was published."""

import json
import re
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation.exceptions import Forbidden, Reason
from foundation.verbs import lock, require, require_version
from knowledge.access import may_keep
from knowledge.models import CannedReply, CannedReplyVersion
from knowledge.search.indexing import index_reply
from knowledge.variables import VARIABLES
from ui.pinyin import initials
from ui.placeholders import names

DEFAULTS = Path(__file__).parent.parent / "defaults" / "canned_replies.json"
TEXTS = ("body_zh", "body_en")
EDITABLE = ("tier", "scene", "category_code", "title_zh", "title_en", *TEXTS, "is_active")


@transaction.atomic
def create_reply(*, by: User | None, **fields) -> CannedReply:
    """Publish the first version of a canned reply; ``team`` and ``owner`` say whose it is, neither makes it the shop's.

    Both languages are required and only ``VARIABLES`` may stand in the texts.
    """
    reply = CannedReply(**fields)
    require(reasons_against(reply, by=by))
    reply.initials = initials_of(reply.title_zh, reply.title_en)
    reply.save()
    _keep_version(reply, by)
    index_reply(reply)
    return reply


@transaction.atomic
def edit_reply(reply: CannedReply, *, by: User | None, expected_version: int | None, **changes) -> CannedReply:
    """Change a canned reply; changed texts are published as the next version. Whose it is never changes."""
    if unknown := changes.keys() - set(EDITABLE):
        raise TypeError(f"edit_reply does not change {', '.join(sorted(unknown))}")
    reply = lock(reply)
    require_version(reply, expected_version)
    is_reworded = any(name in changes and changes[name] != getattr(reply, name) for name in TEXTS)
    for name, value in changes.items():
        setattr(reply, name, value)
    require(reasons_against(reply, by=by))
    reply.initials = initials_of(reply.title_zh, reply.title_en)
    reply.version += int(is_reworded)
    reply.save(update_fields=[*changes, "initials", "version"])
    if is_reworded:
        _keep_version(reply, by)
    index_reply(reply)
    return reply


@transaction.atomic
def load_defaults() -> int:
    """Add the shipped replies that are missing; returns how many. Those that are there stay as the house has them."""
    shipped = json.loads(DEFAULTS.read_text(encoding="utf-8"))
    known = set(CannedReply.objects.values_list("code", flat=True))
    missing = [fields for fields in shipped if fields["code"] not in known]
    for fields in missing:
        create_reply(by=None, **fields)
    return len(missing)


def reasons_against(reply: CannedReply, *, by: User | None) -> list[Reason]:
    """Everything that keeps this person from publishing this reply as it stands. Empty: they may."""
    return _against_keeping(reply, by) + _against_texts(reply)


def initials_of(chinese: str, english: str) -> str:
    """What an agent types to find a prepared text: the pinyin initials of its Chinese title, then those of the English words."""
    words = "".join(word[0] for word in re.findall(r"[A-Za-z0-9]+", english)).lower()
    return f"{initials(chinese)} {words}"[:120]


def _keep_version(reply: CannedReply, by: User | None) -> None:
    texts = {name: getattr(reply, name) for name in TEXTS}
    CannedReplyVersion.objects.create(reply=reply, number=reply.version, by=by, **texts)


def _against_keeping(reply: CannedReply, by: User | None) -> list[Reason]:
    if may_keep(by, owner_id=reply.owner_id, team_id=reply.team_id):
        return []
    text = _("You may keep your own replies, and a lead those of the team.")
    return [Forbidden("may_not_keep", text, _("A team lead or manager can do it."))]


def _against_texts(reply: CannedReply) -> list[Reason]:
    found = []
    if not all(getattr(reply, name).strip() for name in ("title_zh", "title_en", *TEXTS)):
        found.append(Reason("language_missing", _("Both languages are needed: title and text in Chinese and in English.")))
    unknown = sorted({name for text in TEXTS for name in names(getattr(reply, text))} - VARIABLES.keys())
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in VARIABLES)
        words = _("Unknown placeholder: %(unknown)s. Known are %(known)s.") % {"unknown": ", ".join(unknown), "known": known}
        found.append(Reason("unknown_variable", words))
    if set(names(reply.body_zh)) != set(names(reply.body_en)):
        found.append(Reason("variables_differ", _("The Chinese and the English text must use the same placeholders.")))
    return found
