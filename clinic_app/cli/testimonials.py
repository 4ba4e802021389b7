"""`flask testimonials`: look at testimonials and decide on them."""

import getpass
import textwrap
from collections.abc import Callable, Sequence
from contextlib import contextmanager

import click
from flask.cli import AppGroup

from .. import clock, database
from ..accounts import audit
from ..lists.counting import how_many
from ..people import beside_backups, erasing, finding
from ..people.erasing import Decision
from ..people.models import ERASED, OF_TESTIMONIALS, REMARK_LENGTH
from ..testimonials import imports, listing, moderation, privacy
from ..testimonials.models import STATES, Testimonial
from ..testimonials.refusals import Refused, UnknownTestimonials
from .words import NAME, ROW_NUMBER, WORDS, Words, none_found

testimonials = AppGroup("testimonials", help="Look at testimonials and decide on them.")
ids_argument = click.argument("ids", metavar="ID...", nargs=-1, required=True, type=ROW_NUMBER)
WORDS_SHOWN = 60


def login() -> str:
    """The name of the system's user who runs the command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return "command line"


def deciding(command: Callable) -> Callable:
    """Add `--by` and `--note`."""
    command = click.option("--note", default="", type=WORDS, help="Why; kept in the testimonial's history.")(
        command
    )
    return click.option("--by", default=login, type=NAME, show_default="your login", help="Who decides.")(command)


@contextmanager
def refusals_stop():
    """A refusal ends the command with its text; nothing that the command did stays."""
    try:
        yield
    except Refused as refusal:
        raise click.ClickException(f"{refusal} Nothing was changed.") from None


@testimonials.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only those in this state.")
def list_(state: str | None) -> None:
    """List testimonials, the latest to arrive first."""
    found = listing.in_state(state)
    if not found:
        click.echo(none_found("testimonials", state))
        return
    click.echo(table(found))
    counted = f"{len(found)} testimonials" if len(found) > 1 else "1 testimonial"
    click.echo(f"\n{counted}{f', {state}' if state else ''}. `flask testimonials show ID` shows one whole.")


@testimonials.command()
@click.argument("number", metavar="ID", type=ROW_NUMBER)
def show(number: int) -> None:
    """Show one testimonial whole: its words, why it is held, what it resembles, its history."""
    with refusals_stop():
        [testimonial] = listing.by_ids([number])
    click.echo("\n".join(description(testimonial)))


@testimonials.command()
@ids_argument
@deciding
def publish(ids: Sequence[int], by: str, note: str) -> None:
    """Show testimonials to visitors: all of these, or none."""
    with refusals_stop(), database.transaction():
        done = [_published(testimonial, by=by, note=note) for testimonial in listing.by_ids(ids)]
    click.echo("\n".join(done))


def _published(testimonial: Testimonial, *, by: str, note: str) -> str:
    if not moderation.publish(testimonial, by=by, note=note):
        return f"{moderation.called(testimonial)} was published already."
    waved = imports.summary(testimonial.reasons)
    return f"Published: {moderation.called(testimonial)}.{f' Waved through: {waved}' if waved else ''}"


@testimonials.command()
@ids_argument
@deciding
def hide(ids: Sequence[int], by: str, note: str) -> None:
    """Hide testimonials from visitors: all of these, or none."""
    with refusals_stop(), database.transaction():
        done = [_hidden(testimonial, by=by, note=note) for testimonial in listing.by_ids(ids)]
    click.echo("\n".join(done))


def _hidden(testimonial: Testimonial, *, by: str, note: str) -> str:
    did = moderation.hide(testimonial, by=by, note=note)
    called = moderation.called(testimonial)
    return f"Hidden: {called}." if did else f"{called} was hidden already."


@testimonials.command()
@click.argument("number", metavar="ID", type=ROW_NUMBER)
@deciding
def feature(number: int, by: str, note: str) -> None:
    """Put one published testimonial at the head of the page, in the place of the one that is."""
    with refusals_stop(), database.transaction():
        [testimonial] = listing.by_ids([number])
        did = moderation.feature(testimonial, by=by, note=note)
        called = moderation.called(testimonial)
    click.echo(f"Featured: {called}." if did else f"{called} was featured already.")


@testimonials.command()
@click.argument("number", metavar="ID", type=ROW_NUMBER)
@click.option("--reason", required=True, type=click.Choice(OF_TESTIMONIALS), help="Why; kept for good.")
@click.option("--remark", default="", type=Words(REMARK_LENGTH), help="More about it, without any name.")
@click.option("--really", is_flag=True, help="Erase it, instead of only telling what would go.")
def erase(number: int, reason: str, remark: str, really: bool) -> None:
    """Erase a testimonial for good: its words, every name that it had, and its history.

    No import brings it back, and no backup that is restored. Who only no longer wants to be quoted is hidden.
    """
    if not really:
        _tell_what_would_go(number)
        return
    try:
        with database.transaction():
            privacy.lock([number])
            seen = finding.of_records(testimonials=[number]).fingerprint
            erasure = erasing.erase_testimonial(number, Decision(ERASED, reason, seen, remark))
            audit.record("erased", by=None, kind="testimonial", id=number, erasure=erasure.id)
    except erasing.NothingHeld:
        raise click.ClickException(f"{UnknownTestimonials([number])} Nothing was erased.") from None
    except erasing.NamesThePerson as refusal:
        raise click.ClickException(
            f"Leave “{refusal.words}” out of the remark, which is kept for good: it is or may be their name. "
            "Nothing was erased."
        ) from None
    beside_backups.keep()
    click.echo(f"Erased: testimonial {number}.")


def _tell_what_would_go(number: int) -> None:
    with refusals_stop():
        [testimonial] = listing.by_ids([number])
    entries = how_many(len(testimonial.decisions), "entry", "entries")
    click.echo(f"{moderation.called(testimonial)} would go for good, with {entries} of its history.")
    for other in listing.group(testimonial):
        if other is not testimonial:
            click.echo(f"{moderation.called(other)} says nearly the same, and would stay.")
    click.echo("Nothing was erased. Say --really to do it: that cannot be undone.")


def table(found: Sequence[Testimonial]) -> str:
    """A line each: number, state, day, name, marks, what it is held for, its first words."""
    lines = [("ID", "State", "Date", "Name", "Held for", "Words")]
    for t in found:
        state = "featured" if t.is_featured else t.state
        rules = ", ".join(dict.fromkeys(reason["rule"] for reason in t.reasons))
        name = f"{t.name} (sample)" if t.is_sample and "sample" not in t.name.casefold() else t.name
        opening = textwrap.shorten(t.text, WORDS_SHOWN, placeholder=" ...")
        lines.append((str(t.id), state, clock.format_day(t.published_at), name, rules or "-", opening))
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(line, widths, strict=False)), line[5]])
        for line in lines
    )


def description(testimonial: Testimonial) -> list[str]:
    """A testimonial for people to read, line by line."""
    marks = [testimonial.state, *(mark for mark in ("featured", "sample") if getattr(testimonial, f"is_{mark}"))]
    lines = [
        f"{moderation.called(testimonial)}, {clock.format_day(testimonial.published_at)}: {', '.join(marks)}",
        "",
        *textwrap.indent(testimonial.text, "  ", predicate=lambda _line: True).splitlines(),
        "",
        *(f"Held for: {_reason(reason)}" for reason in testimonial.reasons),
    ]
    alike = [other for other in listing.group(testimonial) if other.id != testimonial.id]
    lines += [f"Resembles: {moderation.called(other)} ({other.state})" for other in alike]
    if testimonial.consent_at:
        lines.append(f"Consent: {clock.format_day(testimonial.consent_at)}, {testimonial.consent_how}")
    for d in testimonial.decisions:
        change = f"{d.from_state or 'new'} to {d.to_state}"
        lines.append(f"{clock.format_when(d.decided_at)}: {change}, {d.decided_by}. {d.note}".rstrip())
    return lines


def _reason(reason: dict) -> str:
    return f"“{reason['words']}” ({reason['rule']}). {reason['why']}" if reason["words"] else reason["why"]
