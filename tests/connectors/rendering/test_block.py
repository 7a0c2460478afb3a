"""Our part of an issue: replaced as a whole, while what people wrote stays character for character."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.trackers.rendering.adf import adf
from connectors.trackers.rendering.block import (
    Form,
    adf_block_of,
    block_of,
    room_beside,
    room_beside_adf,
    with_adf_block,
    with_block,
)
from connectors.trackers.rendering.html import asana_html, azure_html
from connectors.trackers.rendering.markdown import gfm
from insights.errors import InsightsError
from insights.text.markdown import literal

MARKER = "insights-ab12cd-P-12"
OTHER = "insights-ab12cd-P-1"
RENDER = {Form.HIDDEN: gfm, Form.LINES: gfm, Form.HTML: azure_html, Form.BODY: asana_html}
FORMS = list(Form)
PEOPLE = st.text(alphabet="ab \n\r\t#>*-`~@<&é漢", max_size=60)


def part(form: Form, words: str = "It hangs.") -> str:
    return RENDER[form](literal(words) or "It hangs.")


def around(before: str, block: str, after: str, form: Form) -> str:
    """An issue in which people wrote before and after."""
    if form is Form.HTML:
        before, after = (f"<div>{text.replace('<', '&lt;')}</div>" for text in (before, after))
    if form is Form.BODY:
        before, after = (text.replace("<", "&lt;") for text in (before, after))
        inside = block.removeprefix("<body>").removesuffix("</body>")
        return f"<body>{before}\n{inside}\n{after}</body>"
    return f"{before}\n\n{block}\n\n{after}"


@pytest.mark.parametrize("form", FORMS)
def test_a_new_issue_holds_our_part_which_is_found_again(form):
    text = with_block("", part(form), MARKER, form)

    assert "It hangs." in (block_of(text, MARKER, form) or "")
    assert block_of(text, MARKER) == block_of(text, MARKER, form)
    assert block_of(text, OTHER) is None
    assert with_block(text, part(form), MARKER, form) == text


@pytest.mark.parametrize("form", FORMS)
def test_in_an_issue_that_people_wrote_it_comes_last(form):
    theirs = {Form.HTML: "<p>Mine</p>", Form.BODY: "<body>Mine</body>"}.get(form, "Mine")
    text = with_block(theirs, part(form), MARKER, form)

    assert text.startswith(theirs.removesuffix("</body>"))
    assert block_of(text, MARKER, form) is not None


@settings(deadline=None)
@given(before=PEOPLE, after=PEOPLE, words=st.text(max_size=80), form=st.sampled_from(FORMS))
def test_what_people_write_around_it_stays_character_for_character(before, after, words, form):
    block = with_block("", part(form, "old"), MARKER, form)
    text = around(before, block, after, form)
    updated = with_block(text, part(form, words), MARKER, form)

    assert updated == around(before, with_block("", part(form, words), MARKER, form), after, form)
    assert with_block(updated, part(form, "old"), MARKER, form) == text


@settings(deadline=None)
@given(old=st.text(), words=st.text(), form=st.sampled_from([Form.HIDDEN, Form.LINES, Form.HTML]))
def test_where_there_is_none_yet_the_old_text_stays_in_front(old, words, form):
    text = with_block(old, part(form, words), MARKER, form)

    assert text.startswith(old)
    assert block_of(text, MARKER, form) is not None


def marks(form: Form) -> tuple[str, str]:
    """The first and the last line, as they are written."""
    lines = with_block("", part(form), MARKER, form).removeprefix("<body>").removesuffix("</body>").split("\n")
    return lines[0], lines[-1]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("keep", "why"),
    [("begin", "lost its last line"), ("end", "lost its first line"), ("twice", "more than once"), ("swapped", "ends")],
)
def test_a_part_that_people_cut_or_doubled_is_not_guessed(form, keep, why):
    begin, end = marks(form)
    text = {
        "begin": f"mine\n{begin}\nrest",
        "end": f"mine\nrest\n{end}\n",
        "twice": f"{begin}\na\n{end}\n\n{begin}\nb\n{end}",
        "swapped": f"{end}\na\n{begin}",
    }[keep]

    with pytest.raises(InsightsError, match=why) as refused:
        with_block(text, part(form), MARKER, form)
    assert "Delete" in refused.value.remedy
    with pytest.raises(InsightsError):
        block_of(text, MARKER, form)


def test_a_part_whose_ends_are_in_different_elements_is_not_guessed():
    begin, end = marks(Form.HTML)

    with pytest.raises(InsightsError, match="different places"):
        with_block(f"<ul><li>mine {begin}</li></ul><div>{end} mine</div>", "<p>x</p>", MARKER, Form.HTML)


@pytest.mark.parametrize("form", FORMS)
def test_a_customer_who_repeats_our_marks_moves_nothing(form):
    begin, end = marks(form)
    words = f"{begin} {end} {MARKER}: up to here. <!-- /{MARKER} -->"
    text = with_block("mine", RENDER[form](f"{literal(words)}\n\n{literal(end)}\n\n- {literal(begin)}"), MARKER, form)

    again = with_block(text, part(form), MARKER, form)
    assert again == with_block("mine", part(form), MARKER, form)


def test_editors_that_write_paragraphs_anew_leave_it_to_be_found():
    begin, end = (mark.replace("<p>", "").replace("</p>", "") for mark in marks(Form.HTML))
    text = (
        f"<div>Mine</div><div style='x'><span>{begin.replace(' ', '&nbsp;', 1)}</span><br></div>"
        f"<p>old</p><div><b>{end}</b></div><div>Mine, too</div>"
    )
    updated = with_block(text, "<p>new</p>", MARKER, Form.HTML)

    assert updated.startswith("<div>Mine</div><") and updated.endswith("<div>Mine, too</div>")
    assert block_of(updated, MARKER, Form.HTML) == "<p>new</p>"
    assert "old" not in updated


def test_a_line_that_an_editor_made_bold_or_that_ends_as_on_windows_is_found():
    begin, end = marks(Form.LINES)
    text = f"Mine\r\n**{begin}**\r\n\r\nold\r\n\r\n{end}\r\nMine, too"

    assert with_block(text, "new", MARKER, Form.LINES).endswith(f"\n\nnew\n\n{end}\r\nMine, too")


def test_a_marker_that_could_leave_its_mark_is_a_defect():
    for marker in ("P-12 -->", "", "P12", "a-<b>"):
        with pytest.raises(ValueError, match="not a marker"):
            with_block("", "x", marker, Form.HIDDEN)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("old", ["", "<body></body>", "Mine " * 50])
def test_there_is_room_for_what_fits_beside_people_s_words(form, old):
    if form is Form.BODY and not old.startswith("<body>"):
        old = f"<body>{old}</body>"
    room = room_beside(old, MARKER, form, limit=2_000)
    new = RENDER[form]("word " * 1_000 + f"\n\n{MARKER}: up to here", limit=room)

    assert len(with_block(old, new, MARKER, form)) <= 2_000


def test_an_issue_that_is_full_is_not_cut():
    with pytest.raises(InsightsError, match="so much other text"):
        room_beside("x" * 2_000, MARKER, Form.HIDDEN, limit=2_000)


# -- documents of Atlassian's -----------------------------------------------------------------------------------


THEIRS = {"type": "panel", "attrs": {"panelType": "info"}, "content": [{"type": "paragraph"}]}


def test_in_a_document_only_our_nodes_are_replaced():
    first = with_adf_block(None, adf("old"), MARKER)
    document = {**first, "content": [THEIRS, *first["content"], THEIRS]}
    updated = with_adf_block(document, adf("new\n\n- a"), MARKER)

    assert updated["content"][0] == updated["content"][-1] == THEIRS
    assert adf_block_of(updated, MARKER) == adf("new\n\n- a")["content"]
    assert "old" not in json.dumps(updated)
    assert with_adf_block(updated, adf("new\n\n- a"), MARKER) == updated
    assert adf_block_of(updated, OTHER) is None and adf_block_of(None, MARKER) is None


def test_a_document_that_has_none_gets_it_at_the_end():
    document = with_adf_block({"version": 1, "type": "doc", "content": [THEIRS]}, adf("new"), MARKER)

    assert document["content"][0] == THEIRS
    assert (document["version"], document["type"]) == (1, "doc")


def test_a_document_whose_part_lost_an_end_is_not_guessed():
    document = with_adf_block(None, adf("old"), MARKER)

    with pytest.raises(InsightsError, match="lost its last line"):
        with_adf_block({**document, "content": document["content"][:-1]}, adf("new"), MARKER)
    with pytest.raises(InsightsError, match="more than once"):
        with_adf_block({**document, "content": document["content"] * 2}, adf("new"), MARKER)


def test_a_customer_who_repeats_our_marks_in_a_document_moves_nothing():
    words = with_adf_block(None, adf("x"), MARKER)["content"][-1]["content"][0]["text"]
    document = with_adf_block(None, adf(literal(words)), MARKER)

    assert with_adf_block(document, adf("new"), MARKER) == with_adf_block(None, adf("new"), MARKER)


def test_there_is_room_in_a_document_for_what_fits():
    old = {"version": 1, "type": "doc", "content": [THEIRS]}
    room = room_beside_adf(old, MARKER, limit=2_000)

    assert len(json.dumps(with_adf_block(old, adf("word " * 1_000, limit=room), MARKER), ensure_ascii=False)) <= 2_000
