"""Everything that the house keeps anywhere, as one text to search for canaries."""

from pathlib import Path

import redis
from django.apps import apps
from django.conf import settings
from django.db import connection


def everything_kept() -> str:
    """All rows decrypted and as a dump would hold them, all files below the data folder, all of Valkey."""
    return "\n".join([_rows_as_read(), rows_as_stored(), _files(), _valkey()])


def _rows_as_read() -> str:
    models = apps.get_models(include_auto_created=True)
    return "\n".join(f"{model.__name__} {row}" for model in models for row in model._base_manager.values_list())


def rows_as_stored() -> str:
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT row_to_json(t)::text FROM {connection.ops.quote_name(table)} t")  # noqa: S608 - our own tables
            found += [f"{table} {text}" for (text,) in cursor.fetchall()]
    return "\n".join(found)


def _files() -> str:
    folders = {Path(settings.MEDIA_ROOT), Path(settings.DATA_DIR)}
    paths = {path for folder in folders for path in folder.rglob("*") if path.is_file()}
    return "\n".join(f"{path} {path.read_bytes().decode(errors='replace')}" for path in sorted(paths))


def _valkey() -> str:
    store, found = redis.Redis.from_url(settings.REDIS_URL), []
    for key in store.scan_iter():
        kind = store.type(key).decode()
        read = {"string": store.get, "hash": store.hgetall, "list": lambda k: store.lrange(k, 0, -1), "set": store.smembers}
        read["stream"] = store.xrange
        found.append(f"{key} {read.get(kind, lambda k: store.zrange(k, 0, -1))(key)}")
    return "\n".join(found)
