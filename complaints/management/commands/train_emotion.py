"""``manage.py train_emotion --data <file> --grave <file>``: learn the weights of the small model from labelled lines."""

from pathlib import Path

from django.core.management.base import BaseCommand

from complaints.emotion.model import FILE, write_model
from complaints.emotion.training import read_examples, train


class Command(BaseCommand):
    """Write complaints/emotion/data/model.json. The same lines give the same file."""

    help = "Learn the weights of the small model from a file of lines: level, signal, text, with tabs between."

    def add_arguments(self, parser):
        parser.add_argument("--data", type=Path, required=True, help="labelled lines")
        parser.add_argument("--grave", type=Path, nargs="*", default=[], help="further lines, for threat and danger only")
        parser.add_argument("--to", type=Path, default=FILE, help="the file to write")

    def handle(self, *args, **options):
        examples = read_examples(options["data"])
        grave = [line for path in options["grave"] for line in read_examples(path)]
        write_model(train(examples, grave), options["to"])
        self.stdout.write(f"{options['to'].name} written from {len(examples)} and {len(grave)} lines")
