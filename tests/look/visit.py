"""A page in one state: loaded once, then looked at from all sides."""

from functools import cached_property
from pathlib import Path
from typing import ClassVar

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Response

from tests.browser import PATIENCE, new_context

from .sites import Site
from .state import State

PROBES = (Path(__file__).parent / "probes.js").read_text()
STANDARDS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
AXE_OPTIONS = {
    "runOnly": {"type": "tag", "values": list(STANDARDS)},
    "resultTypes": ["violations"],
    "preload": False,
    "iframes": False,  # axe-core is not in them, and would wait for its answer
    "selectors": False,  # which would be half of its work
}
AXE_COLOURS = AXE_OPTIONS | {"runOnly": ("color-contrast", "link-in-text-block")}
NARROW, WIDE = 360, 1280

MEDIA = {
    "color_scheme": "prefers-color-scheme",
    "forced_colors": "forced-colors",
    "reduced_motion": "prefers-reduced-motion",
}
USUAL = {"color_scheme": "light", "forced_colors": "none", "reduced_motion": "reduce"}
SPECK = {"x": 0, "y": 0, "width": 4, "height": 4, "scale": 1}


class Window:
    """A window of the browser on one site, in which one page after the other is looked at.

    What pages are asked by is in each from its start: to bring it in anew each time costs more than most looks.
    """

    judged: ClassVar[set[int]] = set()  # the kinds of paint that axe-core has seen, on whichever site

    def __init__(self, browser: Browser, site: Site):
        self.site = site
        self.context = new_context(browser, base_url=site.url)
        self.context.add_init_script(
            f"window.loadAxe = () => {{ {AXE_SCRIPT} }};\nwindow.probes = (() => {{ {PROBES} }})();"
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.on("dialog", lambda dialog: dialog.accept())  # "Leave this page?"
        self.devtools = self.context.new_cdp_session(self.page)
        self.shown: tuple | None = None

    def show(self, width: int, height: int, *, drawn: bool = False, **media: str) -> None:
        """Change the size and what is emulated, as far as they are not so already.

        Unless it is `drawn`, the browser paints a speck of the page only, which the page cannot tell: to paint it
        all would be half of the cost.
        """
        if self.shown == (width, height, drawn, media):
            return
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        size |= {"screenWidth": width, "screenHeight": height}
        features = [{"name": MEDIA[name], "value": value} for name, value in media.items()]
        self.devtools.send("Emulation.setDeviceMetricsOverride", size if drawn else size | {"viewport": SPECK})
        self.devtools.send("Emulation.setEmulatedMedia", {"features": features})
        self.shown = (width, height, drawn, media)

    def clear(self, cookies: list[dict]) -> None:
        """As if nobody had been here, but for these cookies."""
        self.page.unroute_all()
        self.context.clear_cookies()
        self.context.add_cookies(cookies)
        self.page.evaluate("document.documentElement?.remove()")  # which need not be laid out once more
        self.show(NARROW, 800, drawn=True, **USUAL)


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
        """Look at it in a window of this size, and with `media` as in `USUAL`; nothing moves."""
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
        """What axe-core finds against WCAG 2.2 A and AA and its best practices.

        As to colours, each kind of paint (text on its ground) is judged once a run.
        """
        return self._axe(AXE_OPTIONS, colours_only=False)

    def colours(self) -> list[str]:
        """What axe-core finds in the colours only, of kinds that it has not judged yet."""
        return self._axe(AXE_COLOURS, colours_only=True)

    def _axe(self, options: dict, *, colours_only: bool) -> list[str]:
        found = self.ask("axe", list(self.window.judged), options, colours_only)
        self.window.judged.update(found["kinds"])
        return found["faults"]

    def fit(self) -> list[str]:
        """What does not fit into the window as it is, or lies on something else."""
        return self.ask("fit")

    def focus(self) -> list[str]:
        """What the keyboard does not reach, and where one does not see the focus."""
        self.page.keyboard.press("Tab")  # from here on the browser shows the focus
        return self.ask("focus")

    def close(self) -> None:
        for event, listener in self._listeners.items():
            self.page.remove_listener(event, listener)
