"""The workspace's settings: one TOML file, strictly checked.

Flag > environment (`INSIGHTS_SECTION_KEY`) > file > default. Secrets are never here: they come from the environment
or the system's keyring. Importing this module reads nothing.
"""

import difflib
import os
import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError, field_validator, model_validator

from insights.errors import ExitCode, InsightsError

SETTINGS_FILE = "insights.toml"


Own = TypeVar("Own", bound=BaseModel)


class Section(BaseModel):
    """A table of the file: unknown keys are errors, values never change after loading. What is wrong is told without
    its value: it may be a login in the wrong place."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, hide_input_in_errors=True)


class Product(Section):
    name: str = Field("our product", description="The product's name, as customers write it. Put into prompts.")
    currency: str = Field(
        "$", description="Sign shown before amounts of money. Amounts are never converted.", max_length=4
    )
    competitors: list[str] = Field(
        [], description="Names of other products to look for in what customers wrote and why deals were lost."
    )


class Storage(Section):
    database_url: str = Field(
        "",
        description="Empty: SQLite in .insights/. Or PostgreSQL: postgresql+pg8000://user@host/name "
        "(install the extra `postgres`; the password comes from PGPASSWORD).",
    )
    vectors_url: str = Field(
        "", description="Empty: Chroma embedded in .insights/. Or a Chroma server: http://127.0.0.1:8000."
    )


class Embedding(Section):
    embedder: str = Field(
        "static",
        description="What turns text into vectors: static (offline, no download), onnx:FOLDER (model.onnx and "
        "tokenizer.json) or openai:MODEL (any compatible server).",
    )
    base_url: str = Field("", description="Address of an OpenAI-compatible embedding server; empty is OpenAI's own.")
    concurrency: int = Field(4, ge=1, le=64, description="How many batches may be with an embedding server at once.")
    usd_per_million: float = Field(0.02, ge=0, description="Price of a million tokens sent to an embedding server.")

    @field_validator("embedder")
    @classmethod
    def known_embedder(cls, value: str) -> str:
        if value == "static" or re.fullmatch(r"(onnx|openai):.+", value):
            return value
        raise ValueError("use static, onnx:FOLDER or openai:MODEL")

    def named(self, embedder: str) -> "Embedding":
        """The same with another embedder, as a command line names it. Raises InsightsError."""
        try:
            return Embedding.model_validate(self.model_dump() | {"embedder": embedder})
        except ValidationError as error:
            raise InsightsError(
                f"There is no embedder {embedder!r}.",
                remedy="Use static, onnx:FOLDER or openai:MODEL.",
                exit_code=ExitCode.USAGE,
            ) from error


class Language(Section):
    model: str = Field(
        "",
        description="Empty: words are made offline. Or the small model that does most of the work: openai:MODEL (any "
        "OpenAI-compatible server, by base_url), ollama:MODEL, anthropic:MODEL or another provider's.",
    )
    large_model: str = Field(
        "",
        description="Asked where the small model's answer fails a check or is unsure; empty: what fails is offline.",
    )
    base_url: str = Field("", description="Address of an OpenAI-compatible server; empty is the provider's own.")
    large_base_url: str = Field("", description="The same for the large model.")
    timeout_seconds: float = Field(60, gt=0, description="How long one answer may take.")
    answer_tokens: int = Field(1500, ge=100, description="How long one answer may be, in tokens.")
    max_usd: float = Field(5, ge=0, description="What model calls of one run may cost; the rest is done offline.")
    max_usd_month: float = Field(50, ge=0, description="The same for a calendar month (UTC).")
    usd_per_million_input: float = Field(0.15, ge=0, description="Price of a million tokens sent.")
    usd_per_million_output: float = Field(0.60, ge=0, description="Price of a million tokens received.")
    large_usd_per_million_input: float = Field(2.5, ge=0, description="The same, of the large model.")
    large_usd_per_million_output: float = Field(10, ge=0, description="The same, of the large model.")
    prices_of: str = Field(
        "2025-08", pattern=r"^\d{4}-\d{2}$", description="Year and month of these prices; mend them when yours differ."
    )
    concurrency: int = Field(4, ge=1, le=64, description="How many calls may be under way at once.")
    requests_per_minute: int = Field(0, ge=0, description="No more calls than this in a minute; 0: no limit.")
    batch: bool = Field(
        False,
        description="Send the night's questions as one batch, at half the price, and wait for it (OpenAI only).",
    )
    batch_hours: float = Field(
        12, ge=0, description="How long to wait for a batch; what it has not answered then is asked at full price."
    )
    unsure_below: float = Field(
        0.55,
        ge=0,
        le=1,
        description="A mention whose kind (problem, request, question, praise, noise) is less sure than this is put to "
        "the model; 0: none.",
    )
    statements: Literal["auto", "all", "unsure", "off"] = Field(
        "auto",
        description="Which mentions the model restates in one plain sentence, by which they are grouped: all; those "
        "that grouping is unsure of; or auto: all where that fits half of what the run may cost, else the unsure.",
    )
    review: bool = Field(
        True, description="Let the model say which near problems are one and which loose ones are several."
    )
    audit_share: float = Field(
        0.02,
        ge=0,
        le=1,
        description="Share of the small model's answers that the large one is asked for, too, to see what is lost.",
    )


class Privacy(Section):
    phone_regions: list[str] = Field(
        ["US", "GB", "DE", "ES", "FR"],
        description="Countries whose national phone numbers are recognised (ISO codes).",
    )


RANGES = ("loss", "win", "share_avoided", "weeks", "request_weeks")
"""Settings of `worth` that come as NAME_low, NAME_likely and NAME_high."""


class Worth(Section):
    loss_low: float = Field(
        0.01, ge=0, le=1, description="Added chance, in a year, that an affected account leaves: low."
    )
    loss_likely: float = Field(0.03, ge=0, le=1, description="The same: likely.")
    loss_high: float = Field(0.08, ge=0, le=1, description="The same: high.")
    severity_blocks: float = Field(
        2, gt=0, description="What the odds of leaving are multiplied by where the problem blocks its customers' work."
    )
    severity_hurts: float = Field(1, gt=0, description="The same where it hurts.")
    severity_annoys: float = Field(0.6, gt=0, description="The same where it annoys.")
    severity_wish: float = Field(0.5, gt=0, description="The same where it is a wish.")
    detractor: float = Field(1.5, gt=0, description="The same for an account whose latest score is 6 or less.")
    promoter: float = Field(0.7, gt=0, description="The same for one whose latest score is 9 or 10.")
    says_leaving: float = Field(3, gt=0, description="The same for one that speaks of leaving beside the problem.")
    renewal_soon: float = Field(1.5, gt=0, description="The same for one that renews within `renewal_days`.")
    renewal_days: int = Field(90, ge=0, description="How near a renewal must be to count as soon.")
    usual_loss: float = Field(
        0.10,
        gt=0,
        lt=1,
        description="Chance, in a year, that an account leaves without the problem; departures move it.",
    )
    usual_loss_years: float = Field(
        20, gt=0, description="How many account-years that figure is worth against what departures tell."
    )
    learn_departures: bool = Field(
        True, description="Let departures of accounts with and without a problem move its added chance."
    )
    most_lost: float = Field(
        0.6,
        gt=0,
        le=1,
        description="All problems of an account together count for no higher chance that it leaves than this.",
    )
    account_limit: float = Field(
        0, ge=0, description="One account counts with no more annual revenue than this; 0: no limit."
    )
    reach_silent: bool = Field(
        False, description="Count accounts not heard from, too, by the share of heard ones that have the problem."
    )
    silent_share: float = Field(
        0.5, ge=0, le=1, description="What an account not heard from counts for beside one that wrote."
    )
    win_low: float = Field(0.02, ge=0, le=1, description="Added chance to win a deal that names the problem: low.")
    win_likely: float = Field(0.10, ge=0, le=1, description="The same: likely.")
    win_high: float = Field(0.25, ge=0, le=1, description="The same: high.")
    lost_deal_share: float = Field(
        0.3,
        ge=0,
        le=1,
        description="What a lost deal counts for beside an open one: the next such sale may come.",
    )
    minutes_per_item: float = Field(25, ge=0, description="Handling time of one ticket or note, in minutes.")
    hourly_cost: float = Field(45, ge=0, description="Cost of an hour of support.")
    share_avoided_low: float = Field(0.4, ge=0, le=1, description="Share of those items that a fix avoids: low.")
    share_avoided_likely: float = Field(0.7, ge=0, le=1, description="The same: likely.")
    share_avoided_high: float = Field(0.9, ge=0, le=1, description="The same: high.")
    weeks_low: float = Field(1, gt=0, description="Effort of a typical fix, in weeks of one engineer: low.")
    weeks_likely: float = Field(3, gt=0, description="The same: likely.")
    weeks_high: float = Field(8, gt=0, description="The same: high.")
    request_weeks_low: float = Field(1.5, gt=0, description="The same where something new is asked for: low.")
    request_weeks_likely: float = Field(4, gt=0, description="The same: likely.")
    request_weeks_high: float = Field(12, gt=0, description="The same: high.")
    week_cost: float = Field(4000, gt=0, description="What a week of one engineer costs.")
    shared: float = Field(
        0.5,
        ge=0,
        le=1,
        description="How far the unknowns of two problems rise and fall together: 0 not at all, 1 fully.",
    )

    @model_validator(mode="after")
    def in_order(self) -> Self:
        for name in RANGES:
            low, likely, high = (getattr(self, f"{name}_{end}") for end in ("low", "likely", "high"))
            if not low <= likely <= high:
                raise ValueError(f"{name}_low, {name}_likely and {name}_high must rise: {low:g}, {likely:g}, {high:g}")
        return self


class Gate(Section):
    accounts: int = Field(3, ge=0, description="Evidence is enough from so many distinct accounts on.")
    items: int = Field(5, ge=0, description="The same: items.")
    sources: int = Field(2, ge=0, description="The same: sources that they came from.")
    days: int = Field(90, ge=0, description="The newest item may be this many days old; 0: of any age.")


class Lenses(Section):
    default: Literal["roi", "net", "rice", "wsjf", "accounts", "severity", "growth", "nps", "custom"] = Field(
        "roi",
        description="By what `insights problems` puts problems in order; `insights lenses` says what each counts.",
    )
    custom: str = Field(
        "roi=1,accounts=1,severity=1,growth=1",
        description="Weights of the lens `custom`: it takes the mean of the places by these lenses.",
    )


class TriageSettings(Section):
    theme: Literal["dark", "light", "high-contrast"] = Field("dark", description="How the triage application looks.")
    mouse: bool = Field(
        True, description="Let the mouse click in the triage application; false: it selects text, as in a shell."
    )
    now_limit: int = Field(5, ge=0, description="How many problems the board's Now should hold at most; 0: any number.")
    export_to: str = Field("file:backlog.md", description="Where the triage application files problems.")
    keys: dict[str, str] = Field(
        {}, description='Other keys, by the names that `insights triage --keys` lists: {accept = "Y", undo = "z"}.'
    )


class Export(Section):
    quotes: int = Field(3, ge=0, le=20, description="How many verified quotes an issue carries at most.")
    template: str = Field(
        "",
        description="A file of the workspace that says what an issue holds: Markdown with Jinja; empty: insights' own.",
    )
    message: str = Field(
        "",
        description="The same of a draft to a customer: `Subject: …`, an empty line, text; empty: insights' own.",
    )


class SourceSettings(Section):
    """One `[[sources]]` table: what all of them have. What a service needs besides is checked by its connector."""

    model_config = ConfigDict(extra="allow", frozen=True, allow_inf_nan=False)

    name: str = Field(
        description="What the source is called in lists; items keep it for life.", pattern=r"^[\w.-]{1,60}$"
    )
    type: str = Field(
        "file", description="file, or a service: `insights sources types` lists them.", pattern=r"^[\w.-]{1,60}$"
    )
    since: date | None = Field(None, description="How far back the first reading of a service goes; empty: all.")
    overlap_minutes: float = Field(
        15, ge=0, le=10_080, description="Changes of so long ago are read again, since some become visible late."
    )
    sweep_hours: float = Field(
        24, ge=0, description="How often to look for what was deleted at a service that does not tell; 0: every time."
    )

    @property
    def own(self) -> dict[str, Any]:
        """What only its connector knows."""
        return dict(self.model_extra or {})


class FileSettings(SourceSettings):
    """A `[[sources]]` table with type = "file"."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    type: Literal["file"] = Field("file", description="A file.")
    path: str = Field(description="The file, relative to the workspace: CSV, TSV, JSONL, Parquet or Excel, .gz too.")
    kind: Literal["ticket", "nps", "note", "review", "account", "deal", "subscription", "departure"] = Field(
        description="What a row is."
    )
    map: dict[str, str] = Field(default_factory=dict, description="Our field = the file's column, where not guessed.")
    scale: dict[str, float] = Field(
        default_factory=dict, description="Our field = what its numbers are multiplied by: annual_revenue = 1000."
    )


class TrackerSettings(Section):
    """One `[[trackers]]` table: what all of them have. What a service needs besides is checked by its connector."""

    model_config = ConfigDict(extra="allow", frozen=True, allow_inf_nan=False)

    name: str = Field(description="What the tracker is called: --to NAME.", pattern=r"^[\w.-]{1,60}$")
    type: str = Field(description="The service: `insights trackers` lists those there are.", pattern=r"^[\w.-]{1,60}$")

    @property
    def own(self) -> dict[str, Any]:
        """What only its connector knows."""
        return dict(self.model_extra or {})


def _kind_of_source(value: Any) -> str:
    said = value.get("type", "file") if isinstance(value, Mapping) else getattr(value, "type", "file")
    return "file" if said == "file" else "service"


AnySource = Annotated[
    Annotated[FileSettings, Tag("file")] | Annotated[SourceSettings, Tag("service")], Discriminator(_kind_of_source)
]


class Settings(Section):
    """Everything that can be set; every field says in words what it does."""

    product: Product = Field(default_factory=Product, description="What the feedback is about.")
    storage: Storage = Field(default_factory=Storage, description="Where things are kept.")
    embedding: Embedding = Field(default_factory=Embedding, description="How text becomes vectors.")
    language: Language = Field(default_factory=Language, description="The language model, if any.")
    privacy: Privacy = Field(default_factory=Privacy, description="What is taken out before text is used.")
    worth: Worth = Field(default_factory=Worth, description="What estimates assume; every figure shows them.")
    gate: Gate = Field(default_factory=Gate, description="When there is evidence enough to decide on a problem.")
    lenses: Lenses = Field(default_factory=Lenses, description="Other orders than by the return.")
    triage: TriageSettings = Field(default_factory=TriageSettings, description="The triage application.")
    export: Export = Field(default_factory=Export, description="What issues hold that problems are filed as.")
    sources: list[AnySource] = Field(default_factory=list, description="What `insights pull` reads.")
    trackers: list[TrackerSettings] = Field(
        default_factory=list, description="Where `insights export` files problems, besides files."
    )

    @property
    def services(self) -> dict[str, str]:
        """Name -> type of every source and tracker that is no file."""
        sources = {one.name: one.type for one in self.sources if one.type != "file"}
        return sources | {one.name: one.type for one in self.trackers}

    @model_validator(mode="after")
    def named_once(self) -> Self:
        names = [*(one.name for one in self.sources), *(one.name for one in self.trackers)]
        twice = next((name for name, count in Counter(names).items() if count > 1), None)
        if twice is not None:
            raise ValueError(f"two of [[sources]] and [[trackers]] are called {twice!r}")
        alike: dict[str, str] = {}
        for name in self.services:
            if (other := alike.setdefault(variable_of(name), name)) != name:
                raise ValueError(f"{other!r} and {name!r} are too much alike: {variable_of(name)} would log both in")
        return self


def variable_of(name: str) -> str:
    """The variable with the secret of a source or tracker: INSIGHTS_SECRET_ZENDESK_EU for zendesk-eu."""
    return f"INSIGHTS_SECRET_{re.sub('[^A-Z0-9]', '_', name.upper())}"


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
    _overlay(content, os.environ if environment is None else environment)
    try:
        return Settings.model_validate(content)
    except ValidationError as error:
        raise _first_problem(path, text, error) from error


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
            value = environment.get(f"INSIGHTS_{section}_{key}".upper())
            if value is not None:
                is_list = setting.annotation == list[str]
                content.setdefault(section, {})[key] = value.split(",") if is_list else value


def _first_problem(path: Path, text: str, error: ValidationError) -> InsightsError:
    first = error.errors()[0]
    location = _plain_location(first["loc"])
    line = _line_of(text, location)
    where = f"{path.name}, line {line}" if line else f"{path.name} or the environment"
    name = ".".join(location)
    if first["type"] == "extra_forbidden":
        return InsightsError(f"{where}: there is no setting {name}.", remedy=_nearest_setting(location))
    message = first["msg"].removeprefix("Value error, ")
    if not location:
        return InsightsError(f"{path.name}: {message}.", remedy="Give each a name of its own.")
    if first["type"] == "missing":
        return InsightsError(f"{where}: {name} is missing.", remedy=f"Add it there, in {path}.")
    if first["type"] == "list_type" and name in ("sources", "trackers"):
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
    section = next((field.annotation for name, field in Settings.model_fields.items() if [name] == above), None)
    if above == ["sources"]:
        section = FileSettings
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


def own_settings(settings: SourceSettings | TrackerSettings, model: type[Own]) -> Own:
    """What a `[[sources]]` or `[[trackers]]` table says for its connector, checked by the connector's `model`. Raises
    InsightsError that names the table, the key and what is wrong with it."""
    try:
        return model.model_validate(settings.own)
    except ValidationError as error:
        first = error.errors()[0]
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
            message, remedy = f"{where} has no {key}.", (field.description if field else None) or f"Add {key}."
        else:
            said = first["msg"].removeprefix("Value error, ")
            message = f"{where}: {key or 'it'} is not usable: {said[:1].lower()}{said[1:]}."
            remedy = f"Correct {key or 'it'} there."
        raise InsightsError(message, remedy=remedy, exit_code=ExitCode.USAGE) from None


def default_file(product: str) -> str:
    """A settings file that says everything: each setting commented out at its default, with its description."""
    lines = [
        "# Settings of this insights workspace. A line without # overrides the default it shows.",
        "# A variable INSIGHTS_SECTION_KEY overrides the file; keys and passwords never belong here.",
    ]
    for section, field in Settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            lines += ["", f"# {field.description}", f"[{section}]"]
            lines += _default_lines(field.annotation, product if section == "product" else None)
    lines += ["", "# What `insights pull` reads; one block for each file or service.", "# [[sources]]"]
    for key, setting in {**FileSettings.model_fields, "type": SourceSettings.model_fields["type"]}.items():
        lines.append(f"# {key} = …  # {setting.description}")
    lines += ["", "# Where `insights export --to NAME` files problems; one block for each service.", "# [[trackers]]"]
    for key, setting in TrackerSettings.model_fields.items():
        lines.append(f"# {key} = …  # {setting.description}")
    return "\n".join(lines) + "\n"


def _default_lines(model: type[Section], product: str | None) -> list[str]:
    lines = []
    for key, setting in model.model_fields.items():
        lines.append(f"# {setting.description}")
        if key == "name" and product is not None:
            lines.append(f"name = {_toml(product)}")
        else:
            lines.append(f"# {key} = {_toml(setting.default)}")
    return lines


def with_settings(text: str, *, section: str, values: Mapping[str, object]) -> str:
    """The file's text with these settings of one section set, where it has a line for each, commented out or not."""
    lines, current, missing = [], "", dict(values)
    for line in text.splitlines():
        header = re.match(r"\s*\[\s*([\w.-]+)\s*\]", line)
        current = header.group(1) if header else current
        setting = re.match(r"\s*(?:#\s*)?(\w+)\s*=", line)
        key = setting.group(1) if setting and current == section else ""
        lines.append(f"{key} = {_toml(missing.pop(key))}" if key in missing else line)
    if missing:
        unsaid = ", ".join(f"{key} = {_toml(value)}" for key, value in missing.items())
        raise InsightsError(f"{SETTINGS_FILE} has no line for {unsaid}.", remedy=f"Write it under [{section}].")
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)
