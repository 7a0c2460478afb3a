"""What we ask models for. Never what we keep: an answer is checked before a word of it is used."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class QuoteDraft(BaseModel):
    """Words that a model says it found in one remark."""

    model_config = ConfigDict(extra="forbid")

    item: int = Field(description="The number of the remark.")
    text: str = Field(description="Words copied from it.")


class ProblemDraft(BaseModel):
    """A problem as a model describes it."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(description="3 to 9 words, at most 60 characters.")
    summary: str = Field(description="Two or three sentences.")
    quotes: list[QuoteDraft] = Field(description="One to three.")
    confidence: Literal["high", "low"] = Field(description="low: the remarks do not state one problem.")


class KindDraft(BaseModel):
    """What one remark does, as a model sees it."""

    model_config = ConfigDict(extra="forbid")

    item: int = Field(description="The number of the remark.")
    kind: Literal["problem", "request", "praise", "question", "noise"] = Field(description="What the remark does.")
    sure: bool = Field(description="false: it could be another kind as well.")


class KindsDraft(BaseModel):
    """What several remarks do."""

    model_config = ConfigDict(extra="forbid")

    kinds: list[KindDraft] = Field(description="One for each remark.")
