"""Ends a process that serves the site when its server has been killed: nobody else would, and it would go on
serving on a port that another server wants."""

import multiprocessing
import os
import signal
import threading
import time

LOOK_SECONDS = 1.0  # between two looks at whether the server is there
STOP_WITHIN = 5.0  # seconds, for a process whose server is gone


def start() -> None:
    """Watch from a thread of its own, where this process is one of a server's."""
    if (server := multiprocessing.parent_process()) is None:
        return
    # Ctrl-C at a terminal goes to the server and to its processes alike. granian's processes then hear of
    # the end twice, the second time while they handle the first, and hang: leave it to the server to tell.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    threading.Thread(target=_end_with, args=[server.pid], name="server-watch", daemon=True).start()


def _end_with(server: int) -> None:
    # The operating system is asked, not multiprocessing: there a process is not seen to end before its forks are.
    while os.getppid() == server:
        time.sleep(LOOK_SECONDS)
    threading.Timer(STOP_WITHIN, os._exit, [1]).start()
    signal.pthread_kill(threading.main_thread().ident, signal.SIGTERM)  # which waits, and would not hear another's
