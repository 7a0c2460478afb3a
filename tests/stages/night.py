"""Runs of the stages on what a test imports: split whole, embed, group."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from insights.domain.feedback import Mention, Stance
from insights.domain.problem import Action
from insights.stages.embed import embed
from insights.stages.group import Grouped, group_mentions
from insights.storage.repository import Repository
from insights.storage.vectors import VectorStore
from insights.triage import Triage
from tests.drafts import a_draft, save, split_whole
from tests.fakes import HashingEmbedder, quiet
from tests.stored import NOW

TOPICS = {
    "export": "export of rows hangs at half",
    "login": "login redirects me in circles",
    "label": "label printer cuts barcode off",
    "invoice": "invoice shows wrong tax amount",
    "webhook": "webhook fires twice per order",
}
_TAILS = ("today", "again", "monday", "since friday", "for everybody", "in chrome", "on windows", "after lunch")


@dataclass
class Night:
    """What a night works with; `numbers` make every text and source id its own."""

    repository: Repository
    vectors: VectorStore
    embedder: HashingEmbedder
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def hear(self, topic: str, *, times: int, **fields: Any) -> list[str]:
        """Import items about one topic. Returns their source ids."""
        drafts = []
        for number in (next(self.numbers) for _ in range(times)):
            text = f"{TOPICS[topic]} {_TAILS[number % 8]} {_TAILS[number // 8 % 8]}"
            drafts.append(a_draft(text, number=number, **fields))
        save(self.repository, *drafts)
        return [draft.source_id for draft in drafts]

    def embed(self, embedder: HashingEmbedder | None = None) -> int:
        return embed(self.repository, embedder=embedder or self.embedder, vectors=self.vectors, progress=quiet)

    def pass_by(self, *, stance: Stance = Stance.PROBLEM) -> Grouped:
        """One night: split, embed, group."""
        split_whole(self.repository, stance=stance)
        self.embed()
        run = self.repository.runs.start(mode="offline", at=NOW)
        return group_mentions(self.repository, vectors=self.vectors, run_id=run.id, at=NOW, progress=quiet)

    def mentions(self) -> list[Mention]:
        return self.repository.mentions.ranked()

    def problems_of(self, topic: str) -> set[int | None]:
        """The problems that the mentions of a topic are in; None for those in none."""
        memberships = self.repository.groupings.memberships()
        return {memberships.get(m.id) for m in self.mentions() if m.text.startswith(TOPICS[topic])}

    def decide(self, problem: int, action: Action = Action.ACCEPT) -> None:
        Triage(self.repository, who="ada", now=lambda: NOW).decide(problem, action)
