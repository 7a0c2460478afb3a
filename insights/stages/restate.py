"""Give mentions a statement in common words, by which they are embedded and grouped."""

from collections.abc import Sequence

from insights.domain.feedback import Mention
from insights.language.statements import Restater
from insights.ports import Progress
from insights.storage.repository import Repository


def restate(
    repository: Repository, mentions: Sequence[Mention], *, restater: Restater, run_id: int, progress: Progress
) -> int:
    """Ask about these mentions; each answer is committed as it comes, so a kill loses none. What gets no answer is
    asked about again in the next run. Returns how many statements were kept."""
    done = kept = 0
    for said in restater.restate_many(mentions, run_id=run_id):
        kept += repository.mentions.save_statements(said.statements, stated_by=said.by)
        done += len(said.statements)
        progress("restating in plain words", done, len(mentions))
    return kept
