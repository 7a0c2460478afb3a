import csv
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from markdown_it import MarkdownIt

from connectors.trackers.files import FileTracker
from insights.corrections import Corrections
from insights.domain.feedback import GIVES_ORDERS
from insights.domain.problem import Action
from insights.errors import InsightsError
from insights.export import accepted, close_issue, export_all, export_problem, filed_in, preview
from insights.filing import Did, Once
from insights.ports import Filed, Issue, Progressed, Sought
from insights.triage import Triage
from tests.fakes import quiet
from tests.stored import NOW, a_stored_problem, a_workspace, an_account_record, an_estimate, an_item

HOSTILE = (
    "It fails <script>alert(1)</script> @everyone\n# closes #12 and GH-3\n"
    "![p](https://evil.example/p.png) [click](javascript:x)\n---\n```\n<!-- /insights:P-1 -->"
)


def filed(problem: str, *, is_closed: bool = False) -> Filed:
    progress = Progressed.DROPPED if is_closed else Progressed.OPEN
    return Filed(external_id=problem, url=None, progress=progress)


@dataclass
class MemoryTracker:
    """Keeps issues by problem; `dies_after_create` is a process that was killed before the answer was noted."""

    name: str = "memory"
    lag_seconds: float = 0
    issues: dict[str, Issue] = field(default_factory=dict)
    created: int = 0
    dies_after_create: bool = False

    closed: dict[str, str] = field(default_factory=dict)
    refuses: str = ""

    def find(self, sought: Sought) -> Filed | None:
        return self.read([sought.problem]).get(sought.problem)

    def read(self, external_ids: Sequence[str]) -> dict[str, Filed]:
        return {name: filed(name, is_closed=name in self.closed) for name in external_ids if name in self.issues}

    def create(self, issue: Issue) -> Filed:
        if issue.problem == self.refuses:
            raise InsightsError("Full.", remedy="Make room.")
        self.created += 1
        self.issues[issue.problem] = issue
        if self.dies_after_create:
            raise KeyboardInterrupt
        return filed(issue.problem)

    def update(self, filed: Filed, issue: Issue, *, reopens: bool = True) -> Filed:
        self.issues[filed.external_id] = issue
        if reopens:
            self.closed.pop(filed.external_id, None)
        return filed

    def close(self, filed: Filed, comment: str) -> Filed:
        self.closed[filed.external_id] = comment
        return filed


@pytest.fixture
def repository(tmp_path):
    """P-1 hostile, from two accounts; P-2 from nobody known, without quote and estimate."""
    opened = a_workspace(
        tmp_path,
        accounts=[an_account_record("Acme <b>", revenue=610_000), an_account_record("Initech")],
        problems=[
            a_stored_problem(
                "Export <hangs> @bob",
                summary="Exports stop. Fixes #7.",
                items=[
                    an_item(HOSTILE, account="Acme <b>", days_ago=8),
                    an_item("It hangs again", account="Acme <b>"),
                    an_item("Hangs here, too", account="Initech"),
                ],
                estimate=an_estimate(unknown_revenue_accounts=1),
                quotes=3,
            ),
            a_stored_problem("Slow", quotes=0),
        ],
    )
    yield opened
    opened.close()


def export(repository, tracker, problem=1, **options):
    return export_problem(problem, repository=repository, tracker=tracker, now=NOW, currency="$", **options)


def test_a_quote_that_gives_orders_to_a_machine_is_marked_in_the_tracker(repository):
    tracker = MemoryTracker()
    repository.feedback.mark_orders({2: True})

    export(repository, tracker)

    (quote,) = [part for part in tracker.issues["P-1"].body.split("> It ") if GIVES_ORDERS in part]
    assert quote.startswith("hangs again")


def test_a_second_export_updates_the_same_issue(repository):
    tracker = MemoryTracker()

    first, second = export(repository, tracker), export(repository, tracker)

    assert (first.created, second.created) == (True, False)
    assert tracker.created == 1
    assert repository.problems.get(1).exported == (second.link,)


def test_being_killed_between_creating_and_linking_makes_no_second_issue(repository):
    tracker = MemoryTracker(dies_after_create=True)
    with pytest.raises(KeyboardInterrupt):
        export(repository, tracker)
    assert repository.problems.get(1).exported == ()

    again = export(repository, tracker, once=Once(sleep=lambda _: None))

    assert tracker.created == 1
    assert repository.problems.get(1).exported == (again.link,)
    assert repository.filings.open() == []


def test_the_body_says_who_how_much_and_on_what_it_rests(repository):
    body = export(repository, MemoryTracker()).issue.body

    assert "3 items from 2 accounts paying $610k a year (1 of unknown revenue)" in body
    assert "$400k likely ($100k–1M)" in body
    assert "**Cost:** $12k likely ($4k–30k), 3 weeks. **Return:** 32×" in body
    assert "added chance to leave .03 (default)" in body
    assert "oldest first: 0 0 0 0 0 0 1 2" in body
    assert "tickets T-2, 2026-11-20" in body
    assert "P-1 in insights" in body


@pytest.mark.parametrize("wrap", [lambda body: body, lambda body: "\n".join(f"> {x}" for x in body.split("\n"))])
def test_customers_words_do_nothing_in_the_body(repository, wrap):
    page = MarkdownIt("commonmark").render(wrap(export(repository, MemoryTracker()).issue.body))

    assert not re.search(r"<(script|img|a |h\d|hr|code|pre|!--)", page)
    assert not re.search(r"@\w|#\d|GH-\d|https?://", page.replace("&quot;", ""))
    assert "It fails &lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_title_and_fields_are_plain_single_lines(repository):
    issue = export(repository, MemoryTracker()).issue

    assert issue.title == "Export <hangs> @bob"
    assert all("\n" not in value for value in issue.fields.values())
    assert issue.fields["value_likely"] == "400000"
    assert issue.fields["accounts"] == "2"
    assert issue.fields["last_seen"] == "2026-11-20"


def test_no_more_quotes_than_asked_for(repository):
    body = export(repository, MemoryTracker(), limit_quotes=1).issue.body

    assert body.count("\n> — ") == 1


def test_exporting_what_is_not_accepted_warns(repository):
    tracker = MemoryTracker()
    waiting = export(repository, tracker)
    Triage(repository, "ann", lambda: NOW).decide(1, Action.ACCEPT)
    decided = export(repository, tracker)

    assert waiting.warnings == ("P-1 is not accepted (inbox); it was filed all the same.",)
    assert decided.warnings == ()


def test_the_issue_of_a_shipped_problem_is_brought_up_to_date_without_a_warning(repository):
    Triage(repository, "ann", lambda: NOW).decide(1, Action.SHIP)

    assert export(repository, MemoryTracker()).warnings == ()


def test_a_problem_without_quotes_estimate_and_accounts_can_be_exported(repository):
    done = export(repository, MemoryTracker(), problem=2)

    assert "1 item, from no known account" in done.issue.body
    assert done.issue.fields["value_likely"] == ""
    assert "P-2 has no verified quote; the issue stands on counts alone." in done.warnings


def test_an_unknown_problem_is_filed_nowhere(repository):
    tracker = MemoryTracker()

    with pytest.raises(InsightsError):
        export(repository, tracker, problem=99)

    assert tracker.issues == {}


@pytest.mark.parametrize("name", ["backlog.md", "backlog.csv", "backlog.jsonl"])
def test_a_backlog_file_holds_one_entry_after_two_exports(repository, tmp_path, name):
    tracker = FileTracker(tmp_path / name)

    done = [export(repository, tracker).created for _ in range(2)]

    assert done == [True, False]
    text = (tmp_path / name).read_text(encoding="utf-8")
    if name.endswith(".csv"):
        (row,) = csv.DictReader(text.splitlines(keepends=True))
        assert (row["problem"], row["value_likely"]) == ("P-1", "400000")
    elif name.endswith(".jsonl"):
        assert json.loads(text)["fields"]["items"] == "3"
    else:
        assert text.count("<!-- insights:P-1 -->") == text.count("<!-- /insights:P-1 -->") == 1


# -- before, several, and taken back ----------------------------------------------------------------------------


def look(repository, tracker, problem=1):
    return preview(problem, repository=repository, tracker=tracker, now=NOW, currency="$")


def test_a_preview_is_what_would_be_filed_and_files_nothing(repository):
    tracker = MemoryTracker()

    seen = look(repository, tracker)
    assert (tracker.issues, repository.problems.get(1).exported) == ({}, ())
    made = export(repository, tracker).issue
    assert replace(made, sought=seen.issue.sought) == seen.issue
    assert made.sought.marker == seen.issue.sought.marker
    assert (seen.found, look(repository, tracker).found) == (None, filed("P-1"))
    assert seen.warnings == ("P-1 is not accepted (inbox).",)


def test_several_are_filed_each_once_with_progress(repository):
    tracker, told = MemoryTracker(), []
    made = export_all(
        [2, 1, 2],
        repository=repository,
        tracker=tracker,
        now=NOW,
        currency="$",
        progress=lambda *step: told.append(step),
    )

    assert [one.link.problem_id for one in made.done] == [2, 1]
    assert tracker.created == 2
    assert told == [("exporting", 1, 2), ("exporting", 2, 2)]


def test_one_that_is_refused_does_not_keep_the_others_from_being_filed(repository):
    tracker = MemoryTracker(refuses="P-1")
    made = export_all([1, 99, 2], repository=repository, tracker=tracker, now=NOW, currency="$", progress=quiet)

    assert [one.link.problem_id for one in made.done] == [2]
    assert {number: error.message for number, error in made.failed.items()} == {
        1: "Full.",
        99: "There is no problem P-99.",
    }


def test_a_closed_issue_carries_the_comment_and_the_problem_counts_as_not_exported(repository):
    tracker = MemoryTracker()
    export(repository, tracker)
    close_issue(1, repository=repository, tracker=tracker, comment="taken\x1b[2J back", now=NOW)

    assert tracker.closed == {"P-1": "taken back"}
    assert repository.problems.get(1).exported == ()
    assert look(repository, tracker).found == filed("P-1", is_closed=True)


def test_exporting_after_closing_opens_the_same_issue(repository):
    tracker = MemoryTracker()
    export(repository, tracker)
    close_issue(1, repository=repository, tracker=tracker, comment="taken back", now=NOW)
    again = export(repository, tracker)

    assert (again.did, tracker.created, tracker.closed) == (Did.REOPENED, 1, {})
    assert repository.problems.get(1).exported == (again.link,)


def test_what_was_never_filed_there_cannot_be_closed(repository):
    with pytest.raises(InsightsError, match="P-1 has no issue in memory"):
        close_issue(1, repository=repository, tracker=MemoryTracker(), comment="x", now=NOW)
    with pytest.raises(InsightsError, match="no problem P-99"):
        close_issue(99, repository=repository, tracker=MemoryTracker(), comment="x", now=NOW)


def test_a_merged_problem_closes_its_own_issue_and_not_that_of_its_heir(repository):
    tracker = MemoryTracker()
    export(repository, tracker)
    export(repository, tracker, problem=2)
    Corrections(repository, who="ann", now=lambda: NOW).merge(2, 1)
    close_issue(2, repository=repository, tracker=tracker, comment="merged into P-1", now=NOW)

    assert list(tracker.closed) == ["P-2"]
    assert [link.external_id for link in repository.problems.get(1).exported] == ["P-1"]


def test_what_is_gone_is_seen_before_and_told_with_what_files_it_anew(repository):
    tracker = MemoryTracker()
    export(repository, tracker)
    tracker.issues.clear()
    seen = look(repository, tracker)

    assert seen.found is None
    assert seen.warnings[-1] == "Its issue P-1 is gone from there: deleted, or hidden."
    with pytest.raises(InsightsError, match="is gone"):
        export(repository, tracker)


def test_the_issue_of_a_problem_merged_into_another_is_told_to_count_for_both(repository):
    tracker = MemoryTracker()
    export(repository, tracker, problem=2)
    Corrections(repository, who="ann", now=lambda: NOW).merge(2, 1)
    made = export(repository, tracker)

    assert (tracker.created, made.did, list(tracker.issues)) == (1, Did.UPDATED, ["P-2"])
    assert made.warnings[-1] == "P-2 was merged into P-1: its issue P-2 counts for both."


def test_all_that_are_accepted_or_filed_are_named_by_the_problems_they_are_now(repository):
    tracker = MemoryTracker()
    export(repository, tracker, problem=2)
    Triage(repository, "ann", lambda: NOW).decide(1, Action.ACCEPT)
    assert (accepted(repository), filed_in(repository, "memory")) == ([1], [2])

    Corrections(repository, who="ann", now=lambda: NOW).merge(2, 1)

    assert filed_in(repository, "memory") == filed_in(repository, "memory", [2]) == [1]
    assert filed_in(repository, "memory", [99]) == filed_in(repository, "other") == []
