"""Which of a workspace's keys an archive needs: the present one, or one that it had before."""

from insights.storage.encryption import fingerprint_of
from insights.storage.keys import KeyHolder


def fitting_key(holder: KeyHolder, fingerprint: str) -> bytes:
    """The key of that fingerprint where it is kept; else the present one, which the archive then refuses in words.
    Raises InsightsError where there is none at all."""
    present = holder.find()
    kept = (key for key in (present, *holder.others(fingerprint)) if fingerprint_of(key) == fingerprint)
    return next(kept, present)
