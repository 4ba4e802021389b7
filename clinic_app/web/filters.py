"""How templates write days, times and prices, and what every template knows."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps

from flask import Flask, current_app
from jinja2 import pass_eval_context

from .. import clock, phones
from ..pictures import uploads
from ..text.direction import isolated
from ..times.opening import opening
from . import speculation
from .paging import same_page
from .times import start_text, wall_text


def price(cents: int) -> str:
    """`$95`, or `$95.50` where there are cents; `CHF 95` where the currency is written in letters."""
    currency = current_app.config["CLINIC"].currency
    space = "\N{NO-BREAK SPACE}" if currency[-1].isalpha() else ""
    return currency + space + (f"{cents // 100:,}" if cents % 100 == 0 else f"{cents / 100:,.2f}")


def day_and_month(day) -> str:
    """`Tue 24 Nov`."""
    return clock.format_day(day, year=False)


def once_over(ends_at) -> str:
    """`in a few minutes`, `in an hour or so`, `tomorrow at this time`: when to try what is refused until then.

    To no minute: a limit of a mailbox would tell when somebody else has booked with it.
    """
    left = ends_at - clock.now()
    if left <= timedelta(minutes=15):
        return "in a few minutes"
    if left <= timedelta(minutes=75):
        return "in an hour or so"
    if clock.local(ends_at).date() == clock.today():
        return "later today"
    return "tomorrow at this time" if left <= timedelta(days=1) else f"after {day_and_month(ends_at)}"


def dialled(number: str) -> str:
    """`0491 570 006`: a phone number as one dials it in the clinic's country."""
    return phones.dialled(number, current_app.config["CLINIC"].country)


def _whole_in_html(write: Callable) -> Callable:
    """The filter that writes what `write` does: see `clock.unbroken`. Plain text keeps its blanks."""

    @pass_eval_context
    @wraps(write)
    def written(context, at) -> str:
        return clock.unbroken(write(at)) if context.autoescape else write(at)

    return written


def init_app(app: Flask) -> None:
    """Add the filters and globals."""
    app.jinja_env.filters.update(
        day=_whole_in_html(clock.format_day),
        day_and_month=_whole_in_html(day_and_month),
        when=_whole_in_html(clock.format_when),
        in_full=_whole_in_html(clock.format_in_full),
        clock_time=_whole_in_html(clock.format_time),
        unbroken=clock.unbroken,
        iso=clock.format_iso,
        start_text=start_text,
        wall_text=wall_text,
        price=price,
        once_over=once_over,
        dialled=dialled,
        isolated=isolated,
    )
    app.jinja_env.globals["same_page"] = same_page
    app.jinja_env.globals["picture_of"] = uploads.known
    app.jinja_env.globals["speculation_rules"] = speculation.RULES
    app.context_processor(lambda: {"clinic": app.config["CLINIC"], "opening": opening})
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
