"""Text that programs have stumbled over, each line for a reason. Our own list.

What would do harm as HTML, as a header or as a formula bears the word HOSTILE, by which `answers` finds it again.
"""

HOSTILE = "hostile"

MARKUP = (
    "<i id=hostile>\"'><script>hostile()</script>",
    "' onmouseover='hostile()' \" onfocus=\"hostile()\" autofocus x=",
    "</title></textarea></script><svg onload=hostile()>",
    "javascript:hostile()//",
    '[x](javascript:hostile()) ![x](x"onerror=hostile())',
    "{{ 31337 * 31337 }}${31337*31337}{% for hostile in x %}#{31337*31337}",  # 982007569 where it is run
    "%(hostile)s {hostile} {0.__class__} %n%s%x",
)
HEADERS = (
    "hostile\r\nBcc: hostile@example.org\r\n\r\nhostile",
    "hostile\nX-Hostile: 1\n\nhostile",
    "hostile\x85X-Hostile: 1\u2028Bcc: hostile@example.org\u2029",
    "=?utf-8?q?hostile=0d=0aBcc:hostile@example.org?=",
    '"hostile" <hostile@example.org>, other@example.org',
)
FORMULAS = (
    '=HYPERLINK("https://hostile.example")',
    "@hostile",
    "+hostile|' /C hostile'!A0",
    "\t=hostile",
    "\uff1dhostile",
)
ENCODINGS = (
    "\0",
    "Robin\0Sample",
    "\ufffe\uffff\U0010ffff",
    "\ud800",  # no character: only a broken encoder sends it
    "\u202eelpmaS niboR\u2066\u2067\u200f\ufeff",
    "a" + "\u0301" * 300,  # one letter under three hundred accents
    "\ufdfa" * 40,  # each becomes eighteen letters when normalised
    "\u0130\u0131\u00df\u1e9e\ufb03",  # they change their length in the other case
    "\u0661\u0662\u0663",  # digits to Unicode, no digits to us
    "\x1b[2J\x07",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
)
DAYS = (
    "0000-00-00",
    "0001-01-01",
    "9999-12-31",
    "99999-12-31",
    "-0001-01-01",
    "2026-02-30",
    "20261124",
    "2026-W48-2",
    "9999-12",
    "0000-01",
    "9999-W53",
    "2026-11-24T25:61",
    "9999-12-31T2359b",
    "24:00",
)
NUMBERS = (
    "-1",
    "0",
    "2147483648",
    "9223372036854775808",
    "1" + "0" * 40,
    "9" * 5000,  # more digits than Python reads
    "1e309",
    "NaN",
    "0x10",
    "1_000",
    "٣",
)
PATHS = (
    "../../etc/passwd",
    "..%2f..%5c",
    "/\\hostile.example",
    "//hostile.example/",
    "https://hostile.example",
    ".",
    "~",
)
# Where a regular expression is careless, these take for ever.
SLOW = (
    "a" * 20_000 + "!",
    "a@" * 10_000,
    " " * 20_000 + "x",
    "<" * 20_000,
    "[" * 10_000 + "](" * 5_000,
    "*_`" * 7_000,
    "0" * 20_000,
    "www." + "a." * 10_000,
    "-" * 20_000,
    "'a" * 10_000,
)
SYNTAX = (
    "'\"\\;--",
    "%",
    "_",
    "%_%",
    '"',
    "*",
    "AND OR NOT NEAR(",
    "a:b",
    "(((",
    "&|!<->",
    "'; DROP TABLE members; --",
    "",
)

QUICK = (*MARKUP, *HEADERS, *FORMULAS, *ENCODINGS, *DAYS, *NUMBERS, *PATHS, *SYNTAX)
ALL = (*QUICK, *SLOW)

REQUEST_HEADERS = (
    "Host",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "Forwarded",
    "Origin",
    "Referer",
    "Sec-Fetch-Site",
    "User-Agent",
    "Accept",
    "Accept-Encoding",
    "Accept-Language",
    "Cookie",
    "Authorization",
    "If-None-Match",
    "If-Modified-Since",
    "Range",
    "Content-Type",
    "X-HTTP-Method-Override",
    "X-Request-ID",
)
IN_HEADERS = (
    "<script>hostile()</script>",
    "hostile.example:99999",
    "{{ 31337 * 31337 }}",
    "staff=hostile; __Host-staff=.eJx; known=x; =; ;;; a" + "=" * 500,
    "bytes=0-0,5-9999999999999999999999,-1",
    "Thu, 01 Jan 9999999 00:00:00 GMT",
    'W/"' + "x" * 3_000,
    "gzip;q=nan, br;q=1e999, *;q=-1, ;;;",
    "\u00e9\u202e\u0000"[:2],
    "",
    "a, " * 2_000,
    "Basic " + "A" * 1_001,
)
