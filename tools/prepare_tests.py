"""Bring what the browser tests need: Chromium, a Chinese font and gettext. Debian as root installs it; elsewhere says what to install."""

import os
import shutil
import subprocess
import sys

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ADVICE = {
    "chromium": "Chromium or Chrome (or set CHROMIUM to its path)",
    "gettext": "gettext (msgfmt, xgettext)",
    "fonts-noto-cjk": "a Chinese font such as Noto Sans CJK",
}


def main() -> int:
    missing = find_missing()
    if not missing:
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"installing {' '.join(missing)} (once) …")
        install(missing)
        missing = find_missing()
    for package in missing:
        print(f"Please install {ADVICE[package]}; on Debian: apt install {package}", file=sys.stderr)
    return 1 if missing else 0


def find_missing() -> list[str]:
    found = {
        "chromium": bool(os.environ.get("CHROMIUM") or any(map(shutil.which, BROWSERS))),
        "gettext": bool(shutil.which("msgfmt")),
        "fonts-noto-cjk": has_chinese_font(),
    }
    return [package for package, is_there in found.items() if not is_there]


def has_chinese_font() -> bool:
    """Where fontconfig is missing, fonts are the system's own affair (macOS brings Chinese ones)."""
    if not shutil.which("fc-list"):
        return sys.platform == "darwin"
    return bool(subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=False).stdout.strip())


def install(packages: list[str]) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False)
    subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], env=environment, check=False)


if __name__ == "__main__":
    sys.exit(main())
