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


class RestatedDraft(BaseModel):
    """One remark in plain words."""

    model_config = ConfigDict(extra="forbid")

    item: int = Field(description="The number of the remark.")
    statements: list[str] = Field(description="A sentence for each problem or request that it states; none: [].")


class StatementsDraft(BaseModel):
    """Several remarks in plain words."""

    model_config = ConfigDict(extra="forbid")

    items: list[RestatedDraft] = Field(description="One for each remark.")


class SameDraft(BaseModel):
    """Whether two groups of remarks are about one problem."""

    model_config = ConfigDict(extra="forbid")

    same: bool = Field(description="One change would mend both.")
    reason: str = Field(description="One short sentence.")
    confidence: Literal["high", "low"] = Field(description="low: it could be seen either way.")


class PartDraft(BaseModel):
    """One problem among several that were put into one group."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(description="3 to 9 words.")
    items: list[int] = Field(description="The numbers of its remarks.")


class PartsDraft(BaseModel):
    """The problems that a group of remarks is about."""

    model_config = ConfigDict(extra="forbid")

    parts: list[PartDraft] = Field(description="One for each problem, at most five.")
    reason: str = Field(description="One short sentence.")
    confidence: Literal["high", "low"] = Field(description="low: it could be seen either way.")


class AssessmentDraft(BaseModel):
    """How severe and urgent a problem is, and what mending it may take."""

    model_config = ConfigDict(extra="forbid")

    item: int = Field(description="The number of the line.")
    severity: Literal["blocks", "hurts", "annoys", "wish"] = Field(description="What it does to customers.")
    urgency: Literal["now", "soon", "later"] = Field(description="Whether waiting makes it worse.")
    severity_reason: str = Field(description="One short sentence.")
    weeks_low: float = Field(description="Weeks of one engineer, at the least.")
    weeks_likely: float = Field(description="The same, most likely.")
    weeks_high: float = Field(description="The same, at the most.")
    effort_reason: str = Field(description="One short sentence.")
    confidence: Literal["high", "low"] = Field(description="low: the line does not say enough.")


class AssessmentsDraft(BaseModel):
    """Several problems, assessed."""

    model_config = ConfigDict(extra="forbid")

    problems: list[AssessmentDraft] = Field(description="One for each line.")


class SentenceDraft(BaseModel):
    """One sentence of an answer."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(description="The sentence, without numbers in brackets.")
    items: list[int] = Field(description="The numbers of the remarks that say so, one to five.")


class AnswerDraft(BaseModel):
    """An answer to a question, from remarks."""

    model_config = ConfigDict(extra="forbid")

    answers: bool = Field(description="false: the remarks do not answer the question.")
    sentences: list[SentenceDraft] = Field(description="One to six; none where answers is false.")


class RiskDraft(BaseModel):
    """One risk that a problem brings."""

    model_config = ConfigDict(extra="forbid")

    area: Literal["security", "privacy", "compliance", "data loss", "money", "other"] = Field(
        description="What it is a risk to."
    )
    what: str = Field(description="One sentence.")
    items: list[int] = Field(description="The numbers of the remarks that give reason for it, one to five.")


class BriefDraft(BaseModel):
    """What a product team must know of a problem before it decides. A field that nothing bears out is empty."""

    model_config = ConfigDict(extra="forbid")

    who_hurts: list[SentenceDraft] = Field(description="Who has the problem, and in which situation.")
    wasted: list[SentenceDraft] = Field(description="Money or time that it takes; none: [].")
    bottleneck: list[SentenceDraft] = Field(description="What it holds up; none: [].")
    outcome: list[SentenceDraft] = Field(description="What would be better without it.")
    simple_rule: list[SentenceDraft] = Field(description="The simple change or rule that could do; none: [].")
    enough_evidence: bool = Field(description="Whether the remarks suffice to decide.")
    evidence_reason: str = Field(description="Why, or what is missing; one sentence.")
    risks: list[RiskDraft] = Field(description="At most four; none: [].")
    competitors: list[str] = Field(description="Names that customers wrote; none: [].")
    by_when: list[SentenceDraft] = Field(description="The date or event by which customers need it; none: [].")


class ThemeNameDraft(BaseModel):
    """A theme's name."""

    model_config = ConfigDict(extra="forbid")

    item: int = Field(description="The number of the line.")
    name: str = Field(description="One to four words.")


class ThemeNamesDraft(BaseModel):
    """Names of several themes."""

    model_config = ConfigDict(extra="forbid")

    themes: list[ThemeNameDraft] = Field(description="One for each line.")


class OpeningDraft(BaseModel):
    """The sentence that opens a digest."""

    model_config = ConfigDict(extra="forbid")

    sentence: str = Field(description="One sentence of at most 200 characters.")
    problems: list[str] = Field(description="The ids of the problems that it speaks of, such as P-12.")
