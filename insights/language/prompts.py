"""Prompts are files: Markdown with a front matter, rendered by Jinja in a sandbox; what many share is in prompts/parts.

A value that is missing or not announced is an error. Nothing is escaped: prompts are text, and whoever renders one
fences what customers wrote.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

_FRONT_MATTER = re.compile(r"---\n(.*?)\n---\n(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt file. `inputs` names the values it needs, `output` the type of the answer."""

    name: str
    version: int
    purpose: str
    inputs: tuple[str, ...]
    output: str
    template: str

    def render(self, **values: Any) -> str:
        """The text to send. Raises ValueError where the values are not those that `inputs` names."""
        if set(values) != set(self.inputs):
            raise ValueError(f"{self.name} takes {sorted(self.inputs)}, was given {sorted(values)}")
        return str(_compiled(self.template).render(**values)).strip() + "\n"


@cache
def load_prompt(name: str) -> Prompt:
    """The prompt in prompts/NAME.md."""
    return parse_prompt(name, files("prompts").joinpath(f"{name}.md").read_text("utf-8"))


def prompt_names() -> Sequence[str]:
    """All prompts there are."""
    return sorted(file.name.removesuffix(".md") for file in files("prompts").iterdir() if file.name.endswith(".md"))


def parse_prompt(name: str, text: str) -> Prompt:
    """Raises ValueError where the front matter is missing or incomplete."""
    import yaml

    found = _FRONT_MATTER.fullmatch(text.replace("\r\n", "\n"))
    head = yaml.safe_load(found[1]) if found else None
    if found is None or not isinstance(head, dict) or {*head} != {"version", "purpose", "inputs", "output"}:
        raise ValueError(f"{name}.md needs a front matter with version, purpose, inputs and output")
    return Prompt(
        name=name,
        version=int(head["version"]),
        purpose=str(head["purpose"]),
        inputs=tuple(head["inputs"]),
        output=str(head["output"]),
        template=found[2],
    )


@cache
def _compiled(template: str) -> Any:
    """Compiling takes many times as long as rendering, and a night renders thousands."""
    return _environment().from_string(template)


@cache
def _environment() -> Any:
    from jinja2 import FunctionLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    return ImmutableSandboxedEnvironment(
        loader=FunctionLoader(lambda name: files("prompts.parts").joinpath(name).read_text("utf-8")),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
