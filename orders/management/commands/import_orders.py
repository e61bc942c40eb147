from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from orders.imports import ImportFailedError, ImportSummary, Profile, ProfileError, load_profile, run_import
from orders.imports.progress import ProgressBar
from orders.models import Merchant


class Command(BaseCommand):
    """Import orders from CSV files; see docs/import.md. Odd rows are listed and do not make it fail."""

    help = "Import orders from a folder of CSV files, listing every rejected or odd row. Safe to run twice."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path)
        parser.add_argument("--profile", required=True, help="A shipped profile (olist, bihuan) or the path of a .json file.")
        parser.add_argument("--merchant", default="", help="Code of the shop. Default: the profile's shop, or the only one.")
        parser.add_argument("--report", type=Path, help="Write every finding to this CSV file.")
        parser.add_argument("--dry-run", action="store_true", help="Do everything and keep nothing.")
        parser.add_argument("--most", type=int, help="How many findings of each kind to print (default: every one).")

    def handle(self, *args, folder: Path, profile: str, merchant: str, report: Path | None, dry_run: bool, most: int | None, **options):
        if not folder.is_dir():
            raise CommandError(f"{folder} is not a folder.")
        try:
            chosen = load_profile(profile)
            shop = find_shop(chosen, merchant)
            summary = run_import(chosen, folder, merchant=shop, dry_run=dry_run, progress=ProgressBar("orders", stream=self.stderr))
        except (ProfileError, ImportFailedError) as error:
            raise CommandError(str(error)) from None
        self.print_summary(summary, most)
        if report:
            summary.findings.write_csv(report)
            self.stdout.write(f"All findings: {report}")
        if dry_run:
            self.stdout.write("Dry run: nothing was kept.")

    def print_summary(self, summary: ImportSummary, most: int | None) -> None:
        for file, count in sorted(summary.rows.items()):
            self.stdout.write(f"{file}: {count:,} rows")
        self.stdout.write("orders: " + ", ".join(f"{count:,} {outcome}" for outcome, count in summary.counts.items()))
        for (kind, code), count in summary.findings.by_code().items():
            self.stdout.write(f"\n{kind} {code}: {count:,}")
            found = [each for each in summary.findings.all if (each.kind, each.code) == (kind, code)]
            for each in found[:most]:
                self.stdout.write(f"  {each.file}:{each.line}  {each.text}")
            if most is not None and count > most:
                self.stdout.write(f"  … and {count - most:,} more")


def find_shop(profile: Profile, code: str) -> Merchant:
    """The shop named on the command line, the profile's own (made when it is missing), or the only one there is."""
    if code:
        shop = Merchant.objects.filter(code=code).first()
        if shop is None:
            raise CommandError(f"No shop has the code {code!r}.")
        return shop
    if profile.merchant:
        defaults = {"name": profile.merchant["name"], "currency": profile.currency}
        return Merchant.objects.get_or_create(code=profile.merchant["code"], defaults=defaults)[0]
    shops = Merchant.objects.all()[:2]
    if len(shops) != 1:
        raise CommandError("Say which shop the orders belong to: --merchant CODE.")
    return shops[0]
