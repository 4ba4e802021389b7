"""What is advised before a post goes out, and what is left alone. All examples are invented."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic_app.blog import checks, claims
from clinic_app.blog.content import Content, Person

DEAD = {
    "/blog/gone": "No post is there.",
    "/nowhere": "No page is there.",
    "/media/none.webp": "No picture is there.",
}
STARTER = Path(__file__).parents[2] / "clinic_app" / "starter" / "posts"


def advice(body="", *, title="Backs and desks", rules="none", slug="here", **fields):
    content = Content(slug=slug, title=title, body=body, author=Person("Robin Sample"), **fields)
    return checks.check(
        content, rules=rules, site="https://clinic.example", why_dead=lambda path: DEAD.get(path, "")
    )


def told(rule, *args, **fields):
    """The places and words of one rule's advice."""
    return [(each.place, each.words) for each in advice(*args, **fields) if each.rule == rule]


# Pictures


@pytest.mark.parametrize(
    "alt", ["", " ", "image", "Photo", "a picture", "IMG_2041", "IMG_2041.jpg", "hill.webp", "12", "…"]
)
def test_a_picture_needs_words_for_who_cannot_see_it(alt):
    assert told("alt text", f"Words.\n\n![{alt}](/media/hill.svg)") == [("Line 3", "hill.svg")]


@pytest.mark.parametrize("alt", ["A hill", "Photo of Robin at the desk", "The spine, seen from the side", "日本"])
def test_a_picture_with_words_is_left_alone(alt):
    assert told("alt text", f"![{alt}](/media/hill.svg)") == []


def test_each_picture_of_a_paragraph_is_named_by_its_own_line():
    body = "One\ntwo ![](/media/a.svg)\nthree [![](/media/b.svg)](/contact) four\n\n- five\n- ![](/media/c.svg)"
    body += "\n\n| a |\n|---|\n| ![](/media/d.svg) |"
    assert told("alt text", body) == [
        ("Line 2", "a.svg"),
        ("Line 3", "b.svg"),
        ("Line 6", "c.svg"),
        ("Line 10", "d.svg"),
    ]


def test_the_main_picture_is_looked_at_too():
    assert told("alt text", hero="hill.webp") == [("Main picture", "hill.webp")]
    assert told("alt text", hero="hill.webp", hero_alt="A hill") == []


# Headings


@pytest.mark.parametrize(
    ("body", "places"),
    [
        ("## One\n\n### Two\n\n#### Three\n\n## Four", []),
        ("## One\n\n#### Two", ["Line 3"]),
        ("Words.\n\n### First", ["Line 3"]),
        ("# One\n\n## Two", ["Line 1"]),
        ("One\n===\n\nTwo\n---", ["Line 1"]),
        ("## One\n\n##\n\n## Three", ["Line 3"]),
        ("```\n# a comment\n```", []),
        ("## 1. One\n\n## 2. Two\n\n## 4. Four", ["Line 5"]),
        ("## 1. One\n\n## 2. Two\n\n## 2. Two again", ["Line 5"]),
        ("## Morning\n\n### 1. One\n\n### 2. Two\n\n## Evening\n\n### 1. One", []),
    ],
)
def test_headings_go_down_step_by_step_from_the_second_level(body, places):
    assert [place for place, _ in told("headings", body)] == places


# Links


@pytest.mark.parametrize(
    "link",
    [
        *(
            "/blog/gone",
            "/nowhere",
            "/nowhere?x=1#y",
            "https://clinic.example/nowhere",
            "//clinic.example/nowhere",
        ),
        *("gone", "../nowhere", "#section-none", "<>", "/blog/%67one", "http://clinic.example/nowhere"),
    ],
)
def test_a_link_of_this_site_that_leads_nowhere_is_named(link):
    assert told("dead link", f"## First\n\nWords\nand [a link]({link}).") == [("Line 4", "a link")]


@pytest.mark.parametrize(
    "link",
    [
        *("/blog/there", "/contact", "#section-first", "#", "mailto:robin@example.org", "tel:0255500142"),
        *(
            "https://elsewhere.example/nowhere",
            "//elsewhere.example/nowhere",
            "https://clinic.example",
            "ftp://x.example/y",
        ),
    ],
)
def test_other_links_are_left_alone(link):
    assert told("dead link", f"## First\n\nWords and [a link]({link}).") == []


def test_a_picture_that_is_not_there_is_a_dead_link_too():
    assert told("dead link", "![A hill](/media/none.webp)") == [("Line 1", "/media/none.webp")]
    assert told("dead link", "[ref][1]\n\n[1]: /nowhere") == [("Line 1", "ref")]


# Numbers


def sections(count, heading="## Part {}", last=""):
    return "\n\n".join(heading.format(n) for n in range(1, count + 1)) + last


def test_ten_in_the_title_and_nine_in_the_text_are_both_named():
    body = sections(10) + "\n\n## Conclusion\n\nRunners who do\nthese nine stretches will know."
    found = [each for each in advice(body, title="10 best stretches for runners") if each.rule == "numbers"]
    assert [(each.place, each.words, each.also) for each in found] == [("Line 24", "nine stretches", "title")]
    assert "“10 best stretches”" in found[0].why and "“nine stretches”" in found[0].why


CONTRADICTED = [
    "These nine will do.",
    "Try all nine of them.",
    "Here are nine of the gentlest.",
    "Those 9 careful stretches are enough.",
    "The following nine moves need no mat.",
    "It comes down to nine slow stretches.",
    "Here are our 11 stretches.",
    "These twelve stretches take a while.",
    "These nine stretches take ten minutes.",
]
AGREEING = [
    "These ten stretches are gentle.",
    "All 10 take ten minutes.",
    "Do them for nine minutes.",
    "Hold each for 20 seconds, three times a day.",
    "Two of these ten are for the neck.",
    "These two stretches go well together.",
    "The first nine are easy.",
    "Nine in ten people sit too long.",
    "In the last 9 years, 12 km runs became the fashion.",
    "At the age of nine all changed.",
    "Prices from $9 to $12, at 9:30 or 11.45.",
    "Those nine runners were tired.",
    "All nine volunteers came back.",
    "Day 9 is a day of rest.",
    "Nine out of ten, or nine to twelve.",
    "It was 9 °C, 9% humid, on 9 November.",
    "We met nine people and eleven dogs.",
]


@pytest.mark.parametrize("text", CONTRADICTED)
def test_a_text_that_counts_otherwise_than_the_title_is_named(text):
    found = told("numbers", f"{sections(10)}\n\n{text}", title="10 best stretches")
    assert [place for place, _ in found] == ["Line 21"]


@pytest.mark.parametrize("text", AGREEING)
def test_other_numbers_in_a_text_are_left_alone(text):
    assert told("numbers", f"{sections(10)}\n\n{text}", title="Ten best stretches") == []


def test_a_summary_or_an_opening_that_counts_otherwise_is_named():
    assert told("numbers", sections(5), title="Five stretches for desks", summary="Six stretches in short.") == [
        ("Summary", "Six stretches")
    ]
    opening = "We like\nsix slow stretches.\n\n"
    assert told("numbers", opening + sections(5), title="5 stretches") == [("Line 2", "six slow stretches")]
    later = "\n\nYou may well do six stretches on a day."
    assert told("numbers", sections(5) + later, title="5 stretches") == []


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("10 best stretches", sections(9)),
        ("10 best stretches", sections(9, "## {}. Part")),
        ("10 best stretches", sections(11, "### Step {}: Part")),
        ("Seven ways to sit", sections(6, last="\n\n## Conclusion")),
        ("What to know: 7 myths about backs", sections(5, "## {}) Myth")),
        ("The three signs", "## One\n\n- a\n- b\n\n## Two"),
        ("Ten stretches", sections(4)),
    ],
)
def test_a_title_that_promises_another_number_of_sections_is_named(title, body):
    assert len(told("numbers", body, title=title)) == 1


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("10 best stretches", sections(10)),
        ("10 best stretches", sections(10, "## {}. Part", last="\n\n## Questions")),
        ("10 best stretches", "## Why\n\n" + sections(10, last="\n\n## Conclusion")),
        ("10 best stretches", sections(10, "### Part {}")),
        ("10 best stretches", "## The list\n\n" + sections(10, "{}. Part").replace("\n\n", "\n") + "\n\n## After"),
        ("10 best stretches", "## Neck\n\n- a\n- b\n- c\n- d\n\n## Back\n\n- e\n- f\n- g\n- h\n- i\n- j"),
        ("3 stretches", "**Neck.** Words.\n\n**Back.** Words.\n\n**Hips.** Words.\n\n## More\n\n## Yet more"),
        ("Two ways to sit", "## Morning\n\n### Up\n\n### Down\n\n## Evening\n\n## Night"),
        ("10 best stretches", "Nothing is written yet."),
        *(
            (title, sections(4))
            for title in (
                *("10 minutes a day", "Running after 50", "Back pain in your 40s", "Your first 10 km", "Day 3"),
                *(
                    "How 3 friends began to run",
                    "A 10-minute routine",
                    "Best of 2026",
                    "24/7",
                    "3 in 10 people sit",
                ),
                *(
                    "The four-week plan",
                    "From 5k to 10k",
                    "One thing to know",
                    "$5 a day",
                    "9.30 am",
                    "Under 12 years",
                ),
                *(
                    "10 years of this clinic",
                    "Ten kilometres",
                    "What happens at your first visit",
                    "3–5 exercises",
                ),
                *(
                    "Two knees, one runner",
                    "Part 2: the hips",
                    "90% of it is rest",
                    "5 times a week",
                    "10,000 steps",
                ),
                *(
                    "It is 6 am",
                    "Two or three words",
                    "Over 60s at play",
                    "12 weeks to a marathon",
                    "Level 4 ankles",
                ),
            )
        ),
    ],
)
def test_a_title_that_promises_no_other_number_of_sections_is_left_alone(title, body):
    assert told("numbers", body, title=title) == []


# Advertising

CLAIMS = {
    "cure": [
        "Chiropractic cures headaches.",
        "A miracle for runners.",
        "Our care heals your back.",
        "Get rid of your back pain.",
        "Permanent relief at last.",
        "We fix the root cause.",
        "Say goodbye to neck pain.",
        "Transform your life.",
    ],
    "guarantee": [
        "Results are guaranteed.",
        "100% safe.",
        "It never fails.",
        "A risk-free visit.",
        "There are no side effects.",
        "Safe and effective care.",
        "We promise relief.",
        "It works for everyone.",
    ],
    "comparison": [
        "10 best adjustments",
        "The best chiropractor in Westside",
        "A leading clinic",
        "Superior nerve function",
        "Better than surgery.",
        "Unlike other clinics, we listen.",
        "The most experienced team",
        "Award-winning care",
        "Second to none.",
    ],
    "evidence": [
        "Research demonstrates that adjustments help.",
        "Studies show this.",
        "Science has proven it.",
        "A clinically proven technique",
        "Recent research suggests so.",
        "According to recent studies, yes.",
        "Evidence-based care",
        "It has been shown to work.",
    ],
    "result": [
        "You will feel better.",
        "You’ll soon be running again.",
        "Adjustments improve blood flow.",
        "Chiropractic care can help prevent injuries.",
        "Live pain-free!",
        "Runners can expect significant improvements.",
        "We get you back to running.",
        "In just three visits.",
        "A faster recovery",
        "Boosts your immune system.",
        "Treats asthma.",
    ],
    "inducement": [
        "A free consultation",
        "20% off this week",
        "$50 off",
        "Ask about our discounts.",
        "Gift vouchers at the desk",
        "Refer a friend.",
        "Prepaid packages",
    ],
    "unnecessary": [
        "Everyone should see a chiropractor.",
        "Regular adjustments keep you going.",
        "Maintenance care",
        "Come before it’s too late.",
        "Limited places!",
        "Even if you feel fine.",
        "Do not wait until it hurts.",
    ],
    "specialist": [
        "Our specialists",
        "We specialise in runners.",
        "A sports specialist",
        "Expert care",
    ],
}
HARMLESS = [
    "There is no cure for ageing, and we do not claim to cure anything.",
    "Nobody can guarantee a result.",
    "The best time to book is in the morning. Do your best.",
    "It is best to rest, and best not to run.",
    "Bones heal in about six weeks.",
    "There is little evidence that shows a benefit, and no study found one.",
    "It has not been proven to help.",
    "Adjustments may reduce stiffness for some people.",
    "Once you are pain-free, add a kilometre.",
    "You will feel sore for a day or so.",
    "See a specialist if it goes on.",
    "Your GP can refer you to a sports specialist.",
    "There is no need to hurry, and nobody is in a hurry.",
    "Feel free to ask. Entry is free of charge.",
    "The superior facet of the joint",
    "We do not sell packages or ask for payment ahead.",
    "Give 100% of your effort if you like.",
    "The number one cause is too much, too soon.",
    "Sleep restores you, and training improves strength.",
    "Fees are on the booking page.",
    "Run often, rest well, and fix your laces.",
]


@pytest.mark.parametrize(("category", "text"), [(c, text) for c, texts in CLAIMS.items() for text in texts])
def test_a_claim_is_named_with_its_line_and_what_to_do(category, text):
    found = advice(f"Plain words.\n\nMore of them.\n{text}", rules="au")
    assert [each.field for each in found] and {each.line for each in found} == {4}
    assert claims.CLAIMS.data["advice"][category] in [each.advice for each in found]
    assert all(each.words and each.words.lower() in text.lower() for each in found)


@pytest.mark.parametrize("text", HARMLESS)
def test_plain_information_is_no_claim(text):
    assert told("advertising", text, rules="au") == []


def test_evidence_with_a_link_to_it_is_no_claim():
    linked = "Research suggests that [walking helps](https://journal.example/1)."
    assert told("advertising", linked, rules="au") == []
    inside = "Research suggests that [walking helps](/blog/walking)."
    assert told("advertising", inside, rules="au") == [("Line 1", "Research suggests")]
    other_paragraph = "Research suggests it.\n\nSee [this](https://journal.example/1)."
    assert told("advertising", other_paragraph, rules="au") == [("Line 1", "Research suggests")]


def test_claims_in_title_and_summary_are_named_too():
    found = told("advertising", title="Cured in a day", summary="Guaranteed.", rules="au")
    assert found == [("Title", "Cured"), ("Summary", "Guaranteed")]


def test_without_advertising_rules_nothing_is_a_claim():
    assert told("advertising", "Cured! Guaranteed!", rules="none") == []


def test_every_rule_has_its_reason_and_its_advice():
    assert {rule.category for rule in claims.CLAIMS.rules} == set(CLAIMS) == set(claims.CLAIMS.data["advice"])
    assert all("s 133(1)" in rule.why and rule.why.endswith(".") for rule in claims.CLAIMS.rules)


def test_code_and_what_is_no_text_are_not_read():
    assert told("advertising", "```\nguaranteed cure\n```", rules="au") == []


# All together


@pytest.mark.parametrize("path", sorted(STARTER.glob("*.md")), ids=lambda path: path.stem)
def test_the_posts_that_come_with_the_program_are_in_order(path):
    _, matter, body = path.read_text().split("---\n", 2)
    matter = yaml.safe_load(matter)
    found = advice(
        body,
        title=matter["title"],
        summary=matter["summary"],
        hero="a.svg",
        hero_alt=matter["hero_alt"],
        rules="au",
    )
    assert found == []


def test_advice_comes_in_the_order_of_the_page_and_knows_itself_again():
    body = "Guaranteed.\n\n![](/media/a.svg)\n\n[x](/nowhere)\n\n#### Deep"
    found = advice(body, title="Cured", rules="au")
    assert [each.place for each in found] == ["Title", "Line 1", "Line 3", "Line 5", "Line 7"]
    moved = advice("New.\n\n" + body, title="Cured", rules="au")
    assert [each.key for each in moved] == [each.key for each in found]
    assert len({each.key for each in found}) == 5


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300), st.text(max_size=60))
def test_any_text_at_all_can_be_checked(body, title):
    lines = body.count("\n") + body.count("\r") + 1
    for each in advice(body, title=title, rules="au"):
        assert each.line is None or 1 <= each.line <= lines
        assert each.why and each.advice and each.place
