"""Pages that are not a section of their own."""


def test_the_health_check_answers(client):
    assert client.get("/healthz").json == {"status": "ok"}
