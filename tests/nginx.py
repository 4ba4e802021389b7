"""A real nginx in front of servers, by the lines that the README and docs/privacy.md give."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from textwrap import dedent, indent

from .needs import missing
from .server import DEADLINE_SECONDS, ROOT, free_port, status, wait_for

MAIN = """\
{user}
daemon off;
worker_processes 1;
pid nginx.pid;
events {{}}
http {{
    access_log off;
    client_body_temp_path bodies;
    proxy_temp_path proxied;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
{lines}
}}
"""


class Nginx:
    """`with Nginx(folder, ports) as proxy:` shares requests to `proxy.url` among the servers on these ports.

    One that `keeps_pages` does so by the lines of docs/performance.md.
    """

    def __init__(self, folder: Path, ports: list[int], *, keeps_pages: bool = False):
        self.folder = folder
        self.ports = ports
        self.keeps_pages = keeps_pages
        self.port, self.plain_port = free_port(), free_port()
        self.url, self.plain_url = (f"http://127.0.0.1:{port}" for port in (self.port, self.plain_port))

    def __enter__(self):
        program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
        if program is None:
            missing("nginx", "apt-get install nginx-light")
        (self.folder / "log").mkdir(parents=True)
        user = "user root;" if os.getuid() == 0 else ""  # whose folders of tests are closed to others
        (self.folder / "nginx.conf").write_text(MAIN.format(user=user, lines=indent(self._lines(), "    ")))
        command = [program, "-p", str(self.folder), "-c", "nginx.conf", "-e", "errors.log"]
        self.process = subprocess.Popen(command)
        wait_for(self._answers, "nginx to answer", self.errors)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(DEADLINE_SECONDS)

    def errors(self) -> str:
        return (self.folder / "errors.log").read_text()

    def _answers(self) -> bool:
        assert self.process.poll() is None, f"nginx ended: {self.errors()}"
        return status(self.url) in (200, 503)  # by a server behind it, or without one by itself

    def _lines(self) -> str:
        """The README's server, its way to many machines, and its log; on this machine, without a certificate."""
        server, upstream, passing, files = _told_in("README.md")
        logs, logged = _told_in("docs/privacy.md")
        machines = "".join(f"    server 127.0.0.1:{port};\n" for port in self.ports)
        upstream = re.sub(r"(    server [\w.:]+;\n)+", machines, upstream)
        server = re.sub(r".*(ssl_certificate|listen \[::\]).*\n", "", server)
        server = server.replace("listen 443 ssl", f"listen 127.0.0.1:{self.port}")
        server = server.replace("listen 80", f"listen 127.0.0.1:{self.plain_port}")
        if self.keeps_pages:
            cache, cached = _told_in("docs/performance.md")
            logs += cache.replace("/var/cache/nginx/clinic", str(self.folder / "cache"))
            passing += cached
        server = re.sub(r" *proxy_pass .*\n", lambda _: indent(passing, " " * 8), server)
        server = server.replace("    location /", f"{indent(files, ' ' * 4)}\n    location /", 1)
        logged = logged.replace("/var/log/nginx", "log")
        return logs + upstream + re.sub(r"( *client_max_body_size .*\n)", rf"\1{indent(logged, ' ' * 4)}", server)


def _told_in(file: str) -> list[str]:
    """The blocks of nginx's lines in a text of ours."""
    return [dedent(found) for found in re.findall(r"```nginx\n(.*?)```", (ROOT / file).read_text(), re.DOTALL)]
