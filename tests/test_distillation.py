"""What a model answered teaches small classifiers, which then answer sure cases for nothing; people outrank both."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from insights.bootstrap import Workspace, make_workspace, open_workspace
from insights.corrections import Corrections
from insights.distillation import Outcome, distil, forget, standing
from insights.domain.feedback import Stance
from insights.domain.problem import Action
from insights.embedding.static import StaticEmbedder
from insights.language.assessing import Assessor
from insights.language.controls import CONTROLS
from insights.language.distilled import DISTILLED, load_distilled
from insights.ports import Embedder
from insights.stages.assess import assess_for_nothing, assess_problems
from insights.stages.kinds import tell_for_nothing
from insights.storage.assessments import ASSESSED
from insights.storage.repository import Repository
from insights.triage import Triage
from tests.actors import ADA
from tests.drafts import a_draft, save
from tests.fakes import HashingEmbedder, quiet
from tests.language.chat_server import Reply, chat_server, completion
from tests.language.desk_builders import a_desk
from tests.language.honest_model import asked_for, honest, remarks
from tests.lessons import MODEL, assess, hear, kind_of, problems, severity_of, teach, texts
from tests.stored import KEY, NOW, a_stored_problem, a_workspace, an_item


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    opened = Repository(f"sqlite:///{tmp_path / 'insights.db'}", key=KEY, actor=ADA)
    yield opened
    opened.close()


def learn(
    repository: Repository, *, embedder: Embedder | None = None, large: str = "", precision: float = 0.95
) -> dict[str, Outcome]:
    embedder = embedder or HashingEmbedder()
    found = distil(repository, embedder=embedder, large=large, precision=precision, at=NOW, progress=quiet)
    return {one.name: one for one in found}


def tell(repository: Repository, *, embedder: Embedder | None = None) -> dict[str, int]:
    classifier = load_distilled(repository.distilled, embedder or HashingEmbedder()).kinds
    if classifier is None:
        return {}
    return tell_for_nothing(repository, classifier=classifier, unsure_below=0.6, progress=quiet)


# -- kinds ----------------------------------------------------------------------------------------------------------


def test_sure_kinds_are_told_for_nothing_as_the_model_would_tell_them(repository: Repository) -> None:
    teach(repository, 300)
    new = hear(repository, [text for text, _ in texts(60, first=301)], first=301)

    outcome = learn(repository)["kinds"]
    counts = tell(repository)

    assert (outcome.answers, outcome.models, outcome.refused) == (300, (MODEL,), "")
    assert outcome.figures is not None
    assert (outcome.figures.mean.f1.value or 0) > (outcome.figures.before.value or 1)
    told = [one for one in repository.mentions.get(new) if one.confidence == 1]
    assert counts == {"kinds_distilled": len(told), "kinds_changed": len(told)}
    assert len(told) > 30
    assert sum(one.stance is kind_of(one.text) for one in told) >= 0.9 * len(told)


def test_what_was_told_for_nothing_is_never_learned_from(repository: Repository) -> None:
    teach(repository, 300)
    learn(repository)
    hear(repository, [text for text, _ in texts(60, first=301)], first=301)
    assert tell(repository)["kinds_distilled"] > 30

    assert learn(repository)["kinds"].answers == 300


def test_too_few_answers_teach_nothing_and_say_how_many_are_needed(repository: Repository) -> None:
    teach(repository, 199)

    outcome = learn(repository)["kinds"]

    assert outcome.refused == "there are 199 answers to learn from, and 200 are needed"
    assert (outcome.figures, standing(repository)) == (None, [])


def test_without_any_answer_nothing_is_learned(repository: Repository) -> None:
    assert [one.answers for one in learn(repository).values()] == [0, 0, 0]


def test_copies_are_one_answer_and_the_large_model_has_the_word(repository: Repository) -> None:
    teach(repository, 210, by="openai:large")
    for first in (1001, 2001):
        copies = hear(repository, [text for text, _ in texts(210)], first=first)
        repository.mentions.save_opinions(dict.fromkeys(copies, Stance.QUESTION), told_by=MODEL)

    outcome = learn(repository, large="openai:large")["kinds"]

    assert outcome.answers == 210
    assert outcome.models == ("openai:large", MODEL)
    assert outcome.figures is not None
    assert {one.answer for one in outcome.figures.answers} == {"problem", "praise", "noise"}
    assert learn(repository)["kinds"].refused == "nearly all answers are the same: there is nothing to tell apart"


def test_what_a_person_said_otherwise_teaches_nothing(tmp_path: Path) -> None:
    items = [[an_item(f"{words} {n}") for n in range(3)] for words in ("It hangs in hall", "Labels fade on shelf")]
    repository = a_workspace(tmp_path, problems=[a_stored_problem(items=some) for some in items])
    repository.mentions.save_opinions(dict.fromkeys(range(1, 7), Stance.PROBLEM), told_by=MODEL)
    before = learn(repository)["kinds"].answers

    Corrections(repository, who="openai:small", now=lambda: NOW).move(1, 1, to=None)
    assert learn(repository)["kinds"].answers == before
    Corrections(repository, who="ada", now=lambda: NOW).move(2, 1, to=None)
    Triage(repository, who="ada", now=lambda: NOW).decide(2, Action.DISMISS)
    after = learn(repository)["kinds"].answers
    Triage(repository, who="ada", now=lambda: NOW).undo()
    again = learn(repository)["kinds"].answers
    repository.close()

    assert (before, after, again) == (2, 1, 2)


def test_a_classifier_of_another_embedder_is_not_used_and_says_so(repository: Repository) -> None:
    teach(repository, 300)
    learn(repository)

    found = load_distilled(repository.distilled, HashingEmbedder(name="another"))

    assert found.kinds is None
    assert found.notes == (
        "Not used, for they were made with another embedder or version: kinds. To renew them: insights models distil",
    )


def test_one_that_is_no_longer_of_use_goes(repository: Repository) -> None:
    teach(repository, 300)
    learn(repository)
    assert [one.name for one in standing(repository)] == ["kinds"]
    ids = list(repository.distilled.told_by_models(most=1000))
    turned = {number: tuple(Stance)[place % 5] for place, number in enumerate(ids)}
    repository.mentions.save_opinions(turned, told_by=MODEL)

    assert learn(repository)["kinds"].refused
    assert standing(repository) == []


def test_what_is_forgotten_tells_nothing_more(repository: Repository) -> None:
    teach(repository, 300)
    learn(repository)
    hear(repository, [text for text, _ in texts(60, first=301)], first=301)

    gone = forget(repository)

    assert [one.name for one in gone] == ["kinds"]
    assert gone[0].made_from == f"300 answers of {MODEL}"
    assert tell(repository) == {}
    assert standing(repository) == []


# -- severity -------------------------------------------------------------------------------------------------------


def assessed(folder: Path, *, known: int = 120, new: int = 20) -> Repository:
    """Problems of which a model has assessed the first ones."""
    repository = a_workspace(folder, problems=problems(known + new))
    assess(repository, range(1, known + 1))
    return repository


def assess_sure(repository: Repository) -> int:
    classifier = load_distilled(repository.distilled, HashingEmbedder()).severity
    return 0 if classifier is None else assess_for_nothing(repository, classifier=classifier, at=NOW, progress=quiet)


def said(repository: Repository, problem: int) -> dict[str, Any]:
    found = repository.assessments.get(problem, ASSESSED)
    assert found is not None
    return {"by": found.told_by, **json.loads(found.text)}


def test_sure_severities_are_told_for_nothing_and_only_the_rest_is_asked(tmp_path: Path) -> None:
    repository = assessed(tmp_path)

    outcomes = learn(repository)
    told = assess_sure(repository)
    with chat_server(honest) as server:
        assessor = Assessor(a_desk(repository, server))
        asked = assess_problems(repository, assessor=assessor, run_id=1, at=NOW, progress=quiet)

    assert [outcomes[name].refused for name in ("severity", "urgency")] == ["", ""]
    assert told > 10
    assert told + asked == 20
    by_classifier = [said(repository, problem) for problem in range(121, 141)]
    right = [
        (one["severity"], one["urgency"]) == severity_of(problem)
        for problem, one in enumerate(by_classifier, 121)
        if one["by"] == DISTILLED
    ]
    assert len(right) == told
    assert sum(right) >= 0.9 * told
    repository.close()


def test_what_is_told_for_nothing_has_no_weeks_and_no_reasons(tmp_path: Path) -> None:
    repository = assessed(tmp_path)
    learn(repository)
    assess_sure(repository)

    triage = Triage(repository, who="ada", now=lambda: NOW)
    told = [one for problem in range(121, 141) if (one := triage.assessed(problem)) is not None]
    repository.close()

    assert told
    assert {(one.by, one.weeks, one.severity_reason, one.effort_reason) for one in told} == {(DISTILLED, None, "", "")}


def test_what_a_model_or_a_person_assessed_stays_theirs(tmp_path: Path) -> None:
    repository = assessed(tmp_path)
    learn(repository)
    assess(repository, [1, 3], by=MODEL)
    assess(repository, [2], by="ada")

    assess_sure(repository)

    assert [said(repository, problem)["by"] for problem in (1, 2, 3)] == [MODEL, "ada", MODEL]
    repository.close()


def test_people_and_dismissed_problems_teach_no_severity(tmp_path: Path) -> None:
    repository = assessed(tmp_path, known=10, new=0)
    assess(repository, [1], by="ada")
    assess(repository, [2], by=DISTILLED)
    Triage(repository, who="ada", now=lambda: NOW).decide(3, Action.DISMISS)

    outcome = learn(repository)["severity"]
    repository.close()

    assert outcome.refused == "there are 7 answers to learn from, and 80 are needed"


def test_severity_without_urgency_is_not_told(tmp_path: Path) -> None:
    repository = assessed(tmp_path)
    assess(repository, range(1, 121), urgency="soon")

    outcomes = learn(repository)

    assert outcomes["urgency"].refused == "nearly all answers are the same: there is nothing to tell apart"
    assert outcomes["severity"].refused == "urgency is not told, and neither is told without the other"
    assert standing(repository) == []
    repository.close()


# -- from end to end ------------------------------------------------------------------------------------------------


def answer(body: dict[str, Any]) -> Reply:
    """Tells kinds by the words, all else as the honest model does."""
    if asked_for(body) != "KindsDraft":
        return honest(body)
    kinds = {number: CONTROLS.get(words, kind_of(words)).value for number, words in remarks(body).items()}
    return completion(
        json.dumps({"kinds": [{"item": number, "kind": kind, "sure": True} for number, kind in kinds.items()]})
    )


def asked_about(bodies: list[dict[str, Any]]) -> int:
    """Remarks whose kind was asked for; those of which the program knows it, to try the model, left out."""
    shown = [words for body in bodies if asked_for(body) == "KindsDraft" for words in remarks(body).values()]
    return sum(words not in CONTROLS for words in shown)


def opened(folder: Path, monkeypatch: pytest.MonkeyPatch, **settings: str) -> Workspace:
    given = {"unsure_below": "1.0", "statements": "off", "review": "false", "audit_share": "0"} | settings
    for name, value in given.items():
        monkeypatch.setenv(f"INSIGHTS_LANGUAGE_{name.upper()}", value)
    return open_workspace(folder)


def hear_of(workspace: Workspace, count: int, *, first: int) -> None:
    heard = texts(count, first=first)
    save(workspace.repository, *(a_draft(text, number=first + n) for n, (text, _) in enumerate(heard)))


def test_a_run_asks_about_what_is_left_and_one_without_a_model_tells_the_sure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INSIGHTS_KEY_DIR", str(tmp_path / "keys"))
    make_workspace(tmp_path / "w")
    with chat_server(answer) as server:
        workspace = opened(tmp_path / "w", monkeypatch, model="openai:small", base_url=server.base_url)
        hear_of(workspace, 300, first=1)
        first = workspace.analyze(progress=quiet)
        outcomes = {one.name: one for one in workspace.distil(precision=0.95, progress=quiet)}
        server.requests.clear()
        hear_of(workspace, 60, first=301)
        second = workspace.analyze(progress=quiet)
        shown = asked_about(server.requests)
        workspace.close()
    offline = opened(tmp_path / "w", monkeypatch, model="", base_url="")
    hear_of(offline, 60, first=401)
    third = offline.analyze(progress=quiet)
    offline.close()

    assert outcomes["kinds"].refused == ""
    assert outcomes["kinds"].answers == first.counts["kinds_asked"] == 300
    assert second.counts["kinds_distilled"] > 30
    assert second.counts["kinds_distilled"] + shown == 60
    assert third.counts["kinds_distilled"] > 30
    assert "kinds_asked" not in third.counts


def test_words_that_a_server_would_have_to_embed_are_embedded_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INSIGHTS_KEY_DIR", str(tmp_path / "keys"))
    monkeypatch.setenv("INSIGHTS_EMBEDDING_EMBEDDER", "openai:text-embedding-3-small")
    monkeypatch.setenv("INSIGHTS_EMBEDDING_BASE_URL", "http://127.0.0.1:9")
    make_workspace(tmp_path / "w")
    workspace = open_workspace(tmp_path / "w")
    teach(workspace.repository, 300)

    workspace.distil(precision=0.95, progress=quiet)

    found = load_distilled(workspace.repository.distilled, StaticEmbedder())
    workspace.close()
    assert found.kinds is not None
