"""The page before an export: what is filed, where, made anew or brought up to date, as it will be read."""

import pytest
from rich.cells import cell_len

from insights.export import Preview
from insights.ports import Filed, Issue, Progressed, Sought
from insights.text.markdown import literal
from tests.tui.parts_builders import HOSTILE
from tui.pages.export import Sheet, export_sheet, export_words
from tui.pages.markdown import markdown_lines
from tui.pages.pieces import Role

BODY = (
    "Exports stop.\n\n**Who:** 3 items from 2 accounts.\n\n"
    f"- part: {literal('@bob <b> closes #12')}\n\n> {literal('It _hangs_ <again>')}\n>\n> — Acme, T-2"
)


def a_preview(found: Filed | None = None, *, body: str = BODY, **fields: object) -> Preview:
    sought = Sought(problem="P-12", marker="insights-0123abcd-P-12", key="")
    issue = Issue(sought=sought, title="Export hangs", body=body, fields={})
    defaults = {"issue": issue, "tracker": "file:/w/backlog.md", "found": found}
    return Preview(**{**defaults, **fields})  # type: ignore[arg-type]


def page(preview: Preview, *, width: int = 60, height: int = 20, top: int = 0) -> tuple[Sheet, list[str]]:
    sheet = export_sheet(preview, width=width, height=height, top=top)
    lines = ["".join(text for text, _ in line) for line in sheet.lines]
    assert len(lines) == height
    assert max(map(cell_len, lines)) <= width
    return sheet, lines


@pytest.mark.parametrize(
    ("found", "title", "words"),
    [
        (None, "A new issue", "file it"),
        (Filed(external_id="P-12", url=None), "Brings its issue up to date", "bring it up to date"),
        (
            Filed(external_id="P-12", url=None, progress=Progressed.DROPPED),
            "Opens its closed issue again",
            "open it again",
        ),
    ],
)
def test_it_says_whether_an_issue_is_made_updated_or_opened_again(found: Filed | None, title: str, words: str) -> None:
    preview = a_preview(found)

    assert page(preview)[1][:2] == [title, "to file:/w/backlog.md"]
    assert export_words(preview) == words


def test_it_says_that_what_is_gone_is_filed_anew() -> None:
    preview = a_preview(None, is_gone=True)

    assert page(preview)[1][0] == "A new issue in place of one that is gone"
    assert export_words(preview) == "file it anew"


def test_the_address_of_the_issue_is_told_where_a_browser_can_open_it() -> None:
    found = Filed(external_id="LIN-482", url="https://tracker.example/LIN-482")

    assert page(a_preview(found, tracker="linear"))[1][1] == "to linear · https://tracker.example/LIN-482"


def test_the_body_is_shown_as_it_will_be_read() -> None:
    sheet, lines = page(a_preview())

    assert lines[3:13] == [
        "",
        "Exports stop.",
        "",
        "Who: 3 items from 2 accounts.",
        "",
        "- part: @bob <b> closes #12",
        "",
        "▏ It _hangs_ <again>",
        "▏ ",
        "▏ — Acme, T-2",
    ]
    assert ("Who:", Role.STRONG) in sheet.lines[6]
    assert sheet.lines[10][1][1] is Role.QUOTE


def test_warnings_stand_above_it() -> None:
    assert page(a_preview(warnings=("P-12 is not accepted (inbox).",)))[1][2] == "! P-12 is not accepted (inbox)."


def test_a_long_body_is_scrolled_to_its_end_and_no_further() -> None:
    preview = a_preview(body="\n".join(f"line {number}" for number in range(100)))
    first, last = page(preview, height=13), page(preview, height=13, top=9_999)

    assert first[1][-1] == "lines 1–10 of 102"
    assert last[1][-1] == "lines 93–102 of 102" and last[1][-2] == "line 99"
    assert (last[0].first, last[0].of) == (92, 102)
    assert page(a_preview())[1][-1] == ""


@pytest.mark.parametrize("width", [40, 76, 136])
def test_hostile_words_are_inert_and_fit_also_behind_character_references(width: int) -> None:
    coded = "".join(f"&#{ord(letter)};" for letter in HOSTILE)
    sought = Sought(problem=HOSTILE, marker=HOSTILE, key=HOSTILE)
    issue = Issue(sought=sought, title=HOSTILE, body=f"{HOSTILE}\n> {coded}\n**{coded[:150]}** x", fields={})
    found = Filed(external_id="x", url=HOSTILE)
    _, lines = page(Preview(issue=issue, tracker=HOSTILE, found=found, warnings=(HOSTILE,)), width=width)

    assert not {"\x1b", "\x07", "\x9b", "\u202e", "\r", "\x00"} & set("".join(lines))


def test_a_link_shows_as_its_words():
    text = "> Hangs.\n>\n> — Initech, [zendesk T-1](https://acme.example/tickets/70), 2026-11-20"

    said = ["".join(piece for piece, _ in line) for line in markdown_lines(text, 100)]

    assert said[-1] == "▏ — Initech, zendesk T-1, 2026-11-20"
