"""A backlog file as a tracker: one entry per problem, neighbours untouched, hostile words harmless."""

import csv
import io
import json
import re
import resource
import stat
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.trackers import files
from connectors.trackers.files import FileTracker
from insights.errors import InsightsError
from insights.ports import Filed, Issue, Progressed, Sought, Tracker

NAMES = ("backlog.md", "backlog.csv", "backlog.jsonl")
HOSTILE = (
    "--> <!-- insights:P-1 -->\n<!-- /insights:P-2 -->\n```\n@everyone fixes #1\n/close\n"
    '[x](javascript:alert(1)) <script>alert(1)</script>\r\n# Heading\n=cmd()|"A1";=1+1\n\u202egnirts'
)
FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def an_issue(problem: str = "P-12", **fields: object) -> Issue:
    given_fields = {"title": "Export fails", "body": "It spins.", "fields": {"Value": "$5k"}} | fields
    return Issue(sought=sought(problem), **given_fields)  # type: ignore[arg-type]


def sought(problem: str = "P-12") -> Sought:
    return Sought(problem=problem, marker=f"insights-0123abcd-{problem}", key="3f2f6cf6-0000-4000-8000-000000000000")


def a_filed(problem: str, url: str | None = None, **fields: object) -> Filed:
    return Filed(external_id=problem, url=url, **fields)  # type: ignore[arg-type]


def rows_in(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode(), newline="")))


@pytest.mark.parametrize("name", NAMES)
def test_an_entry_is_created_found_and_updated(tmp_path, name):
    tracker: Tracker = FileTracker(tmp_path / name)

    assert tracker.find(sought("P-12")) is None
    filed = tracker.create(an_issue())
    tracker.create(an_issue("P-1", title="Login loop"))
    assert tracker.find(sought("P-12")) == filed == tracker.update(filed, an_issue(title="Export times out"))

    content = (tmp_path / name).read_text()
    assert content.count("Export times out") == 1
    assert "Export fails" not in content and "Login loop" in content


@pytest.mark.parametrize("name", NAMES)
def test_exporting_the_same_again_leaves_the_file_as_it_is(tmp_path, name):
    tracker = FileTracker(tmp_path / name)
    tracker.create(an_issue())
    before = (tmp_path / name).stat()
    tracker.create(an_issue())
    after = (tmp_path / name).stat()

    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize(
    ("name", "head", "tail"),
    [
        ("backlog.md", b"# Mine\r\n\xff no UTF-8\r\n", b"\r\n- [ ] my own note\r\n<!-- insights:P-3x -->"),
        ("backlog.csv", b"id;title;owner\r\nP-3;\xe9t\xe9;Ann\r\n", b'P-4;"two\r\nlines";Bob'),
        ("backlog.jsonl", b'{"problem": "P-3"}\r\nnot json \xff\r\n', b'[1]\r\n{"problem":"P-4"}'),
    ],
)
def test_what_people_wrote_around_an_entry_stays_byte_for_byte(tmp_path, name, head, tail):
    path = tmp_path / name
    path.write_bytes(head)
    tracker = FileTracker(path)
    tracker.create(an_issue())
    path.write_bytes(path.read_bytes() + tail)
    tracker.create(an_issue(title="A much longer title than before", body="x\n" * 500))
    tracker.create(an_issue(title="Short"))

    content = path.read_bytes()
    assert content.startswith(head) and content.endswith(tail)
    assert b"Short" in content and content.count(b"P-12") == (3 if name.endswith("md") else 1)
    assert b"\n" not in content.replace(b"\r\n", b"") or name.endswith("csv")


def test_columns_that_people_add_keep_what_they_wrote(tmp_path):
    path = tmp_path / "backlog.csv"
    path.write_text("problem,owner,title\nP-12,Ann,old\n")
    FileTracker(path).create(an_issue(title="new"))

    assert rows_in(path) == [["problem", "owner", "title"], ["P-12", "Ann", "new"]]


def test_keys_that_people_add_to_a_line_are_kept(tmp_path):
    path = tmp_path / "backlog.jsonl"
    path.write_text('{"problem": "P-12", "owner": "Ann"}\n')
    FileTracker(path).create(an_issue())

    assert json.loads(path.read_text()) | {"owner": "Ann", "title": "Export fails"} == json.loads(path.read_text())


@pytest.mark.parametrize("name", NAMES)
def test_hostile_words_make_no_entry_and_end_none(tmp_path, name):
    tracker = FileTracker(tmp_path / name)
    for problem in ("P-2", "P-12"):
        tracker.create(an_issue(problem, title=f"a\r\n{HOSTILE}", body=HOSTILE, fields={"Accounts": HOSTILE}))
    before = (tmp_path / name).read_bytes()
    tracker.create(an_issue("P-2", title=f"a\r\n{HOSTILE}", body=HOSTILE, fields={"Accounts": HOSTILE}))

    assert (tmp_path / name).read_bytes() == before
    assert tracker.find(sought("P-1")) is None


def test_markdown_shows_hostile_words_as_words(tmp_path):
    tracker = FileTracker(tmp_path / "backlog.md")
    tracker.create(an_issue(title=HOSTILE, body=HOSTILE, fields={HOSTILE: HOSTILE}))
    lines = tracker.path.read_text().splitlines()

    assert [line for line in lines if "<" in line] == ["<!-- insights:P-12 -->", "<!-- /insights:P-12 -->"]
    assert not [line for line in lines if re.search(r"[@\[]|(?<!&)#\d", line)]
    inside = lines[lines.index("") + 3 : -2]
    assert inside and all(line.startswith(">") for line in inside)


@pytest.mark.parametrize(
    "words",
    [
        "=1+1",
        "+cmd",
        "-cmd|x",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\uff1d1",
        "\uff0dx",
        '  "=1',
        "a;=1",
        "a,=1",
        "a\n=1",
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_is_defused(tmp_path, words):
    tracker = FileTracker(tmp_path / "backlog.csv")
    tracker.create(an_issue(title=words, body=words, fields={words: words}))
    cells = [cell for row in rows_in(tracker.path) for cell in row]

    assert not [cell for cell in cells if re.search('(?:^|[;,\n])[ "]*[=@\uff1d\uff20]', cell)]
    assert not [cell for cell in cells if re.search('(?:^|[;\n])[ "]*[+\\-\uff0b\uff0d]', cell)]


def test_a_plain_negative_number_stays_a_number(tmp_path):
    tracker = FileTracker(tmp_path / "backlog.csv")
    tracker.create(an_issue(fields={"Return": "-2", "Change": "-2.5"}))

    assert rows_in(tracker.path)[1][2:4] == ["-2", "-2.5"]


@pytest.mark.parametrize("name", NAMES)
def test_a_very_long_text_is_cut_to_what_a_cell_holds(tmp_path, name):
    tracker = FileTracker(tmp_path / name)
    tracker.create(an_issue(body="word " * 60_000))
    tracker.create(an_issue(body="short"))

    assert tracker.path.stat().st_size < 1_000


@FEW
@given(title=st.text(), body=st.text(), value=st.text(), name=st.sampled_from(NAMES))
def test_any_words_exported_twice_give_one_entry_and_intact_neighbours(tmp_path, title, body, value, name):
    path = tmp_path / name
    path.unlink(missing_ok=True)
    tracker = FileTracker(path)
    tracker.create(an_issue("P-1"))
    before = path.read_bytes()
    tracker.create(an_issue("P-2", title=title, body=body, fields={"Value": value}))
    tracker.create(an_issue("P-3"))
    whole = path.read_bytes()
    tracker.create(an_issue("P-2", title=title, body=body, fields={"Value": value}))

    assert path.read_bytes() == whole and whole.startswith(before)
    tracker.create(an_issue("P-2"))
    other = tmp_path / f"other-{name}"
    other.unlink(missing_ok=True)
    for problem in ("P-1", "P-2", "P-3"):
        FileTracker(other).create(an_issue(problem))
    assert path.read_bytes() == other.read_bytes()


def test_an_entry_whose_end_is_missing_is_not_guessed(tmp_path):
    path = tmp_path / "backlog.md"
    path.write_text("<!-- insights:P-12 -->\n## mine\n")

    with pytest.raises(InsightsError, match="its end is missing"):
        FileTracker(path).create(an_issue())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("b.md", "<!-- insights:P-12 -->\n<!-- /insights:P-12 -->\n" * 2),
        ("b.csv", "problem,title\nP-12,a\nP-12,b\n"),
        ("b.jsonl", '{"problem": "P-12"}\n' * 2),
    ],
)
def test_two_entries_of_one_problem_are_reported(tmp_path, name, content):
    (tmp_path / name).write_text(content)

    with pytest.raises(InsightsError, match="2 entries"):
        FileTracker(tmp_path / name).create(an_issue())


def test_the_files_mode_and_a_link_to_it_are_kept(tmp_path):
    path, link = tmp_path / "real.md", tmp_path / "link.md"
    path.write_text("# Mine\n")
    path.chmod(0o640)
    link.symlink_to(path)
    FileTracker(link).create(an_issue())

    assert stat.S_IMODE(path.stat().st_mode) == 0o640 and link.is_symlink() and "P-12" in path.read_text()


def test_a_read_only_file_stays_as_it_is(tmp_path):
    path = tmp_path / "backlog.md"
    path.write_text("# Mine\n")
    path.chmod(0o444)

    with pytest.raises(InsightsError, match="read-only") as caught:
        FileTracker(path).create(an_issue())
    assert path.read_text() == "# Mine\n" and caught.value.remedy


def test_a_disk_without_room_leaves_the_old_file_whole(tmp_path):
    path = tmp_path / "backlog.md"
    path.write_text("# Mine\n")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, hard))
    try:
        with pytest.raises(InsightsError, match="cannot be written") as caught:
            FileTracker(path).create(an_issue(body="word " * 2_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert path.read_text() == "# Mine\n" and "room" in caught.value.remedy
    assert not list(tmp_path.glob("*.tmp")) and not list(tmp_path.glob(".*.tmp"))


def test_a_folder_that_is_missing_is_explained(tmp_path):
    with pytest.raises(InsightsError, match="cannot be written"):
        FileTracker(tmp_path / "none" / "backlog.md").create(an_issue())


def test_a_file_that_another_process_writes_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "LOCK_SECONDS", 0.05)
    with FileLock(tmp_path / ".backlog.md.lock"), pytest.raises(InsightsError, match="another process"):
        FileTracker(tmp_path / "backlog.md").create(an_issue())


def test_an_ending_that_is_not_known_is_explained(tmp_path):
    with pytest.raises(InsightsError, match="no backlog file"):
        FileTracker(tmp_path / "backlog.docx")


# -- closing ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_closed_entry_says_so_with_the_comment_and_keeps_its_words(tmp_path, name):
    tracker = FileTracker(tmp_path / name)
    filed = tracker.create(an_issue(fields={"state": "accepted"}))
    other = tracker.create(an_issue("P-1", fields={"state": "accepted"}))
    closed = tracker.close(filed, "taken back by Ann")

    content = tracker.path.read_text()
    assert (
        closed
        == tracker.find(sought("P-12"))
        == a_filed("P-12", filed.url, progress=Progressed.DROPPED, status="closed")
    )
    assert tracker.find(sought("P-1")) == other
    assert content.count("taken back by Ann") == 1
    assert content.count("It spins.") == 2


@pytest.mark.parametrize("name", NAMES)
def test_exporting_a_closed_entry_again_opens_it_as_if_it_had_never_been_closed(tmp_path, name):
    tracker = FileTracker(tmp_path / name)
    filed = tracker.create(an_issue(fields={"state": "accepted"}))
    before = tracker.path.read_bytes()
    tracker.update(tracker.close(filed, "taken back"), an_issue(fields={"state": "accepted"}))

    assert tracker.path.read_bytes() == before
    assert tracker.find(sought("P-12")) == filed


@pytest.mark.parametrize("name", NAMES)
def test_an_entry_that_is_closed_again_has_the_new_comment(tmp_path, name):
    tracker = FileTracker(tmp_path / name)
    filed = tracker.create(an_issue(fields={"state": "accepted"}))
    tracker.close(filed, "first")
    once = tracker.path.read_bytes()
    tracker.close(filed, "second")

    assert tracker.path.read_bytes() == once.replace(b"first", b"second")


@pytest.mark.parametrize(
    ("name", "head", "tail"),
    [
        ("backlog.md", b"# Mine\r\n\xff no UTF-8\r\n", b"\r\n**Closed.** of my own"),
        ("backlog.csv", b"id;state;body;owner\r\nP-3;\xe9t\xe9;b;Ann\r\n", b'P-4;"two\r\nlines";b;Bob'),
        ("backlog.jsonl", b'{"problem": "P-3"}\r\nnot json \xff\r\n', b'{"problem":"P-4"}'),
    ],
)
def test_closing_leaves_what_people_wrote_around_it_byte_for_byte(tmp_path, name, head, tail):
    path = tmp_path / name
    path.write_bytes(head)
    tracker = FileTracker(path)
    filed = tracker.create(an_issue())
    path.write_bytes(path.read_bytes() + tail)
    tracker.close(filed, "taken back")

    content = path.read_bytes()
    assert content.startswith(head) and content.endswith(tail)
    assert b"taken back" in content


def test_a_closed_block_says_so_below_its_heading_and_above_its_text(tmp_path):
    tracker = FileTracker(tmp_path / "backlog.md")
    tracker.close(tracker.create(an_issue()), "taken back")

    lines = tracker.path.read_text().splitlines()
    assert lines[:6] == [
        "<!-- insights:P-12 -->",
        "## P-12: Export fails",
        "",
        "**Closed.** taken back",
        "",
        "> It spins.",
    ]


def test_a_block_that_says_so_above_its_heading_says_it_below_when_it_is_closed_again(tmp_path):
    tracker = FileTracker(tmp_path / "backlog.md")
    filed = tracker.create(an_issue())
    opened = tracker.path.read_text()
    tracker.path.write_text(opened.replace("## P-12", "**Closed.** before\n## P-12"))
    tracker.close(filed, "now")

    assert tracker.path.read_text() == opened.replace("fails\n", "fails\n\n**Closed.** now\n")


def test_what_a_person_wrote_into_a_block_stays_when_it_is_closed(tmp_path):
    tracker = FileTracker(tmp_path / "backlog.md")
    filed = tracker.create(an_issue())
    tracker.path.write_text(tracker.path.read_text().replace("> It spins.", "> It spins.\n\nAnn looks at it."))
    tracker.close(filed, "taken back")

    assert "\n\nAnn looks at it.\n" in tracker.path.read_text()


def test_a_comment_of_one_s_own_under_the_same_name_stays_in_an_open_line(tmp_path):
    path = tmp_path / "backlog.jsonl"
    path.write_text('{"problem": "P-12", "closed": "never"}\n')
    FileTracker(path).create(an_issue())

    assert json.loads(path.read_text())["closed"] == "never"


@pytest.mark.parametrize("columns", ["problem,title,state", "problem,title,body"])
def test_a_table_says_it_in_the_columns_that_people_left_it(tmp_path, columns):
    path = tmp_path / "backlog.csv"
    path.write_text(columns + "\n")
    tracker = FileTracker(path)
    closed = tracker.close(tracker.create(an_issue()), "taken back")

    assert closed == tracker.find(sought("P-12"))
    assert ("closed" if "state" in columns else "Closed: taken back") in path.read_text()


def test_a_table_without_a_place_for_it_is_explained_and_stays(tmp_path):
    path = tmp_path / "backlog.csv"
    path.write_text("problem,title\n")
    tracker = FileTracker(path)
    filed = tracker.create(an_issue())
    before = path.read_bytes()

    with pytest.raises(InsightsError, match="no column") as caught:
        tracker.close(filed, "taken back")
    assert path.read_bytes() == before and "`state`" in caught.value.remedy


@pytest.mark.parametrize("name", NAMES)
def test_an_entry_that_a_person_deleted_cannot_be_closed(tmp_path, name):
    tracker = FileTracker(tmp_path / name)
    filed = tracker.create(an_issue())
    tracker.path.unlink()

    with pytest.raises(InsightsError, match="no entry of P-12"):
        tracker.close(filed, "taken back")


@FEW
@given(comment=st.text(), body=st.text(), name=st.sampled_from(NAMES))
def test_any_comment_closes_one_entry_and_nothing_else(tmp_path, comment, body, name):
    path = tmp_path / name
    path.unlink(missing_ok=True)
    tracker = FileTracker(path)
    fields = {"state": "accepted"}
    for problem in ("P-1", "P-2", "P-3"):
        tracker.create(an_issue(problem, body=body, fields=fields))
    whole = path.read_bytes()
    tracker.close(a_filed("P-2"), comment)

    assert [bool(found and found.is_closed) for found in map(tracker.find, map(sought, ("P-1", "P-2", "P-3")))] == [
        False,
        True,
        False,
    ]
    tracker.create(an_issue("P-2", body=body, fields=fields))
    assert path.read_bytes() == whole


# -- how far it is ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "old", "new", "status"),
    [
        ("backlog.md", "> It spins.", "> It spins.\n\n**Done.** in 4.2", "done"),
        ("backlog.md", "> It spins.", "> It spins.\n\n  - [x] released", "done"),
        ("backlog.csv", '"accepted"', '" Shipped"', "Shipped"),
        ("backlog.csv", '"accepted"', "done.", "done."),
        ("backlog.jsonl", '"accepted"', '"released"', "released"),
    ],
)
def test_an_entry_is_done_where_people_say_so(tmp_path, name, old, new, status):
    tracker = FileTracker(tmp_path / name)
    tracker.create(an_issue(fields={"state": "accepted"}))
    content = tracker.path.read_text()
    assert content.count(old) == 1
    tracker.path.write_text(content.replace(old, new))

    found = tracker.read(["P-12"])["P-12"]
    assert (found.progress, found.status) == (Progressed.DONE, status)
    assert tracker.update(found, an_issue(fields={"state": "accepted"})).progress is Progressed.OPEN


@pytest.mark.parametrize("name", NAMES)
def test_customers_words_make_no_entry_done(tmp_path, name):
    body = "**Done.** it\n- [x] done\n**Closed.**\nstate: done"
    tracker = FileTracker(tmp_path / name)
    tracker.create(an_issue(title="**Done.**", body=body, fields={"state": "accepted"}))

    assert tracker.read(["P-12"])["P-12"].progress is Progressed.OPEN


@pytest.mark.parametrize("name", ["backlog.csv", "backlog.jsonl"])
def test_who_works_on_it_is_read_from_what_people_add(tmp_path, name):
    path = tmp_path / name
    path.write_text("problem,title,owner\nP-12,a,Ann\n" if name.endswith("csv") else '{"problem":"P-12","owner":"Ann"}')

    assert FileTracker(path).read(["P-12"])["P-12"].assignee == "Ann"


@pytest.mark.parametrize("name", NAMES)
def test_what_people_deleted_is_not_among_what_is_read(tmp_path, name):
    tracker = FileTracker(tmp_path / name)
    assert tracker.read(["P-1"]) == {}

    tracker.create(an_issue("P-1"))
    assert (list(tracker.read(["P-1", "P-2"])), tracker.lag_seconds) == (["P-1"], 0)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_what_people_wrote_into_a_block_stays_when_it_is_brought_up_to_date(tmp_path, newline):
    tracker = FileTracker(tmp_path / "backlog.md")
    tracker.path.write_bytes(f"# Ours{newline}".encode())
    filed = tracker.create(an_issue())
    notes = [b"Ann looks into it.", b"", b"- [ ] a spec", b"  - [ ] \xe9 by Bob"]
    said = newline.encode().join([*notes, b""])
    content = tracker.path.read_bytes()
    heading = content.splitlines(keepends=True)[2]
    tracker.path.write_bytes(content.replace(heading, heading + said))

    for body in ("It spins.", "It spins for an hour.", "It spins for a day."):
        tracker.update(filed, an_issue(body=body))

    content = tracker.path.read_bytes()
    assert content.count(said) == 1
    assert "It spins for a day." in content.decode("utf-8", "replace")
    assert "an hour" not in content.decode("utf-8", "replace")


def test_what_says_that_a_block_is_done_says_it_no_more_when_it_is_opened_again(tmp_path):
    tracker = FileTracker(tmp_path / "backlog.md")
    filed = tracker.create(an_issue())
    done = "**Done.** In 4.2, says Ann.\n**Done.**\n- [x] a spec\n\n<!-- /insights"
    tracker.path.write_text(tracker.path.read_text().replace("<!-- /insights", done))
    assert tracker.read(["P-12"])["P-12"].is_closed

    assert not tracker.update(filed, an_issue()).is_closed
    assert "Was done. In 4.2, says Ann.\n\n- [ ] a spec\n" in tracker.path.read_text()


@pytest.mark.parametrize("name", ["backlog.csv", "backlog.jsonl"])
@pytest.mark.parametrize(("word", "kept"), [("In review", "In review"), ("done", "accepted"), ("inbox", "accepted")])
def test_peoples_own_word_for_how_it_stands_stays(tmp_path, name, word, kept):
    tracker = FileTracker(tmp_path / name)
    filed = tracker.create(an_issue(fields={"state": "accepted", "items": "3"}))
    tracker.path.write_text(tracker.path.read_text().replace('"accepted"', f'"{word}"'))

    assert tracker.update(filed, an_issue(fields={"state": "accepted", "items": "4"})).status == kept
    assert '"4"' in tracker.path.read_text()


def test_fields_that_people_add_to_a_line_stay(tmp_path):
    tracker = FileTracker(tmp_path / "backlog.jsonl")
    filed = tracker.create(an_issue())
    entry = json.loads(tracker.path.read_text())
    entry["fields"]["sprint"] = 7
    tracker.path.write_text(json.dumps(entry) + "\n")

    tracker.update(filed, an_issue(fields={"Value": "$6k"}))

    assert json.loads(tracker.path.read_text())["fields"] == {"Value": "$6k", "sprint": 7}
