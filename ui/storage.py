"""Static files of a deployment: one CSS and one JavaScript file per shell, hashed names, compressed beforehand."""

from pathlib import Path

from whitenoise.storage import CompressedManifestStaticFilesStorage

from ui.bundles import bundle_css, bundle_js

BUNDLES = {
    "css/public.css": bundle_css,
    "css/staff.css": bundle_css,
    "css/reports.css": bundle_css,
    "js/public.js": bundle_js,
    "js/desk.js": bundle_js,
    "js/chat.js": bundle_js,
    "js/articles.js": bundle_js,
    "js/effort.js": bundle_js,
    "js/help.js": bundle_js,
    "js/scan-box.js": bundle_js,
}


class BundledStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Writes the bundles over their entry files in STATIC_ROOT, then lets WhiteNoise hash and compress everything."""

    def post_process(self, paths, dry_run=False, **options):
        """Bundle first, from the sources, so that running it twice gives the same files."""
        if dry_run:
            return
        bundled = dict(paths)
        for name, bundle in BUNDLES.items():
            if name in paths:
                self._write(name, bundle(name, lambda each: _read(paths, each)))
                bundled[name] = (self, name)
        yield from super().post_process(bundled, dry_run, **options)

    def _write(self, name: str, text: str) -> None:
        Path(self.path(name)).write_text(text, encoding="utf-8")


def _read(paths: dict, name: str) -> str:
    storage, path = paths[name]
    with storage.open(path) as source:
        return source.read().decode("utf-8")
