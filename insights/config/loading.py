"""Read the settings' file, and say what is wrong with it: where, what, and how to mend it."""

import difflib
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from insights.config.blocks import DigestSettings, FileSettings, SenderSettings, SourceSettings, TrackerSettings
from insights.config.sections import Section
from insights.config.settings import SETTINGS_FILE, Settings
from insights.errors import ExitCode, InsightsError

Own = TypeVar("Own", bound=BaseModel)


def load_settings(
    path: Path, *, environment: Mapping[str, str] | None = None, may_be_missing: bool = False
) -> Settings:
    """The settings of one workspace; with `may_be_missing` the defaults hold where there is no file. Raises
    InsightsError that names line, key and remedy."""
    text = "" if may_be_missing and not path.exists() else _read(path)
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InsightsError(f"{path.name} is not valid TOML: {error}.", remedy=f"Mend that line in {path}.") from error
    variables = os.environ if environment is None else environment
    _overlay(content, variables)
    try:
        return Settings.model_validate(content)
    except ValidationError as error:
        raise _first_problem(path, text, error, variables) from error


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise InsightsError(
            f"There is no {SETTINGS_FILE} in {path.parent}.",
            remedy="Make a workspace with `insights init`, or name one with -C or INSIGHTS_WORKSPACE.",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise InsightsError(
            f"{path} cannot be read: {error}.", remedy="Check its permissions, and that it is UTF-8."
        ) from error


def _overlay(content: dict[str, Any], environment: Mapping[str, str]) -> None:
    """Put `INSIGHTS_WORTH_HOURLY_COST=50` and the like over what the file says."""
    for section, field in Settings.model_fields.items():
        model = field.annotation
        if not (isinstance(model, type) and issubclass(model, Section)):
            continue
        for key, setting in model.model_fields.items():
            if _is_of_file_alone(section, key):
                continue
            value = environment.get(f"INSIGHTS_{section}_{key}".upper())
            if value is not None:
                is_list = setting.annotation == list[str]
                content.setdefault(section, {})[key] = value.split(",") if is_list else value


def _is_of_file_alone(section: str, key: str) -> bool:
    """Who may do what, and which program gives the key: whoever starts us chooses the environment."""
    return section == "roles" or (section, key) == ("keys", "command")


def _first_problem(path: Path, text: str, error: ValidationError, variables: Mapping[str, str]) -> InsightsError:
    first = error.errors()[0]
    location = _plain_location(first["loc"])
    line = _line_of(text, location)
    where = f"{path.name}, line {line}" if line else f"{path.name} or the environment"
    name = ".".join(location)
    if first["type"] == "extra_forbidden":
        return InsightsError(f"{where}: there is no setting {name}.", remedy=_nearest_setting(location))
    message = first["msg"].removeprefix("Value error, ")
    if not location:
        remedy = "Give each a name of its own."
        if message.startswith("privacy.text_may_leave"):
            remedy = f"Correct it in {path} or the environment; with text_may_leave = true it may be elsewhere."
        return InsightsError(f"{path.name}: {message}.", remedy=remedy)
    is_heeded = not _is_of_file_alone(location[0], location[-1])
    if is_heeded and (variable := f"INSIGHTS_{'_'.join(location)}".upper()) in variables:
        return InsightsError(
            f"{variable} is not usable: {message[:1].lower()}{message[1:]}.",
            remedy=f"Correct that variable, or unset it: then {path.name} holds.",
        )
    if first["type"] == "missing":
        return InsightsError(f"{where}: {name} is missing.", remedy=f"Add it there, in {path}.")
    if first["type"] == "list_type" and name in ("sources", "trackers", "senders", "digests"):
        return InsightsError(f"{where}: {name} is no list of blocks.", remedy=f"Begin each block with [[{name}]].")
    return InsightsError(
        f"{where}: {name} is not usable: {message[:1].lower()}{message[1:]}.",
        remedy=f"Correct {name} in {path}, or remove it to take the default.",
    )


def _plain_location(found: Sequence[str | int]) -> list[str]:
    """Without the tag that tells files from services, which nobody wrote."""
    location = [str(part) for part in found]
    return location[:2] + location[3:] if location[:1] == ["sources"] and len(location) > 2 else location


def _nearest_setting(location: list[str]) -> str:
    *above, key = [part for part in location if not part.isdigit()]
    blocks: dict[str, Any] = {"sources": FileSettings, "digests": DigestSettings}
    section = next((field.annotation for name, field in Settings.model_fields.items() if [name] == above), None)
    section = blocks.get(".".join(above), section)
    is_section = isinstance(section, type) and issubclass(section, Section)
    known = list(section.model_fields if is_section else Settings.model_fields)  # type: ignore[union-attr]
    near = difflib.get_close_matches(key, known, n=2, cutoff=0.5) or known
    return f"Did you mean {' or '.join('.'.join([*above, name]) for name in near)}?"


def _line_of(text: str, location: list[str]) -> int | None:
    """The line that a setting stands on, or the setting that it is a part of, as in `keys = {accept = 5}`; its table's
    where the key is missing; None if neither is in the file."""
    if not location:
        return None
    tables = [part for part in location[:-1] if not part.isdigit()] or location[:1]
    index = next((int(part) for part in location if part.isdigit()), 0)
    whole = tables[-1] if len(tables) > 1 else location[-1]
    inside, seen, table_line = len(location) == 1, -1, None
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[{1,2}\s*([\w.\"-]+)\s*\]{1,2}", line)
        if header:
            same = header.group(1).split(".")[0] == tables[0]
            seen += same
            inside = same and seen == (index if line.lstrip().startswith("[[") else seen)
            table_line = number if inside else table_line
        elif inside and re.match(rf"\s*\"?{re.escape(location[-1])}\"?\s*=", line):
            return number
        elif inside and re.match(rf"\s*\"?{re.escape(whole)}\"?\s*[=.]", line):
            table_line = number
    return table_line


def own_settings(settings: SourceSettings | TrackerSettings | SenderSettings, model: type[Own]) -> Own:
    """What a `[[sources]]` or `[[trackers]]` table says for its connector, checked by the connector's `model`. Raises
    InsightsError that names the table, the key and what is wrong with it."""
    try:
        return model.model_validate(settings.own)
    except ValidationError as error:
        # A misspelt key is why another one is missing.
        first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
        key = ".".join(str(part) for part in first["loc"])
        where = f"{settings.name} (type {settings.type}) in {SETTINGS_FILE}"
        if first["type"] == "extra_forbidden":
            near = difflib.get_close_matches(key, model.model_fields, n=2, cutoff=0.5)
            message, remedy = f"{where}: there is no setting {key}.", f"Did you mean {' or '.join(near)}?"
            if not near:
                is_login = re.search("token|key|secret|passw", key, re.IGNORECASE)
                login = f" A login does not belong into the file: insights auth {settings.name}" if is_login else ""
                remedy = f"Its own settings: {', '.join(model.model_fields) or 'none'}.{login}"
        elif first["type"] == "missing":
            field = model.model_fields.get(key)
            about = f" {field.description}" if field and field.description else ""
            message, remedy = f"{where} has no {key}.", f"Add {key} = … to it.{about}"
        else:
            said = first["msg"].removeprefix("Value error, ")
            message = f"{where}: {key or 'it'} is not usable: {said[:1].lower()}{said[1:]}."
            remedy = f"Correct {key or 'it'} there."
        raise InsightsError(message, remedy=remedy, exit_code=ExitCode.USAGE) from None
