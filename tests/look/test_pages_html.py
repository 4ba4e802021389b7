"""The HTML of every page of the table, by the Nu HTML checker (what validator.w3.org/nu runs)."""

import json
import shutil
import subprocess
from urllib.parse import unquote

from tests import npm
from tests.needs import missing

from .states import STATES

OPTIONS = ("--format", "json", "--errors-only", "--stdout")


def test_the_nu_checker_finds_no_error(tmp_path, all_html):
    jar = npm.path("vnu-jar") / "build" / "dist" / "vnu.jar"
    java = shutil.which("java")
    if not java:
        missing("Java", "apt-get install default-jre-headless")
    if not jar.exists():
        missing("the Nu HTML checker", "make test, or: python -m tests.npm vnu-jar")
    for state in STATES:
        (tmp_path / f"{state.name}.html").write_text(all_html[state])
    command = [java, "-Xss4m", "-XX:TieredStopAtLevel=1", "-jar", jar, *OPTIONS, tmp_path]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.stdout, told.stderr
    faults = [_told(fault) for fault in json.loads(told.stdout)["messages"]]
    assert not faults, "\n".join(faults)


def _told(fault: dict) -> str:
    page = unquote(fault["url"]).rpartition("/")[2].removesuffix(".html")
    return f"{page}, line {fault.get('lastLine')}: {fault['message']}: {fault.get('extract', '')!r}"
