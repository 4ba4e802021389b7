"""`flask mail ...` as it looks at the console."""

import pytest

from clinic_app import database
from clinic_app.mail import changing, privacy

from .servers import free_port

KIT, ROBIN = "kit@example.org", "robin@example.org"


@pytest.fixture
def run(app):
    """Runs a command and gives its result."""
    runner = app.test_cli_runner()
    return lambda *arguments: runner.invoke(args=["mail", *arguments])


def test_the_list_shows_each_mail_with_the_servers_words(server, worker, queue, run):
    server.replies["RCPT", KIT] = ["550 No such person"]
    queue(KIT, ROBIN)
    worker.run_once()
    everything, failed = run("list").output, run("list", "--state", "failed").output
    assert "550 No such person" in failed
    assert KIT in failed
    assert ROBIN not in failed
    assert ROBIN in everything
    assert everything.endswith("0 queued, 0 sending, 1 sent, 1 failed\n")


def test_the_list_says_of_which_mails_the_words_are_erased(server, worker, queue, run):
    (number,) = queue(KIT)
    worker.run_once()
    with database.transaction():
        privacy.anonymise([number])
    (line, _totals) = run("list").output.splitlines()
    assert line.endswith("  Anonymous  An email, erased")


def test_failed_mail_is_tried_again_by_number_or_all_together(server, worker, queue, run, mails):
    server.replies["RCPT", KIT] = ["550 No such person"] * 2
    (number,) = queue(KIT)
    worker.run_once()
    assert run("retry", str(number)).output == "1 queued again.\n"
    worker.run_once()
    assert run("retry", "--failed").output == "1 queued again.\n"
    worker.run_once()
    assert mails()[KIT].state == "sent"
    left_alone = run("retry", str(number))
    assert left_alone.output == f"Left alone: mail {number} is sent.\n0 queued again.\n"
    assert left_alone.exit_code == 1
    assert run("retry").exit_code == 2


def test_what_a_person_gave_up_is_tried_again_by_its_number_only(server, worker, queue, run):
    server.replies["RCPT", KIT] = ["550 No such person"]
    (number,) = queue(KIT)
    worker.run_once()
    with database.transaction():
        changing.give_up(number, reason="Mistyped", by="Jo Fictional")
    assert run("retry", "--failed").output == "0 queued again.\n"
    assert run("retry", str(number)).output == "1 queued again.\n"


def test_a_test_mail_goes_out_at_once_and_leaves_no_row(server, run, mails):
    result = run("test", KIT)
    assert result.output == f"localhost has taken the mail to {KIT}, from hello@clinic.example.\n"
    assert server.addresses == [KIT]
    assert mails() == {}


def test_a_test_mail_that_does_not_go_out_says_why(server, run, with_settings):
    server.replies["RCPT", KIT] = ["550 No such person"]
    result = run("test", KIT)
    assert (result.exit_code, result.output) == (1, "Error: The mail server did not take it: 550 No such person\n")
    assert run("test", "kit").output == "Error: 'kit' is not an email address.\n"
    with_settings(mail_server="localhost", mail_port=free_port())
    result = run("test", KIT)
    assert result.exit_code == 1
    assert "Connection refused. Look at the mail_* settings." in result.output


def test_a_test_mail_without_encryption_or_password_says_which_setting_to_look_at(server, run, with_settings):
    with_settings(mail_security="starttls")
    assert run("test", KIT).output.endswith("may be right. Look at the mail_* settings.\n")
    with_settings(mail_security="none", mail_username="kit", mail_password="")
    assert "no password is set here: CLINIC_MAIL_PASSWORD" in run("test", KIT).output


def test_a_test_that_cannot_be_written_as_a_file_sends_nobody_to_the_settings(app, run, tmp_path, monkeypatch):
    monkeypatch.setattr(app, "instance_path", str(tmp_path))
    (tmp_path / "outbox").write_text("in the way")
    result = run("test", KIT)
    assert (result.exit_code, "could not be written" in result.output, "mail_*" in result.output) == (
        1,
        True,
        False,
    )


def test_a_test_without_a_mail_server_says_that_nobody_gets_it(app, run, tmp_path, monkeypatch):
    monkeypatch.setattr(app, "instance_path", str(tmp_path))
    first, second = run("test", KIT).output.splitlines()
    assert first.startswith(f"Mail (test) written to {tmp_path}/outbox/")
    assert second == "No mail server is set (mail_server), so nobody gets it."


def test_working_once_says_what_was_done(server, queue, run):
    server.replies["RCPT", KIT] = ["451 Later"]
    queue(KIT, ROBIN)
    assert run("work", "--once").output.endswith("1 sent, 1 put off\n")
    assert run("work", "--once").output.endswith("Nothing sent.\n")


def test_what_is_withdrawn_while_it_is_being_sent_is_left_alone_and_told_of(app, server, queue, run):
    server.replies["DATA", KIT] = ["451 Later"]
    (number,) = queue(KIT)
    said = []

    def withdraw(address):
        with app.app_context(), database.transaction():
            changing.withdraw_untrue(number, reason="it was cancelled since")
        said.append(run("retry", str(number)).output)

    server.on_data = withdraw
    assert run("work", "--once").output.endswith("1 withdrawn\n")
    assert run("retry", "--failed").output == "0 queued again.\n"
    said.append(run("retry", str(number)).output)
    left = f"Left alone: mail {number} was withdrawn, as a later change made it untrue.\n0 queued again.\n"
    assert said == [left, left]
