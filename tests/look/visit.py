"""A page in one state: loaded once, then looked at from all sides."""

from functools import cached_property
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Response

from tests.browser import PATIENCE

from .sites import Site
from .state import State

PROBES = (Path(__file__).parent / "probes.js").read_text()
STANDARDS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
COLOURS = ("color-contrast", "link-in-text-block")
AXE_OPTIONS = {
    "runOnly": {"type": "tag", "values": list(STANDARDS)},
    "resultTypes": ["violations"],
    "rules": {name: {"enabled": False} for name in COLOURS},
    "preload": False,
    "selectors": False,  # which would be half of its work
}
AXE_COLOURS = AXE_OPTIONS | {"runOnly": COLOURS}
NARROW, WIDE = 360, 1280

USUAL = {"color_scheme": "light", "forced_colors": "none", "reduced_motion": "reduce"}


class Window:
    """A window of the browser on one site, in which one page after the other is looked at.

    What pages are asked by is in each from its start: to bring it in anew each time costs more than most looks.
    """

    def __init__(self, browser: Browser, site: Site):
        self.site = site
        self.context = browser.new_context(base_url=site.url, locale="en-AU")
        self.context.add_init_script(f"{AXE_SCRIPT};\nwindow.probes = (() => {{ {PROBES} }})();")
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.on("dialog", lambda dialog: dialog.accept())  # "Leave this page?"
        self.devtools = self.context.new_cdp_session(self.page)
        self.shown: tuple | None = None
        self.judged: set[int] = set()  # the kinds of paint that `colours` has seen

    def show(self, width: int, height: int, **media) -> None:
        """Change the size and what is emulated, as far as they are not so already."""
        if self.shown != (width, height, media):
            self.page.set_viewport_size({"width": width, "height": height})
            self.page.emulate_media(**media)
            self.shown = (width, height, media)

    def clear(self, cookies: list[dict]) -> None:
        """As if nobody had been here, but for these cookies."""
        self.page.unroute_all()
        self.context.clear_cookies()
        self.context.add_cookies(cookies)
        self.show(NARROW, 800, **USUAL | {"reduced_motion": "no-preference"})


class Visit:
    """A page that is open in a window. `requests` and `messages` are what happened till then."""

    def __init__(self, window: Window, state: State):
        self.state = state
        self.window = window
        self.site = window.site
        self.page = window.page
        self.requests: list[str] = []
        self.messages: list[str] = []
        self._documents: list[Response] = []
        window.clear([self.site.sign_in(state.role)] if state.role else [])
        self._listeners = {
            "request": lambda request: self.requests.append(request.url),
            "response": self._note_document,
            "console": self._note_message,
            "pageerror": lambda error: self.messages.append(str(error)),
        }
        for event, listener in self._listeners.items():
            self.page.on(event, listener)
        state.open(self.page, self.site)
        self.page.wait_for_load_state("load")

    def _note_document(self, response: Response) -> None:
        is_document = response.request.is_navigation_request() and response.frame == self.page.main_frame
        if is_document and not 300 <= response.status < 400:
            self._documents.append(response)

    def _note_message(self, message) -> None:
        """Keep it, unless the browser only says that the page itself was answered with an error."""
        if not (message.text.startswith("Failed to load resource") and message.location["url"] == self.page.url):
            self.messages.append(message.text)

    @property
    def status(self) -> int:
        return self._documents[-1].status

    @cached_property
    def html(self) -> str:
        """The document as it was sent."""
        return self._documents[-1].text()

    def show(self, *, width: int = NARROW, height: int = 800, **media) -> None:
        """Look at it in a window of this size, and with `media` as `emulate_media` has it; nothing moves."""
        self.window.show(width, height, **USUAL | media)
        if self.state.role:
            self.ask("unfold")

    def enlarge_text(self, percent: int = 100) -> None:
        """Set the size of text that the browser starts from, as its settings do."""
        sizes = {"standard": 16 * percent // 100}
        self.window.devtools.send("Page.setFontSizes", {"fontSizes": sizes})

    def ask(self, probe: str, *arguments):
        """What one of probes.js tells."""
        return self.page.evaluate("([name, given]) => window.probes[name](...given)", [probe, list(arguments)])

    def axe(self) -> list[str]:
        """What axe-core finds against WCAG 2.2 A and AA and its best practices, but for colours."""
        return _told(self.page.evaluate("options => axe.run(options)", AXE_OPTIONS)["violations"])

    def colours(self) -> list[str]:
        """What axe-core finds in the colours. Each kind of paint (text on its ground) is judged once a run."""
        found = self.ask("colours", list(self.window.judged), AXE_COLOURS)
        self.window.judged.update(found["kinds"])
        return _told(found["violations"])

    def fit(self) -> list[str]:
        """What does not fit into the window as it is, or lies on something else."""
        return [fault for probe in ("sideways", "cutOff", "overlaps") for fault in self.ask(probe)]

    def focus(self) -> list[str]:
        """What the keyboard does not reach, and where one does not see the focus."""
        self.page.keyboard.press("Tab")  # from here on the browser shows the focus
        return self.ask("focus")

    def close(self) -> None:
        for event, listener in self._listeners.items():
            self.page.remove_listener(event, listener)


def _told(violations: list[dict]) -> list[str]:
    return [
        f"{fault['id']}: {fault['help']}: {node['html'][:160]}" for fault in violations for node in fault["nodes"]
    ]
