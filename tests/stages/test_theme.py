"""Problems are put into themes after each run; a theme keeps its id, and its name while it keeps its problems."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from insights.domain.theme import Theme, needs_name
from insights.language.theme_namer import ThemeNamer
from insights.stages.theme import find_themes
from insights.storage.repository import Repository
from insights.triage import Triage
from tests.language.chat_server import ChatServer, chat_server, refusal, says
from tests.language.desk_builders import SMALL, a_desk, remarks
from tests.stages.night import Night
from tests.stored import NOW
from tests.test_corrections import by


def themes_after(
    night: Night, topics: Sequence[str], *, times: int = 8, server: ChatServer | None = None
) -> list[Theme]:
    """One night that hears of some topics, up to its themes; a model names them where there is a server."""
    for topic in topics:
        night.hear(topic, times=times)
    night.pass_by()
    run = night.repository.runs.start(mode="offline", at=NOW)
    namer = ThemeNamer(a_desk(night.repository, server)) if server else None
    count = find_themes(night.repository, vectors=night.vectors, run_id=run.id, namer=namer)
    found = night.repository.themes.all()
    assert len(found) == count
    return found


def problems(repository: Repository) -> set[int]:
    return {problem.id for problem in repository.problems.all()}


def test_every_problem_is_in_one_theme_with_a_name_of_its_own(night: Night) -> None:
    found = themes_after(night, ["export", "login", "label", "invoice"])

    assert len(found) >= 2
    assert sorted(number for theme in found for number in theme.problems) == sorted(problems(night.repository))
    assert len({theme.name.casefold() for theme in found}) == len(found)
    assert all(theme.name for theme in found)
    held = {problem.id: problem.theme_id for problem in night.repository.problems.all()}
    assert held == {number: theme.id for theme in found for number in theme.problems}


def test_a_night_without_a_new_problem_leaves_themes_as_they_are(night: Night) -> None:
    before = themes_after(night, ["export", "login", "label", "invoice"], times=20)

    assert themes_after(night, ["export"], times=2) == before


def test_a_new_problem_finds_a_theme_and_the_others_keep_id_and_name(night: Night) -> None:
    before = {theme.id: theme.name for theme in themes_after(night, ["export", "login", "label", "invoice"], times=20)}

    after = themes_after(night, ["webhook"], times=8)

    assert {number for theme in after for number in theme.problems} == problems(night.repository)
    kept = {theme.id: theme.name for theme in after if theme.id in before}
    assert len(kept) >= len(before) - 1


def test_a_problem_that_a_person_split_off_is_in_a_theme_after_the_next_run(night: Night) -> None:
    themes_after(night, ["export", "login", "label", "invoice"])
    items = [one.feedback_id for one in Triage(night.repository, "ada", lambda: NOW).items(1)]
    by(night.repository).split(1, items[:3])

    after = themes_after(night, [])

    assert {number for theme in after for number in theme.problems} == problems(night.repository)


# -- with a model -----------------------------------------------------------------------------------------------


def areas(body: dict[str, Any]) -> Any:
    """A name of its own for each theme but the first, which gets one that says a figure nobody said."""
    names = {number: f"Area {'x' * number}" for number in remarks(body)} | {1: "Top 40 complaints"}
    return says({"themes": [{"item": number, "name": name} for number, name in names.items()]})


def test_a_model_names_themes_and_what_fails_its_check_is_named_offline(night: Night) -> None:
    with chat_server(areas) as server:
        found = themes_after(night, ["export", "login", "label", "invoice"], server=server)

    by = {theme.named_by: theme.name for theme in found}
    assert set(by) == {"offline", f"openai:{SMALL}"}
    assert by[f"openai:{SMALL}"].startswith("Area x")
    assert "40" not in by["offline"]
    assert len({theme.name.casefold() for theme in found}) == len(found)
    assert server.calls == 1


def test_what_was_named_offline_gets_a_models_name_once_there_is_one(night: Night) -> None:
    before = themes_after(night, ["export", "login", "label", "invoice"])
    with chat_server(areas) as server:
        after, *later = [themes_after(night, [], server=server) for _ in range(4)]

    assert [(theme.id, theme.problems) for theme in after] == [(theme.id, theme.problems) for theme in before]
    assert {theme.named_by for theme in after} == {"offline", f"openai:{SMALL}"}
    assert all(again == after for again in later)
    assert server.calls == 2  # for all of them, and once more for the one whose name did not hold


def test_a_name_that_a_model_gave_is_kept_while_its_theme_keeps_its_problems(night: Night) -> None:
    with chat_server(areas) as server:
        before = themes_after(night, ["export", "login", "label", "invoice"], server=server, times=20)
    with chat_server(lambda _: refusal(500)) as server:
        after = themes_after(night, ["webhook"], server=server)

    given = {theme.id: theme.name for theme in before if theme.named_by != "offline"}
    assert given
    kept = {theme.id: theme.name for theme in after if theme.id in given}
    assert all(given[number] == name for number, name in kept.items())


def test_a_server_that_fails_leaves_the_offline_names(night: Night) -> None:
    with chat_server(lambda _: refusal(500)) as server:
        found = themes_after(night, ["export", "login", "label", "invoice"], server=server)

    assert all(theme.name and theme.named_by == "offline" for theme in found)


def test_without_problems_there_is_no_theme(night: Night) -> None:
    assert themes_after(night, []) == []


@pytest.mark.parametrize(
    ("now", "expected"),
    [({1, 2, 3, 4}, False), ({1, 2, 3, 4, 5}, False), ({1, 2}, False), ({1, 9}, True), ({7, 8}, True)],
)
def test_a_name_is_kept_until_more_than_half_of_the_problems_are_others(now: set[int], expected: bool) -> None:
    theme = Theme(id=1, name="Labels", problems=frozenset(now), named_from=frozenset({1, 2, 3, 4}))

    assert needs_name(theme) is expected
    assert needs_name(replace(theme, name=""))
