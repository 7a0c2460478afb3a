"""What was found as lines: nothing that matters is cut, what matches stands out, and hostile words stay words."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from insights.domain.feedback import GIVES_ORDERS, Evidence, FeedbackKind
from insights.domain.query import Found, parse_query
from insights.text.clean import sanitise
from tests.builders import a_problem
from tui.pages.evidence import ROWS, View, count_line, hint_lines, hit_page, hit_rows, in_item, notice
from tui.pages.matches import around, marked, pattern_of
from tui.pages.pieces import Line, Role

ITEM = "Hello,\n\nsince Monday the export to CSV hangs at half of the rows.\nPlease help.\n\nRegards"
START = ITEM.index("the export")
END = ITEM.index("\nPlease")


def a_hit(**fields: Any) -> Evidence:
    defaults: dict[str, Any] = {
        "feedback_id": 1,
        "mention_id": 1,
        "text": ITEM[START:END],
        "context": ITEM,
        "start": START,
        "end": END,
        "kind": FeedbackKind.NPS,
        "source": "survey",
        "source_id": "NPS-20305",
        "created_at": datetime(2026, 11, 14, tzinfo=UTC),
        "problem_id": 12,
        "similarity": 0.83,
        "account_name": "Acme Corporation of the Northern Isles",
        "account_revenue": 120_000.0,
        "score": 5.0,
    }
    return Evidence(**{**defaults, **fields})


def found(line: str, *, hits: Sequence[Evidence] = (), total: int | None = None) -> Found:
    query = parse_query(line, today=date(2026, 11, 23))
    return Found(query=query, hits=tuple(hits), hints=query.hints, total=total)


def text(line: Line) -> str:
    return "".join(words for words, _ in line)


def page(lines: Sequence[Line]) -> str:
    return "\n".join(map(text, lines))


def strong(lines: Sequence[Line], role: Role = Role.STRONG) -> list[str]:
    return [words for line in lines for words, its in line if its is role]


PROBLEMS = {12: a_problem("CSV export times out over 50k rows", id=12)}
NARROW = View(width=80, currency="$", problems=PROBLEMS)
WIDE = View(width=140, currency="$", problems=PROBLEMS)


# -- the list -----------------------------------------------------------------------------------------------------


def test_a_hit_is_two_lines_its_words_and_whose_they_are() -> None:
    words, origin = hit_rows(a_hit(), "csv export", WIDE, is_current=True)

    assert text(words) == "▌“the export to CSV hangs at half of the rows.”"
    assert text(origin).rstrip() == (
        "▌  nps · survey/NPS-20305 · Acme Corporation of the Northern Isles · $120k · 2026-11-14 · score 5 · "
        "P-12 CSV export times out over 50…  .83"
    )


def test_at_80_cells_names_give_way_before_ids_and_figures() -> None:
    _, origin = hit_rows(a_hit(), "", NARROW)

    told = text(origin)
    for whole in ("nps", "NPS-20305", "$120k", "2026-11-14", "score 5", "P-12", ".83"):
        assert whole in told
    assert cell_len(told) == 79, "one cell stays free at the edge, as beside the figures of every list"


@pytest.mark.parametrize("width", [40, 60, 80, 110, 140, 200])
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"similarity": None, "score": None, "account_name": None, "account_revenue": None, "problem_id": None},
        {"source": "zendesk-of-the-whole-company", "source_id": "7" * 60, "account_name": "株式会社日本データ" * 9},
        {"is_order": True, "text": "日本語のエクスポート" * 30},
    ],
)
def test_rows_fit_their_width(width: int, fields: dict[str, Any]) -> None:
    lines = hit_rows(a_hit(**fields), "export 日本", View(width=width, currency="€", problems=PROBLEMS))

    assert len(lines) == ROWS
    assert all(cell_len(text(line)) <= width for line in lines)


def test_what_matches_is_strong_where_a_word_begins_so() -> None:
    hit = a_hit(text="Exporting reports: the re-export is an issue; EXPORT again", similarity=0.5)

    words, _ = hit_rows(hit, "the export is", NARROW)

    assert strong([words]) == ["Export", "export", "EXPORT"]


@pytest.mark.parametrize(
    ("query", "said", "told"),
    [
        ("err 1042", "got ERR_1042 twice", ["ERR", "1042"]),
        ("ERR-1042", "got err_1042 twice", ["err_1042"]),
        ('"goes blank"', "it Goes  blank, goes on", ["Goes  blank", "goes"]),
        ("エクスポート", "データのエクスポートが遅い", ["エクスポート"]),
        ("is it", "it is slow, this is", ["it", "is", "is"]),
        ("c++ (", "in c++ code", ["c"]),
        ("", "nothing", []),
    ],
)
def test_codes_phrases_and_words_are_told_in_a_text(query: str, said: str, told: list[str]) -> None:
    assert strong([marked(said, pattern_of(query))]) == told


def test_of_long_words_the_part_is_shown_where_they_match() -> None:
    said = "first words " + "filler " * 60 + "and the export to CSV hangs " + "more " * 60

    words, _ = hit_rows(a_hit(text=said), "csv export", NARROW)

    assert strong([words]) == ["export", "CSV"]
    assert text(words).startswith(" “… ")
    assert text(words).endswith("…”")


def test_the_beginning_is_shown_where_it_is_as_good() -> None:
    said = "export first " + "filler " * 60 + "export again"

    assert around(said, pattern_of("export"), 40).startswith("export first")


@given(st.text(max_size=300), st.text(max_size=20), st.integers(4, 90))
def test_a_part_of_a_text_fits_and_is_the_text_s_own(said: str, query: str, width: int) -> None:
    line = " ".join(sanitise(said).split())

    part = around(line, pattern_of(query), width)

    assert cell_len(part) <= width
    assert part.removeprefix("… ").removesuffix("…").strip() in line
    assert text(marked(part, pattern_of(query))) == part


# -- around the list ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "number", "total", "told"),
    [
        ("export kind:nps since:2026-01-01", 24, None, "24 found · kind nps · since 2026-01-01"),
        ("segment:smb", 3, 3, "3 found · segment smb"),
        ("segment:smb score:0-6", 50, 1463, "the newest 50 of 1,463 · segment smb · score 0-6"),
    ],
)
def test_it_is_counted_what_was_found_and_by_which_filters(
    line: str, number: int, total: int | None, told: str
) -> None:
    assert text(count_line(found(line, hits=[a_hit()] * number, total=total), 80)) == told


def test_what_is_half_typed_is_muted_and_what_is_wrong_is_marked() -> None:
    pending, wrong = hint_lines(found("kind:np since:soon"), 80)

    assert text(pending) == "  kind:np is not yet understood: one of ticket, nps, note, review"
    assert text(wrong).startswith("! since:soon is not understood: a day, a month")
    assert (pending[0][1], wrong[0][1]) == (Role.MUTED, Role.MARK)


def test_hints_never_push_the_list_away() -> None:
    lines = hint_lines(found(f"kind:{'x' * 300} since:soon score:a until:b"), 80, most=2)

    assert len(lines) == 2
    assert all(cell_len(text(line)) <= 80 for line in lines)


def test_before_anything_is_typed_it_is_said_what_can_be() -> None:
    told = page(notice(found(""), 80, has_any=True))

    assert "Type to search" in told
    for name in ("kind:", "source:", "account:", "segment:", "since:", "until:", "score:", "problem:"):
        assert name in told
    assert max(map(len, told.split("\n"))) <= 80


def test_without_data_it_is_said_where_to_get_some() -> None:
    assert "insights demo" in page(notice(found("export"), 80, has_any=False))


def test_where_nothing_is_found_words_and_filters_are_named() -> None:
    told = page(notice(found("segment:smb unicorn"), 80, has_any=True))

    assert "Nothing found for “unicorn”." in told
    assert "segment:smb" in told


# -- one hit ------------------------------------------------------------------------------------------------------


def test_a_hit_stands_in_its_item_with_its_line_breaks() -> None:
    lines = in_item(a_hit(), "csv", 80)

    assert page(lines) == ITEM
    assert strong(lines, Role.QUOTE) == ["the export to ", " hangs at half of the rows."]
    assert strong(lines) == ["CSV"]
    assert strong(lines, Role.MUTED) == ["Hello,", "since Monday ", "Please help.", "Regards"]


def test_one_hit_tells_its_origin_and_its_problem() -> None:
    told = page(hit_page(a_hit(url="https://acme.example/48121"), "csv", NARROW))

    for part in (
        "Acme Corporation of the Northern Isles · $120k a year",
        "nps · similarity .83 · o opens https://acme.example/48121",
        "P-12 CSV export times out over 50k rows",
        "inbox · #1 · $420k a year · 7 accounts · 18 items",
        "m moves the item to another",
    ):
        assert part in told


def test_the_lines_of_one_hit_begin_at_one_edge() -> None:
    lines = page(hit_page(a_hit(), "", NARROW)).splitlines()

    assert [line[:4] for line in lines if line.lstrip().startswith(("Acme", "nps", "Hello", "Problem"))] == [
        "Acme",
        "nps ",
        "Hell",
        "Prob",
    ]


def test_one_in_no_problem_is_told_to_wait_for_a_run() -> None:
    told = page(hit_page(a_hit(problem_id=None, url="javascript:x"), "", NARROW))

    assert "no problem   the next run may find one" in told
    assert "javascript" not in told


def test_a_problem_that_is_not_known_here_keeps_its_name() -> None:
    assert "P-99" in page(hit_page(a_hit(problem_id=99), "", NARROW))


def test_of_a_very_long_item_the_part_around_the_hit_is_shown() -> None:
    context = "a " * 40_000 + "the export hangs" + " b" * 40_000
    hit = a_hit(text="the export hangs", context=context, start=80_000, end=80_016)

    lines = in_item(hit, "", 80)

    assert strong(lines, Role.QUOTE) == ["the export hangs"]
    assert text(lines[0]).startswith("…")
    assert text(lines[-1]).endswith("…")
    assert len(lines) < 150


HOSTILE = (
    "[link=https://evil]Reset[/link] [@click=app.quit]x[/] [/] [type=x, v={'a[0]'}] \x1b]52;c;eA==\x07\x1b]8;;"
    "\x1b]0;t\x07\x1b[2J\x1b[6n\x1b[?1049h\x1b[8m\x9b31m\x1bP$q\u202e\rover\x00\ud800" + "e" + "\u0301" * 50
)


@pytest.mark.parametrize("width", [40, 80, 140])
def test_hostile_words_stay_words(width: int) -> None:
    hit = a_hit(
        text=HOSTILE,
        context=f"{HOSTILE}{HOSTILE}{'x' * 300_000}",
        start=len(HOSTILE),
        end=2 * len(HOSTILE),
        source=HOSTILE,
        source_id=HOSTILE,
        account_name=HOSTILE,
        url=f"https://a.example/{HOSTILE}",
    )
    view = View(width=width, currency="$", problems={12: a_problem(HOSTILE, id=12)})
    line = f"{HOSTILE} kind:{HOSTILE} account:{HOSTILE}"
    result = found(line, hits=[hit])

    lines = [
        *hit_rows(hit, result.query.words, view),
        *hit_page(hit, result.query.words, view),
        count_line(result, width),
        *hint_lines(result, width),
        *notice(found(line), width, has_any=True),
    ]

    assert [text(line) for line in lines if cell_len(text(line)) > width] == []
    assert all(text(line) == sanitise(text(line)) and "\n" not in text(line) for line in lines)
    assert "[@click=app.quit]x[/]" in " ".join(page(lines).split())


@given(st.text(max_size=200), st.text(max_size=60), st.text(max_size=200), st.text(max_size=12), st.integers(20, 90))
def test_any_item_fits_and_keeps_its_words(before: str, said: str, after: str, query: str, width: int) -> None:
    hit = a_hit(text=said, context=before + said + after, start=len(before), end=len(before) + len(said))

    lines = in_item(hit, query, width)

    assert all(cell_len(text(line)) <= width for line in lines)
    assert all(line and not text(line).isspace() for line in (lines[:1] + lines[-1:]))
    told = "".join("".join(text(line).split()) for line in lines)
    assert len(told) <= len("".join((before + said + after).split())) + 2


def test_an_item_that_speaks_to_a_machine_is_marked() -> None:
    hit = a_hit(is_order=True)

    assert GIVES_ORDERS in page(hit_rows(hit, "", NARROW))
    assert GIVES_ORDERS in page(hit_page(hit, "", NARROW))
