"""The part of an import that needs no database, on all processors where there is much of it."""

import multiprocessing
import os
import sys
from collections.abc import Collection, Iterator
from typing import Any

from .. import media
from ..extensions import db
from ..importing import BadRow, Importer, Row

PARALLEL_FROM = 500  # rows; starting processes does not pay for fewer

# What the processes forked for an import work with: importers are made of functions, which cannot be sent.
_work: list[tuple[Importer, media.Staging]] = []


def prepare_all(
    rows: Collection[Row], importer: Importer, staging: media.Staging
) -> Iterator[tuple[str, Any, str]]:
    """Each row's place, what the importer prepared of it, and why it is refused (empty: it is not), in order."""
    processors = len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1
    if len(rows) < PARALLEL_FROM or processors == 1:
        yield from (_prepare(row, importer) for row in rows)
        return
    db.session.rollback()
    db.engine.dispose()  # no connection is shared with a process
    _work.append((importer, staging))
    try:
        with multiprocessing.get_context("fork").Pool(processors) as pool:
            for result, pictures in pool.imap(_prepare_in_process, rows, chunksize=25):
                staging.give(pictures)
                yield result
    finally:
        _work.pop()


def _prepare_in_process(row: Row) -> tuple[tuple[str, Any, str], dict]:
    importer, staging = _work[-1]
    return _prepare(row, importer), staging.take()


def _prepare(row: Row, importer: Importer) -> tuple[str, Any, str]:
    try:
        if row.fault:
            raise BadRow(row.fault)
        return row.where, importer.prepare(row), ""
    except (BadRow, media.NotAPicture) as error:
        return row.where, None, str(error)
