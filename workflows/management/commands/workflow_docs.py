"""``manage.py workflow_docs``: the documents in docs/machines/ are written from the tables that the code runs on."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from workflows.machines.pages import FOLDER, write_documents


class Command(BaseCommand):
    """Write docs/machines/; with ``--check`` only say what is stale, and fail if anything is.

    Compile the texts first (``manage.py compilemessages``): the Chinese pages are written with them.
    """

    help = "Write docs/machines/ from the tables of the machines."

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="Write nothing; fail when a file is stale, missing or left over.")
        parser.add_argument("--folder", type=Path, default=settings.BASE_DIR / FOLDER, help="Where the documents are.")

    def handle(self, *args, check, folder, **options):
        stale = find_stale(folder)
        if check and stale:
            raise CommandError(f"stale: {', '.join(stale)}; run manage.py workflow_docs")
        if not check:
            bring_up_to_date(folder)
        self.stdout.write(f"{FOLDER}: {'fresh' if check else f'{len(stale)} files changed'}")


def find_stale(folder: Path) -> list[str]:
    """Names of the files that differ from what the tables say, are missing, or belong to no machine any more."""
    wanted = write_documents()
    found = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()} if folder.is_dir() else {}
    return sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))


def bring_up_to_date(folder: Path) -> None:
    """Write every document and remove what is left over from machines that are gone."""
    wanted = write_documents()
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8")
