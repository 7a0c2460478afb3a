"""The words of an issue are a template that the team may edit: Markdown with Jinja in a sandbox.

Whatever a template puts in shows as it was said and does nothing; only what this program wrote as Markdown stays so.
A template can neither call anything nor load another, and what it may repeat is limited.
"""

import re
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from insights.errors import InsightsError
from insights.text.clean import one_line
from insights.text.markdown import literal

if TYPE_CHECKING:
    from jinja2 import Template as Compiled
    from jinja2.nodes import Node
    from jinja2.sandbox import SandboxedEnvironment

LONGEST_TEMPLATE = 100_000
"""Characters."""
LONGEST_VALUE = 2000
"""Characters of one value that is put in; the rest is cut."""
LONGEST_BODY = 400_000
"""Characters of what comes out."""
_MOST_LOOPS = 3
"""Loops inside one another."""
_MOST_TURNS = 200
"""Of one loop over a range."""
_FILTERS = ("count", "default", "first", "int", "join", "last", "length", "lower", "round", "trim", "truncate", "upper")
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


class Markdown(str):
    """Text that is put in as it is: Markdown of our own making in which words from outside were made literal."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Template:
    """A template's text, and what it is called in errors: what it is `of`, and the setting that names another."""

    name: str
    text: str
    of: str = "issues"
    setting: str = "export.template"


@cache
def default_template() -> Template:
    """The one that is part of the program."""
    return Template("issue.md", files("insights").joinpath("templates", "issue.md").read_text("utf-8"))


def template_in(folder: Path, name: str, *, default: Template | None = None) -> Template:
    """The file of that name in the folder; the default one, that of issues, for an empty name. Raises InsightsError
    where it cannot be read."""
    usual = default or default_template()
    if not name.strip():
        return usual
    path = folder / Path(name).expanduser()
    try:
        with path.open(encoding="utf-8-sig") as stream:
            text = stream.read(LONGEST_TEMPLATE + 1)
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no UTF-8 text"
        raise InsightsError(
            f"The template of {usual.of}, {path}, cannot be read: {why}.",
            remedy=f"Correct {usual.setting} in the settings, or remove it to take the default.",
        ) from error
    if len(text) > LONGEST_TEMPLATE:
        raise InsightsError(f"{path} is too long for a template.", remedy=f"Name another in {usual.setting}.")
    return replace(usual, name=name, text=text)


def filled(template: Template, values: Mapping[str, Any]) -> str:
    """The template with these values; empty lines in a row become one. Raises InsightsError that names the line where
    the template is wrong."""
    from jinja2 import TemplateError, TemplateSyntaxError

    try:
        text = "".join(_pieces(_compiled(template, frozenset(values)), values))
    except TemplateSyntaxError as error:
        raise _wrong(template, error.lineno, error.message or "it is not understood") from error
    except (TemplateError, ValueError, TypeError, ArithmeticError, LookupError, RecursionError) as error:
        raise _wrong(template, _line_of(error), str(error)) from error
    return _BLANK_LINES.sub("\n\n", text).strip()


def _pieces(compiled: "Compiled", values: Mapping[str, Any]) -> Iterator[str]:
    length = 0
    for piece in compiled.generate(values):
        length += len(piece)
        if length > LONGEST_BODY:
            raise ValueError("it writes too much")
        yield piece


def _wrong(template: Template, line: int | None, why: str) -> InsightsError:
    where = f"{template.name}, line {line}" if line else template.name
    return InsightsError(
        f"The template of {template.of} is wrong: {where}: {one_line(why, 300).rstrip('.')}.",
        remedy=f"Correct that line, or remove {template.setting} from the settings to take the default.",
    )


def _line_of(error: BaseException) -> int | None:
    """The line of the template that was being filled."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "<template>"]
    return lines[-1] if lines else None


@cache
def _compiled(template: Template, known: frozenset[str]) -> "Compiled":
    environment = _environment()
    tree = environment.parse(template.text)
    _check(tree, known)
    return environment.from_string(tree)


def _check(tree: "Node", known: frozenset[str]) -> None:
    """Raises TemplateSyntaxError for names that nothing has, and for what could go on without end."""
    from jinja2 import TemplateSyntaxError, nodes
    from jinja2.meta import find_undeclared_variables

    unknown = find_undeclared_variables(tree) - known - {"range"}  # type: ignore[arg-type]
    for name in tree.find_all(nodes.Name):
        if name.name in unknown:
            raise TemplateSyntaxError(f"there is no {name.name!r}; there are {', '.join(sorted(known))}", name.lineno)
    for other in tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
        raise TemplateSyntaxError("a template of issues loads no other", other.lineno)
    for node in tree.find_all((nodes.Macro, nodes.CallBlock, nodes.Pow, nodes.Mul)):
        raise TemplateSyntaxError("macros, products and powers are not for templates of issues", node.lineno)
    for depth, loop in _loops(tree, 1):
        if depth > _MOST_LOOPS or loop.recursive:
            raise TemplateSyntaxError(f"at most {_MOST_LOOPS} loops may be inside one another", loop.lineno)


def _loops(node: "Node", depth: int) -> Iterator[tuple[int, Any]]:
    from jinja2 import nodes

    for child in node.iter_child_nodes():
        is_loop = isinstance(child, nodes.For)
        if is_loop:
            yield depth, child
        yield from _loops(child, depth + is_loop)


@cache
def _environment() -> "SandboxedEnvironment":
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Sandbox(ImmutableSandboxedEnvironment):
        """In which nothing can be called but `range`."""

        def is_safe_callable(self, obj: Any) -> bool:
            return obj is _turns

    environment = Sandbox(
        undefined=StrictUndefined,
        autoescape=False,
        finalize=_put_in,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters = {name: environment.filters[name] for name in _FILTERS}
    environment.globals = {"range": _turns}
    return environment


def _turns(*ends: int) -> range:
    turns = range(*ends)
    if len(turns) > _MOST_TURNS:
        raise ValueError(f"a range has at most {_MOST_TURNS:,} numbers")
    return turns


def _put_in(value: Any) -> str:
    from jinja2 import Undefined

    if isinstance(value, Undefined):
        return str(value)  # which tells what there is not
    if isinstance(value, Markdown):
        return str(value)
    if value is None:
        return ""
    if not isinstance(value, str | int | float):
        raise TypeError("a list or table cannot be put in as a whole; name what of it, or go through it with `for`")
    return literal(str(value), limit=LONGEST_VALUE)
