"""Public holidays of the clinic's country and state, by the `holidays` library.

The library takes a tenth of a second and 19 MB of a process, to tell some thirteen days a year. So what it told is
kept in the site's folder: a server that finds there what it needs never loads the library.
"""

import json
from contextlib import suppress
from datetime import date, timedelta
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from flask import current_app

from .. import clock, files

KEPT = "built/holidays.json"
BEFORE, AHEAD = timedelta(days=31), timedelta(days=2 * 366)  # what servers ask for in the time between two starts


def prepare() -> None:
    """Keep what servers will ask for."""
    today = clock.today()
    public_holidays(today - BEFORE, today + AHEAD)


def public_holidays(first: date, last: date) -> dict[date, str]:
    """The public holidays from `first` to `last` on which the clinic is closed, with their names.

    Empty where the setting `public_holidays` is "open", or where the library does not know the country.
    A state that it does not know has the country's own holidays only.
    """
    clinic = current_app.config["CLINIC"]
    if clinic.public_holidays == "open":
        return {}
    found = {}
    for year in range(first.year, last.year + 1):
        found |= _of_year(clinic.country, clinic.state, year)
    return {day: name for day, name in sorted(found.items()) if first <= day <= last}


@lru_cache(maxsize=64)
def _of_year(country: str, state: str, year: int) -> dict[date, str]:
    path, wanted = Path(current_app.instance_path) / KEPT, f"{country} {state} {year}"
    kept = _kept(path)
    if wanted not in kept:
        kept[wanted] = {day.isoformat(): name for day, name in _by_library(country, state, year).items()}
        with suppress(OSError):  # where the folder may only be read, each process asks the library
            files.write_whole(path, json.dumps(kept, ensure_ascii=False, indent=1).encode())
    return {date.fromisoformat(day): name for day, name in kept[wanted].items()}


def _kept(path: Path) -> dict[str, Any]:
    """What this release of the library told, by country, state and year."""
    release = version("holidays")
    try:
        kept = json.loads(path.read_bytes())
    except (OSError, ValueError):
        kept = None
    return kept if isinstance(kept, dict) and kept.get("release") == release else {"release": release}


def _by_library(country: str, state: str, year: int) -> dict[date, str]:
    import holidays

    try:
        # Named in the country's own language, whatever the locale of the process.
        language = holidays.country_holidays(country).default_language
        found = holidays.country_holidays(country, subdiv=state or None, years=year, language=language)
        return {day: name.replace("'", "’") for day, name in found.items()}
    except NotImplementedError:  # unknown to the library
        return _by_library(country, "", year) if state else {}
