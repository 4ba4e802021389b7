"""The server's first process is killed alone: those that serve for it end by themselves."""

import signal
import urllib.error
import urllib.request

from ..server import Server, wait_for


def test_processes_whose_server_is_killed_end_and_free_the_port(tmp_path):
    with Server(tmp_path / "instance", workers=2, starter=False) as server:
        server.stop(signal.SIGKILL)
        wait_for(lambda: not answers(server), "the processes to end", server.output)
        server.start()


def answers(server) -> bool:
    try:
        return urllib.request.urlopen(f"{server.url}/healthz", timeout=5).status == 200
    except (urllib.error.URLError, OSError):
        return False
