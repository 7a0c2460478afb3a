"""Whether an erasure of a person is half-way."""

from insights.domain.health import Check, CheckState
from insights.health.standing import Standing


def erasure_checks(standing: Standing) -> list[Check]:
    """Nothing where none is."""
    if not standing.repository.erasures.is_under_way():
        return []
    return [
        Check(
            name="erasure",
            state=CheckState.WRONG,
            words="One was begun and cut off.",
            remedy="End it; the next analysis does, too.",
            command="insights privacy erase --resume",
        )
    ]
