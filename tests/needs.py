"""What a machine may lack: the test is skipped by name with the line to install it; with CI=true it fails."""

import os

import pytest


def missing(what: str, install: str):
    """Skip this test for want of `what`, or fail it on a continuous-integration machine."""
    reason = f"needs {what}; install it with: {install}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
