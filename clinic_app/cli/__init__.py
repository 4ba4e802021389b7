"""The `flask` commands."""

from flask import Flask
from flask.cli import AppGroup

from . import (
    appointments,
    content,
    doctor,
    encrypt,
    enquiries,
    mail,
    people,
    purge,
    recovery,
    setup,
    staff,
    testimonials,
)

imports = AppGroup("import", help="Bring content in from files.")


def init_app(app: Flask) -> None:
    """Register the commands."""
    imports.add_command(content.markdown)
    imports.add_command(content.webflow_posts)
    imports.add_command(testimonials.webflow_testimonials)
    app.cli.add_command(imports)
    app.cli.add_command(appointments.appointments)
    app.cli.add_command(appointments.practitioners)
    app.cli.add_command(doctor.doctor)
    app.cli.add_command(encrypt.encrypt)
    app.cli.add_command(enquiries.enquiries)
    app.cli.add_command(mail.mail)
    app.cli.add_command(people.people)
    app.cli.add_command(purge.purge)
    app.cli.add_command(recovery.backup)
    app.cli.add_command(recovery.restore)
    app.cli.add_command(setup.setup)
    app.cli.add_command(staff.staff)
    app.cli.add_command(testimonials.testimonials)
