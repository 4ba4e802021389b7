"""Processes of the tests' own that work on one site at once: forked from one that has loaded the program.

Loading takes longer than most of what they do.
"""

import multiprocessing

context = multiprocessing.get_context("forkserver")
context.set_forkserver_preload(["clinic_app"])
