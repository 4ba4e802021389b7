"""`make lock`: writes requirements.lock from requirements.txt, for every machine that the site may run on."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements.lock"
HEADING = """\
# Every package that requirements.txt leads to, with the SHA-256 of each file of its release: what is installed is
# what was tested. Made by `make lock`, on any machine for all: Python 3.11 and newer, Linux and macOS.
"""
COMMAND = ("uv", "pip", "compile", "requirements.txt", "--generate-hashes")
FOR_ALL = ("--universal", "--python-version", "3.11")
PLAIN = ("--no-header", "--no-annotate", "--quiet", "--output-file", str(LOCK))  # no word of where it was made


def write(*options: str) -> None:
    """Keep the releases that are locked where they still fit; `--upgrade` among the options takes newer ones."""
    subprocess.run([sys.executable, "-m", *COMMAND, *FOR_ALL, *PLAIN, *options], cwd=ROOT, check=True)
    LOCK.write_text(HEADING + LOCK.read_text())


if __name__ == "__main__":
    write(*sys.argv[1:])
