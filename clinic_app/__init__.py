"""The clinic's website and appointment book. `create_app` is a table of contents: what is set up, and where."""

import os
from pathlib import Path

from flask import Flask

from . import (
    accounts,
    booking,
    cli,
    config,
    content_version,
    database,
    enquiries,
    logs,
    mail,
    models,
    public,
    rate_limits,
    recovery,
    retention,
    schema,
    sent_forms,
    servers,
    site_folder,
    staff,
    templating,
    web,
)
from .extensions import db
from .keys import encryption, secret_key
from .mail import chores
from .site import Site

ROOT = Path(__file__).resolve().parent.parent


def create_app(*, instance: Path | None = None, environ: dict[str, str] | None = None) -> Flask:
    """The application on the site kept in the folder `instance` (default: `$CLINIC_INSTANCE`, else `instance/`).

    `environ` stands in for the process's environment. Raises config.SettingsError for a wrong setting, and
    OSError for a folder that cannot be used.
    """
    environ = dict(os.environ if environ is None else environ)
    instance = Path(instance or site_folder.find(environ)).resolve()
    instance.mkdir(parents=True, exist_ok=True)
    app = Site(
        __name__,
        instance_path=str(instance),
        template_folder=ROOT / "templates",
        static_folder=None,  # web.static_files serves them, under names that change with their content
    )
    templating.init_app(app)
    settings = config.load(instance, environ)
    app.config.from_mapping(
        CLINIC=settings,
        SECRET_KEY=secret_key.given(environ) or secret_key.load_or_make(instance),
        SQLALCHEMY_DATABASE_URI=settings.database_url or f"sqlite:///{instance / site_folder.DATABASE}",
        SQLALCHEMY_ENGINE_OPTIONS=database.engine_options(settings.database_url),
        MAX_CONTENT_LENGTH=64 * 1024,
    )
    logs.init_app(app)
    encryption.init_app(app, environ)
    db.init_app(app)
    with app.app_context():
        database.configure(db.engine)
    models.load()
    if environ.get("FLASK_RUN_FROM_CLI") == "true":
        schema.bind_migrations(app)
    content_version.init_app(app)
    mail.init_app(app)
    booking.init_app(app)
    enquiries.init_app(app)
    chores.forget(app, "rate limits", rate_limits.RateLimitCount.key, is_over=rate_limits.is_over)
    chores.forget(app, "sent forms", sent_forms.SentForm.nonce, is_over=sent_forms.is_over)
    chores.add(app, "servers", is_due=servers.is_untold, do=servers.tell)
    chores.forget(app, "gone servers", servers.Server.name, is_over=servers.is_over)
    recovery.init_app(app)
    accounts.init_app(app)
    retention.init_app(app)
    web.init_app(app)
    public.init_app(app)
    staff.init_app(app)
    cli.init_app(app)
    return app
