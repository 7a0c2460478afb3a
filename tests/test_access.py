"""Every use case asks for a role, and lets exactly those in whom the roles allow.

Three walks: over all use cases with each role alone, over all functions that could be one and are not checked, and over
all commands.
"""

import ast
import importlib
import inspect
import pkgutil
import tomllib
from collections.abc import Callable, Iterator
from functools import cache, reduce
from pathlib import Path
from typing import Any

import pytest

import insights
import tui
from insights.domain.access import ALLOWED, USE_CASES, Actor, Forbidden
from tests.actors import each_role

ROOT = Path(__file__).parent.parent
SOMEBODY = list(each_role())
CALLERS = ("insights/cli", "tui", "insights/nightly", "insights/report", "insights/demo", "insights/doctor.py")
OPENERS = ("insights/bootstrap.py",)
WAYS_IN = frozenset(("Repository", "Workspace", "Standing", "Analysis", "Triage", "Corrections", "Post", "Credentials"))
"""What gives a function the workspace; so does every store of it, and every bench with all that a work needs."""

UNCHECKED = {
    # Ways to something that asks for itself, and what keeps no word: had by whoever may look.
    "insights.bootstrap.Workspace.backup_bench",
    "insights.bootstrap.Workspace.bench",
    "insights.bootstrap.Workspace.close",
    "insights.data_rights.erase.clean_files_of",  # a step of erasing and of letting go, which ask
    "insights.bootstrap.Workspace.corrections",
    "insights.bootstrap.Workspace.desk",  # none for whoever may not ask
    "insights.bootstrap.Workspace.key_bench",
    "insights.bootstrap.Workspace.opener",
    "insights.bootstrap.Workspace.run_lock",
    "insights.bootstrap.Workspace.standing",
    "insights.bootstrap.Workspace.triage",
    "insights.bootstrap.Workspace.vectors",
    "insights.bootstrap.outbox_file",
    "insights.language.choose.desk_for",
    "insights.language.distilled.load_distilled",
    # What somebody who was allowed to began, or what is due.
    "insights.bootstrap.Workspace.finish_keys",
    "insights.bootstrap.Workspace.settle_keys",
    "insights.key_rotation.finish_due",
    "insights.key_rotation.settle",
    "insights.bootstrap.Workspace.finish_erasure",
    "insights.data_rights.erase.resume",
    # Parts of a use case, which asked already.
    "insights.connecting.Credentials.forget",  # Workspace.forget_login
    "insights.connecting.Credentials.get",
    "insights.connecting.Credentials.keep",  # Workspace.keep_login
    "insights.connecting.Credentials.place",
    "insights.connecting.Credentials.with_given",
    "insights.connecting.find_sender",  # Workspace.sender, and a night
    "insights.connecting.find_tracker",  # Workspace.tracker, Office.tracker, and a night
    "insights.finding.finder.Finder.close",  # forgets what it holds in memory
    "insights.language.usage.past_usage",  # what a run cost
    "insights.logins.keep_and_try",  # Workspace.keep_login
    "insights.logins.logged_in_as",  # Workspace.logged_in_as, and doctor for whoever may ask servers
    "insights.logins.made_of",  # reads settings
    "insights.nightly.delivering.Post.due",
    "insights.nightly.night.refuse_past",
    "insights.stages.embed.embed",  # Workspace.reindex, and an analysis
    "insights.valuation.revalue",  # after decisions, settings or an erasure, each of which asks for its own act
}


class GotPast(Exception):
    """It went on to what it does."""


class StandIn:
    """Has an actor; whatever else it is asked for says that the check is over."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    def __getattr__(self, name: str) -> Any:
        raise GotPast(name)


@pytest.fixture(scope="module", autouse=True)
def everything_imported() -> None:
    for package in (insights, tui):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in module.name and not module.name.endswith("__main__"):
                importlib.import_module(module.name)


def found(name: str) -> Callable[..., Any]:
    """The function or method of a full name."""
    parts = name.split(".")
    for end in range(len(parts) - 1, 0, -1):
        try:
            module = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        start: Any = module
        made: Callable[..., Any] = reduce(getattr, parts[end:], start)
        return made
    raise AssertionError(name)


def is_refused(use_case: Callable[..., Any], actor: Actor) -> bool:
    """Whether it stops at the role. Got past is also whatever it raises for want of arguments."""
    names = list(inspect.signature(use_case).parameters)
    holder = "repository" if "repository" in names else names[0]
    try:
        use_case(**{holder: StandIn(actor)})
    except Forbidden:
        return True
    except (GotPast, TypeError, AttributeError):
        return False
    return False


def test_every_use_case_lets_in_exactly_those_whom_the_roles_allow() -> None:
    wrong = [
        (name, actor.name)
        for name, acts in sorted(USE_CASES.items())
        if name.startswith(("insights.", "tui."))
        for actor in SOMEBODY
        if is_refused(found(name), actor) == all(any(act in ALLOWED[role] for role in actor.roles) for act in acts)
    ]

    assert not wrong
    assert len(USE_CASES) >= 100


def test_every_use_case_refuses_whoever_is_unknown() -> None:
    wrong = []
    for name in sorted(USE_CASES):
        if name.startswith(("insights.", "tui.")):
            use_case = found(name)
            names = list(inspect.signature(use_case).parameters)
            try:
                use_case(**{"repository" if "repository" in names else names[0]: object()})
            except Forbidden:
                continue
            wrong.append(name)

    assert not wrong


# -- nothing is forgotten -----------------------------------------------------------------------------------------


def test_whatever_could_be_a_use_case_is_checked_or_said_to_be_none() -> None:
    forgotten = sorted(set(could_be_use_cases()) - set(USE_CASES) - UNCHECKED)

    assert not forgotten, "give each @use_case(Act.…), or say in UNCHECKED why it needs none"


def test_what_is_said_to_need_no_check_could_be_a_use_case_and_has_none() -> None:
    assert not UNCHECKED & set(USE_CASES)
    assert sorted(UNCHECKED - set(could_be_use_cases())) == []


def could_be_use_cases() -> Iterator[str]:
    """Public functions and methods of the rooms between storage and the command line that are given the workspace, and
    that a command, the application, a night, the report or the composition root imports."""
    imported = names_imported()
    for path in sources(*(folder_of(room) for room in rooms())):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for node in tree(path).body:
            if isinstance(node, ast.FunctionDef) and is_given(node.args):
                if f"{module}.{node.name}" in imported and not node.name.startswith("_"):
                    yield f"{module}.{node.name}"
            elif isinstance(node, ast.ClassDef) and f"{module}.{node.name}" in imported and has_way_in(node):
                yield from (f"{module}.{node.name}.{method}" for method in methods(node))


def rooms() -> list[str]:
    """Those of the layers between `insights.cli` and what stands beside storage."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = [[room.strip() for room in layer.split("|")] for layer in contracts[0]["layers"]]
    below = next(number for number, layer in enumerate(layers) if "insights.storage" in layer)
    above = next(number for number, layer in enumerate(layers) if "insights.cli" in layer)
    return [room for layer in layers[above + 1 : below] for room in layer if room.startswith("insights.")]


def folder_of(room: str) -> str:
    path = room.replace(".", "/")
    return path if (ROOT / path).is_dir() else f"{path}.py"


def sources(*places: str) -> Iterator[Path]:
    for place in places:
        path = ROOT / place
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def names_imported() -> set[str]:
    """What the callers import; all of a module that they import as a whole; and what a package hands on."""
    known: set[str] = set()
    for path in sources(*CALLERS, *OPENERS):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ImportFrom) and node.module:
                known |= {f"{node.module}.{name.name}" for name in node.names}
    for name in list(known):
        if (ROOT / f"{name.replace('.', '/')}.py").is_file():
            known |= {f"{name}.{one}" for one in defined(ROOT / f"{name.replace('.', '/')}.py")}
        elif (package := ROOT / name.rpartition(".")[0].replace(".", "/") / "__init__.py").is_file():
            known |= handed_on(package, name.rpartition(".")[2])
    return known | {f"insights.bootstrap.{one}" for one in defined(ROOT / OPENERS[0])}


def defined(path: Path) -> set[str]:
    return {node.name for node in tree(path).body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def handed_on(package: Path, name: str) -> set[str]:
    return {
        f"{node.module}.{one.name}"
        for node in tree(package).body
        if isinstance(node, ast.ImportFrom) and node.module
        for one in node.names
        if (one.asname or one.name) == name
    }


def is_given(arguments: ast.arguments) -> bool:
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return any(is_way_in(argument.annotation) for argument in every)


def is_way_in(annotation: ast.expr | None) -> bool:
    if annotation is None:
        return False
    words = ast.unparse(annotation).strip("'\"").replace("|", " ").split()
    names = {word.rpartition(".")[2] for word in words}
    return any(name in WAYS_IN or name.endswith(("Store", "Bench")) for name in names - {"VectorStore"})


def has_way_in(node: ast.ClassDef) -> bool:
    fields = any(isinstance(one, ast.AnnAssign) and is_way_in(one.annotation) for one in node.body)
    begins = [one for one in node.body if isinstance(one, ast.FunctionDef) and one.name == "__init__"]
    return fields or any(is_given(one.args) for one in begins)


def methods(node: ast.ClassDef) -> Iterator[str]:
    for one in node.body:
        names = {ast.unparse(decorator) for decorator in getattr(one, "decorator_list", [])}
        is_property = names & {"property", "cached_property"}
        if isinstance(one, ast.FunctionDef) and not one.name.startswith("_") and not is_property:
            yield one.name


# -- what goes straight to storage only reads ----------------------------------------------------------------------

READS = {
    "is_under_way",
    *(
        "all",
        "counts",
        "delivered_accounts",
        "find",
        "find_ref",
        "first",
        "get",
        "head",
        "heirs",
        "last",
        "latest",
        "of",
    ),
    *("of_runs", "predictions", "recent", "refs", "titles", "workspace_marker"),
}
"""Of the methods of stores, those that commands and the application call without a use case between: who opened the
workspace may look."""


def test_commands_and_the_application_write_nothing_past_a_use_case() -> None:
    written = [
        f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(node)}"
        for path in sources("insights/cli", "tui")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and is_of_store(node) and node.attr not in READS
    ]

    assert [one.partition(" ")[2] for one in written] == ["self.repository.sessions.save"], written  # one's own screen


def is_of_store(node: ast.Attribute) -> bool:
    """A method of a store of a repository: `workspace.repository.runs.recent`."""
    store = node.value
    if not isinstance(store, ast.Attribute):
        return False
    holder = store.value
    return "repository" in (getattr(holder, "attr", ""), getattr(holder, "id", "")) and store.attr != "actor"
