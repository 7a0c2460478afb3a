"""How long each stage of the last run took: kept beside the run, not in its counts, which are the same on every
machine."""

import json
import math

from insights.storage.repository import Repository

STAGE_SECONDS = "run.stage_seconds"
"""Under this name the database keeps {"run": number, "seconds": {stage: seconds}}."""


def keep_seconds(repository: Repository, *, run_id: int, seconds: dict[str, float]) -> None:
    """In place of those of the run before."""
    told = {name: round(value, 3) for name, value in seconds.items()}
    repository.set_meta(STAGE_SECONDS, json.dumps({"run": run_id, "seconds": told}))


def seconds_of(repository: Repository, *, run_id: int) -> dict[str, float]:
    """stage -> seconds of that run; empty where they are not those that are kept."""
    try:
        kept = json.loads(repository.get_meta(STAGE_SECONDS) or "{}")
        seconds = {str(name): float(value) for name, value in kept.get("seconds", {}).items()}
    except (ValueError, TypeError, AttributeError):
        return {}
    is_right = kept.get("run") == run_id and all(math.isfinite(value) for value in seconds.values())
    return seconds if is_right else {}
