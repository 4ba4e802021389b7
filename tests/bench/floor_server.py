"""Serves the floor as the site is served."""

import os
import subprocess
import sys
import urllib.request

from ..server import ROOT, Server, free_port, wait_for


class Floor:
    """`with Floor(site) as floor:` serves a bare Flask, on the site's database and the bytes in its folder."""

    def __init__(self, site: Server):
        self.site = site
        self.port = str(free_port())
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
        command += ["--port", self.port, "--workers", str(self.site.workers)]
        command += ["--no-access-log", "--log-level", "error", "--workers-kill-timeout", "5"]
        database = self.site.environ.get("CLINIC_DATABASE_URL", "").replace("+psycopg", "")
        environ = os.environ | {"FLOOR_FOLDER": str(self.site.instance), "FLOOR_DATABASE": database}
        self.process = subprocess.Popen([*command, "tests.bench.floor:app"], cwd=ROOT, env=environ)
        wait_for(self._answers, "the floor to answer")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(60)

    def _answers(self) -> bool:
        try:
            return bool(urllib.request.urlopen(f"{self.url}/template/100", timeout=2).read())
        except OSError:
            return False
