"""The application in a real browser: what is drawn, what a key does, and that nothing is asked of anybody else."""

import asyncio
import os
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import pyte
import pytest
from PIL import Image

from insights.domain.problem import State
from tests.stored import a_stored_problem, an_item
from tests.tui.browser import CHROMIUM, a_page
from tests.tui.served import a_served_workspace, serving, states
from tui.web.server import triage_command

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        CHROMIUM is None or not os.environ.get("INSIGHTS_TEST_BROWSER"), reason="make test-browser opens a browser"
    ),
]

EXPORT = "CSV export times out"
LURE = "http://evil.example"

GLYPHS = """
window.glyphs = {};
const draw = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
  window.glyphs[text] = this.font;
  return draw.call(this, text, ...rest);
};
"""
"""Notes what is drawn on canvases, and in which font."""

COPIES = """
window.copied = [];
const write = navigator.clipboard.writeText.bind(navigator.clipboard);
navigator.clipboard.writeText = async (text) => { await write(text); window.copied.push(text); };
"""
"""Notes what reached the clipboard."""

WIDTH_OF_DEJAVU = 1233 / 2048 * 15
"""Pixels: one cell of DejaVu Sans Mono at 15 pixels. Roboto Mono, whose name the terminal asks for, has 9.00."""


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    titles = (EXPORT, f"{LURE} and [@click=app.quit]me[/]", "SSO login loops")
    return a_served_workspace(tmp_path, monkeypatch, [a_stored_problem(title) for title in titles])


WINDOW = {"width": 1300, "height": 640}
"""Pixels."""


def size_of(page):
    """Columns and rows that the page asked for."""
    asked = next(asked for asked in reversed(page.asked_for) if asked.startswith("ws:"))
    wanted = parse_qs(urlsplit(asked).query)
    return int(wanted["width"][0]), int(wanted["height"][0])


def drawn(page):
    """The rows of its screen."""
    screen = pyte.Screen(*size_of(page))
    pyte.ByteStream(screen).feed(page.received)
    return list(screen.display)


async def until_drawn(page, words):
    await page.until_received(lambda: page.received and words in "\n".join(drawn(page)))


def is_drawn(picture):
    """Letters have many shades at their edges; an empty page has one."""
    return len(picture.getcolors(1 << 20) or ()) > 20


def address(site, client):
    return f"http://127.0.0.1:{client.port}/{site.token}/"


async def test_the_inbox_is_drawn_in_our_font_and_a_key_decides(workspace, tmp_path):
    async with serving(*triage_command(workspace), name="acme") as (site, client), a_page(tmp_path / "b") as page:
        await page.do("Page.enable")
        await page.do("Page.addScriptToEvaluateOnNewDocument", source=GLYPHS)
        await page.open(address(site, client), **WINDOW)
        await until_drawn(page, EXPORT)
        await page.until(f"[...{EXPORT!r}].every(letter => letter === ' ' || letter in window.glyphs)")

        fonts = set(await page.evaluate("Object.values(window.glyphs)"))
        width = await page.evaluate("""(() => { const context = document.createElement('canvas').getContext('2d');
            context.font = '15px "Roboto Mono"'; return context.measureText('W').width; })()""")
        screen = Image.open(BytesIO(await page.screenshot())).convert("RGB")
        title = await page.evaluate("document.title")

        await page.type("a")
        await until_drawn(page, f"accepted “{EXPORT}”")
        await client.close()

    assert states(workspace)[EXPORT] is State.ACCEPTED
    assert title == "acme · insights triage"
    assert all('"Roboto Mono"' in font for font in fonts), fonts
    assert width == pytest.approx(WIDTH_OF_DEJAVU, abs=0.005)
    corners = [screen.getpixel(at) for at in ((0, 0), (1299, 0), (0, 639), (1299, 639))]
    assert corners == [(0x14, 0x17, 0x1C)] * 4, "the page is dark to its edges"
    assert is_drawn(screen)


async def test_nothing_is_asked_of_any_other_host_and_nothing_is_forbidden_in_vain(workspace, tmp_path):
    async with serving(*triage_command(workspace)) as (site, client), a_page(tmp_path / "b") as page:
        await page.do("Emulation.setFocusEmulationEnabled", enabled=True)
        await page.open(address(site, client), **WINDOW)
        await until_drawn(page, EXPORT)
        own = f"127.0.0.1:{client.port}"
        focused = await page.evaluate("document.activeElement.className")
        hosts = {urlsplit(asked).netloc for asked in page.asked_for}
        files = {asked.rsplit("/", 1)[-1] for asked in page.asked_for}

    assert hosts == {own}
    assert focused == "xterm-helper-textarea"
    assert {"regular.woff2", "bold.woff2", "terminal.js"} <= files
    assert [words for words in page.complaints if "WebGL" not in words] == []


async def test_the_last_row_and_column_are_inside_the_window(workspace, tmp_path):
    async with serving(*triage_command(workspace)) as (site, client), a_page(tmp_path / "b") as page:
        for width, height in ((1280, 800), (1001, 627)):
            await page.open(address(site, client), width=width, height=height)
            await page.until("document.body.classList.contains('-first-byte')")
            right, bottom = await page.evaluate(
                "(() => { const box = document.querySelector('.xterm-screen').getBoundingClientRect();"
                " return [box.right, box.bottom]; })()"
            )
            assert width - 14 <= right <= width
            assert height - 26 <= bottom <= height


async def test_an_address_in_a_customers_words_opens_nothing(workspace, tmp_path):
    async with serving(*triage_command(workspace)) as (site, client), a_page(tmp_path / "b") as page:
        await page.open(address(site, client), **WINDOW)
        await until_drawn(page, LURE)
        columns, rows = size_of(page)
        row = next(number for number, text in enumerate(drawn(page)) if LURE in text)
        column = drawn(page)[row].index(LURE) + 5
        left, top, wide, high = await page.evaluate(
            "(() => { const box = document.querySelector('.xterm-screen').getBoundingClientRect();"
            " return [box.left, box.top, box.width, box.height]; })()"
        )
        spot = {"x": left + wide * (column + 0.5) / columns, "y": top + high * (row + 0.5) / rows}
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):  # with Shift, which is the terminal's own
            await page.do("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, modifiers=8, **spot)
            await asyncio.sleep(0.1)  # the terminal looks for an address under the mouse in the background
        await page.evaluate("window.open('javascript:alert(1)')")
        await asyncio.sleep(0.3)
        targets = await page.do("Target.getTargets")
        pages = [target["url"] for target in targets["targetInfos"] if target["type"] == "page"]
        own = address(site, client)

    assert pages == [own]
    assert not any("evil" in asked for asked in page.asked_for)


async def test_o_opens_the_source_in_the_browser_and_y_fills_its_clipboard(tmp_path, monkeypatch):
    async with serving("false") as (_, other):  # another server: it answers, if only that it knows no such page
        source = f"http://localhost:{other.port}/48121"
        problem = a_stored_problem(EXPORT, items=[an_item("It hangs at half of the rows.", url=source)])
        workspace = a_served_workspace(tmp_path, monkeypatch, [problem])
        async with serving(*triage_command(workspace)) as (site, client), a_page(tmp_path / "b") as page:
            await page.do("Page.enable")
            await page.do("Page.addScriptToEvaluateOnNewDocument", source=COPIES)
            await page.do("Emulation.setFocusEmulationEnabled", enabled=True)
            await page.open(address(site, client), **WINDOW)
            await until_drawn(page, "It hangs at half")
            await page.type("y")
            await page.until("window.copied.length === 1")
            copied = await page.evaluate("window.copied[0]")
            await page.type("o")
            await until_drawn(page, "Opened http://localhost")
            await asyncio.sleep(0.3)
            targets = (await page.do("Target.getTargets"))["targetInfos"]

    assert copied.startswith("“It hangs at half of the rows.”")
    assert [target["canAccessOpener"] for target in targets if target["url"] == source] == [False]


async def test_a_browser_without_webgl_draws_it_too(workspace, tmp_path):
    flags = ("--disable-webgl", "--disable-webgl2", "--disable-3d-apis")
    async with serving(*triage_command(workspace)) as (site, client), a_page(tmp_path / "b", *flags) as page:
        await page.open(address(site, client), **WINDOW)
        await until_drawn(page, EXPORT)
        await asyncio.sleep(0.2)
        screen = Image.open(BytesIO(await page.screenshot())).convert("RGB")

    assert is_drawn(screen)


async def test_a_session_that_ended_says_so_and_can_be_opened_again(workspace, tmp_path):
    async with serving(*triage_command(workspace)) as (site, client), a_page(tmp_path / "b") as page:
        await page.open(address(site, client), **WINDOW)
        await until_drawn(page, EXPORT)
        await page.type("q")
        await page.until("getComputedStyle(document.querySelector('#ended')).display !== 'none'")
        words = await page.evaluate("document.querySelector('#ended').innerText")
        page.received = b""
        await page.evaluate("document.querySelector('#again').click()")
        await until_drawn(page, EXPORT)

    assert "The session has ended. What was decided is kept." in words
