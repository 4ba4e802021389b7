"""Which pages a browser may fetch before their link is followed (the HTML Standard's speculation rules).

Only pages that anybody may see and that asking for changes nothing: never an appointment's secret link, a
calendar, the staff area or a page of thanks. Browsers that know no such rules pass them over.
"""

import hashlib
import json
from base64 import b64encode

PAGES = ["/", "/blog", "/blog/*", "/testimonials", "/contact", "/privacy", "/book", "/book/*"]
TIMES = "/book/*/*/*"  # there are dozens on a page, each a look at everyone's diary
NO_PAGES = ["/blog/feed.atom", TIMES]

_ON_THE_WAY = {"and": [{"href_matches": PAGES}, {"not": {"href_matches": NO_PAGES}}]}
RULES = json.dumps(
    {
        "prefetch": [
            # When the pointer rests on a link, or it is pressed.
            {"where": _ON_THE_WAY, "eagerness": "moderate"},
            # Only when it is pressed.
            {"where": {"href_matches": TIMES}, "eagerness": "conservative"},
        ]
    },
    separators=(",", ":"),
)
# What allows these very rules to stand in a page (Content Security Policy, script-src).
SOURCE = f"'sha256-{b64encode(hashlib.sha256(RULES.encode()).digest()).decode()}'"
