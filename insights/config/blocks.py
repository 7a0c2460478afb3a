"""What the settings hold several of: sources, trackers, senders, digests; one table of the file each."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Discriminator, Field, Tag, field_validator

from insights.config.sections import Section

KEEPABLE = ("author_name", "author_email", "account", "score", "url", "body")
"""Fields of an item that need not be kept. Text, date, kind and id always are."""


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

    keep: list[str] | None = Field(
        None,
        description="Which fields of an item are kept besides text, date and id: author_name, author_email, account, "
        "score, url, body; what is not named is not stored. Without body, quoted replies and signatures are not "
        "stored. Not said: all that are used.",
    )

    @field_validator("keep")
    @classmethod
    def known(cls, names: list[str] | None) -> list[str] | None:
        unknown = [name for name in names or () if name not in KEEPABLE]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is no field that can be kept: use {', '.join(KEEPABLE)}")
        return names

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


class SenderSettings(Section):
    """One `[[senders]]` table: what all of them have. What a service needs besides is checked by its connector."""

    model_config = ConfigDict(extra="allow", frozen=True, allow_inf_nan=False)

    name: str = Field(description="What the sender is called: channel = NAME.", pattern=r"^[\w.-]{1,60}$")
    type: str = Field(description="How it sends: `insights senders` lists what there is.", pattern=r"^[\w.-]{1,60}$")

    @property
    def own(self) -> dict[str, Any]:
        """What only its connector knows."""
        return dict(self.model_extra or {})


class RetentionSettings(Section):
    """One `[[retention]]` table: a rule by which old words go."""

    source: str = Field("*", description="Which source's items; * for all.")
    kind: Literal["*", "ticket", "nps", "note", "review"] = Field("*", description="Which kind of items; * for all.")
    days: int = Field(
        ge=1, description="Words older than this go; counts and figures stay. The narrowest rule for an item holds."
    )


class DigestSettings(Section):
    """One `[[digests]]` table: who gets what, how often, where."""

    name: str = Field(description="What the digest is called.", pattern=r"^[\w.-]{1,60}$")
    channel: str = Field(
        "stdout", description="Where it goes: a [[senders]] by its name, stdout, or file:FOLDER/ or file:NAME.md."
    )
    to: list[str] = Field([], description="Whom a mail goes to.")
    period: Literal["day", "week"] = Field("day", description="How often: day or week.")
    weekday: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"] = Field(
        "mon", description="From which day of the week on a weekly one is due."
    )
    theme: str = Field("", description="Only problems of this theme.")
    segment: str = Field("", description="Only problems that accounts of this segment have.")
    owner: str = Field("", description="Only problems that this person accepted or works on.")
    language: Literal["en", "de", "es", "fr"] = Field("en", description="Of labels and sentences: en, de, es or fr.")
    form: Literal["", "text", "markdown", "html", "json"] = Field(
        "", description="Of stdout and files; empty: by the file's name, Markdown in a folder."
    )
    quotes: bool = Field(
        False, description="Show a checked quote, personal data redacted, with what is new: it leaves this machine."
    )
    chart: bool = Field(True, description="Put a chart into a mail, with words for who does not see it.")


def _kind_of_source(value: Any) -> str:
    said = value.get("type", "file") if isinstance(value, Mapping) else getattr(value, "type", "file")
    return "file" if said == "file" else "service"


AnySource = Annotated[
    Annotated[FileSettings, Tag("file")] | Annotated[SourceSettings, Tag("service")], Discriminator(_kind_of_source)
]
