"""Who follows a run sees every stage in its order, and the money as it is spent."""

from itertools import pairwise
from pathlib import Path

import pytest

from insights.bootstrap import make_workspace, open_workspace
from insights.domain.night import NewsKind
from insights.domain.step import Step
from insights.outcomes import ship
from tests.drafts import a_draft, save
from tests.fakes import quiet
from tests.language.chat_server import chat_server
from tests.language.honest_model import honest
from tests.stored import NOW

TOPICS = ("The export of the stock list hangs", "Labels are printed without their edge", "Login loops after a change")


def test_a_run_tells_every_stage_and_what_it_cost_so_far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSIGHTS_KEY_DIR", str(tmp_path / "keys"))
    make_workspace(tmp_path / "w")
    steps: list[Step] = []
    with chat_server(honest) as server:
        monkeypatch.setenv("INSIGHTS_LANGUAGE_MODEL", "openai:small")
        monkeypatch.setenv("INSIGHTS_LANGUAGE_BASE_URL", server.base_url)
        workspace = open_workspace(tmp_path / "w")
        save(workspace.repository, *(a_draft(f"{TOPICS[n % 3]} on line {n}", number=n) for n in range(1, 46)))
        run = workspace.analyze(progress=quiet, follow=steps.append)
        workspace.close()

    begun = [step.name for step in steps if step.what == step.name and step.done == 0]
    assert begun == list(dict.fromkeys(step.name for step in steps))
    assert steps[-1].stage == steps[-1].stages == len(begun)
    assert all(before.stage <= after.stage for before, after in pairwise(steps))
    assert all(before.spent_usd <= after.spent_usd for before, after in pairwise(steps))
    assert 0 < steps[-1].spent_usd == pytest.approx(run.spend_usd)
    described = [step.spent_usd for step in steps if step.name == "describe"]
    assert described[0] < described[-1]


def test_a_run_ends_with_its_night_and_the_next_one_is_compared_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INSIGHTS_KEY_DIR", str(tmp_path / "keys"))
    make_workspace(tmp_path / "w")
    workspace = open_workspace(tmp_path / "w")
    repository = workspace.repository
    save(repository, *(a_draft(f"{TOPICS[n % 3]} on line {n}", number=n) for n in range(1, 46)))
    steps: list[Step] = []

    first = workspace.analyze(progress=quiet, follow=steps.append)
    problem = repository.problems.all()[0]
    ship(problem.id, on=NOW.date(), weeks=None, why=None, repository=repository, who="ada", now=lambda: NOW)
    monkeypatch.setattr("insights.pipeline.verdicts", lambda *_: {problem.id: ("fell", "mentions fell by 60 %")})
    second = workspace.analyze(progress=quiet)
    nights = repository.nights.after(0)
    workspace.close()

    assert steps[-1].name == "compare"
    assert [night.run_id for night in nights] == [first.id, second.id]
    assert nights[0].problems.keys() >= {problem.id}
    assert (first.counts["news"], nights[0].news) == (0, ())
    assert second.counts["news"] == 1
    assert [(one.problem_id, one.kind) for one in nights[1].news] == [(problem.id, NewsKind.FELL)]
