"""Write the skeleton of a source of one's own: a package with its entry point, a source that works on a made-up
service, and a test that says whether it keeps what every source must keep."""

import re
from importlib.resources import files
from pathlib import Path

from insights.errors import ExitCode, InsightsError
from insights.text.clean import one_line

_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_LONGEST_NAME = 40


def write_skeleton(name: str, folder: Path) -> list[Path]:
    """Make `folder`/insights-NAME; its files, pyproject.toml first. Raises InsightsError where the name is no type of
    source, or the folder is there."""
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise InsightsError(
            f"{one_line(name, 60)!r} cannot be the name of a type of source.",
            remedy="Use small letters, digits and single dashes, a letter first: acme-desk.",
            exit_code=ExitCode.USAGE,
        )
    words = _words_of(name)
    root = folder / words["DISTRIBUTION"]
    if root.exists():
        raise InsightsError(
            f"There is something at {root} already.",
            remedy="Take another name, or remove it.",
            exit_code=ExitCode.USAGE,
        )
    places = {
        "pyproject.toml.txt": root / "pyproject.toml",
        "source.py.txt": root / words["MODULE"] / "__init__.py",
        "test_source.py.txt": root / "tests" / "test_source.py",
        "README.md.txt": root / "README.md",
    }
    for template, path in places.items():
        _write(path, _filled(template, words))
    return list(places.values())


def _words_of(name: str) -> dict[str, str]:
    """What stands in the templates between @ signs."""
    parts = name.split("-")
    return {
        "NAME": name,
        "DISTRIBUTION": f"insights-{name}",
        "MODULE": f"insights_{name.replace('-', '_')}",
        "CLASS": "".join(part.capitalize() for part in parts),
        "CONSTANT": name.replace("-", "_").upper(),
        "TITLE": " ".join(part.capitalize() for part in parts),
    }


def _filled(template: str, words: dict[str, str]) -> str:
    text = files("insights").joinpath("templates", "source", template).read_text("utf-8")
    return re.sub("@([A-Z]+)@", lambda found: words[found[1]], text)


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InsightsError(
            f"{path} cannot be written: {error.strerror or error}.", remedy="Name a folder that you may write to."
        ) from error
