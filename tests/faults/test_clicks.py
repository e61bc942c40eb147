"""People who do things twice, or at the same moment."""

from functools import partial

from tests.complaints.test_concurrency import at_once
from tests.faults.clients import OK, value_of

COUNT = "SELECT count(*) FROM complaints_complaint WHERE description = %s"
KEYS = """
    SELECT key::text FROM complaints_outbox o JOIN complaints_complaint c ON c.id = o.complaint_id WHERE c.number = %s AND node = %s
"""
BODIES = "SELECT body FROM complaints_message m JOIN complaints_complaint c ON c.id = m.complaint_id WHERE c.number = %s ORDER BY body"


def mail_keys(proving, number: str, node: str) -> list[str]:
    return [key for (key,) in proving.rows(KEYS, number, node)]


def test_a_double_click_files_one_complaint_and_sends_one_mail(proving):
    visitor = proving.visitor()
    check = visitor.reach_check()

    answers = at_once(*[lambda: visitor.submit(check)] * 5)

    assert {(answer.outcome, answer.location) for answer in answers} == {(OK, answers[0].location)}
    assert proving.value(COUNT, visitor.text) == 1
    number = answers[0].location.strip("/").rpartition("/")[2]
    [key] = mail_keys(proving, number, "acknowledged")
    proving.wait(lambda: visitor_mail(proving, visitor, key))
    assert visitor_mail(proving, visitor, key) == [key]


def visitor_mail(proving, visitor, key: str) -> list[str]:
    """The acknowledgement in the visitor's mailbox, as often as it came."""
    return [each for each in proving.sink.of(visitor.email) if each == key]


def test_two_tabs_file_one_complaint(proving):
    visitor = proving.visitor()
    first_tab = visitor.reach_check()
    second_tab = visitor.get("/file/check/")

    first, second = visitor.submit(first_tab), visitor.submit(second_tab)

    assert (first.outcome, second.outcome, second.location) == (OK, OK, first.location)
    assert proving.value(COUNT, visitor.text) == 1


def test_two_tabs_write_two_messages_and_one_page_sent_twice_writes_one(proving):
    visitor = proving.visitor()
    visitor.file()
    here = f"/c/{visitor.number_of_complaint}/"
    tabs = [visitor.get(here), visitor.get(here)]

    def send(tab, text):
        return visitor.post(f"{here}reply/", tab, body=text, request_id=value_of(tab, "request_id"))

    answers = at_once(*[lambda: send(tabs[0], "first tab")] * 3, lambda: send(tabs[1], "second tab"))

    assert {answer.outcome for answer in answers} == {OK}
    assert [body for (body,) in proving.rows(BODIES, visitor.number_of_complaint)] == ["first tab", visitor.text, "second tab"]


def test_two_agents_answer_once(proving):
    visitor = proving.visitor()
    visitor.file()
    number = visitor.number_of_complaint
    agents = [proving.agent(0), proving.agent(1)]
    pages = [agent.open(number) for agent in agents]

    def answer(agent, page):
        return agent.reply(number, page, f"answer of {agent.number}")

    answers = at_once(*[partial(answer, *each) for each in zip(agents, pages, strict=True)])

    assert sorted(answer.status for answer in answers) == [303, 409]
    assert len(mail_keys(proving, number, "reply")) == 1


def test_an_agents_double_click_is_one_answer(proving):
    visitor = proving.visitor()
    visitor.file()
    number, agent = visitor.number_of_complaint, proving.agent()
    page = agent.open(number)

    answers = at_once(*[lambda: agent.reply(number, page, "one answer")] * 3)

    assert [answer.status for answer in answers] == [303] * 3
    assert len(mail_keys(proving, number, "reply")) == 1
