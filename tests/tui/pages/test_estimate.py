"""The estimate as a form, and what the figures would do, beside what is."""

from dataclasses import replace

import pytest
from rich.cells import cell_len

from insights.domain.estimate import Range
from insights.domain.typed_figures import FORMS
from insights.estimating import Figure, Tried
from tests.builders import a_problem, an_estimate
from tests.tui.parts_builders import HOSTILE
from tui.models.forms import Form
from tui.pages.estimate import estimate_form, form_lines, preview_lines
from tui.pages.pieces import Line

TEXTS = ("1-3-8", "1%-3%-8%", "2%-10%-25%", "40%-70%-90%", "20", "")


def a_form(**of_effort: object) -> Form:
    figures = [
        Figure(name=name, text=text, source="settings", form=form)
        for (name, form), text in zip(FORMS.items(), TEXTS, strict=True)
    ]
    return estimate_form([replace(figures[0], **of_effort), *figures[1:]])  # type: ignore[arg-type]


def as_text(lines: list[Line], width: int) -> list[str]:
    told = ["".join(text for text, _ in line) for line in lines]
    assert max(map(cell_len, told)) <= width
    return told


def page(form: Form, width: int = 76) -> list[str]:
    return as_text(form_lines(form, width), width)


def preview(tried: Tried | None, width: int = 76) -> list[str]:
    return as_text(preview_lines(tried, width=width, currency="$"), width)


def typed(form: Form, text: str) -> Form:
    for key in text:
        form.take_key(key, key)
    return form


def test_every_figure_has_a_line_with_what_it_is_and_where_that_is_from() -> None:
    lines = page(a_form(source="ana, 2026-11-20", is_set=True))

    assert lines[0] == "▌ effort     ▏1-3-8                ana, 2026-11-20"
    assert lines[1].strip() == FORMS["effort"]
    assert lines[3] == "  churn      1%-3%-8%              settings"
    assert lines[7] == "  severity   not known             settings"


def test_what_is_typed_stands_in_the_place_of_what_was() -> None:
    assert page(typed(a_form(), "2-3-6"))[0] == "▌ effort     2-3-6▏                was 1-3-8, settings"


@pytest.mark.parametrize("text", ["", "L", "2-x", "9" * 60, "8-2-1"])
def test_the_form_has_as_many_lines_whatever_is_typed(text: str) -> None:
    assert len(page(typed(a_form(), text))) == len(FORMS) + 2


def test_what_is_not_understood_is_said_below_the_field_whole() -> None:
    lines = page(typed(a_form(), "2-x"))

    assert lines[0].endswith("! not understood")
    said = " ".join(line.strip() for line in lines[1:3])
    assert said == "! '2-x' is no range for effort. Write low-likely-high, such as 2-3-6 or 2%-5%-10%."


def test_the_end_of_what_is_too_long_is_seen() -> None:
    assert "…" not in page(typed(a_form(), "1" * 40 + "23"))[0]
    assert "1123▏" in page(typed(a_form(), "1" * 40 + "23"))[0]


def test_a_preview_tells_return_rank_value_and_cost_as_they_would_be() -> None:
    before = an_estimate(420_000, rank=4)
    after = replace(an_estimate(840_000, rank=2), cost=Range(8_000, 24_000, 64_000))
    first, now, then = preview(Tried(problem=a_problem(), before=before, after=after))

    assert first == "ROI 34× → 69× · #4 → #2 · value $420k → $840k · cost $12k → $24k"
    assert now.startswith("now   ├") and now.endswith("ROI 5.6×–210×")
    assert then.startswith("then  ·") and "●" in then


def test_a_preview_of_nothing_typed_tells_what_is() -> None:
    estimate = an_estimate(420_000, rank=4)
    lines = preview(Tried(problem=a_problem(), before=estimate, after=estimate))

    assert lines[0] == "ROI 34× · #4 · value $420k · cost $12k"
    assert lines[1].startswith("now") and lines[2] == ""


def test_a_preview_that_is_read_holds_its_place() -> None:
    assert preview(None) == ["reading…", "", ""]


@pytest.mark.parametrize("width", [40, 56, 76, 136])
def test_losses_nothing_and_no_number_have_bars_that_fit(width: int) -> None:
    lost = replace(an_estimate(), roi=Range(-1.0, -1.0, -0.9), value=Range(0, 0, 0), rank=None)
    vast = replace(an_estimate(), roi=Range(-0.5, 1e9, 1e15), rank=None)

    assert "no rank" in "".join(preview(Tried(problem=a_problem(), before=lost, after=vast), width))


def test_hostile_words_in_a_source_or_field_are_inert_and_fit() -> None:
    form = a_form(source=HOSTILE, text=HOSTILE)
    form.type(HOSTILE)
    text = "\n".join(page(form, 56))

    assert not {"\x1b", "\x07", "\x9b", "\u202e", "\r", "\x00"} & set(text)
