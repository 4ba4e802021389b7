"""Settings: where they come from, and how a wrong one is refused."""

import re
import tomllib
from pathlib import Path

import pytest

from clinic_app import config
from clinic_app.checks import SettingsError

EXAMPLE = Path(__file__).parent.parent / "instance" / "clinic.example.toml"


def load(tmp_path, toml="", **variables):
    (tmp_path / "clinic.toml").write_text(toml, encoding="utf-8")
    return config.load(tmp_path, {f"CLINIC_{key}": value for key, value in variables.items()})


def test_the_settings_know_what_somebody_has_set(tmp_path):
    settings = load(tmp_path, 'name = "Westside Sports Chiro"', SUBURB="Westside")
    assert settings.given == {"name", "suburb"}
    with pytest.raises(config.SettingsError, match="given is not a setting"):
        load(tmp_path, 'given = "name"')


def test_a_variable_wins_over_the_file_and_the_file_over_the_default(tmp_path):
    settings = load(tmp_path, 'name = "From file"\nphone = "02 5550 0101"', PHONE="02 5550 0102")
    assert (settings.name, settings.phone, settings.country) == ("From file", "02 5550 0102", "AU")


def test_without_a_file_the_defaults_hold(tmp_path):
    assert config.load(tmp_path, {}).name == "Westside Sports Chiro"


@pytest.mark.parametrize("zone", ["UTC", "Japan", "Israel", "CET", "US/Eastern", "America/Phoenix"])
def test_a_time_zone_that_is_what_it_says_is_taken(tmp_path, zone):
    assert load(tmp_path, TIMEZONE=zone).timezone == zone


@pytest.mark.parametrize(
    ("country", "city", "state", "postcode", "address"),
    [
        ("AU", "Westside", "NSW", "2999", "12 Example Street, Westside NSW 2999"),
        ("US", "San Francisco", "CA", "94103", "12 Example Street, San Francisco CA 94103"),
        ("GB", "Manchester", "England", "M4 1SH", "12 Example Street, Manchester M4 1SH"),
        ("NZ", "Wellington", "WGN", "6011", "12 Example Street, Wellington 6011"),
        ("IE", "Cork", "", "T12 AB34", "12 Example Street, Cork T12 AB34"),
        ("BE", "Gent", "Flemish", "9000", "12 Example Street, Gent 9000"),
        ("NO", "Bergen", "Vestland", "5003", "12 Example Street, Bergen 5003"),
    ],
)
def test_an_address_names_the_state_where_addresses_do(tmp_path, country, city, state, postcode, address):
    assert load(tmp_path, COUNTRY=country, SUBURB=city, STATE=state, POSTCODE=postcode).address == address


def test_the_example_documents_every_key_with_its_default(tmp_path):
    example = EXAMPLE.read_text(encoding="utf-8")
    uncommented = re.sub(r"^# (?=\w+ = |\[)", "", example, flags=re.MULTILINE)
    assert set(tomllib.loads(uncommented)) == set(config.defaults())
    expected = load(tmp_path, PUBLIC_URL="https://www.clinic.example")
    assert load(tmp_path, uncommented) == expected


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ('mail_port = "abc"', "clinic.toml: mail_port was 'abc'; it should be a whole number from 1 to 65535."),
        ("mail_port = true", "mail_port was True; it should be a whole number from 1 to 65535."),
        ("reminder_hours = 1", "reminder_hours was 1; it should be 0 or a whole number from 2 to 336."),
        ("reminder_hours = true", "reminder_hours was True; it should be 0 or a whole number from 2 to 336."),
        ("mail_prot = 25", "clinic.toml: mail_prot is not a setting (did you mean mail_port?)."),
        ('timezone = "Mars/Olympus"', "timezone was 'Mars/Olympus'; it should be a time zone's name"),
        ('timezone = "EST"', "it should be a time zone's name by a place, such as"),
        ('timezone = "GMT"', "it should be a time zone's name by a place, such as"),
        ('timezone = "Etc/GMT-10"', "it should be a time zone's name by a place, such as"),
        ('country = ["AU"]', "country was ['AU']; it should be a country's two letters"),
        ('country = "Australia"', "it should be a country's two letters"),
        ('currency = ""', 'it should be what stands before a price, such as "$", "£" or "CHF"'),
        ('currency = "$5"', "it should be what stands before a price"),
        ('currency = "US dollars"', "it should be what stands before a price"),
        ('email = "nobody"', "it should be an email address, such as reception@example.org"),
        ('staff_recipients = "a@example.org"', "it should be a list of email addresses"),
        ('public_url = "clinic.example"', "it should be an address that starts with https:// or http://"),
        ('testimonial_rules = "us"', '"au" or "none"'),
        ('contact_limit = "often"', "it should be a limit of up to a year, such as"),
        ('hours = { monday = ["18:00-08:00"] }', "it should be periods of a day in order"),
        ('hours = { monday = ["22:00-02:00"] }', "it should be periods of a day in order, such as"),
        ('hours = { monday = ["08:00-24:00", "09:00-10:00"] }', "it should be periods of a day in order"),
        ('hours = { monday = ["08:00-18:00"], friday = ["8-18"] }', "\"13:00-18:00\"], and friday is ['8-18']."),
        ('hours = { monday = ["22:00-02:00"] }', "up to 24:00, and monday is ['22:00-02:00']."),
        ('hours = { mon = ["08:00-18:00"] }', "it should be a table of days"),
        ('name = ""', "it should be text, not empty"),
        ('phone = "abc"', "phone was 'abc'; it should be one phone number, such as (02) 5550 0142."),
        ('phone = "(02) 5550 0142 / 0491 570 006"', "it should be one phone number"),
        ('phone = "abc"\ncountry = "GB"\nstate = ""', "such as 020 7946 0142."),
        ('database_url = "mysql://x"', "it should be empty, or an address such as"),
        ('mail_ca_file = "/no/such/file"', "it should be the path of a file that is there"),
        ('email = "jörg@clinic.example"', "with plain letters before the @"),
        ('public_url = "https://a.example/?x=1"', "without a path, ? and #"),
        ('public_url = "https://a.example/clinic"', "without a path, ? and #"),
        ('public_url = "https://a.example:99999"', "it should be an address that starts with"),
        ('contact_limit = "0 per minute"', "it should be a limit of up to a year"),
        ('contact_limit = "1 per 1000000 years"', "it should be a limit of up to a year"),
        ('old_post_paths = ["book"]', "that this site does not use"),
        ('old_post_paths = ["cards"]', "that this site does not use"),
        (f'contact_topics = ["{"x" * 101}"]', "a list of texts of up to 100 characters"),
        ('name = "two\\nlines"', "it should be text on one line"),
        ("name = ", "clinic.toml is not valid TOML"),
        ("mail_password = 7", "mail_password was (hidden)"),
        ('database_url = "mysql://clinic:secret@db/clinic"', "database_url was (hidden)"),
        ('database_url = "postgresql://clinic:secret@db:54x/clinic"', "database_url was (hidden)"),
        ('database_url = "postgresql://clinic:se@cret@db/clinic"', "(an @ in the password is %40)"),
        ('database_url = "postgresql://db/clinic?sslmod=require"', "does not know (did you mean sslmode?)"),
    ],
)
def test_a_wrong_setting_is_refused_by_name_with_what_it_should_be(tmp_path, toml, says):
    with pytest.raises(SettingsError) as refusal:
        load(tmp_path, toml)
    assert says in str(refusal.value)


BELOW_HOURS = '[hours]\nmonday = ["08:00-18:00"]\n'


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        (
            BELOW_HOURS + 'mail_password = "geheim"',
            "clinic.toml: mail_password stands below [hours]; move it above that line.",
        ),
        (
            BELOW_HOURS + 'mail_password = "geheim"\ndatabase_url = "postgresql://clinic:geheim@db/clinic"',
            "clinic.toml: mail_password, database_url stand below [hours]; move them above that line.",
        ),
        ('[mail]\nmail_password = "geheim"', "mail_password stands below [mail]; move it above that line."),
        (BELOW_HOURS + 'mail_pasword = "geheim"', "hours was a table of monday, mail_pasword; it should be a"),
        ('[[hours]]\nmail_pasword = "geheim"', "hours was (hidden); it should be a table of days"),
    ],
)
def test_what_stands_in_the_wrong_table_is_told_by_its_names_alone(tmp_path, toml, says):
    with pytest.raises(SettingsError) as refusal:
        load(tmp_path, toml)
    assert says in str(refusal.value)
    assert "geheim" not in str(refusal.value)


def test_a_wrong_variable_is_named_as_it_was_given(tmp_path):
    with pytest.raises(SettingsError, match="environment: CLINIC_MAIL_PORT was 'abc'"):
        load(tmp_path, MAIL_PORT="abc")
    with pytest.raises(SettingsError, match="CLINIC_MAIL_PROT is not a setting"):
        load(tmp_path, MAIL_PROT="25")
    with pytest.raises(SettingsError, match="CLINIC_NAME was .* it should be text on one line"):
        load(tmp_path, NAME="Caf\udce9")  # é in Latin-1, as Python hands it on


@pytest.mark.parametrize("hours", [0, 2, 336])
def test_reminders_go_out_two_hours_before_at_the_latest_or_not_at_all(tmp_path, hours):
    assert load(tmp_path, f"reminder_hours = {hours}").reminder_hours == hours


def test_variables_give_numbers_lists_and_tables(tmp_path):
    settings = load(
        tmp_path,
        MAIL_PORT="2525",
        STAFF_RECIPIENTS="a@example.org, b@example.org",
        HOURS='{ monday = ["09:00-12:00"] }',
    )
    assert settings.mail_port == 2525
    assert settings.recipients == ("a@example.org", "b@example.org")
    assert len(settings.hours["monday"]) == 1
    assert settings.hours["tuesday"] == ()


def test_a_file_that_begins_with_a_byte_order_mark_is_read(tmp_path):
    assert load(tmp_path, '\ufeffname = "From Notepad"').name == "From Notepad"


def test_postgresql_is_spoken_to_through_psycopg(tmp_path):
    assert load(tmp_path, DATABASE_URL="postgres://a:b@c/d").database_url == "postgresql+psycopg://a:b@c/d"


def test_commands_write_the_address_that_the_server_listened_on(tmp_path):
    (tmp_path / config.LISTENED).write_text("0.0.0.0:9000")
    assert load(tmp_path).public_url == "http://127.0.0.1:9000"


def test_the_public_address_is_where_the_server_listens_unless_it_is_set(tmp_path):
    assert load(tmp_path, LISTEN="127.0.0.1:9000").public_url == "http://127.0.0.1:9000"
    assert (
        load(tmp_path, LISTEN="127.0.0.1:9000", PUBLIC_URL="https://a.example/").public_url == "https://a.example"
    )
