"""The words of notices: the newest version of each node and language, and the values that may stand in them."""

import json
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import override

from complaints.intake.links import link_url, make_link
from complaints.models import Complaint, Outbox, PrivacyRequest, SecretLink, Template
from complaints.timing import PROOF_FOR
from ui.localize import is_english, localized
from ui.placeholders import fill, names
from ui.timefmt import absolute

DEFAULTS = Path(__file__).resolve().parent.parent / "defaults" / "templates.json"
LANGUAGES = ("zh-hans", "en")
_files = [DEFAULTS]


def register_words(path: Path, variables: dict[str, "Write"]) -> None:
    """The shipped wordings of a floor above, and the values that may stand in them."""
    _files.append(path)
    VARIABLES.update(variables)
    shipped_templates.cache_clear()


def find_template(node: str, language: str, channel: str = "mail") -> Template:
    """The newest wording in this language, else the shipped one: a notice never fails for want of words."""
    spoken = "en" if is_english(language) else "zh-hans"
    stored = Template.objects.filter(node=node, channel=channel, language=spoken).order_by("-version").first()
    return stored or next(Template(**row) for row in shipped_templates() if row["node"] == node and row["language"] == spoken)


@cache
def shipped_templates() -> tuple[dict[str, str], ...]:
    """The wordings that come with the house; each paragraph of a body is one entry in the file."""
    rows = {node: words for path in _files for node, words in json.loads(path.read_text(encoding="utf-8")).items()}
    return tuple(
        {"node": node, "channel": "mail", "language": language, "subject": words["subject"], "body": "\n\n".join(words["body"])}
        for node, by_language in rows.items()
        for language, words in by_language.items()
    )


@transaction.atomic
def load_template_defaults() -> int:
    """Add shipped wordings that are missing; returns how many. Wordings that somebody has edited stay."""
    known = set(Template.objects.values_list("node", "channel", "language"))
    missing = [Template(**row) for row in shipped_templates() if (row["node"], row["channel"], row["language"]) not in known]
    return len(Template.objects.bulk_create(missing))


@transaction.atomic
def publish_template(node: str, language: str, *, subject: str, body: str, channel: str = "mail") -> Template:
    """Add a wording as the newest version of its notice. Two people who publish at once get two versions."""
    named = Template.objects.filter(node=node, channel=channel, language=language)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('template'), hashtext(%s))", [f"{node}/{channel}/{language}"])
    newest = named.order_by("-version").values_list("version", flat=True).first() or 0
    return Template.objects.create(node=node, channel=channel, language=language, version=newest + 1, subject=subject, body=body)


def newest_templates() -> QuerySet:
    """Primary keys of the newest version of every wording."""
    key = ("node", "channel", "language")
    return Template.objects.order_by(*key, "-version").distinct(*key).values("pk")


def write_words(row: Outbox) -> tuple[str, str]:
    """Subject and text of an outbox row in the customer's language. Every secret link in it is a fresh one."""
    template = find_template(row.node, row.language, row.channel)
    wanted = set(names(template.subject + template.body))
    with override(row.language):
        values = {name: VARIABLES[name](row) for name in wanted & VARIABLES.keys()}
    return fill(template.subject, values), fill(template.body, values)


def _link(row: Outbox) -> str:
    return link_url(_mailed(row), row.language)


def _survey_link(row: Outbox) -> str:
    about = "?about=shop" if row.node == "survey_nps" else ""
    return link_url(_mailed(row), row.language, page="survey") + about


def _privacy_link(row: Outbox) -> str:
    """A short-lived link: whoever follows it reads this mailbox now."""
    return link_url(_mailed(row, lifetime=PROOF_FOR, purpose=SecretLink.Purpose.PRIVACY), row.language, page="privacy")


def _mailed(row: Outbox, **kept: Any) -> str:
    """A link that remembers to which address it goes, so that opening it proves the contact."""
    return make_link(row.complaint, contact_index=row.complaint.contact_email_index, **kept)


def _agent(row: Outbox) -> str:
    assignee = row.complaint.assignee
    return assignee.name if assignee else settings.BIHUAN_SHOP_NAME


def _request_of(row: Outbox) -> PrivacyRequest:
    return PrivacyRequest.objects.get(pk=row.values["privacy_request"], complaint=row.complaint)


def _privacy_wish(row: Outbox) -> str:
    return str(_request_of(row).get_kind_display())


def _department(row: Outbox) -> str:
    return str(Complaint.Department(row.values["department"]).label)


def _moment(name: str) -> "Write":
    """A day or a moment that was noted when the notice was written, in the shop's zone."""

    def write(row: Outbox) -> str:
        text = row.values.get(name, "")
        return absolute(datetime.fromisoformat(text)) if "T" in text else text

    return write


Write = Callable[[Outbox], Any]
VARIABLES: dict[str, Write] = {
    "shop": lambda row: row.complaint.merchant.name,
    "number": lambda row: row.complaint.number,
    "category": lambda row: localized(row.complaint.category, "name", row.language),
    "agent": _agent,
    "message": lambda row: row.message.body if row.message else "",
    "result": lambda row: row.message.body if row.message else row.complaint.resolution,
    "basis": lambda row: row.values.get("basis", ""),
    "department": _department,
    "into": lambda row: row.values.get("into", ""),
    **{name: _moment(name) for name in ("date", "promise", "answer_until", "reopen_until", "appeal_until", "call_from", "call_until")},
    "link": _link,
    "survey_link": _survey_link,
    "privacy_link": _privacy_link,
    "privacy_wish": _privacy_wish,
    "privacy_answer": lambda row: _request_of(row).answer,
}
