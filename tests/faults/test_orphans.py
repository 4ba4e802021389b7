"""The server's first process is killed alone: those that serve for it end by themselves."""

import signal

from ..server import Server, status, wait_for


def test_processes_whose_server_is_killed_end_and_free_the_port(tmp_path):
    with Server(tmp_path / "instance", workers=2, starter=False, module="tests.hasty") as server:
        server.stop(signal.SIGKILL)
        wait_for(lambda: status(server.url) is None, "the processes to end", server.output)
        server.start()
