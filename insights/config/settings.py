"""All settings of a workspace."""

import re
from collections import Counter
from typing import Self

from pydantic import Field, model_validator

from insights.config.blocks import AnySource, DigestSettings, RetentionSettings, SenderSettings, TrackerSettings
from insights.config.leaving import block_leaves, embedder_leaves, is_local, model_leaves
from insights.config.sections import (
    Alerts,
    Audit,
    Backups,
    Embedding,
    Export,
    Gate,
    Keys,
    Language,
    Lenses,
    Nightly,
    Privacy,
    Product,
    Roles,
    Section,
    Storage,
    TriageSettings,
    Worth,
)

SETTINGS_FILE = "insights.toml"


class Settings(Section):
    """Everything that can be set; every field says in words what it does."""

    product: Product = Field(default_factory=Product, description="What the feedback is about.")
    storage: Storage = Field(default_factory=Storage, description="Where things are kept.")
    embedding: Embedding = Field(default_factory=Embedding, description="How text becomes vectors.")
    language: Language = Field(default_factory=Language, description="The language model, if any.")
    privacy: Privacy = Field(default_factory=Privacy, description="What is taken out before text is used.")
    keys: Keys = Field(default_factory=Keys, description="Where the workspace's key comes from.")
    roles: Roles = Field(
        default_factory=Roles,
        description="Who may do what; where nobody is named, whoever owns the workspace's folder may do everything.",
    )
    audit: Audit = Field(default_factory=Audit, description="The log of who did what.")
    backups: Backups = Field(default_factory=Backups, description="Copies of the workspace.")
    worth: Worth = Field(default_factory=Worth, description="What estimates assume; every figure shows them.")
    gate: Gate = Field(default_factory=Gate, description="When there is evidence enough to decide on a problem.")
    lenses: Lenses = Field(default_factory=Lenses, description="Other orders than by the return.")
    triage: TriageSettings = Field(default_factory=TriageSettings, description="The triage application.")
    export: Export = Field(default_factory=Export, description="What issues hold that problems are filed as.")
    alerts: Alerts = Field(default_factory=Alerts, description="When something is told as news.")
    nightly: Nightly = Field(default_factory=Nightly, description="The nightly run.")
    sources: list[AnySource] = Field(default_factory=list, description="What `insights pull` reads.")
    trackers: list[TrackerSettings] = Field(
        default_factory=list, description="Where `insights export` files problems, besides files."
    )
    retention: list[RetentionSettings] = Field(
        default_factory=list, description="When old words go: `insights privacy retain`; none: never."
    )
    senders: list[SenderSettings] = Field(
        default_factory=list, description="What digests are sent with, besides files and stdout."
    )
    digests: list[DigestSettings] = Field(
        default_factory=list, description="Who gets which digest; none: everything, to stdout."
    )

    @property
    def services(self) -> dict[str, str]:
        """Name -> type of every source, tracker and sender that is no file."""
        sources = {one.name: one.type for one in self.sources if one.type != "file"}
        trackers = {one.name: one.type for one in self.trackers}
        return sources | trackers | {one.name: one.type for one in self.senders}

    @model_validator(mode="after")
    def named_once(self) -> Self:
        names = [one.name for one in self.sources]
        names += [one.name for one in self.trackers]
        names += [one.name for one in self.senders]
        twice = next((name for name, count in Counter(names).items() if count > 1), None)
        if twice is not None:
            raise ValueError(f"two of [[sources]], [[trackers]] and [[senders]] are called {twice!r}")
        if "stdout" in names:
            raise ValueError("one of [[sources]], [[trackers]] and [[senders]] is called stdout, a channel of its own")
        again = next((name for name, count in Counter(one.name for one in self.digests).items() if count > 1), None)
        if again is not None:
            raise ValueError(f"two of [[digests]] are called {again!r}")
        alike: dict[str, str] = {}
        for name in self.services:
            if (other := alike.setdefault(variable_of(name), name)) != name:
                raise ValueError(f"{other!r} and {name!r} are too much alike: {variable_of(name)} would log both in")
        return self

    @model_validator(mode="after")
    def kept_here(self) -> Self:
        if not self.privacy.text_may_leave and (found := leaving(self)):
            raise ValueError(
                f"privacy.text_may_leave is false, and {', '.join(found)} would send text away from this machine: "
                "name a server at 127.0.0.1, or take it out"
            )
        return self


def leaving(settings: Settings) -> list[str]:
    """What of the settings would send text away from this machine, as it is called in the file."""
    language, embedding = settings.language, settings.embedding
    found = []
    if model_leaves(language.model, language.base_url):
        found.append("language.model")
    is_neighbour = language.large_model.strip().partition(":")[0] == language.model.strip().partition(":")[0]
    if model_leaves(language.large_model, language.large_base_url or (language.base_url if is_neighbour else "")):
        found.append("language.large_model")
    if embedder_leaves(embedding.embedder, embedding.base_url):
        found.append("embedding.embedder")
    if settings.storage.vectors_url and not is_local(settings.storage.vectors_url):
        found.append("storage.vectors_url")
    found += [f"the tracker {one.name}" for one in settings.trackers if block_leaves(one)]
    return found + [f"the sender {one.name}" for one in settings.senders if block_leaves(one)]


def variable_of(name: str) -> str:
    """The variable with the secret of a source or tracker: INSIGHTS_SECRET_ZENDESK_EU for zendesk-eu."""
    return f"INSIGHTS_SECRET_{re.sub('[^A-Z0-9]', '_', name.upper())}"
