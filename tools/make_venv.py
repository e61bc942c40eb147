"""Make the virtual environment, or say exactly what is missing for it."""

import subprocess
import sys


def main() -> int:
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        print("This Python cannot make virtual environments. On Debian or Ubuntu: apt install python3-venv", file=sys.stderr)
        return 1
    return subprocess.call([sys.executable, "-m", "venv", sys.argv[1]])


if __name__ == "__main__":
    sys.exit(main())
