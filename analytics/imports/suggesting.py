"""A mapping for a log that is not known yet: its activities, and by their words what they may be."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

from .interpreting import Interpreter, nothing_read
from .mapping import Kind, Mapping
from .records import LogFile
from .run import find_format, read_records

# The first that fits counts, so what undoes something stands before what it undoes.
HINTS: tuple[tuple[str, Kind], ...] = (
    (r"re-?open|重开|重新打开|再次打开|激活", Kind.REOPENED),
    (r"withdr[ae]w|cancel|撤销|撤回|取消", Kind.WITHDRAWN),
    (r"duplicate|invalid|reject|declin|refus|驳回|不予|无效", Kind.DECLINED),
    (r"no (response|answer)|无人应答|联系不上|未回应", Kind.NO_RESPONSE),
    (r"bot|auto|机器人|自动", Kind.BOT_MESSAGE),
    (r"(customer|client|requester|caller).*(message|repl|comment|update|wrote)", Kind.CUSTOMER_MESSAGE),
    (r"(from|by) customer|客户(留言|回复|消息|追问)", Kind.CUSTOMER_MESSAGE),
    (r"wait.*(vendor|supplier)|vendor|supplier|upgrade|供应商", Kind.WAITING_SUPPLIER),
    (r"warehouse|仓库", Kind.WAITING_WAREHOUSE),
    (r"carrier|courier|shipping|快递|物流", Kind.WAITING_CARRIER),
    (r"finance|payment|财务|打款", Kind.WAITING_FINANCE),
    (r"wait|pending|on hold|suspend|snooz|等待|挂起|暂停|待客户", Kind.WAITING_CUSTOMER),
    (r"transfer|re-?assign|escalat|queued|转派|转组|转交|升级", Kind.TEAM_CHANGED),
    (r"clos|complet|verified|finish|关闭|完结|结束|结单", Kind.CLOSED),
    (r"resol|solv|fixed|解决|处理完成|已处理", Kind.RESOLVED),
    (r"repl|respon|comment|mail|message|communicat|call|回复|留言|消息|致电|回访", Kind.HUMAN_MESSAGE),
    (r"assign|take in charge|take over|accept|pick|claim|分配|指派|受理|领取|认领", Kind.ASSIGNED),
    (r"creat|open|insert|regist|new|submit|file|创建|新建|提交|登记", Kind.FILED),
    (r"work|progress|start|update|change|schedul|处理|跟进|更新", Kind.WORKED),
)  # fmt: skip


def suggest_mapping(path: Path, *, mapping: Mapping, file_format: str = "") -> tuple[dict[str, Any], Counter]:
    """The mapping with every activity of the file: as it has them, else by a hint in their words. Counts them; nothing is stored."""
    interpreter, codes = Interpreter(0, mapping), Counter()
    with LogFile(path) as file:
        for record in read_records(file, file_format or find_format(path), mapping):
            _events, findings = interpreter.interpret(record)
            codes.update(each.code for each in findings)
    if not (found := interpreter.activities):
        raise nothing_read(codes)
    kinds = {activity: str(_kind(activity, mapping)) for activity, _count in found.most_common()}
    return {**mapping.text, "activities": kinds} if not mapping.moments else dict(mapping.text), found


def _kind(activity: str, mapping: Mapping) -> Kind:
    known = mapping.kind_of(activity)
    if known != Kind.OTHER:
        return known
    return next((kind for hint, kind in HINTS if re.search(hint, activity, re.IGNORECASE)), Kind.OTHER)
