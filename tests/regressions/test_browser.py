"""The HTML summary in a browser: rows expand, commands copy, nothing is fetched."""

import json
import shutil
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from tasb_pyserini.regressions.catalog import load_specs
from tasb_pyserini.regressions.rows import typed_commands
from tests.regressions.summary import specs_of_every_verdict, summarise

if TYPE_CHECKING:
    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

FLAGS = (
    "--headless=new",
    "--no-sandbox",  # which root and most containers cannot have
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)

TEXTS = """
const seen = (colour) => colour.match(/[0-9.]+/g).map(Number);
const light = ([r, g, b]) => [r, g, b].map((value) => value / 255)
  .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
const behind = (element) => {
  const back = seen(getComputedStyle(element).backgroundColor);
  if (back.length === 3) return back;
  if (back[3] > 0) throw new Error("half transparent: " + element.outerHTML);
  return behind(element.parentElement);
};
const found = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const parent = walker.currentNode.parentElement;
  const range = document.createRange();
  range.selectNodeContents(walker.currentNode);
  const box = range.getBoundingClientRect();
  const text = walker.currentNode.data.trim().slice(0, 40);
  if (!text || !box.width || parent.closest(".spoken")) continue;
  const style = getComputedStyle(parent);
  const pair = [light(seen(style.color)), light(behind(parent))].sort((a, b) => b - a);
  found.push({
    text,
    pixels: parseFloat(style.fontSize),
    contrast: (pair[0] + 0.05) / (pair[1] + 0.05),
    right: box.right,
  });
}
return found;
"""
"""Every text that is seen: its size, its contrast by WCAG 2, and where it ends."""


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a summary of every verdict, and of every spec of the package."""
    root = tmp_path_factory.mktemp("browser")
    specs = [*specs_of_every_verdict(root), *load_specs().values()]
    path = root / "pages" / "index.html"
    summarise(path, specs, root / "work", root / "pages")
    return path


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Chrome"]:
    programs = [shutil.which("chromium"), shutil.which("chromedriver")]
    if not all(programs):
        pytest.skip("no chromium with chromedriver; Debian: chromium, chromium-driver")
    webdriver = pytest.importorskip("selenium.webdriver")
    service = pytest.importorskip("selenium.webdriver.chrome.service")
    options = webdriver.ChromeOptions()
    options.binary_location, driver = programs
    profile = tmp_path_factory.mktemp("profile")
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SE_OFFLINE", "true")
        patch.setenv("SE_AVOID_STATS", "true")
        chrome = webdriver.Chrome(options=options, service=service.Service(driver))
        yield chrome
        chrome.quit()


@pytest.fixture
def page(browser: "Chrome", summary: Path) -> "Chrome":
    """Return the browser with the summary just opened, on a wide light screen."""
    show(browser, width=1200, scheme="light")
    browser.get(summary.as_uri())
    return browser


def show(browser: "Chrome", *, width: int, scheme: str) -> None:
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})


def select(browser: "Chrome", css: str) -> list["WebElement"]:
    return browser.find_elements("css selector", css)


def open_all(browser: "Chrome") -> None:
    browser.execute_script(
        "document.querySelectorAll('details').forEach((each) => { each.open = true; })"
    )


def paste(browser: "Chrome") -> str:
    """Return what the clipboard holds, as a person would see it: pasted."""
    from selenium.webdriver.common.keys import Keys

    area: WebElement = browser.execute_script(
        "return document.body.appendChild(document.createElement('textarea'))"
    )
    area.send_keys(Keys.CONTROL, "v")
    text: str = browser.execute_script("return arguments[0].value", area)
    browser.execute_script("arguments[0].remove()", area)
    return text


def test_rows_expand_by_mouse_and_keyboard(page: "Chrome") -> None:
    from selenium.webdriver.common.keys import Keys

    rows = select(page, ".matrix .more > td > details")
    assert len(rows) == len(load_specs()) + 5
    for number, row in enumerate(rows[:8]):
        (sources,) = row.find_elements("css selector", ".sources")
        summary = row.find_element("css selector", "summary")
        assert not sources.is_displayed()
        if number % 2:
            summary.send_keys(Keys.ENTER)
        else:
            page.execute_script("arguments[0].scrollIntoView()", summary)
            summary.click()
        assert sources.is_displayed()
    rows[0].find_element("css selector", "summary").click()
    assert not rows[0].find_element("css selector", ".sources").is_displayed()


@pytest.mark.parametrize("clipboard", [True, False])
def test_commands_copy(page: "Chrome", clipboard: bool) -> None:
    """Also where a page may not use the clipboard by itself."""
    if not clipboard:
        page.execute_script(
            "Object.defineProperty(navigator, 'clipboard', { value: undefined })"
        )
    assert page.execute_script("return !!navigator.clipboard") == clipboard
    open_all(page)
    name = "msmarco-v1-passage.tasb"
    commands = select(page, f"#hostile .command, [id='{name}'] .command")
    texts = []
    for command in commands:
        button = command.find_element("css selector", "button")
        page.execute_script("arguments[0].scrollIntoView()", button)
        button.click()
        # The status is for those who do not see the button change.
        wait_for(page, "return document.getElementById('said').textContent == 'Copied'")
        assert button.text == "Copied"
        texts.append(paste(page))
        page.execute_script("document.getElementById('said').textContent = ''")
        code = command.find_element("css selector", "code")
        assert texts[-1] == code.get_property("textContent")
    assert f"tasb regress run {name}" in texts
    assert typed_commands(load_specs()[name]) in texts
    assert len(set(texts)) == len(texts) == 6


def log(browser: "Chrome", kind: str) -> list[dict[str, Any]]:
    """Return what was logged since the last call."""
    entries: list[dict[str, Any]] = browser.get_log(kind)  # type: ignore[no-untyped-call]
    return entries


def wait_for(browser: "Chrome", script: str) -> None:
    from selenium.webdriver.support.wait import WebDriverWait

    WebDriverWait(browser, 10, 0.02).until(lambda _: browser.execute_script(script))


def test_no_request_leaves_the_page(page: "Chrome", summary: Path) -> None:
    log(page, "performance")
    page.get(summary.as_uri())
    open_all(page)
    for image in select(page, "img"):
        page.execute_script("arguments[0].scrollIntoView()", image)
        assert page.execute_script("return arguments[0].naturalWidth", image) > 0
    events = [json.loads(entry["message"]) for entry in log(page, "performance")]
    messages = [event["message"] for event in events]
    asked = {
        message["params"]["request"]["url"].partition(",")[0]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    }
    assert asked == {summary.as_uri(), "data:image/svg+xml"}
    assert not [entry for entry in log(page, "browser") if entry["level"] == "SEVERE"]


def test_the_policy_lets_nothing_that_slipped_in_ask_a_server(page: "Chrome") -> None:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        there = f"http://127.0.0.1:{server.server_port}/"
        page.execute_script(
            """
            window.refused = [];
            document.addEventListener("securitypolicyviolation",
              (event) => window.refused.push(event.effectiveDirective));
            new Image().src = arguments[0] + "image";
            fetch(arguments[0] + "fetch").catch(() => {});
            const script = document.createElement("script");
            script.src = arguments[0] + "script";
            document.head.append(script);
            document.body.setAttribute("onclick", "window.slipped = true");
            document.body.click();
            """,
            there,
        )
        wait_for(page, "return window.refused.length >= 4")
        assert page.execute_script("return window.slipped") is None
        assert asked == []
        page.get(f"{there}proof")  # the server answers who may ask
        assert asked[0] == "/proof"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1200])
def test_it_is_read_on_a_telephone_and_in_the_dark(
    page: "Chrome", scheme: str, width: int
) -> None:
    show(page, width=width, scheme=scheme)
    open_all(page)
    edges = page.execute_script(
        "const root = document.documentElement;"
        "return [root.scrollWidth, root.clientWidth, innerWidth]"
    )
    assert edges[0] <= edges[1] <= edges[2] == width
    texts = page.execute_script(TEXTS)
    assert len(texts) > 1000
    assert {"FAIL", "UNMEASURED", "1 PAPER ONLY"} <= {text["text"] for text in texts}
    assert not [text for text in texts if text["pixels"] < 12]
    assert not [text for text in texts if text["contrast"] < 4.5]
    assert not [text for text in texts if text["right"] > edges[1]]
    # Letters of figures are of 10 points, 13.3 pixels.
    for image in select(page, "img"):
        shown = "return arguments[0].clientWidth / arguments[0].naturalWidth"
        assert 13.3 * page.execute_script(shown, image) >= 12
    colour = "return getComputedStyle(document.body).backgroundColor"
    back = page.execute_script(colour)
    assert back == {"light": "rgb(255, 255, 255)", "dark": "rgb(17, 21, 26)"}[scheme]
