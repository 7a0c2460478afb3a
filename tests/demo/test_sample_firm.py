"""The sample firm is what it says, and the program finds in it what was put there.

The figure is a check of the program, not of its quality on real mail: the sample was written for it, and its wording
names things plainly. Quality on real data is measured in benchmarks/.
"""

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from insights.bootstrap import Workspace
from insights.demo.sample import make_demo, sample_texts
from insights.domain.problem import Movement, Problem
from insights.errors import InsightsError

TRUTH = Path(__file__).parents[1] / "data/demo_truth.csv"
NEW, FIXED = "expiry-warnings-false", "session-logout"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("INSIGHTS_KEY_DIR", str(folder / "keys"))
        workspace, _ = make_demo(folder / "w", fresh=False, progress=lambda *_: None)
        yield workspace
        workspace.close()


def truth() -> dict[tuple[str, str], list[str]]:
    with TRUTH.open(encoding="utf-8") as file:
        return {(Path(row["file"]).stem, row["id"]): row["problems"].split("|") for row in csv.DictReader(file)}


def assigned(workspace: Workspace) -> dict[tuple[str, str], list[int]]:
    """(source, source id) -> the problems of its mentions."""
    repository = workspace.repository
    memberships = repository.groupings.memberships()
    mentions = repository.mentions.ranked()
    items = repository.feedback.get(sorted({mention.feedback_id for mention in mentions}))
    found: dict[tuple[str, str], list[int]] = {}
    for mention in mentions:
        item = items[mention.feedback_id]
        found.setdefault((item.source, item.source_id), []).append(memberships.get(mention.id, 0))
    return found


def problem_about(workspace: Workspace, slug: str) -> Problem:
    """The problem that holds most items of a true one."""
    where = assigned(workspace)
    counted = Counter(p for key, slugs in truth().items() if slugs == [slug] for p in where.get(key, []) if p)
    return workspace.repository.problems.get(counted.most_common(1)[0][0])


def test_the_sample_is_as_large_and_varied_as_it_claims(demo: Workspace) -> None:
    counts = demo.repository.feedback.counts()
    assert counts["items.ticket"] >= 700
    assert counts["items.nps"] >= 300
    assert counts["items.note"] >= 200
    assert len(demo.repository.customers.accounts()) >= 120
    assert len(demo.repository.customers.deals()) >= 150


def test_groups_agree_with_the_hidden_truth(demo: Workspace) -> None:
    from sklearn.metrics import adjusted_mutual_info_score

    where = assigned(demo)
    expected, got = [], []
    for number, (key, slugs) in enumerate(truth().items()):
        if len(slugs) == 1 and slugs[0]:
            problems = [problem for problem in where.get(key, []) if problem]
            expected.append(slugs[0])
            got.append(Counter(problems).most_common(1)[0][0] if problems else -number)
    assert adjusted_mutual_info_score(expected, got) >= 0.60


def test_the_problem_of_the_last_two_weeks_is_new(demo: Workspace) -> None:
    assert problem_about(demo, NEW).movement is Movement.NEW


def test_the_problem_that_was_fixed_fades(demo: Workspace) -> None:
    assert problem_about(demo, FIXED).movement is Movement.FADING


def test_every_problem_has_a_title_and_quotes_of_its_own(demo: Workspace) -> None:
    problems = demo.triage().inbox()
    assert len({problem.title.casefold() for problem in problems}) == len(problems)
    for problem in problems:
        quotes = demo.triage().quotes(problem.id)
        assert 1 <= len(quotes) <= 3
        assert all(quote.text and quote.text in quote.context for quote in quotes)


def test_personal_data_does_not_reach_the_copies_that_leave(demo: Workspace) -> None:
    repository = demo.repository
    items = repository.feedback.get(list(range(1, 2000)))
    told = {item.author_email for item in items.values() if item.author_email}
    leaked = [item.id for item in items.values() for email in told if email in (item.redacted or "")]
    assert len(items) > 1200
    assert leaked == []


def test_a_demo_does_not_replace_a_workspace_that_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from insights.bootstrap import make_workspace

    monkeypatch.setenv("INSIGHTS_KEY_DIR", str(tmp_path / "keys"))
    make_workspace(tmp_path / "real")
    with pytest.raises(InsightsError, match="holds a workspace already"):
        make_demo(tmp_path / "real", fresh=True, progress=lambda *_: None)
    assert (tmp_path / "real/.insights/insights.db").exists()


def test_texts_of_the_sample_come_evenly_from_all_its_files() -> None:
    some, every = sample_texts(500), sample_texts(1_000_000)

    assert len(some) == 500
    assert len(every) > 1_200
    assert [text for text in every if text in set(some)][:3] == some[:3]
    assert some[-1] in every[-10:]
