"""The conversation with the mail server is encrypted, its certificate checked, and staff's slips cost no mail."""

import ssl

import pytest

from .servers import MailServer, make_certificate, password_is

KIT = "kit@example.org"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """(certificate, key) of a server that nobody vouches for."""
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def tls(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


@pytest.fixture
def starttls_server(tls):
    with MailServer(tls_context=tls, require_starttls=True) as server:
        yield server


@pytest.fixture
def delivered(worker, queue, mail_at):
    """Queues one mail, lets the worker run, gives its row."""

    def deliver():
        queue(KIT)
        worker.hold_until = 0
        worker.run_once()
        return mail_at(KIT)

    return deliver


def test_a_certificate_that_nobody_vouches_for_is_refused(starttls_server, use_server, delivered):
    use_server(starttls_server, mail_security="starttls")
    mail = delivered()
    assert (mail.state, mail.attempts) == ("queued", 0)
    assert "its certificate was not accepted" in mail.last_error
    assert starttls_server.taken == []


def test_a_certificate_trusted_by_setting_is_accepted(starttls_server, use_server, delivered, certificate):
    use_server(starttls_server, mail_security="starttls", mail_ca_file=str(certificate[0]))
    assert delivered().state == "sent"


def test_a_certificate_for_another_name_is_refused(starttls_server, use_server, delivered, certificate):
    trusting = {"mail_security": "starttls", "mail_ca_file": str(certificate[0])}
    use_server(starttls_server, mail_server="127.0.0.1", **trusting)
    assert "its certificate was not accepted" in delivered().last_error


def test_encryption_from_the_first_byte(use_server, delivered, certificate, tls):
    with MailServer(ssl_context=tls) as server:
        use_server(server, mail_security="tls")
        assert "its certificate was not accepted" in delivered().last_error
        use_server(server, mail_security="tls", mail_ca_file=str(certificate[0]))
        assert delivered().state == "sent"


def test_a_server_without_encryption_gets_no_mail(server, use_server, delivered):
    use_server(server, mail_security="starttls")
    says = 'it offers no encryption by STARTTLS; mail_security = "tls" (usual on port 465) may be right'
    assert delivered().last_error.endswith(says)
    assert server.taken == []


def test_a_missing_certificate_file_costs_no_mail(starttls_server, use_server, delivered, certificate):
    use_server(starttls_server, mail_security="starttls", mail_ca_file="/nowhere/ca.pem")
    assert delivered().state == "queued"
    use_server(starttls_server, mail_security="starttls", mail_ca_file=str(certificate[0]))
    assert delivered().state == "sent"


def test_a_mistyped_password_costs_no_mail(use_server, delivered, certificate, tls):
    required = {"authenticator": password_is("right"), "auth_required": True, "auth_require_tls": True}
    with MailServer(tls_context=tls, require_starttls=True, **required) as server:

        def sign_in(username, password):
            trusted = {"mail_security": "starttls", "mail_ca_file": str(certificate[0])}
            use_server(server, mail_username=username, mail_password=password, **trusted)

        sign_in("clinic", "wrong")
        mail = delivered()
        assert (mail.state, mail.attempts) == ("queued", 0)
        assert "did not accept the sign-in: 535" in mail.last_error
        sign_in("clinic", "")
        assert "no password is set here: CLINIC_MAIL_PASSWORD (the mail server said: 535" in delivered().last_error
        sign_in("clinic", "no ASCII: \N{SNOWMAN}")
        assert delivered().state == "queued"
        sign_in("clinic", "right")
        assert delivered().state == "sent"


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_a_sign_in_forgotten_costs_no_mail(use_server, delivered):
    with MailServer(auth_required=True) as server:
        use_server(server)
        mail = delivered()
    assert (mail.state, mail.last_error) == ("queued", "530 5.7.0 Authentication required")
