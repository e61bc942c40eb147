"""Measure the live stream: memory of idle pages, and how long news take to a colleague's and to a customer's page.

python -m benchmarks.live --pages 500 --events 200
"""

import argparse
import asyncio
import json
import os
import random
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path

import psutil

from benchmarks.cpu import Meter
from benchmarks.house import ROOT, House
from config import children
from config.environment import free_port

SERVER = ["-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--workers", "1", "--no-ws", "--http", "1"]
SERVER += ["--backpressure", "6000", "--log-level", "warning"]
PER_SESSION = 6
IDLE_SECONDS = 60  # what pages cost that only stand open needs a while to show
MAIN = "live"
VOLUME = 2_000
MOST_WATCHED = 50
PAUSE = 0.3  # no person is pulsed more than four times a second
Act = Callable[[str], object]


@dataclass
class Page:
    """An open page: when it heard of a topic, by the version that was told."""

    port: int
    cookie: str
    topics: list[str]
    heard: dict[tuple[str, int], float] = field(default_factory=dict)
    is_ready: bool = False

    async def listen(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        with closing(writer):
            await self._hear(reader, writer)

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = f"GET /live/?t={','.join(self.topics)} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nCookie: {self.cookie}\r\n\r\n"
        writer.write(head.encode())
        while line := await reader.readline():
            if line.startswith(b"data: {"):
                told = json.loads(line[6:])
                self.heard[told["topic"], told["version"]] = time.perf_counter()
            self.is_ready = self.is_ready or line.startswith(b"event: ")


class Crowd:
    """Many pages in one thread of their own, so that they do not wait for whoever makes the news."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.listening: list[Future] = []
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def open(self, pages: list[Page]) -> list[Page]:
        self.listening += [asyncio.run_coroutine_threadsafe(page.listen(), self.loop) for page in pages]
        wait_until(lambda: all(page.is_ready for page in pages))
        return pages

    @property
    def still_open(self) -> int:
        return sum(not page.done() for page in self.listening)

    def leave(self) -> None:
        """Close every page that is still open."""
        asyncio.run_coroutine_threadsafe(self._close_all(), self.loop).result()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()

    async def _close_all(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


def main() -> None:
    options = read_arguments()
    with House(options.folder, VOLUME) as house, live_server(house) as (port, server):
        os.environ.update(house.env, DJANGO_SETTINGS_MODULE="config.settings")
        import django

        django.setup()
        crowd = Crowd()
        measure_idle(crowd, port, server, options.pages)
        measure_desk(crowd, house, port, options.events)
        measure_chat(crowd, house, port, options.events)
        print(f"{crowd.still_open} pages were open meanwhile")
        measure_fan_out(crowd, port, server, options.pages, options.events)
        crowd.leave()
        print(f"load of the machine: {os.getloadavg()[0]:.1f} on {psutil.cpu_count()} cores")


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=500, help="open pages that nothing happens on")
    parser.add_argument("--events", type=int, default=200, help="news of each kind")
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "benchmarks" / "live", help="where the data stays")
    return parser.parse_args()


@contextmanager
def live_server(house: House) -> Iterator[tuple[int, int]]:
    """The ``live`` service beside the house's web server; gives its port and its process."""
    port = free_port()
    argv = [sys.executable, *SERVER, "--port", str(port), "config.live:application"]
    server = children.spawn(argv, log=house.folder / "log" / "live.log", env=house.env | {"BIHUAN_PROCESS": "live"})
    try:
        wait_until(lambda: is_listening(port))
        yield port, server.pid
    finally:
        children.stop(server)


def measure_idle(crowd: Crowd, port: int, server: int, count: int) -> None:
    """Pages of the desk as they are: each watches the lists of its teams, itself, and who is on twenty-five complaints."""
    before = memory(server)
    topics = desk_topics()
    cookies = [staff_cookie() for _each in range(count // PER_SESSION + 1)]
    crowd.open([Page(port, cookies[number // PER_SESSION], topics) for number in range(count)])
    with Meter({MAIN: server}) as meter:
        time.sleep(IDLE_SECONDS)
    print(f"{count} idle pages, {len(topics)} topics each: {memory(server) - before:.0f} MB more ({before:.0f} MB without them),", end=" ")
    print(f"{meter.spent[MAIN] / IDLE_SECONDS / 10:.1f} % of one core for heartbeats and rights")


def measure_desk(crowd: Crowd, house: House, port: int, count: int) -> None:
    """From the click of an agent until a colleague's page hears of it, and until that page has what it looks up then."""
    from benchmarks.operations import log_in, sample_live_numbers

    numbers = sample_live_numbers(MOST_WATCHED, random.Random(1), of_agent=True)  # noqa: S311 - a sample
    writer, reader = log_in(house.base_url), log_in(house.base_url)
    [page] = crowd.open([Page(port, staff_cookie(), [f"complaint-{number}" for number in numbers])])
    watched = [numbers[number % len(numbers)] for number in range(count)]
    time_news("an agent's note, on a colleague's page", page, watched, note_by(writer), pulse_of(reader))


def measure_chat(crowd: Crowd, house: House, port: int, count: int) -> None:
    """From the sending of a line until the other side's page hears of it, and until it has the line."""
    from benchmarks.operations import log_in, sample_live_numbers

    [number] = sample_live_numbers(1, random.Random(2), of_agent=True)  # noqa: S311 - a sample
    talk_with_agent(number)
    agent, desk = log_in(house.base_url), log_in(house.base_url)
    desk.headers["HX-Request"] = "true"
    customer, cookie = customer_of(house.base_url, number)
    customer.headers["X-Chat"] = "1"
    [mine] = crowd.open([Page(port, cookie, [f"complaint-{number}"])])
    [theirs] = crowd.open([Page(port, staff_cookie(), [f"complaint-{number}"])])
    follow = lambda number: desk.get(f"/admin/desk/c/{number}/")  # noqa: E731
    time_news("a customer's line in a conversation, at the desk", theirs, [number] * count, line_by(customer), follow)
    open_workspace, send = reply_by(agent)
    look = lambda number: customer.post(f"/c/{number}/chat/pulse/", {"after": "0", "since": "0"}, expect=200)  # noqa: E731
    time_news("an agent's line in a conversation, on the customer's page", mine, [number] * count, send, look, before=open_workspace)


def talk_with_agent(number: str) -> None:
    """A customer who asked for a person and was accepted by the demo's agent, whose complaint it is."""
    from accounts.models import User
    from benchmarks.operations import AGENT
    from complaints.chat.sessions import State, start_chat
    from complaints.models import ChatSession, Complaint

    _about, session = start_chat(Complaint.objects.get(number=number), body="有人吗？", request_id=os.urandom(8).hex())
    talking = {"state": State.ACTIVE, "agent": User.objects.get(username=AGENT), "accepted_at": session.queued_at}
    ChatSession.objects.filter(pk=session.pk).update(**talking)


def time_news(name: str, page: Page, numbers: list[str], act: Act, look: Act, *, before: Act = lambda _number: None) -> None:
    heard, shown = [], []
    for number in numbers:
        before(number)
        page.heard.clear()
        began = time.perf_counter()
        act(number)
        wait_until(lambda number=number: any(topic == f"complaint-{number}" for topic, _version in list(page.heard)))
        heard.append(min(page.heard.values()) - began)
        look(number)
        shown.append(time.perf_counter() - began)
        time.sleep(PAUSE)
    print(f"{name}: heard {quantiles(heard)}, looked up {quantiles(shown)} ({len(numbers)} of them)")


def measure_fan_out(crowd: Crowd, port: int, server: int, count: int, events: int) -> None:
    """One pointer to everybody, until the last page has it; then as many pointers as can be had."""
    from complaints.live import publish

    cookies = [staff_cookie() for _each in range(count // PER_SESSION + 1)]
    topic = desk_topics()[0]
    pages = crowd.open([Page(port, cookies[number // PER_SESSION], [topic]) for number in range(count)])
    last = []
    for version in range(1, events + 1):
        began = time.perf_counter()
        publish(*topic.split("-"), version)
        wait_until(lambda version=version: all((topic, version) in page.heard for page in pages))
        last.append(max(page.heard[topic, version] for page in pages) - began)
    print(f"one pointer to {count} pages: the last has it after {quantiles(last)}")
    flood, began = 20_000, time.perf_counter()
    with Meter({MAIN: server}) as meter:
        for version in range(1001, 1001 + flood):
            publish(*topic.split("-"), version)
            if version % 500 == 0:
                wait_until(lambda version=version: (topic, version) in pages[0].heard)
        wait_until(lambda: all((topic, 1000 + flood) in page.heard for page in pages))
    spent = time.perf_counter() - began
    told = sum(len(page.heard) for page in pages) - count * events
    print(f"{flood} pointers as fast as they go: {flood / spent:.0f} a second in,", end=" ")
    print(f"{told / spent:.0f} a second out to {count} pages, {meter.spent[MAIN] / spent / 10:.0f} % of one core")


def note_by(agent):
    return lambda number: agent.post(f"/admin/desk/c/{number}/note/", {"body": "看一下", "request_id": os.urandom(8).hex()})


def pulse_of(agent):
    return lambda number: agent.post(f"/admin/desk/c/{number}/pulse/", {"seen": "0", "version": "0", "mode": "viewing"}, expect=200)


def line_by(customer):
    return lambda number: customer.post(
        f"/c/{number}/chat/", {"body": "还在吗？", "request_id": os.urandom(8).hex(), "after": "9" * 15, "since": "9" * 9}, expect=200
    )


def reply_by(agent):
    """Open the workspace, which is not counted, and send."""
    names, fields = ("expected_version", "request_id", "seen", "snapshot"), {}

    def open_workspace(number: str) -> None:
        agent.get(f"/admin/desk/c/{number}/")
        fields.update({name: agent.hidden(name, after='data-composer-form="reply"') for name in names})

    return open_workspace, lambda number: agent.post(
        f"/admin/desk/c/{number}/reply/", fields | {"body": "在的。", "then": "", "language_ok": "1", "chat": "1"}
    )


def desk_topics() -> list[str]:
    from accounts.models import User
    from benchmarks.operations import AGENT
    from complaints.access import visible_to

    user = User.objects.get(username=AGENT)
    numbers = visible_to(user).order_by("pk").values_list("number", flat=True)[:25]
    return [*(f"queue-{team}" for team in sorted(user.team_ids)), f"user-{user.pk}", *(f"presence-{number}" for number in numbers)]


def staff_cookie() -> str:
    """A session of the demo's agent, as logging in makes one."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from accounts.models import User
    from accounts.sessions import SessionStore
    from benchmarks.operations import AGENT

    user, session = User.objects.get(username=AGENT), SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def customer_of(base_url: str, number: str):
    """The customer of a complaint, who has opened its link."""
    from benchmarks.visitor import Visitor
    from complaints.intake.links import COOKIE, make_link
    from complaints.models import Complaint

    customer = Visitor(base_url)
    customer.get(f"/t/{make_link(Complaint.objects.get(number=number))}/", expect=303)
    customer.get(f"/c/{number}/")
    return customer, f"{COOKIE}={customer.cookies[COOKIE]}"


def memory(pid: int) -> float:
    """Resident megabytes of a server and its workers."""
    root = psutil.Process(pid)
    return sum(process.memory_info().rss for process in [root, *root.children(recursive=True)]) / 2**20


def quantiles(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    high = {share: ordered[ceil(len(ordered) * share / 100) - 1] * 1000 for share in (50, 95, 99)}
    return ", ".join(f"p{share} {value:.0f} ms" for share, value in high.items()) + f", most {ordered[-1] * 1000:.0f} ms"


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(condition: Callable[[], bool], *, within: float = 120) -> None:
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError("this takes too long")
        time.sleep(0.0005)  # finer than what is measured, and it leaves the processor to the server


if __name__ == "__main__":
    main()
