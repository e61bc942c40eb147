"""Values from the environment, where a wrong one is an error that names its variable."""

import base64
import os
import secrets
import socket
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}
TRIAL_FILE = "trial.env"
DEMO_GATEWAY = ("BIHUAN_GATEWAY_DEMO_URL", "BIHUAN_GATEWAY_DEMO_SECRET")
TRIAL_NAMES = {"SECRET_KEY", "BIHUAN_KEYS", "BIHUAN_INDEX_KEY", "DATABASE_URL", "REDIS_URL", *DEMO_GATEWAY}


class Environment(environ.Env):
    """django-environ that never guesses: every refusal is an ``ImproperlyConfigured`` with the variable's name."""

    def get_value(self, var, cast=None, default=environ.Env.NOTSET, parse_default=False):
        try:
            return super().get_value(var, cast=cast, default=default, parse_default=parse_default)
        except (ValueError, TypeError) as error:
            raise ImproperlyConfigured(f"{var}={os.environ.get(var)!r} is not understood: {error}") from error

    def switch(self, var: str, *, default: bool) -> bool:
        """On or off; anything else is refused (plain django-environ takes a typing error for off)."""
        value = os.environ.get(var, str(default)).strip().lower()
        if value not in TRUE | FALSE:
            raise ImproperlyConfigured(f"{var}={value!r} must be one of true, false.")
        return value in TRUE

    def one_of(self, var: str, choices: tuple, *, default: str) -> str:
        value = os.environ.get(var, default)
        if value not in choices:
            raise ImproperlyConfigured(f"{var}={value!r} must be one of {', '.join(choices)}.")
        return value

    def at_least(self, var: str, minimum: int, *, default: int) -> int:
        value = self.int(var, default)
        if value < minimum:
            raise ImproperlyConfigured(f"{var}={value} must be at least {minimum}.")
        return value


def read_trial_values(data_folder: Path) -> dict[str, str]:
    """The secrets and addresses of the trial run, made up once and kept in the data folder, readable by its owner only."""
    path = data_folder / TRIAL_FILE
    if not path.exists():
        write_trial_values(data_folder, make_trial_values(), replace=False)
    values = dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
    if not values.keys() >= TRIAL_NAMES:
        values = make_trial_values() | values
        write_trial_values(data_folder, values, replace=True)
    return values


def write_trial_values(data_folder: Path, values: dict[str, str], *, replace: bool) -> None:
    """Write the file in one step; with ``replace=False`` a file that another process made meanwhile stands."""
    data_folder.mkdir(parents=True, exist_ok=True)
    unfinished = data_folder / f"{TRIAL_FILE}.{os.getpid()}"
    unfinished.touch(mode=0o600)
    unfinished.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
    if replace:
        unfinished.replace(data_folder / TRIAL_FILE)
        return
    try:
        os.link(unfinished, data_folder / TRIAL_FILE)
    except FileExistsError:
        pass
    finally:
        unfinished.unlink()


def make_trial_values() -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "BIHUAN_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "BIHUAN_INDEX_KEY": secrets.token_urlsafe(32),
        **make_engine_addresses(password=secrets.token_hex(16)),
        **dict(zip(DEMO_GATEWAY, (f"http://127.0.0.1:{free_port()}", secrets.token_hex(16)), strict=True)),
    }


def make_engine_addresses(*, password: str) -> dict[str, str]:
    """Where the trial run's own PostgreSQL and Valkey listen: this machine only, on ports that are free now."""
    return {
        "DATABASE_URL": f"postgres://bihuan:{password}@127.0.0.1:{free_port()}/bihuan",
        "REDIS_URL": f"redis://:{password}@127.0.0.1:{free_port()}/0",
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
