"""A text is freed of one person's values and words, and of nothing else."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from insights.data_rights.cleaning import Cleaned
from insights.data_rights.files import clean_files
from insights.text.personal import Value
from insights.text.pieces import pieces_of

HERS = "the purple conveyor labels print upside down in our cold store"
CLEANED = Cleaned.of(
    [Value("EMAIL", "ann@acme.example"), Value("NAME", "Ann Lee"), Value("PHONE", "+1 212-555-0147")],
    pieces=pieces_of(HERS),
    tokens=["EMAIL_7KQ2M4XA"],
)
VALUES = ("ann@acme.example", "Ann Lee", "+1 212-555-0147", "ANN LEE", "<EMAIL_7KQ2M4XA>")
OTHERS = st.lists(
    st.sampled_from(["export", "Anna", "Leeds", "hangs,", "bob@acme.example", "3 pm.", "größer", "Lee", "\n"]),
    max_size=12,
).map(" ".join)


@given(OTHERS)
def test_what_names_nobody_else_is_as_it_was(text: str) -> None:
    assert CLEANED.said(text) == CLEANED.copy(text) == CLEANED.words(text) == text


@given(st.lists(st.tuples(OTHERS, st.sampled_from(VALUES)), max_size=5), OTHERS)
def test_between_her_values_every_word_of_others_stays(parts: list[tuple[str, str]], end: str) -> None:
    text = " - ".join([f"{words} | {value} |" for words, value in parts] + [end])

    said = CLEANED.said(text)

    for value in VALUES[:4]:
        assert value.casefold() not in said.casefold()
    kept = [words for words, _ in parts] + [end]
    place = 0
    for words in kept:
        place = said.index(words, place) + len(words)


@given(st.lists(st.one_of(OTHERS, st.sampled_from(VALUES)), max_size=8).map(" . ".join))
def test_a_copy_is_as_long_as_it_was(text: str) -> None:
    copy = CLEANED.copy(text)
    assert len(copy) == len(text)
    assert "7KQ2M4XA" not in copy


@given(st.text(max_size=80))
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = CLEANED.words(f"{text} Ann Lee {text}")
    assert CLEANED.words(once) == once


def test_pseudonyms_say_that_they_were_erased() -> None:
    assert CLEANED.copy("From <EMAIL_7KQ2M4XA> and <EMAIL_AAAAAAAA>") == "From <EMAIL_ERASED00> and <EMAIL_AAAAAAAA>"


def test_her_words_go_where_a_note_repeats_them_and_stay_where_somebody_said_them() -> None:
    note = f"He wrote: “{HERS.upper()}”, and more."
    assert CLEANED.words(note) == "He wrote: “<ERASED>”, and more."
    assert CLEANED.said(note) == note


def test_a_link_is_not_followed_and_nothing_outside_is_touched(tmp_path: Path) -> None:
    outside = tmp_path / "outside.md"
    outside.write_text("Ann Lee")
    folder = tmp_path / "w"
    (folder / ".insights").mkdir(parents=True)
    (folder / "link.md").symlink_to(outside)
    (folder / "other").symlink_to(tmp_path)

    done = clean_files(folder, folder / ".insights", CLEANED, sources=())

    assert outside.read_text() == "Ann Lee"
    assert not done.counts


def test_tables_of_people_are_theirs_and_rows_of_rejects_may_have_line_ends(tmp_path: Path) -> None:
    data = tmp_path / ".insights"
    (data / "rejects").mkdir(parents=True)
    rejects, table = data / "rejects/a.csv", tmp_path / "list.csv"
    rejects.write_bytes(b'line,row\r\n1,"Bob\r\nsays hi"\r\n2,"Dear\r\nAnn Lee"\r\n3,x\r\n')
    table.write_text("name\nAnn Lee\n")

    done = clean_files(tmp_path, data, CLEANED, sources=())

    assert rejects.read_bytes() == b'line,row\r\n1,"Bob\r\nsays hi"\r\n3,x\r\n'
    assert (done.yours, table.read_text()) == (["list.csv"], "name\nAnn Lee\n")
