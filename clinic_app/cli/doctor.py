"""`flask doctor`: is the site well, and what is to be done?"""

import sys

import click
from flask.cli import with_appcontext

from ..health import report
from ..health.finding import FAIL, OK, WARN

COLOURS = {OK: "green", WARN: "yellow", FAIL: "red"}


@click.command()
@click.option("--quick", is_flag=True, help="Speak with no other machine but the database.")
@with_appcontext
def doctor(quick: bool) -> None:
    """Check settings, schema, disk, permissions, mail, clock, backups and TLS; say what to do.

    Ends with 0 when all is well, 1 when something should be looked at, 2 when something is wrong.
    """
    found = []
    for finding in report.findings(asking_others=not quick):
        found.append(finding)
        click.echo(
            f"{click.style(f'{finding.state:<4}', fg=COLOURS[finding.state])}  {finding.about}: {finding.words}"
        )
        if finding.advice:
            click.echo(f"      -> {finding.advice}")
    sys.exit({OK: 0, WARN: 1, FAIL: 2}[report.worst(found)])
