"""The sections of the settings: every field says in words what it does."""

import re
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from insights.errors import ExitCode, InsightsError


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
        ["US", "GB", "DE", "ES", "FR", "AT", "CH", "NL", "BE", "IT", "DK", "PL"],
        description="Countries whose national phone numbers are recognised (ISO codes).",
    )
    engine: Literal["rules", "presidio"] = Field(
        "rules",
        description="What finds personal data: rules of our own; or presidio, which looks besides them (extra "
        "`presidio`).",
    )
    pseudonyms: bool = Field(
        True,
        description="Keep whose each <EMAIL> is, as a pseudonym (<EMAIL_7KQ2M4XA>) that is always the same for one "
        "person, so that counting still works. false: those that were made go.",
    )
    text_may_leave: bool = Field(
        True,
        description="false: no text leaves this machine, neither to a model nor to an embedding server, tracker, mail "
        "or chat; servers on this machine (127.0.0.1) are not forbidden.",
    )


class Keys(Section):
    command: list[str] = Field(
        [],
        description="A program that prints the workspace's key (32 bytes in URL-safe base64), such as a KMS client's; "
        "run without a shell. Empty: INSIGHTS_KEY, the system's keyring or a file of yours.",
    )
    grace_hours: float = Field(
        24,
        ge=0,
        description="How long the former data key is kept after `insights keys rotate`, for what runs meanwhile.",
    )


class Roles(Section):
    viewer: list[str] = Field([], description="Who may look: names of the operating system's users.")
    triager: list[str] = Field([], description="Who may decide, file, bring feedback in and ask models.")
    privacy: list[str] = Field([], description="Who may see, export and erase what is kept about a person.")
    admin: list[str] = Field([], description="Who may set things up: settings, logins, keys, backups.")


class Audit(Section):
    anchor: str = Field(
        "",
        description="A file, outside the workspace at best, that the newest entry's number and seal are written to "
        "besides the folder of keys; with it `insights audit verify` sees that the log's end was cut off.",
    )


class Backups(Section):
    folder: str = Field("", description="Where `insights backup` writes; empty: it must be told.")
    keep: int = Field(14, ge=1, description="How many backups are kept there; older ones are deleted.")


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


class Alerts(Section):
    false_alarms_a_month: float = Field(
        1,
        gt=0,
        le=100,
        description="How many false alarms you accept in a month, over all problems: fewer means that true ones are "
        "told later.",
    )
    least_value: float = Field(0, ge=0, description="Alerts of problems worth less in a year than this are not told.")
    least_severity: Literal["", "wish", "annoys", "hurts", "blocks"] = Field(
        "", description="Alerts of problems less severe than this are not told: wish, annoys, hurts or blocks."
    )
    least_rank_move: int = Field(
        3,
        ge=1,
        description="A problem that moved by fewer ranks than this by its own return, or by less than a quarter of the "
        "larger of both ranks, is not told as a mover.",
    )


class Nightly(Section):
    heartbeat_days: int = Field(
        7, ge=0, description="After so many days without a digest one says that all is quiet; 0: never."
    )
    keep_logs: int = Field(30, ge=1, description="How many nights' log files are kept.")
    keep_nights_days: int = Field(
        1100, ge=92, description="How long it is kept what each night found, for `insights diff`."
    )
