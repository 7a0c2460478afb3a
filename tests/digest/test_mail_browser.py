"""The mail of a digest in a real browser: it fits a phone, follows dark colours, and asks nobody for anything."""

import base64
import os

import pytest

from insights.digest.mail import mail_of
from tests.digest.stories import FULL, GERMAN, QUIET, a_large_story, a_story_of
from tests.tui.browser import CHROMIUM, a_page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        CHROMIUM is None or not os.environ.get("INSIGHTS_TEST_BROWSER"), reason="make test-browser opens a browser"
    ),
]

HOSTILE = (
    "<img src=http://evil.example/x.png onerror=alert(1)><script>document.title='evil'</script>"
    "<style>@import 'http://evil.example/x.css'; td{background:url(http://evil.example/y)}</style> " + "x" * 300
)
STORIES = {
    "full": FULL,
    "german": GERMAN,
    "quiet": QUIET,
    "large": a_large_story(),
    "hostile": a_story_of(HOSTILE, url="https://ours.example/'\"><img src=http://evil.example/z>"),
}
TOO_WIDE = """
[...document.body.querySelectorAll("*")].filter(one => one.getBoundingClientRect().right > innerWidth + 0.5)
  .map(one => one.outerHTML.slice(0, 80))
"""
WORDS_AND_GROUND = """
["td.ink", "h2", "h3 .dim", "table.sheet", "body"].map(one => {
  const style = getComputedStyle(document.querySelector(one));
  return one.startsWith("table") || one === "body" ? style.backgroundColor : style.color;
})
"""


def written(folder, story):
    """The mail as a page: what comes with it as `cid:` is put into it."""
    _, html, images = mail_of(story, chart=True)
    for image in images:
        html = html.replace(f"cid:{image.name}", f"data:image/png;base64,{base64.b64encode(image.content).decode()}")
    path = folder / "mail.html"
    path.write_text(html, "utf-8")
    return path.as_uri()


async def opened(page, address, *, width):
    await page.open(address, width=width, height=900)
    await page.until("document.readyState === 'complete' && location.protocol === 'file:'")


@pytest.mark.parametrize("width", [600, 360])
async def test_nothing_is_wider_than_the_screen_and_nothing_is_asked_for(tmp_path, width):
    async with a_page(tmp_path) as page:
        for name, story in STORIES.items():
            folder = tmp_path / name
            folder.mkdir()
            address = written(folder, story)
            await opened(page, address, width=width)
            await page.until(f"location.href === '{address}' && document.readyState === 'complete'")
            assert await page.evaluate(TOO_WIDE) == [], name
            assert await page.evaluate("document.documentElement.scrollWidth") <= width, name
            assert await page.evaluate("document.title") != "evil"
            assert await page.evaluate("document.scripts.length + document.querySelectorAll('[onerror]').length") == 0
        assert not [asked for asked in page.asked_for if not asked.startswith(("file:", "data:"))]
        assert not page.complaints


async def test_a_wide_window_keeps_it_at_600_pixels(tmp_path):
    async with a_page(tmp_path) as page:
        await opened(page, written(tmp_path, FULL), width=1400)

        assert await page.evaluate("document.querySelector('table.sheet').getBoundingClientRect().width") <= 600


async def test_dark_colours_are_followed(tmp_path):
    async with a_page(tmp_path) as page:
        await opened(page, written(tmp_path, FULL), width=600)
        light = await page.evaluate(WORDS_AND_GROUND)
        features = [{"name": "prefers-color-scheme", "value": "dark"}]
        await page.do("Emulation.setEmulatedMedia", features=features)
        dark = await page.evaluate(WORDS_AND_GROUND)

        assert [brightness(one) < 128 for one in light] == [True, True, True, False, False]
        assert [brightness(one) < 128 for one in dark] == [False, False, False, True, True]


async def test_it_reads_without_styles_and_without_images(tmp_path):
    async with a_page(tmp_path) as page:
        await opened(page, written(tmp_path, FULL), width=360)
        await page.evaluate(
            "document.querySelectorAll('style,img').forEach(one => one.remove());"
            "document.querySelectorAll('[style]').forEach(one => one.removeAttribute('style'))"
        )

        text = await page.evaluate("document.body.innerText")
        for section in FULL.sections:
            assert section.heading in text
            for entry in section.entries:
                assert entry.title in text and entry.badge in text and entry.trend in text


def brightness(colour):
    """0 to 255, of `rgb(r, g, b)`."""
    return sum(int(one) for one in colour[colour.index("(") + 1 : -1].split(",")[:3]) / 3
