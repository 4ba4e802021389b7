"""The `flask` commands."""

from flask import Flask
from flask.cli import AppGroup

from . import content, mail, setup

imports = AppGroup("import", help="Bring content in from files.")


def init_app(app: Flask) -> None:
    """Register the commands."""
    app.cli.add_command(setup.setup)
    imports.add_command(content.markdown)
    imports.add_command(content.webflow_posts)
    app.cli.add_command(imports)
    app.cli.add_command(mail.mail)
