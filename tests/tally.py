"""What `make proof` prints: how often each fault was tried, what survived it, and what was lost.

With PROOF=1 only the tests that keep such a tally run, in their long versions.
"""

import os
from dataclasses import astuple, dataclass, fields

import pytest

LONG = os.environ.get("PROOF") == "1"
PROPERTY = "proof"  # of a test's report, which comes from whichever process ran it


@dataclass(frozen=True)
class Row:
    """One line: so many faults of a kind, and of what was tried under them, how much survived and was lost."""

    fault: str
    database: str
    faults: int
    tried: int
    survived: int
    lost: int
    remarks: str = ""


def times(short: int, long: int) -> int:
    """How often a fault is tried: `short` in the tests of every day, `long` in the proof."""
    return long if LONG else short


@pytest.fixture
def tally(request):
    """`tally(fault, database, faults=..., tried=..., survived=...)` adds a line; fails when anything is lost."""

    def note(fault: str, database: str, *, faults: int, tried: int, survived: int, remarks: str = "") -> None:
        row = Row(fault, database, faults, tried, survived, tried - survived, remarks)
        request.node.user_properties.append((PROPERTY, [str(cell) for cell in astuple(row)]))
        assert row.lost == 0, row
        assert tried, f"nothing was tried: {row}"

    return note


def pytest_collection_modifyitems(config, items) -> None:
    if LONG:
        others = [item for item in items if "tally" not in item.fixturenames]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if "tally" in item.fixturenames]


def pytest_terminal_summary(terminalreporter) -> None:
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, ())]
    rows = [cells for report in reports for name, cells in report.user_properties if name == PROPERTY]
    if not (LONG and rows):
        return
    table = [[field.name for field in fields(Row)], *sorted(rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    terminalreporter.section("proof")
    for row in table:
        terminalreporter.line(
            "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        )
