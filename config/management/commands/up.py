import signal
import time
import urllib.error
import urllib.request

from django.apps import apps
from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from config import trial
from config.demo_logins import DEMO_LOGINS, DEMO_PASSWORD, standing_demo_logins
from config.embedded import EngineError
from config.supervisor import Supervisor

FIRST_ANSWER_WITHIN = 60


class Command(BaseCommand):
    """Run the whole house on this machine: database, broker, web server, workers, sweeper. Ctrl-C or SIGTERM ends all of it."""

    help = "Start everything that a trial needs, keep it running, and stop it together."
    requires_system_checks = []

    def add_arguments(self, parser) -> None:
        parser.add_argument("--no-demo", action="store_true", help="leave an empty database empty")
        parser.add_argument("--demo-orders", type=int, help="how many orders the demo shop has")
        parser.add_argument("--demo-complaints", type=int, help="how many complaints the demo shop has")

    def handle(self, *args, **options) -> None:
        if settings.BIHUAN_ENV == "production":
            raise CommandError("'up' is for trials. See docs/operations.md for a deployment.")
        self.began = time.monotonic()
        supervisor = Supervisor(run_folder=trial.RUN_FOLDER, say=self.say)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, interrupt)
        try:
            self.lock = trial.lock_folder()
            self.start(supervisor, options)
            supervisor.watch()
        except (trial.TrialError, EngineError) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self.say("stopping …")
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)
            supervisor.stop()

    def start(self, supervisor: Supervisor, options: dict) -> None:
        trial.require_free_port(settings.BIHUAN_BIND, settings.PORT)
        self.start_engines(supervisor)
        trial.prepare_house(self.say)
        self.load_demo_once(options)
        self.refuse_open_door()
        connections.close_all()
        web, *others = trial.make_programs(bind=settings.BIHUAN_BIND, port=settings.PORT)
        supervisor.keep(web)
        self.wait_for_first_answer(supervisor)
        for program in others:
            supervisor.keep(program)
        self.greet()

    def start_engines(self, supervisor: Supervisor) -> None:
        engines = trial.make_engines()
        trial.move_engines_if_taken(engines)
        for engine in engines:
            engine.start()
            supervisor.keep(engine, process=engine.process)
        for engine in engines:
            engine.wait()

    def load_demo_once(self, options: dict) -> None:
        """Fill an empty house with the demo shop, so that a newcomer sees work and not blank pages."""
        if options["no_demo"] or "load_demo" not in get_commands() or apps.get_model("orders", "Order").objects.exists():
            return
        self.say("loading the demo shop …")
        volumes = {"orders": options["demo_orders"], "complaints": options["demo_complaints"]}
        call_command("load_demo", **{name: value for name, value in volumes.items() if value is not None}, verbosity=0)
        call_command("load_demo_cases", verbosity=0)
        call_command("load_demo_loop", verbosity=0)

    def refuse_open_door(self) -> None:
        if not trial.is_loopback_name(settings.BIHUAN_BIND) and (names := standing_demo_logins()):
            raise trial.TrialError(
                f"BIHUAN_BIND={settings.BIHUAN_BIND} would open the house to others while demo passwords stand ({', '.join(names)}). "
                "Change these passwords or deactivate the users first."
            )

    def wait_for_first_answer(self, supervisor: Supervisor) -> None:
        deadline = time.monotonic() + FIRST_ANSWER_WITHIN
        host = "127.0.0.1" if trial.is_loopback_name(settings.BIHUAN_BIND) else settings.BIHUAN_BIND
        while not answers(f"http://{host}:{settings.PORT}/livez"):
            supervisor.look()
            if time.monotonic() > deadline:
                raise trial.TrialError(f"The web server does not answer; see {trial.LOG_FOLDER / 'web.log'}.")
            time.sleep(0.1)

    def greet(self) -> None:
        lines = [f"{name:<10} {url}" for name, url in trial.list_urls(settings.BIHUAN_BIND, settings.PORT)]
        lines += [f"{DEMO_LOGINS[login].role:<10} {login} / {DEMO_PASSWORD}" for login in standing_demo_logins()]
        lines.append(f"data in {trial.describe_place(settings.DATA_DIR)}, logs in {trial.describe_place(trial.LOG_FOLDER)}")
        connections.close_all()
        self.stdout.write("".join(f"    {line}\n" for line in lines), ending="")
        self.say(f"ready after {time.monotonic() - self.began:.1f} s; Ctrl-C stops it")

    def say(self, text: str) -> None:
        self.stdout.write(f"bihuan: {text}")
        self.stdout.flush()


def interrupt(number, frame) -> None:
    raise KeyboardInterrupt


def answers(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=2) as response:  # noqa: S310 - our own address
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False
