"""Invented words of invented people."""

from clinic_app import clock
from clinic_app.testimonials.receiving import Draft, receive

SERVICE = "The front desk greeted me by name and there was always a place to park the bike."
CLINICAL = "My sore elbow was treated by Robin and is so much better."


def draft(text=SERVICE, *, name="Robin Sample", **values) -> Draft:
    """A testimonial about to come in."""
    return Draft(name=name, text=text, published_at=values.pop("published_at", None) or clock.now(), **values)


def received(text=SERVICE, **values):
    """A testimonial that has come in."""
    return receive(draft(text, **values), by="Kit Example")


def several(count: int) -> list:
    """Published testimonials about service that do not resemble each other."""
    return [received(service(number), name=f"Sample {number}") for number in range(count)]


def service(number: int) -> str:
    """Words about service, of their own for each number."""
    things = ("tea", "music", "lamp", "plant", "poster", "map", "clock", "bench", "bell", "rug")
    first, second, third = (things[number // 10**place % 10] for place in range(3))
    return (
        f"I like the {first}{number} there, then a {second} of {number} {third}s, and {number}{second} to look at."
    )
