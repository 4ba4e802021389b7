"""Settings: defaults, then `instance/clinic.toml`, then `CLINIC_*` variables; each checked, none unknown.

`instance/clinic.example.toml` documents every key. A variable is the key in capitals behind `CLINIC_`
(`CLINIC_MAIL_SERVER`); lists are given with commas, tables as TOML.
"""

import re
import tomllib
from contextlib import suppress
from dataclasses import MISSING, Field, dataclass, field, fields
from datetime import time
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from . import checks, database_address, phones, site_folder
from .checks import SettingsError

ENVIRONMENT_PREFIX = "CLINIC_"
# Their postal addresses name no state, which only tells whose public holidays there are.
WITHOUT_STATES = {"AT", "BE", "CH", "DE", "ES", "FI", "FR", "GB", "NL", "NO", "NZ", "PL", "PT"}
# Not settings of the site: which folder they are in, where this server listens, its key.
LISTENED = "listens_on"
NOT_SETTINGS = {"CLINIC_INSTANCE", "CLINIC_LISTEN", "CLINIC_SECRET_KEY", "CLINIC_ENCRYPTION_KEYS"}


def setting(default: Any, check=checks.text) -> Any:
    """A settings field: its default, and the function that turns a raw value into the checked one."""
    if isinstance(default, list | dict):
        return field(default_factory=lambda: check(default), metadata={"check": check})
    return field(default=default, metadata={"check": check})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every setting of the site. The example file says in words what each is for."""

    name: str = setting("Westside Sports Chiro", checks.required_text)
    tagline: str = setting("Chiropractic care for people who run, ride, lift and play")
    phone: str = setting("02 5550 0142")
    email: str = setting("hello@clinic.example", checks.sender_email)
    street: str = setting("12 Example Street")
    suburb: str = setting("Westside")
    state: str = setting("NSW")
    postcode: str = setting("2999")
    country: str = setting("AU", checks.country)
    currency: str = setting("$", checks.currency)
    timezone: str = setting("Australia/Sydney", checks.timezone)
    map_url: str = setting("", checks.optional_url)
    public_url: str = setting("", checks.base_url)
    hours: dict[str, tuple[tuple[time, time], ...]] = setting(
        {
            "monday": ["08:00-18:00"],
            "tuesday": ["08:00-20:00"],
            "wednesday": ["08:00-18:00"],
            "thursday": ["08:00-20:00"],
            "friday": ["08:00-17:00"],
            "saturday": ["08:00-12:30"],
        },
        checks.hours,
    )
    emergency_number: str = setting("000")

    testimonials_heading: str = setting("Real stories, real results", checks.required_text)
    testimonial_rules: str = setting("au", checks.one_of("au", "none"))
    contact_topics: tuple[str, ...] = setting(
        ["A question", "An appointment", "Fees and health cover", "Something else"], checks.texts
    )
    reply_within: str = setting("one working day", checks.required_text)
    answer_within_hours: int = setting(24, checks.whole_number(1, 30 * 24))
    old_post_paths: tuple[str, ...] = setting(["post", "posts", "blog-posts"], checks.path_words)

    booking_notice_minutes: int = setting(120, checks.whole_number(0, 7 * 24 * 60))
    booking_horizon_days: int = setting(60, checks.whole_number(1, 400))
    slot_step_minutes: int = setting(15, checks.whole_number(5, 240))
    appointment_gap_minutes: int = setting(0, checks.whole_number(0, 240))
    cancel_cutoff_hours: int = setting(24, checks.whole_number(0, 14 * 24))
    appointments_per_person: int = setting(4, checks.whole_number(1, 100))
    reminder_hours: int = setting(24, checks.zero_or_whole_number(2, 14 * 24))
    undo_seconds: int = setting(30, checks.whole_number(0, 300))
    public_holidays: str = setting("closed", checks.one_of("closed", "open"))

    purge: str = setting("off", checks.one_of("off", "daily"))
    keep_appointments_years: int = setting(7, checks.whole_number(1, 100))
    keep_minors_until_age: int = setting(25, checks.whole_number(18, 100))
    keep_enquiries_years: int = setting(7, checks.whole_number(1, 100))
    keep_spam_days: int = setting(90, checks.whole_number(3, 3650))
    keep_mails_days: int = setting(730, checks.whole_number(30, 36500))
    disposal_register: str = setting("on", checks.one_of("on", "off"))

    database_url: str = setting("", database_address.database_url)
    encryption_key_file: str = setting("")
    trusted_proxies: int = setting(0, checks.whole_number(0, 10))
    shared_cache_seconds: int = setting(0, checks.whole_number(0, 24 * 3600))
    log_format: str = setting("auto", checks.one_of("auto", "json", "text"))
    log_requests: str = setting("off", checks.one_of("off", "on"))
    rate_limits: str = setting("on", checks.one_of("on", "off"))
    contact_limit: str = setting("5 per 10 minutes; 20 per day", checks.rate_limit)
    booking_limit: str = setting("5 per 10 minutes; 20 per day", checks.rate_limit)

    mail_server: str = setting("")
    mail_port: int = setting(587, checks.whole_number(1, 65535))
    mail_security: str = setting("starttls", checks.one_of("starttls", "tls", "none"))
    mail_username: str = setting("")
    mail_password: str = setting("")
    mail_ca_file: str = setting("", checks.optional_file)
    mail_from: str = setting("", checks.optional_sender_email)
    mail_worker: str = setting("embedded", checks.one_of("embedded", "separate"))
    staff_recipients: tuple[str, ...] = setting([], checks.emails)
    staff_mail_detail: str = setting("full", checks.one_of("full", "summary"))

    staff_session_hours: int = setting(12, checks.whole_number(1, 24 * 31))
    staff_second_factor: str = setting("optional", checks.one_of("optional", "required"))
    sign_in_limit: str = setting("10 per 10 minutes; 50 per day", checks.rate_limit)

    backup_folder: str = setting("", checks.optional_path)
    backup_every_hours: int = setting(24, checks.whole_number(1, 7 * 24))
    backup_keep_days: int = setting(14, checks.whole_number(1, 400))
    backup_keep_weeks: int = setting(8, checks.whole_number(0, 520))
    backup_passphrase_file: str = setting("", checks.optional_path)

    given: frozenset[str] = field(default=frozenset(), compare=False)  # no setting: the keys that somebody has set

    @property
    def language(self) -> str:
        """The language of pages and emails (BCP 47): browsers spell and number by it."""
        return f"en-{self.country}"

    @cached_property
    def locality(self) -> str:
        """The last line of the postal address."""
        state = "" if self.country in WITHOUT_STATES else self.state
        return " ".join(part for part in (self.suburb, state, self.postcode) if part)

    @cached_property
    def address(self) -> str:
        """The postal address on one line."""
        return ", ".join(part for part in (self.street, self.locality) if part)

    @cached_property
    def phone_href(self) -> str:
        """The phone number as a `tel:` link (RFC 3966)."""
        return phones.link(self.phone, self.country)

    @cached_property
    def directions_url(self) -> str:
        """A page with a map of the address: the setting `map_url`, or OpenStreetMap's search."""
        return self.map_url or f"https://www.openstreetmap.org/search?query={quote_plus(self.address)}"

    @property
    def sender(self) -> str:
        """The address that the site's mails come from."""
        return self.mail_from or self.email

    @property
    def recipients(self) -> tuple[str, ...]:
        """Who hears of each enquiry: `staff_recipients`, or the clinic's own address."""
        return self.staff_recipients or (self.email,)


def load(instance: Path, environ: dict[str, str]) -> Settings:
    """The settings of the site kept in the folder `instance`, with those that the environment has.

    Raises SettingsError, which names the key, says what its value was and what it should be.
    """
    given = dict(_from_file(instance / site_folder.SETTINGS)) | dict(_from_environment(environ))
    here = f"http://{_reachable(environ.get('CLINIC_LISTEN') or _last_listened(instance))}"
    settings = Settings(**{"public_url": here} | given, given=frozenset(given))
    if settings.phone and not phones.can_be_dialled(settings.phone, settings.country):
        number, _ = phones.example(settings.country)
        raise SettingsError(f"phone was {settings.phone!r}; it should be one phone number, such as {number}.")
    return settings


def _last_listened(instance: Path) -> str:
    """Where `make run` listened last, so that commands write the same addresses."""
    with suppress(OSError):
        return (instance / LISTENED).read_text().strip()
    return "127.0.0.1:8000"


def _reachable(listen: str) -> str:
    """Where a server that listens on `listen` can be opened from its own machine."""
    return re.sub(r"^(0\.0\.0\.0|\[?::\]?):", "127.0.0.1:", listen)


def defaults() -> dict[str, Any]:
    """Every key with its default value."""
    return {f.name: f.default if f.default is not MISSING else f.default_factory() for f in _fields()}


def _checks() -> dict[str, Any]:
    return {f.name: f.metadata["check"] for f in _fields()}


def _fields() -> list[Field]:
    """Those that are settings."""
    return [each for each in fields(Settings) if each.metadata]


def _from_file(path: Path):
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path.name} is not valid TOML: {error}") from None
    for key, value in raw.items():
        if isinstance(value, dict):
            _refuse_settings_in(value, name=key, where=path.name)
        yield key, _checked(key, value, where=path.name, shown=key)


def _refuse_settings_in(table: dict, *, name: str, where: str) -> None:
    """Raise SettingsError where settings were written below a table's name, which makes them the table's."""
    if strays := [key for key in table if key in _checks()]:
        stand, them = ("stands", "it") if len(strays) == 1 else ("stand", "them")
        raise SettingsError(f"{where}: {', '.join(strays)} {stand} below [{name}]; move {them} above that line.")


def _from_environment(environ):
    for variable, text in environ.items():
        if not variable.startswith(ENVIRONMENT_PREFIX) or variable in NOT_SETTINGS:
            continue
        key = variable.removeprefix(ENVIRONMENT_PREFIX).lower()
        yield key, _checked(key, _parsed(key, text), where="environment", shown=variable)


def _parsed(key: str, text: str) -> Any:
    """The raw value that a variable's text stands for, by the type of the key's default."""
    default = defaults().get(key)
    if isinstance(default, tuple):
        return [part.strip() for part in text.split(",") if part.strip()]
    if isinstance(default, dict):
        try:
            return tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError:
            return text
    if isinstance(default, int) and text.strip().lstrip("-").isdecimal():
        return int(text)
    return text


def _checked(key: str, value: Any, *, where: str, shown: str) -> Any:
    check = _checks().get(key)
    if check is None:
        raise SettingsError(
            f"{where}: {shown} is not a setting{checks.did_you_mean(key, _checks())}. "
            "instance/clinic.example.toml lists them all."
        )
    try:
        return check(value)
    except ValueError as should_be:
        raise SettingsError(f"{where}: {shown} was {_told(key, value)}; it should be {should_be}.") from None


def _told(key: str, value: Any) -> str:
    """A wrong value in an error's words, without secrets; in a table there may be some that belong elsewhere."""
    if isinstance(value, dict):
        return f"a table of {', '.join(value)}"
    holds_tables = isinstance(value, list) and any(isinstance(item, dict) for item in value)
    secret = "password" in key or key == "database_url"  # which has a password in it
    return "(hidden)" if secret or holds_tables else repr(value)
