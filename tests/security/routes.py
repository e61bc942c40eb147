"""Every address of the site, read from the URLconf, with the words that make it concrete."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from complaints.chat.hours import call_windows
from complaints.privacy_notice import current_notice
from tests.security.house import House, this_monday, tomorrow

QUERIES = {
    "admin:desk-arrivals": "?since=2026-01-01T00:00:00%2B00:00",
    "admin:desk-round-list": "?period=today&set=fast",
    "admin:reports-save": "?board=overview",
}
# Words for the parts of an address. A part with several words makes several routes.
VERBS_OF_CUSTOMERS = ("confirm", "resume", "escalate", "withdraw", "reopen", "appeal", "send", "keep", "rotate", "resolve")
OF_ONE_CASE = ("admin:case", "admin:case-act", "admin:case-tracks", "admin:case-track-act")
# Verbs of a case that no machine has: a verdict, money, the system's own, and one that is none.
REFUSED_TO_MACHINES = ("submit", "approve", "reject", "resolve_exception", "settle_done", "nothing")
SECTIONS = ("order", "identity", "clocks", "follow", "complaints", "orders", "notes", "effort", "calls")

# A small number might be the first row of its table, and of which House that is depends on who came before.
NO_SUCH_ROW = 999_999_999


@dataclass(frozen=True)
class Route:
    """One address: its name in the URLconf, with the chosen words where a name covers several acts."""

    name: str
    pattern: str
    words: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        return " ".join([self.name, *(word for _part, word in self.words)])

    def path(self, house: House) -> str:
        parts = values_of(self.name, house) | dict(self.words)
        if self.name == "admin:case-track-act":
            parts["pk"] = house.tracks[parts["machine"]].pk
        path = "/" + self.pattern
        for part in parts_of(self.pattern):
            path = _fill(path, part, str(parts[part]))
        return path.replace("^", "").replace("$", "") + QUERIES.get(self.name, "")


def every_route() -> list[Route]:
    """All routes, each once; the English pages are the Chinese ones under another prefix."""
    found = {}
    for name, pattern in _walk(get_resolver().url_patterns, "", ""):
        for route in _with_words(name, pattern):
            found.setdefault(route.key, route)
    return list(found.values())


def _walk(patterns: list, before: str, namespace: str) -> Iterator[tuple[str, str]]:
    for each in patterns:
        pattern = before + str(each.pattern)
        if isinstance(each, URLResolver):
            inside = f"{namespace}{each.namespace}:" if each.namespace else namespace
            yield from _walk(each.url_patterns, pattern, inside)
        elif isinstance(each, URLPattern):
            yield (f"{namespace}{each.name}" if each.name else pattern), pattern


def _with_words(name: str, pattern: str) -> Iterator[Route]:
    from analytics.improvements.acts import ACTS as OF_IMPROVEMENTS
    from analytics.reports.views import ACTS as OF_REPORTS
    from complaints.desk.acts import ACTS
    from workflows.desk.acts import ACTS as ACTS_OF_CASES
    from workflows.desk.track_acts import ACTS as ACTS_OF_TRACKS
    from workflows.finance.acts import ACTS as OF_FINANCE
    from workflows.portal.acts import ACTS as OF_RETURNS

    choices: dict[str, list[tuple[tuple[str, str], ...]]] = {
        "admin:desk-act": [(("name", act),) for act in ACTS],
        "admin:desk-customer": [(("key", key),) for key in SECTIONS],
        "admin:desk-article-use": [(("act", act),) for act in ("steps", "solved")],
        "admin:desk-file": [(("variant", variant),) for variant in ("preview", "original")],
        "admin:desk-neighbour": [(("direction", "next"),)],
        "admin:desk-reveal": [(("subject", subject), ("name", name)) for subject, name in REVEALED],
        "admin:desk-chat-act": [(("verb", verb),) for verb in ("accept", "decline", "end", "typing", "read")],
        "complaints:chat-act": [(("verb", verb),) for verb in ("end", "leave", "message", "rate")],
        "complaints:tracker-verb": [(("verb", verb),) for verb in VERBS_OF_CUSTOMERS],
        "carrier-push": [(("code", "demo"),)],
        "admin:scan-photo": [(("variant", "preview"),)],
        "admin:scan-unclaimed-photo": [(("variant", "thumb"),)],
        "admin:scan-send-act": [(("verb", verb),) for verb in ("pick", "ship", "empty")],
        "admin:case-act": [(("name", act),) for act in ACTS_OF_CASES],
        "admin:case-track-act": [(("machine", kind), ("name", act)) for kind, act in ACTS_OF_TRACKS],
        "admin:refund-act": [(("name", act),) for act in OF_FINANCE],
        "admin:refund-file": [(("variant", "thumb"),)],
        "workflows:return-act": [(("verb", verb),) for verb in OF_RETURNS],
        "admin:improvement-act": [(("verb", verb),) for verb in OF_IMPROVEMENTS],
        "admin:reports-saved-act": [(("act", act),) for act in OF_REPORTS],
        "api-case-other": [(("verb", verb),) for verb in REFUSED_TO_MACHINES],
        "admin:app_list": [(("app_label", label),) for label in ("accounts", "complaints")],
    }
    for words in choices.get(name, [()]):
        yield Route(name, pattern, words)


REVEALED = (("complaint", "contact_phone"), ("order", "receiver_address"), ("complaint", "status"), ("user", "totp_secret"))


def parts_of(pattern: str) -> list[str]:
    """The names in ``<str:number>`` and ``(?P<number>…)``."""
    return [piece.split(">")[0].split(":")[-1] for piece in pattern.split("<")[1:]]


def _fill(path: str, part: str, value: str) -> str:
    for start, end in ((f"(?P<{part}>", ")"), ("<", ">")):
        while start in path and (begin := _start_of(path, start, part)) is not None:
            stop = _end_of_group(path, begin) if start.startswith("(") else path.index(end, begin) + 1
            path = path[:begin] + value + path[stop:]
    return path


def _start_of(path: str, start: str, part: str) -> int | None:
    if start.startswith("("):
        return path.index(start)
    found = [at for at in range(len(path)) if path[at] == "<" and path[at:].split(">")[0].split(":")[-1].lstrip("<") == part]
    return found[0] if found else None


def _end_of_group(path: str, begin: int) -> int:
    depth = 0
    for at in range(begin, len(path)):
        depth += {"(": 1, ")": -1}.get(path[at], 0)
        if depth == 0:
            return at + 1
    raise ValueError(path)


def values_of(name: str, house: House) -> dict[str, Any]:
    """What stands for each part of an address."""
    return {
        "refund_no": house.refund.out_refund_no,
        "number": house.case.number if name in OF_ONE_CASE or name.startswith("api-case") else house.own.number,
        "key": house.file.key,
        "message_id": house.reply.pk,
        "view_id": house.view.pk,
        "session_id": house.talk.pk,
        "call_id": house.call.pk,
        "request_id": house.wish.pk,
        "token": house.secret,
        "uid": "MQ",
        "url": "nothing/",
        "content_type_id": 1,
        "object_id": _row_of(name, house),
        "external_id": _external_id(name, house),
        "version": current_notice().version,
        "user_id": house.users["agent"].pk,
        "code": house.article.code if name.startswith(("help:", "api-article")) else "standard",
        "topic": house.article.category.code,
        "edition": 1,
        "article_file": NO_SUCH_ROW,
        "article_id": house.article.pk,
        "part": 0,
        "follow_up_id": NO_SUCH_ROW,
        "pause_id": house.pause.pk,
        "preset": "lean",
        "shift_id": house.shift.pk,
        "gateway": house.statement.gateway,
        "day": house.statement.day,
        "kind": "csv",
        "anomaly_id": house.statement.lines.get().anomaly_id,
        "case_type": "return_quality",
        "client_id": UUID(int=1),
        "task_id": NO_SUCH_ROW,
        "line_id": NO_SUCH_ROW,
        "outbound_id": NO_SUCH_ROW,
        "parcel_id": NO_SUCH_ROW,
        "board_key": "overview",
        "chart_key": "flow",
        "metric_id": "frt",
        "extension": "csv",
        "remark_id": NO_SUCH_ROW,
        "spike_id": house.spike.pk,
        "improvement_id": house.item.pk,
        "export_id": house.research.pk,
        "export_key": house.file_of_list.key,
        "report_id": house.report.pk,
        "log_id": house.log.pk,
        "file": "rows.csv",
    }


def _version(name: str, house: House) -> int:
    """The version of what an act is about."""
    if name == "admin:refund-act":
        return house.refund.version
    if name.startswith(("admin:spike", "admin:improvement")):
        return house.item.version
    return house.statement.version if "reconcile" in name else house.own.version


def _external_id(name: str, house: House) -> str:
    return house.own.customer.external_id if "customer" in name else house.own.order.external_id


def _row_of(name: str, house: House) -> int:
    """A row of the model that a page of the stock admin is about."""
    app_label, _underscore, rest = name.removeprefix("admin:").partition("_")
    try:
        model = apps.get_model(app_label, rest.rpartition("_")[0])
    except LookupError:
        return 1
    row = model._default_manager.order_by("pk").first()
    return row.pk if row else 1


def body_of(house: House, name: str) -> dict[str, Any]:
    """Answers that fit every form of the desk and of the portal; each form takes its own."""
    own = house.own
    of_case = {"case": house.case.number, "version": "", "waybill": "SF1234567890123"} if name == "workflows:return-act" else {}
    return {
        "expected_version": _version(name, house),
        "expected_number": house.article.versions.count(),
        "proposal_hash": house.refund.proposal_hash,
        "cause": "余额已补足",
        "improvement": house.item.pk,
        "version": own.version,
        "request_id": "r1",
        "seen": own.messages.order_by("-pk").values_list("pk", flat=True).first(),
        "body": "您好，我们正在查。",
        "reason": "客户这样要求",
        "summary": "电话里这样说",
        "to": house.users["lead"].pk,
        "into": house.twin.number,
        "names": "加急",
        "messages": own.messages.order_by("pk").values_list("pk", flat=True)[0],
        "priority": 3,
        "level": 1,
        "figure": f"{house.users['agent'].pk}-{own.contacts.latest('at', 'pk').pk}",
        "minutes": 5,
        "category": own.category.code,
        "team": house.other_team.code,
        "department": "warehouse",
        "owner": "仓库小张",
        "expected_on": tomorrow(),
        "until": f"{tomorrow()}T10:00",
        "resolution": "已经补发",
        "reason_code": own.category.code,
        "liability": "shop",
        "facts": "事实如此",
        "basis": "七天无理由 2025",
        "is_upheld": "yes",
        "answer": "维持原来的决定",
        "kind": "reply",
        "mode": "viewing",
        "order": own.order.pk,
        "act": "priority",
        "wish": "correction",
        "words": "姓名写错了",
        "verdict": "approve",
        "value": 3,
        "selected": f"{own.pk}:{own.version}",
        "name": "contact_phone",
        "score": 9,
        "helpful": "yes",
        "rating": 5,
        "window": call_windows(timezone.now())[0].code,
        "person": house.users["agent"].pk,
        "days": this_monday(),
        "starts": "09:00",
        "way": "even",
        "what": "work",
        "ends": "18:00",
        **of_case,
    }


def json_of(house: House, name: str) -> dict[str, Any]:
    """What each address of the API takes in."""
    from tests.api.machine import FILED

    order, version = house.own.order.external_id, {"expected_version": house.own.version}
    words = {"reason": "客户这样要求"} | version
    bodies = {
        "api-complaint-list": FILED,
        "api-complaint-messages": {"body": "您好"} | version,
        "api-complaint-note": {"body": "内部"},
        "api-complaint-customer-message": {"body": "在吗"},
        "api-complaint-ask_customer": {"body": "请补照片"} | version,
        "api-complaint-answer": {"summary": "电话里说"} | version,
        "api-complaint-hand_over": {"department": "warehouse", "owner": "小张", "expected_on": tomorrow()} | version,
        "api-complaint-hand_back": {"summary": "查到了"} | version,
        "api-complaint-snooze": {"until": f"{tomorrow()}T10:00:00+08:00"} | words,
        "api-complaint-wake": version,
        "api-complaint-resolve": {"resolution": "已补发", "reason_code": "logistics.stalled", "liability": {"shop": 100}} | version,
        "api-complaint-reopen": words,
        "api-complaint-withdraw": words,
        "api-complaint-resume": version,
        "api-complaint-escalate": words,
        "api-complaint-set_priority": {"priority": 3} | version,
        "api-complaint-set_tags": {"names": ["加急"]} | version,
        "api-complaint-bind_order": {"order": order} | version,
        "api-filing-links": {"order": order},
    }
    return (bodies | _about_cases(house)).get(name, {"rows": []})


def _about_cases(house: House) -> dict[str, dict[str, Any]]:
    unit, version = house.case.units.get().unit_id, {"expected_version": house.case.version}
    results = {"results": [{"unit": unit, "graded": "a"}]} | version
    wish = {"complaint": house.own.number, "type": "return_quality", "reason": "broken", "request": "电话"}
    return {
        "api-case-list": wish | {"lines": [{"line": house.own.order.lines.first().external_id, "quantity": 1}]},
        "api-case-scan_in": version,
        "api-case-begin_inspection": version,
        "api-case-record_results": results,
        "api-case-pass_inspection": results,
        "api-case-fail_inspection": results,
        "api-case-split": {"units": [unit], "kind": "short"} | version,
        "api-case-other": version,
    }
