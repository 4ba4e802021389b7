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
from ..checks import SettingsError

KEPT = "built/holidays.json"
BEFORE, AHEAD = timedelta(days=31), timedelta(days=2 * 366)  # what servers ask for in the time between two starts


def prepare() -> None:
    """Keep what servers will ask for."""
    today = clock.today()
    public_holidays(today - BEFORE, today + AHEAD)


def check_state() -> None:
    """Raise SettingsError where nobody knows the public holidays of the clinic's state, though its country's."""
    today = clock.today()
    public_holidays(today, today)


def public_holidays(first: date, last: date) -> dict[date, str]:
    """The public holidays from `first` to `last` on which the clinic is closed, with their names.

    Empty where the setting `public_holidays` is "open", or where the library does not know the country; the
    country's own where it knows no states there. Raises SettingsError for a state that is none.
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
        known = holidays.country_holidays(country)
    except NotImplementedError:
        return {}
    if state and known.subdivisions and state not in (*known.subdivisions, *known.subdivisions_aliases):
        raise SettingsError(
            f"state was {state!r}; for public holidays it should be one of {_states(known)} "
            '(or empty, for those of the whole country alone, or set public_holidays to "open").'
        )
    found = holidays.country_holidays(
        country,
        subdiv=state if state and known.subdivisions else None,
        years=year,
        language=known.default_language,  # whatever the locale of the process
    )
    return {day: name.replace("'", "’") for day, name in found.items()}


def _states(country) -> str:
    """`ENG (England), SCT (Scotland)`: each state of the library's country, with its name where it has one."""
    names = {code: name for name, code in reversed(country.subdivisions_aliases.items())}
    return ", ".join(f"{code} ({names[code]})" if code in names else code for code in country.subdivisions)
