"""Load by wrk (Debian's `wrk`), a program that makes requests as fast as they are answered."""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}

# Sends one of the bodies after the other; each is sent once.
POSTS = """
local bodies = {}
for line in io.lines("%s") do bodies[#bodies + 1] = line end
local sent = 0
request = function()
  sent = sent %% #bodies + 1
  return wrk.format("POST", nil, {["Content-Type"] = "application/x-www-form-urlencoded"}, bodies[sent])
end
"""


@dataclass(frozen=True)
class Result:
    """Requests a second, milliseconds that half and 99 of 100 requests take at most, and how many failed."""

    rate: float
    p50: float
    p99: float
    failed: int

    @property
    def spread(self) -> float:
        """How many times as long as the usual request the slow ones take."""
        return self.p99 / self.p50


def program() -> str:
    """Where wrk is. Ends the program by its name where it is not."""
    return shutil.which("wrk") or sys.exit("The load generator wrk is not there: apt-get install wrk")


def run(url: str, *, seconds: float, clients: int = 16, headers: dict | None = None, bodies: Sequence[str] = ()):
    """Load on one address for so long from so many connections; posts the `bodies` where there are some."""
    command = [program(), "-t1", f"-c{clients}", f"-d{seconds:g}s", "--timeout", "60s", "--latency"]
    command += [part for name, value in (headers or {}).items() for part in ("-H", f"{name}: {value}")]
    with tempfile.TemporaryDirectory() as folder:
        command += ["-s", str(_posts(Path(folder), bodies))] if bodies else []
        said = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    lost = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", said)
    return Result(
        rate=float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]),
        p50=_milliseconds(said, "50%"),
        p99=_milliseconds(said, "99%"),
        failed=int(failed[1] if failed else 0) + sum(map(int, lost.groups()) if lost else ()),
    )


def _posts(folder: Path, bodies: Sequence[str]) -> Path:
    """A script that sends these bodies."""
    (folder / "bodies").write_text("\n".join(bodies))
    (folder / "posts.lua").write_text(POSTS % (folder / "bodies"))
    return folder / "posts.lua"


def _milliseconds(said: str, part: str) -> float:
    number, unit = re.search(rf"{part}\s+([\d.]+)(us|ms|s)\b", said).groups()
    return float(number) * UNITS[unit]
