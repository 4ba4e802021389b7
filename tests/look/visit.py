"""One look at a page in one state: loaded once, then looked at from all sides."""

from functools import cached_property
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Response

from tests.browser import PATIENCE

from .sites import Site
from .states import State

PROBES = (Path(__file__).parent / "probes.js").read_text()
STANDARDS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
AXE_OPTIONS = {
    "runOnly": {"type": "tag", "values": list(STANDARDS)},
    "resultTypes": ["violations"],
    "preload": False,
}
NARROW, WIDE = 360, 1280


class Visit:
    """A page that is open in a browser of its own. `requests` and `messages` are what happened till then."""

    def __init__(self, browser: Browser, site: Site, state: State):
        self.state = state
        self.site = site
        self.requests: list[str] = []
        self.messages: list[str] = []
        self._documents: list[Response] = []
        self.context = browser.new_context(
            base_url=site.server.url, viewport={"width": NARROW, "height": 800}, locale="en-AU"
        )
        if state.role:
            self.context.add_cookies([site.sign_in(state.role)])
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self._listen()
        state.open(self.page, site)
        self.page.wait_for_load_state("load")

    def _listen(self) -> None:
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("response", self._note_document)
        self.page.on("console", self._note_message)
        self.page.on("pageerror", lambda error: self.messages.append(str(error)))

    def _note_document(self, response: Response) -> None:
        if response.request.is_navigation_request() and not 300 <= response.status < 400:
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
        """Look at it in a window of this size, and with `media` as in Playwright's `emulate_media`."""
        usual = {"color_scheme": "light", "forced_colors": "none", "reduced_motion": "no-preference"}
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.emulate_media(**usual | media)
        self.ask("settled")

    def enlarge_text(self, percent: int = 100) -> None:
        """Set the size of text that the browser starts from, as its settings do."""
        self._devtools.send("Page.setFontSizes", {"fontSizes": {"standard": 16 * percent // 100}})

    @cached_property
    def _devtools(self):
        return self.context.new_cdp_session(self.page)

    def ask(self, probe: str, *arguments):
        """What one of probes.js tells."""
        self.page.evaluate(f"window.probes ??= (() => {{ {PROBES} }})()")
        return self.page.evaluate("([name, given]) => window.probes[name](...given)", [probe, list(arguments)])

    def axe(self) -> list[str]:
        """What axe-core finds against WCAG 2.2 A and AA and its best practices."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE_SCRIPT)
        found = self.page.evaluate("options => axe.run(options)", AXE_OPTIONS)["violations"]
        return [
            f"{fault['id']}: {fault['help']}: {node['html'][:160]}" for fault in found for node in fault["nodes"]
        ]

    def tab_through(self, within: str) -> list[str]:
        """Press Tab through a part of the page; gives what is not reached, and where the focus can't be seen."""
        for _ in range(self.ask("followFocus", within) + 2):
            self.page.keyboard.press("Tab")
        return self.ask("focused")

    def close(self) -> None:
        self.context.close()
