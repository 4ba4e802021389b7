"""Claims by themselves."""

from concurrent.futures import ThreadPoolExecutor

from clinic_app import clock
from clinic_app.mail import claims


def test_a_claim_takes_no_more_than_it_was_asked_for_and_the_longest_due_first(app, queue):
    numbers = queue(*(f"guest{n:03}@example.org" for n in range(300)))
    assert [mail.id for mail in claims.claim(clock.now(), limit=20)] == numbers[:20]
    assert [mail.id for mail in claims.claim(clock.now(), limit=20)] == numbers[20:40]


def test_claims_made_at_the_same_time_share_no_row_and_miss_none(app, queue):
    numbers = queue(*(f"guest{n:03}@example.org" for n in range(300)))

    def claim_all(_):
        taken = []
        with app.app_context():
            while batch := claims.claim(clock.now(), limit=7):
                assert len(batch) <= 7
                taken += [mail.id for mail in batch]
        return taken

    with ThreadPoolExecutor(4) as pool:
        shares = list(pool.map(claim_all, range(4)))
    assert sorted(sum(shares, [])) == numbers
