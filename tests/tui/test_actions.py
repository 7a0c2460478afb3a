"""The list of all acts is whole and true: keys, screens and plain commands are held against it."""

import importlib
import pkgutil
import shlex
from datetime import date
from typing import Any

import pytest
import typer.main
from textual.binding import Binding

import tui.screens
from insights.cli.main import app as commands
from insights.domain.problem import Action, Column
from insights.errors import InsightsError
from insights.triage import snooze_until
from tui.actions import ACTS, BY_ID, EVERYWHERE, GROUPS, Act, bindings, check_keys
from tui.app import InsightsApp
from tui.keys import ACCEPT_TO, DISMISS, SNOOZE
from tui.screens.deciding import DecidingScreen

ONLY_LOOKS = frozenset(
    (
        *("next", "previous", "first", "last", "page_down", "page_up", "left", "right"),  # move the cursor
        *("back", "next_quote", "previous_quote"),  # move what is looked at
        *("palette", "help"),  # tell of the acts themselves, as --keys and --help do
        *("theme", "mouse"),  # how it looks and is touched
        *("stop", "quit"),  # end what a command ends by itself, or by ^C
    )
)
"""Acts that change nothing and tell nothing: they alone need no plain command."""

SHARED = {"m": {"merge", "move"}}
"""Keys of two acts that never meet on one screen."""


def screens() -> list[type[DecidingScreen]]:
    """Every screen that is no dialog; those that are bases alone, too."""
    for module in pkgutil.iter_modules(tui.screens.__path__):
        importlib.import_module(f"tui.screens.{module.name}")
    found: list[type[DecidingScreen]] = [DecidingScreen]
    for screen in found:
        found += screen.__subclasses__()
    return found


def own_bindings(kind: type) -> list[Any]:
    """What this class and its bases of ours bind."""
    ours = [base for base in kind.__mro__ if base.__module__.startswith("tui.")]
    return [binding for base in ours for binding in base.__dict__.get("BINDINGS", ())]


def keys_of(act: Act) -> list[str]:
    return [key.strip() for key in act.keys.split(",") if key.strip()]


WITH_COMMAND = [act for act in ACTS if act.command]
KINDS: list[type] = [InsightsApp, *screens()]


def test_the_five_screens_and_the_page_of_a_problem_are_walked():
    names = {kind.__name__ for kind in KINDS}

    assert names >= {mode.__name__ for mode in InsightsApp.MODES.values()} | {"ProblemScreen"}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_what_a_screen_binds_is_an_act_that_it_can_do(kind):
    for binding in own_bindings(kind):
        act = BY_ID[binding.id]
        owner = InsightsApp if act.action.startswith("app.") else kind
        name = act.action.removeprefix("app.").partition("(")[0]

        assert (binding.key, binding.action) == (act.keys, act.action)
        assert callable(getattr(owner, f"action_{name}", None)), f"{owner.__name__} cannot {name}"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_no_key_means_two_acts_on_one_screen(kind):
    acts: dict[str, set[str]] = {}
    for binding in [*own_bindings(kind), *own_bindings(InsightsApp)]:
        for key in keys_of(BY_ID[binding.id]):
            acts.setdefault(key, set()).add(binding.id)

    assert {key: ids for key, ids in acts.items() if len(ids) > 1} == {}


def test_one_key_means_one_thing_everywhere():
    meanings: dict[str, set[str]] = {}
    for act in ACTS:
        for key in keys_of(act):
            meanings.setdefault(key, set()).add(act.id)

    assert {key: ids for key, ids in meanings.items() if len(ids) > 1} == SHARED


def test_every_act_is_bound_somewhere_or_in_the_palette():
    bound = {binding.id for kind in KINDS for binding in own_bindings(kind)}

    assert [act.id for act in ACTS if act.keys and act.id not in bound] == []
    assert [act.id for act in ACTS if not act.keys and not act.in_palette] == []


def test_every_act_has_a_name_of_its_own_and_words():
    assert len(BY_ID) == len(ACTS)
    assert all(act.words for act in ACTS)
    assert set(EVERYWHERE) <= set(BY_ID)


def test_help_is_the_last_on_the_bottom_line():
    assert ACTS[-1].id == "help"
    assert ACTS[-1].in_footer


def test_what_changes_or_tells_something_has_a_plain_command():
    assert {act.id for act in ACTS if not act.command} == ONLY_LOOKS


@pytest.mark.parametrize("act", WITH_COMMAND, ids=lambda act: act.id)
def test_the_plain_command_can_be_called_as_it_stands(act):
    program, name, *words = shlex.split(act.command)
    group: Any = typer.main.get_command(commands)
    command = group.get_command(typer.Context(group), name)

    assert program == "insights"
    assert command is not None, f"there is no command {name}"
    with command.make_context(name, words) as context:  # raises where an option or argument is not the command's
        said = context.params.get("said", ())
    assert name != "decide" or said[-1] in (Action.ACCEPT, Action.DISMISS, Action.SNOOZE)
    assert context.params.get("to") in (None, "P-7", *Column)


def test_what_second_keys_choose_is_what_the_commands_take():
    assert [choice.value for choice in ACCEPT_TO.choices] == [column.value for column in Column]
    assert [(choice.key, choice.value) for choice in DISMISS.choices][-1] == ("d", None)
    assert all(snooze_until(c.value or "", today=date(2026, 11, 23)) or c.value == "growth" for c in SNOOZE.choices)


def test_a_binding_has_the_id_that_a_person_may_remap():
    assert [binding.id for binding in bindings(*BY_ID) if isinstance(binding, Binding)] == [
        act.id for act in ACTS if act.keys
    ]


def test_keys_may_be_given_to_other_acts():
    assert check_keys({"accept": "y", "copy": "c"}) == {"accept": "y", "copy": "c"}


@pytest.mark.parametrize("keys", [{"accept": "d"}, {"merge": "a"}, {"undo": "u,q"}])
def test_a_key_with_two_meanings_is_refused(keys):
    with pytest.raises(InsightsError, match="would mean both"):
        check_keys(keys)


def test_an_act_that_there_is_not_is_refused():
    with pytest.raises(InsightsError, match="'fly'") as refused:
        check_keys({"fly": "f"})

    assert "insights triage --keys" in refused.value.remedy


@pytest.mark.parametrize("key", ["Banana", "ctrl+nothing", "jj"])
def test_what_no_keyboard_has_is_no_key(key):
    with pytest.raises(InsightsError, match=r"which accept has in .* is no key"):
        check_keys({"accept": key})


@pytest.mark.parametrize("key", ["Y", "f5", "space,enter", "ctrl+t", "ä", "|", "question_mark"])
def test_letters_signs_and_names_are_keys(key):
    given = {"accept": key, "select": "f6", "open": "f7", "help": "f8"}

    assert check_keys(given) == given


def test_a_sign_and_its_name_are_one_key():
    with pytest.raises(InsightsError, match="card_down"):
        check_keys({"accept": "}"})


def test_every_act_that_has_a_key_stands_under_one_heading_of_the_help():
    grouped = [name for names in GROUPS.values() for name in names]
    assert sorted(grouped) == sorted(act.id for act in ACTS if act.keys)
