"""The report in a real browser, from a file and without a network: it can be read, narrowed, sorted and looked into,
by mouse and by keyboard, in light and in dark, with and without a script."""

import asyncio
import os
import tempfile
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from insights.domain.estimate import Range
from insights.domain.problem import Movement, State
from insights.report.gather import WHOLE
from insights.report.page import to_html
from tests.digest.stories import FULL
from tests.hostile.acting import WORDS as SAID
from tests.report.pages import a_fix, a_full_estimate, a_listed, a_quote, a_report
from tests.report.test_page import a_report_saying
from tests.tui.browser import CHROMIUM, a_page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        CHROMIUM is None or not os.environ.get("INSIGHTS_TEST_BROWSER"), reason="make test-browser opens a browser"
    ),
]

AXE = os.environ.get("INSIGHTS_TEST_AXE")
"""Where axe-core is."""

TITLES = ("CSV export times out", "Login loops", "Gebühren unklar", "Scanner books twice")
LISTED = "[...document.querySelectorAll('#problems > li')].filter(row => !row.hidden).map(row => row.id)"
FOCUSED = "(document.activeElement.closest('li') || document.activeElement).id"


def a_full_report(**fields):
    """Four problems of different worth and cost, one of them shipped."""
    quotes = (a_quote("It hangs at half of the rows."), a_quote("Nobody answers.", score=3))
    figures = ((400_000, 12_000), (900_000, 60_000), (32_000, 2_000), (5_000, 9_000))
    states = (State.INBOX, State.SHIPPED, State.INBOX, State.ACCEPTED)
    listed = [
        a_listed(
            title,
            number=number,
            state=state,
            theme="Sign in" if number == 2 else "Exports",
            quotes=quotes,
            movement=tuple(Movement)[number - 1],
            items=10 * number,
            estimate=a_full_estimate(
                value,
                rank=number,
                cost=Range(cost / 2, cost, 2 * cost),
                roi=Range(value / cost / 4, value / cost, value / cost * 4),
                tie=3 if number > 2 else None,
            ),
        )
        for number, (title, state, (value, cost)) in enumerate(zip(TITLES, states, figures, strict=True), 1)
    ]
    return a_report(
        *listed, story=FULL, fixed=(a_fix(TITLES[1], number=2), a_fix("Gone", number=9, weekly=())), **fields
    )


@asynccontextmanager
async def opened(folder: Path, report, *, width=1280, height=900, look="light", script=True):
    path = folder / "report.html"
    path.write_text(to_html(report), "utf-8")
    async with a_page(Path(tempfile.mkdtemp(dir=folder))) as page:
        await page.do("Network.enable")
        await page.do(
            "Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=0, uploadThroughput=0
        )
        await page.do("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": look}])
        await page.do("Emulation.setScriptExecutionDisabled", value=not script)
        await page.do("Emulation.setFocusEmulationEnabled", enabled=True)
        await page.open(path.as_uri(), width=width, height=height)
        await page.until("document.readyState === 'complete' && location.protocol === 'file:'")
        yield page
        assert page.complaints == []
        assert {asked.split("#")[0] for asked in page.asked_for} == {path.as_uri()}


async def choose(page, name, value):
    await page.evaluate(
        f"(() => {{ const choice = document.getElementById({name!r}); choice.value = {value!r};"
        " choice.dispatchEvent(new Event('change', { bubbles: true })); })()"
    )


async def test_it_opens_from_a_file_without_a_network_and_without_a_complaint(tmp_path):
    async with opened(tmp_path, a_full_report()) as page:
        assert await page.evaluate(LISTED) == ["P-1", "P-2", "P-3", "P-4"]
        assert await page.evaluate("document.getElementById('shown').innerText") == "4 of 4 problems"


@pytest.mark.parametrize(
    ("key", "order"),
    [
        ("value", ["P-2", "P-1", "P-3", "P-4"]),
        ("roi", ["P-1", "P-3", "P-2", "P-4"]),
        ("cost", ["P-2", "P-1", "P-4", "P-3"]),
        ("items", ["P-4", "P-3", "P-2", "P-1"]),
        ("rank", ["P-1", "P-2", "P-3", "P-4"]),
    ],
)
async def test_it_sorts_by_what_is_chosen_and_the_other_way_round(tmp_path, key, order):
    async with opened(tmp_path, a_full_report()) as page:
        await choose(page, "sort", key)
        assert await page.evaluate(LISTED) == order
        await page.evaluate("document.getElementById('reverse').click()")
        assert await page.evaluate(LISTED) == order[::-1]


async def test_what_was_not_estimated_is_last_however_it_is_sorted(tmp_path):
    report = a_report(a_listed(number=1), a_listed(number=2), a_listed("Bare", number=7, estimate=None))
    async with opened(tmp_path, report) as page:
        assert await page.evaluate(LISTED) == ["P-1", "P-2", "P-7"]
        await page.evaluate("document.getElementById('reverse').click()")
        assert await page.evaluate(LISTED) == ["P-2", "P-1", "P-7"]


async def test_words_narrow_the_list_without_accents_or_case_and_escape_clears_them(tmp_path):
    async with opened(tmp_path, a_full_report()) as page:
        await page.type("/")
        assert await page.evaluate(FOCUSED) == "find"
        await page.do("Input.insertText", text="GEBUHREN")
        assert await page.evaluate(LISTED) == ["P-3"]
        assert await page.evaluate("document.getElementById('shown').innerText") == "1 of 4 problems"
        await page.do("Input.insertText", text=" xyz")
        assert await page.evaluate(LISTED) == []
        assert "No problem matches." in await page.evaluate("document.getElementById('none').innerText")
        await page.press("Escape")
        assert len(await page.evaluate(LISTED)) == 4
        await page.do("Input.insertText", text="nobody ANSWERS p-2")
        assert await page.evaluate(LISTED) == ["P-2"]


async def test_theme_and_state_narrow_it_together(tmp_path):
    async with opened(tmp_path, a_full_report()) as page:
        await choose(page, "state", "inbox")
        assert await page.evaluate(LISTED) == ["P-1", "P-3"]
        await choose(page, "theme", "1")
        assert await page.evaluate(LISTED) == []
        await page.evaluate("document.getElementById('clear').click()")
        assert len(await page.evaluate(LISTED)) == 4 and await page.evaluate(FOCUSED) == "find"


async def test_bars_show_what_is_chosen(tmp_path):
    shown = (
        "['value', 'roi', 'cost'].filter(name => document.querySelector(`#P-1 .bar.${name}`).checkVisibility()"
        " && document.querySelector(`#P-1 .digits.${name}`).checkVisibility())"
    )
    for script in (True, False):
        async with opened(tmp_path, a_full_report(), script=script) as page:
            for name in ("roi", "cost", "value"):
                await page.evaluate(f"document.getElementById('by-{name}').click()")
                assert await page.evaluate(shown) == [name]


async def test_keys_go_through_the_list_and_open_a_problem(tmp_path):
    async with opened(tmp_path, a_full_report()) as page:
        await page.evaluate("document.querySelector('#P-1 summary').focus()")
        await page.press("ArrowDown", "ArrowDown")
        assert await page.evaluate(FOCUSED) == "P-3"
        await page.press("End", "ArrowDown")
        assert await page.evaluate(FOCUSED) == "P-4"
        await page.press("Home", "Enter")
        assert await page.evaluate("document.querySelector('#P-1 details').open")
        assert "revenue kept" in await page.evaluate("document.querySelector('#P-1').innerText")


async def test_weeks_are_read_by_arrow_keys_and_by_the_pointer(tmp_path):
    read = "document.querySelector('#P-1 .read').innerText"
    async with opened(tmp_path, a_full_report()) as page:
        await page.evaluate("document.querySelector('#P-1 summary').click()")
        await page.until("document.querySelector('#P-1 .weeks svg').getAttribute('role') === 'slider'")
        assert await page.evaluate(read) == "Week to 20 November 2026: 8 items"
        await page.evaluate("document.querySelector('#P-1 .weeks svg').focus()")
        await page.press("ArrowLeft")
        assert await page.evaluate(read) == "Week to 13 November 2026: 5 items"
        await page.press("Home", "ArrowLeft")
        assert await page.evaluate(read) == "Week to 29 May 2026: 0 items"
        said = await page.evaluate("document.activeElement.getAttribute('aria-valuetext')")
        assert said == "Week to 29 May 2026: 0 items"
        left, width, top = await page.evaluate(
            """(() => {
              const chart = document.querySelector('#P-1 .weeks svg');
              chart.scrollIntoView({ block: 'center', behavior: 'instant' });
              const box = chart.getBoundingClientRect();
              return [box.left, box.width, box.top];
            })()"""
        )
        await page.do("Input.dispatchMouseEvent", type="mouseMoved", x=left + width * 4.5 / 26, y=top + 20)
        await page.until(f"{read} === 'Week to 26 June 2026: 1 item'")


async def test_a_fix_shows_its_weeks_too(tmp_path):
    async with opened(tmp_path, a_full_report()) as page:
        await page.evaluate("document.querySelector('.fix .weeks svg').focus()")
        await page.press("End")
        said = await page.evaluate("document.querySelector('.fix .read').innerText")
        assert said == "Week to 20 November 2026: 8 items"


async def test_a_link_opens_its_problem_even_where_it_is_filtered_out(tmp_path):
    async with opened(tmp_path, a_full_report()) as page:
        await choose(page, "state", "accepted")
        await page.evaluate("document.querySelector('#fixes a[href=\"#P-2\"]').click()")
        await page.until("document.querySelector('#P-2 details').open")
        assert await page.evaluate(FOCUSED) == "P-2"
        assert len(await page.evaluate(LISTED)) == 4
        await page.evaluate("document.querySelector('#P-2 summary').click()")
        await page.evaluate(
            "document.querySelector('.map a[href=\"#P-2\"]').dispatchEvent("
            "new MouseEvent('click', { bubbles: true, cancelable: true }))"
        )
        await page.until("document.querySelector('#P-2 details').open")


async def test_it_follows_the_system_and_the_switch_outranks_it(tmp_path):
    ground = "getComputedStyle(document.body).backgroundColor"
    for look, first, second, then in (("light", 245, 20, "dark"), ("dark", 20, 245, "light")):
        async with opened(tmp_path, a_full_report(), look=look) as page:
            assert str(first) in await page.evaluate(ground)
            await choose(page, "look", then)
            assert str(second) in await page.evaluate(ground)
            await choose(page, "look", "auto")
            assert str(first) in await page.evaluate(ground)


async def test_without_a_script_it_reads_the_same_and_shows_no_dead_control(tmp_path):
    async with opened(tmp_path, a_full_report(), script=False) as page:
        assert await page.evaluate(LISTED) == ["P-1", "P-2", "P-3", "P-4"]
        await page.evaluate("document.querySelector('#P-3 summary').click()")
        text = await page.evaluate("document.querySelector('#P-3').innerText")
        dead = "['#find', '#sort', '#look', '#clear', '.read'].filter(one => $(one).checkVisibility())"
        dead = dead.replace("$", "document.querySelector")
        assert "Nobody answers." in text and "revenue kept" in text
        assert await page.evaluate(dead) == []


@pytest.mark.parametrize("width", [360, 520, 800, 1001, 1280, 1600])
async def test_nothing_is_wider_than_the_screen(tmp_path, width):
    too_wide = """[...document.querySelectorAll('main *, header *, footer *')]
      .filter(one => one.checkVisibility() && !one.closest('.sr, .lbl, .skip'))
      .filter(one => one.getBoundingClientRect().right > innerWidth + 1 || one.getBoundingClientRect().left < -1)
      .map(one => one.outerHTML.slice(0, 90))"""
    report = a_full_report()
    long = a_listed("W" * 160, number=5, theme="T" * 60, summary="S" * 500, quotes=(a_quote("Q" * 400),))
    async with opened(tmp_path, replace(report, listed=(*report.listed, long)), width=width) as page:
        await page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        assert await page.evaluate(too_wide) == []


async def test_what_somebody_wrote_does_nothing(tmp_path):
    words = " ".join(SAID) + "<script>document.title = 'evil'</script><img src=x onerror=\"document.title='evil'\">"
    report = a_report_saying(words[:150] + "</title></script><script>document.title='evil'</script>")
    said = a_listed(number=3, summary="<img src=//evil.example/x onerror=\"document.title='evil'\">", theme="<b>x</b>")
    async with opened(tmp_path, replace(report, listed=(*report.listed, said))) as page:
        await page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        await page.evaluate("document.querySelectorAll('a').forEach(one => one.focus())")
        await asyncio.sleep(0.2)
        assert "evil'</script>" in await page.evaluate("document.title")
        assert await page.evaluate("document.querySelectorAll('script').length") == 2
        assert await page.evaluate("document.querySelectorAll('img, main b > b').length") == 0


async def test_an_inline_script_that_is_not_ours_would_not_run(tmp_path):
    async with opened(tmp_path, a_full_report()) as page:
        refused = await page.evaluate(
            """(async () => {
              const told = new Promise(done => addEventListener('securitypolicyviolation', done, { once: true }));
              const one = document.createElement('script');
              try { one.append('window.ran = true'); document.body.append(one); } catch { }
              return (await told).effectiveDirective;
            })()"""
        )
        assert refused in ("script-src-elem", "script-src", "require-trusted-types-for")
        assert await page.evaluate("window.ran") is None
        page.complaints.clear()


async def test_a_thousand_problems_open_at_once(tmp_path):
    listed = [
        a_listed(f"{TITLES[n % 4]} {n}", number=n, is_whole=n <= WHOLE, quotes=(a_quote(),) if n <= WHOLE else ())
        for n in range(1, 1001)
    ]
    async with opened(tmp_path, a_report(*listed)) as page:
        took = await page.evaluate("performance.timing.loadEventEnd - performance.timing.navigationStart")
        narrowed = await page.evaluate(
            "(() => { const begun = performance.now(); const find = document.getElementById('find');"
            " find.value = 'login'; find.dispatchEvent(new Event('input')); void document.body.offsetHeight;"
            " return performance.now() - begun; })()"
        )
        assert len(await page.evaluate(LISTED)) == 250
        assert took < 5000 and narrowed < 1000, (took, narrowed)


@pytest.mark.skipif(AXE is None, reason="make test-browser fetches axe-core from npm")
@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
async def test_the_accessibility_checker_finds_nothing(tmp_path, look, width):
    script = await asyncio.to_thread(Path(str(AXE)).read_text, "utf-8")
    for name, report in {"full": a_full_report(), "empty": replace(a_report(), listed=(), of_all=0)}.items():
        (tmp_path / name).mkdir()
        async with opened(tmp_path / name, report, look=look, width=width) as page:
            await page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
            await asyncio.sleep(0.2)
            await page.evaluate(script)
            found = await page.evaluate(
                "axe.run(document, { resultTypes: ['violations'] }).then(told => told.violations"
                ".map(one => `${one.id}: ${one.nodes.map(node => node.html.slice(0, 120)).slice(0, 3).join(' | ')}`))"
            )
            assert found == [], f"{name}: {found}"
