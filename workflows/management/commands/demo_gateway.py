import os
import signal
import threading
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin

from django.core.management.base import BaseCommand, CommandError, CommandParser

from workflows.demo_gateway.carrier import SPEED, signer
from workflows.demo_gateway.clock import Clock
from workflows.demo_gateway.ledger import LedgerError
from workflows.demo_gateway.loopback import Place, loopback_place
from workflows.demo_gateway.server import GatewayServer
from workflows.demo_gateway.webhooks import RETRY_SECONDS, Courier

SECRET_NAME = "BIHUAN_GATEWAY_DEMO_SECRET"  # noqa: S105 - the name of a variable
SHORTEST_SECRET = 16


class Command(BaseCommand):
    """Run the demo gateway on 127.0.0.1 until SIGTERM or SIGINT. It prints its address and touches no database."""

    help = "A payment gateway for trials and tests: it pays play money, keeps its own ledger and can be told to fail."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8180, help="0 takes a free one")
        parser.add_argument("--folder", type=Path, required=True, help="where the ledger is kept")
        parser.add_argument("--secret", default="", help=f"for all signatures; {SECRET_NAME} when not given")
        parser.add_argument("--webhook-url", default="", help="where notices go: http://127.0.0.1:PORT/path; none when not given")
        parser.add_argument("--carrier-url", default="", help="where the demo carrier's pushes go; beside the notices when not given")
        parser.add_argument("--carrier-speed", type=int, default=SPEED, help="how many hours of a parcel's journey pass in one")
        parser.add_argument("--seed", type=int, default=None, help="repeats the faults and the order of notices of another run")
        parser.add_argument("--stopped-at", type=read_moment, default=None, help="a clock that moves only when it is told to")
        parser.add_argument("--retry-seconds", type=float, nargs="*", default=RETRY_SECONDS, help="pauses between tries of a notice")

    def handle(self, *args, **options) -> None:
        gateway = build_gateway(options)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: threading.Thread(target=gateway.shutdown).start())
        self.stdout.write(f"Demo gateway on {gateway.url}")
        self.stdout.flush()
        try:
            gateway.serve_forever(poll_interval=0.2)
        finally:
            gateway.stop()


def build_gateway(options: dict) -> GatewayServer:
    """The gateway that the arguments describe; ``CommandError`` says which of them will not do."""
    secret = options["secret"] or os.environ.get(SECRET_NAME, "")
    if len(secret) < SHORTEST_SECRET:
        raise CommandError(f"--secret or {SECRET_NAME}: at least {SHORTEST_SECRET} characters")
    try:
        receiver = loopback_place(options["webhook_url"]) if options["webhook_url"] else None
        courier = Courier(receiver, secret, seed=options["seed"] or 0, retry_seconds=options["retry_seconds"])
        scans = Courier(carrier_place(options), secret, retry_seconds=(), carriers=1, sign=signer(secret))
        given = {name: options[name] for name in ("port", "folder", "seed")}
        clock = Clock(options["stopped_at"])
        return GatewayServer(**given, secret=secret, courier=courier, clock=clock, scans=scans, speed=options["carrier_speed"])
    except (LedgerError, ValueError, OSError) as error:
        raise CommandError(str(error)) from error


def carrier_place(options: dict) -> Place | None:
    """Where the product takes the pushes of carriers; one that is not taken is lost, as with some real carriers."""
    url = options["carrier_url"]
    if not url and options["webhook_url"]:
        url = urljoin(options["webhook_url"], "/hooks/carrier/demo/")
    return loopback_place(url) if url else None


def read_moment(text: str) -> datetime:
    """A time such as 2026-03-01T12:00:00+08:00; without a zone it is UTC."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
