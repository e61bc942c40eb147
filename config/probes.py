"""Container health checks without Django: ``python -m config.probes ready``, ``… alive`` and ``… beating worker:mail``."""

import os
import sys
import urllib.error
import urllib.request

import psycopg2

SILENT_AFTER_SECONDS = 60


def is_ready() -> bool:
    """Whether the web server in this container could accept a complaint."""
    return _answers("/readyz")


def is_alive() -> bool:
    """Whether the server in this container answers at all."""
    return _answers("/livez")


def _answers(path: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://127.0.0.1:{os.environ.get('PORT', '8000')}{path}", timeout=4) as answer:  # noqa: S310 - ourselves
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def is_beating(kind: str) -> bool:
    """Whether a process of this kind has done a round of work lately, by its row: a process that is up may still be deaf."""
    try:
        connection = psycopg2.connect(os.environ["DATABASE_URL"], connect_timeout=3)
    except psycopg2.OperationalError:
        return False
    try:
        with connection, connection.cursor() as cursor:
            newest = "SELECT max(beaten_at) > now() - make_interval(secs => %s) FROM foundation_heartbeat WHERE kind = %s"
            cursor.execute(newest, [SILENT_AFTER_SECONDS, kind])
            return bool(cursor.fetchone()[0])
    finally:
        connection.close()


def main(arguments: list[str]) -> int:
    probe, *rest = arguments
    return 0 if {"ready": is_ready, "alive": is_alive, "beating": is_beating}[probe](*rest) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
