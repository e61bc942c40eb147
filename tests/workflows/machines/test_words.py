"""Every word of the tables is there in Chinese, with the same gaps to fill."""

import re

import pytest
from django.utils import translation

from foundation.exceptions import Forbidden, Reason
from workflows.machines.pages import DESCRIBED
from workflows.machines.spine import SPINE
from workflows.machines.table import Phase, Role

EACH = pytest.mark.parametrize("machine", DESCRIBED, ids=lambda machine: machine.name)
CJK = re.compile("[\u4e00-\u9fff]")
GAP = re.compile(r"\{\w+\}")
# What the customer reads, as the specification has it.
READS = {
    "draft": "草稿，尚未提交",
    "submitted": "已收到，正在核对",
    "in_review": "客服处理中，{due} 前答复",
    "info_needed": "请补充：{items}",
    "pending_approval": "方案确认中，{due} 前答复",
    "awaiting_return": "请于 {due} 前寄回或预约取件",
    "in_transit": "退货运输中",
    "received": "仓库已签收，{due} 前开始检验",
    "inspecting": "检验中，{due} 前完成",
    "exception": "遇到问题，专人处理，{due} 前联系您",
    "settling": "执行中：{tracks}",
    "completed": "已完成",
    "rejected": "未通过：{facts}，依据 {basis}，可申诉",
    "cancelled": "已撤销，可在 {due} 前恢复",
    "closed": "已归档",
}


def words_of(machine):
    yield from (machine.label, machine.help, *machine.rules)
    for state in machine.states:
        yield from (state.label, state.wording, state.expiry)
    for verb in machine.verbs:
        yield from (verb.label, verb.help, *verb.effects, *verb.after)
        yield from (text for clause in verb.guards for text in (clause.text, clause.cure))


def said_in(language, words):
    with translation.override(language):
        return [str(word) for word in words]


@EACH
def test_every_word_is_translated(machine):
    words = [word for word in words_of(machine) if word]

    pairs = zip(said_in("en", words), said_in("zh-hans", words), strict=True)
    assert [english for english, chinese in pairs if not CJK.search(chinese)] == []


def test_roles_and_phases_are_translated():
    words = [member.label for member in (*Role, *Phase)]

    assert [word for word in said_in("zh-hans", words) if not CJK.search(word)] == []


@EACH
def test_a_translation_has_the_same_gaps(machine):
    words = list(words_of(machine))

    pairs = zip(said_in("en", words), said_in("zh-hans", words), strict=True)
    assert [english for english, chinese in pairs if set(GAP.findall(english)) != set(GAP.findall(chinese))] == []


@EACH
def test_the_customer_reads_something_in_every_state(machine):
    assert [state.name for state in machine.states if machine.is_shown_to_customers and not state.wording] == []


def test_the_customer_reads_the_words_of_the_specification():
    assert {str(state.name): said_in("zh-hans", [state.wording])[0] for state in SPINE.states} == READS


@EACH
def test_every_reason_has_a_code_a_text_and_a_cure(machine):
    clauses = [clause for verb in machine.verbs for clause in verb.guards]

    assert [clause for clause in clauses if not (clause.code and clause.text and clause.cure)] == []


def test_a_reason_that_lies_in_who_asks_answers_as_forbidden():
    own, eligible = SPINE.verb("approve").guards[2], SPINE.verb("approve").guards[0]

    assert type(own.reason()) is Forbidden
    assert type(eligible.reason()) is Reason
    assert own.reason().code == "own_case"
