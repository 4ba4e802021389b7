"""What of a plan reads a table whole that grows with the years."""

import re

GROWING = (
    *("posts", "post_words", "post_tags", "post_revisions", "post_redirects", "testimonials"),
    *("testimonial_decisions", "enquiries", "enquiry_words", "enquiry_entries", "appointments"),
    *("appointment_changes", "offered_times", "hours_exceptions", "mail_outbox", "audit_entries", "erasures"),
    *("disposals", "sign_ins", "rate_limit_counts", "backup_runs"),
)
NAMED = rf"({'|'.join(GROWING)})"
SQLITE = re.compile(rf"SCAN {NAMED}(?:_\d+)?(?: USING (?:COVERING )?INDEX (?!one_featured).*)?$", re.MULTILINE)
POSTGRESQL = re.compile(rf"Seq Scan on {NAMED}\b")


def scans(statement) -> list[str]:
    """What of the plan reads a growing table from one end to the other.

    In order of an index, and ended after some rows, is how a page of a list is read. PostgreSQL joins small tables
    by walking all of an index, so of that SQLite alone tells.
    """
    plan = statement.plan()
    whole = [match[0].strip() for look in (SQLITE, POSTGRESQL) for match in look.finditer(plan)]
    page = "LIMIT" in statement.sql and "TEMP B-TREE FOR ORDER BY" not in plan
    return [scan for scan in whole if "Seq Scan" in scan or not page]
