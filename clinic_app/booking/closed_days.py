"""Public holidays of the clinic's country and state, by the `holidays` library."""

from datetime import date
from functools import lru_cache

from flask import current_app


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
    import holidays  # a tenth of a second, which no command that needs no holidays should wait for

    try:
        # Named in the country's own language, whatever the locale of the process.
        language = holidays.country_holidays(country).default_language
        found = holidays.country_holidays(country, subdiv=state or None, years=year, language=language)
        return {day: name.replace("'", "’") for day, name in found.items()}
    except NotImplementedError:  # unknown to the library
        return _of_year(country, "", year) if state else {}
